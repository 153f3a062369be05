"""Whether an encoder knows the languages of the messages it is to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from workbench.language.names import language_name

LEAST_SHARE = 0.01
"""Part of the messages from which a screen should say something."""

_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class LanguageFit:
    """What an encoder makes of a dataset's languages.

    Attributes
    ----------
    n_messages
        Messages counted.
    n_undetected
        Messages whose language is not known; they are in neither of the other counts.
    n_foreign
        Messages in languages the encoder was not trained on.
    foreign
        Those languages by ISO 639-1 code with their messages, most first.
    warning
        One or two sentences for a screen; empty where there is nothing to warn of.
    """

    n_messages: int
    n_undetected: int
    n_foreign: int
    foreign: tuple[tuple[str, int], ...]
    warning: str

    @property
    def share_foreign(self) -> float:
        """Part of the messages of a known language that the encoder does not know, in [0, 1]."""
        n_judged = self.n_messages - self.n_undetected
        return self.n_foreign / n_judged if n_judged else 0.0


def language_fit(
    counts: Mapping[str | None, int],
    known: frozenset[str] | None,
    *,
    encoder: str,
    others: Mapping[str, frozenset[str] | None] | None = None,
) -> LanguageFit:
    """Count the messages in languages an encoder does not know, and word the warning.

    Parameters
    ----------
    counts
        Messages in each language; None = unknown.
    known
        Languages of the encoder; None = it does not depend on one.
    encoder
        Its name, for the warning.
    others
        Encoders to choose from instead, with their languages; the one that leaves the fewest messages out is
        named, if it leaves out less than half of what this one does.

    Examples
    --------
    >>> language_fit({"en": 90, "de": 8, "nl": 2}, frozenset({"en"}), encoder="minilm-l6-int8").warning
    "10 % of the messages (10 of 100) are in languages the encoder 'minilm-l6-int8' was not trained on: \
German (8), Dutch (2). Expect poor clusters and predictions for them."
    """
    foreign = _foreign(counts, known)
    n_messages, n_undetected = sum(counts.values()), counts.get(None, 0)
    fit = LanguageFit(
        n_messages=n_messages,
        n_undetected=n_undetected,
        n_foreign=sum(foreign.values()),
        foreign=tuple(sorted(foreign.items(), key=lambda item: (-item[1], item[0]))),
        warning="",
    )
    if not fit.n_foreign or fit.share_foreign < LEAST_SHARE:
        return fit
    left = {name: sum(_foreign(counts, theirs).values()) for name, theirs in (others or {}).items()}
    best = min(left.items(), key=lambda item: (item[1], item[0]), default=None)
    better = best if best is not None and best[1] * 2 < fit.n_foreign else None
    return replace(fit, warning=_worded(fit, encoder, better))


def _foreign(counts: Mapping[str | None, int], known: frozenset[str] | None) -> dict[str, int]:
    if known is None:
        return {}
    return {code: n for code, n in counts.items() if code is not None and code not in known and n > 0}


def _worded(fit: LanguageFit, encoder: str, better: tuple[str, int] | None) -> str:
    shown = [f"{language_name(code)} ({n:,})" for code, n in fit.foreign[:_SHOWN]]
    rest = fit.foreign[_SHOWN:]
    if rest:
        plural = "s" if len(rest) > 1 else ""
        shown.append(f"{len(rest)} other{plural} ({sum(n for _, n in rest):,})")
    n_judged = fit.n_messages - fit.n_undetected
    text = (
        f"{_percent(fit.share_foreign)} of the messages ({fit.n_foreign:,} of {n_judged:,}) are in languages the encoder "
        f"{encoder!r} was not trained on: {', '.join(shown)}. Expect poor clusters and predictions for them."
    )
    if better:
        name, n_left = better
        knows = "knows them all" if not n_left else f"knows all but {n_left:,}"
        text += f" The encoder {name!r} {knows}; an encoder is chosen when a dataset is created."
    return text


def _percent(share: float) -> str:
    """Whole percent, never rounded to nothing or to all."""
    whole = min(99, max(1, round(share * 100))) if 0 < share < 1 else round(share * 100)
    return f"{whole} %"
