"""The rate of exceptions: messages that the automation behind a stream could not handle, now and before."""

from __future__ import annotations

from collections import Counter

import numpy as np

from workbench.domain.ids import Uid
from workbench.domain.results import ExceptionChange
from workbench.monitor.panel import Outcome
from workbench.monitor.windows import WindowData

LEAST_EXCEPTION_CHANGE = 0.01
"""A change of the exception rate is material from 1 point on: each is a message that somebody handles by hand."""

_FEWEST_WATCHED = 30
_N_MESSAGES = 5
_ROUNDING = 1e-9


def exception_rate(reference: WindowData, window: WindowData) -> Outcome | None:
    """Share of messages with an exception, now against before; None where it cannot be compared.

    Fisher's exact test in two directions: the p-value is the probability of a share that lies as far from what is
    expected, when the exceptions fall on messages by chance. Exceptions are rare, and a normal p-value promises too much
    there. Only messages that came since exceptions are tagged count.
    """
    if why_untested(reference, window):
        return None
    from scipy.special import gammaln  # noqa: PLC0415 - heavy

    n_before, n_now = _n_watched(reference), _n_watched(window)
    before, now = _n_with(reference), _n_with(window)
    total, n = before + now, n_before + n_now

    def log_ways(of: int, chosen: np.ndarray) -> np.ndarray:
        return np.asarray(gammaln(of + 1) - gammaln(chosen + 1) - gammaln(of - chosen + 1))

    could = np.arange(max(0, total - n_before), min(total, n_now) + 1)
    logs = log_ways(n_now, could) + log_ways(n_before, total - could)
    chances = np.exp(logs - logs.max())
    expected = total * n_now / n
    away = abs(now - expected)
    change = now / n_now - before / n_before
    return Outcome(
        name="exception_rate",
        statistic=abs(change),
        p_value=min(1.0, float(chances[np.abs(could - expected) >= away - _ROUNDING].sum() / chances.sum())),
        effect=change,
        effect_unit="share of messages",
        least_effect=LEAST_EXCEPTION_CHANGE,
    )


def why_untested(reference: WindowData, window: WindowData) -> str:
    """Why the rate of exceptions cannot be compared, in a sentence; empty = it can."""
    if not any(part.exceptions for part in (reference, window)) or not (_n_with(reference) + _n_with(window)):
        return "The exception rate was not compared: no message is tagged as an exception of a stream."
    n_before, n_now = _n_watched(reference), _n_watched(window)
    if min(n_before, n_now) < _FEWEST_WATCHED:
        return (
            f"The exception rate was not compared: since exceptions are tagged, {n_before:,} messages of the reference and "
            f"{n_now:,} of the window have come; {_FEWEST_WATCHED} of each are needed."
        )
    return ""


def exception_changes(reference: WindowData, window: WindowData) -> tuple[ExceptionChange, ...]:
    """Exceptions by stream and type, the largest change of their share first; empty where they cannot be compared.

    Of each some messages are told: those of the window, where there are any.
    """
    if why_untested(reference, window):
        return ()
    counts = [_counts(part) for part in (reference, window)]
    n_before, n_now = _n_watched(reference), _n_watched(window)
    changes = [
        ExceptionChange(
            stream=stream,
            type=kind,
            share_before=counts[0][stream, kind] / n_before,
            share_now=counts[1][stream, kind] / n_now,
            n_before=counts[0][stream, kind],
            n_now=counts[1][stream, kind],
            messages=_messages(window, (stream, kind)) or _messages(reference, (stream, kind)),
        )
        for stream, kind in counts[0] | counts[1]
    ]
    return tuple(
        sorted(changes, key=lambda one: (-abs(one.share_now - one.share_before), one.stream, one.type))
    )


def _n_watched(part: WindowData) -> int:
    return sum(one is not None for one in part.exceptions)


def _n_with(part: WindowData) -> int:
    return sum(bool(one) for one in part.exceptions)


def _counts(part: WindowData) -> Counter[tuple[str, str]]:
    return Counter(kind for one in part.exceptions for kind in one or ())


def _messages(part: WindowData, kind: tuple[str, str]) -> tuple[Uid, ...]:
    found = [Uid(uid) for uid, one in zip(part.uids, part.exceptions, strict=False) if kind in (one or ())]
    return tuple(found[:_N_MESSAGES])
