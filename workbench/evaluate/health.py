"""Health, state and warnings of one label (sections 6.3 to 6.5 of the published formulas)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.domain import (
    MIN_EXAMPLES,
    MIN_TRAIN_EXAMPLES,
    AveragePrecision,
    LabelState,
    ReviewMode,
    has_enough_examples,
)

FAIR, HEALTHY, EXCELLENT = 0.50, 0.75, 0.90
SEARCH_LIMIT = 0.50
"""Share of a label's examples found by text search above which it counts as biased."""
DISAGREEMENT_LIMIT = 0.10
"""Share of a label's examples flagged by Check or Missed above which it counts as inconsistent."""
_PENALTY = 10.0
_UNTRUSTED = 49.0


@dataclass(frozen=True, kw_only=True)
class LabelEvidence:
    """What is known of a label's examples.

    Attributes
    ----------
    n_pins, n_train
        Reviewed messages that carry it, and those in the training part.
    search_share
        Share of its examples found by text search, 0-1.
    disagreement_share
        Share of its examples that out-of-fold predictions contradict strongly, 0-1.
    lower_bound
        Lower end of the 95 % interval of its average precision, on all held-out predictions there are; None = not
        known.
    """

    n_pins: int
    n_train: int
    search_share: float = 0.0
    disagreement_share: float = 0.0
    lower_bound: float | None = None

    @property
    def enough(self) -> bool:
        """Whether there are 25 examples with 20 in the training part."""
        return has_enough_examples(self.n_pins, self.n_train)


def label_health(evidence: LabelEvidence, average_precision: float | None) -> float:
    """Health 0-100.

    With too few examples ``min(49, 2 n)``; else piecewise linear in average precision through (0, 0),
    (0.50, 50), (0.75, 70), (0.90, 90), (1, 100), minus 10 for search bias, minus 10 for inconsistency.
    """
    if not evidence.enough or average_precision is None:
        return min(_UNTRUSTED, 2.0 * evidence.n_pins)
    points = np.interp(
        average_precision, [0.0, FAIR, HEALTHY, EXCELLENT, 1.0], [0.0, 50.0, 70.0, 90.0, 100.0]
    )
    penalty = _PENALTY * (
        (evidence.search_share > SEARCH_LIMIT) + (evidence.disagreement_share > DISAGREEMENT_LIMIT)
    )
    return float(max(0.0, points - penalty))


@dataclass(frozen=True, kw_only=True)
class _Finding:
    """What is wrong with a label, in a sentence that says what to do, and the review modes that do it."""

    said: str
    modes: tuple[ReviewMode, ...]


def label_warnings(evidence: LabelEvidence, average_precision: float | None) -> tuple[str, ...]:
    """Sentences, most pressing first, each with what to do."""
    return tuple(one.said for one in _findings(evidence, average_precision))


def label_steps(evidence: LabelEvidence, average_precision: float | None) -> tuple[ReviewMode, ...]:
    """Review modes that answer the warnings, the most pressing first, each once."""
    return tuple(dict.fromkeys(mode for one in _findings(evidence, average_precision) for mode in one.modes))


def _findings(evidence: LabelEvidence, average_precision: float | None) -> list[_Finding]:
    found = []
    if not evidence.enough:
        found.append(_too_few(evidence))
    elif average_precision is not None and (low := _too_low(evidence, average_precision)):
        found.append(low)
    if evidence.disagreement_share > DISAGREEMENT_LIMIT:
        said = (
            f"{evidence.disagreement_share:.0%} of the examples contradict the others: go through Check label "
            "and Missed label."
        )
        found.append(_Finding(said=said, modes=("check", "missed")))
    if evidence.search_share > SEARCH_LIMIT:
        said = (
            f"{evidence.search_share:.0%} of the examples come from text search, so other wordings may be missed: "
            "add examples with Shuffle or Teach label."
        )
        found.append(_Finding(said=said, modes=("shuffle", "teach")))
    return found


def _too_few(evidence: LabelEvidence) -> _Finding:
    missing = max(MIN_EXAMPLES - evidence.n_pins, 0)
    said = (
        f"{evidence.n_pins} of {MIN_EXAMPLES} examples: review {missing} more, best with Teach label or Shuffle."
        if missing
        else f"Only {evidence.n_train} examples lie in the training part, {MIN_TRAIN_EXAMPLES} are needed: "
        "review more with Teach label or Shuffle."
    )
    return _Finding(said=said, modes=("teach", "shuffle"))


def _too_low(evidence: LabelEvidence, average_precision: float) -> _Finding | None:
    said = f"Average precision is {average_precision:.2f}, "
    if average_precision < FAIR:
        said += (
            f"below {FAIR:.2f}: look for contradictory examples with Check label and Missed label; if there are none, "
            "narrow or merge the label."
        )
        return _Finding(said=said, modes=("check", "missed"))
    if average_precision < HEALTHY:
        said += f"below {HEALTHY:.2f}: review unsure messages with Teach label."
        return _Finding(said=said, modes=("teach",))
    if evidence.lower_bound is not None and evidence.lower_bound < HEALTHY:
        said += (
            f"but with so few examples may be as low as {evidence.lower_bound:.2f}: review more, best with Shuffle and "
            "Teach label."
        )
        return _Finding(said=said, modes=("shuffle", "teach"))
    return None


def label_state(evidence: LabelEvidence, average_precision: AveragePrecision) -> LabelState:
    """State of a label, first match: untrained, gathering, poor, fair, excellent, healthy.

    A label is healthy when the lower bound of its average precision clears the bar: luck with a few test examples
    does not make it so. One without an estimate (no test example) that has enough examples is ``fair``: nothing is
    known against it, and nothing for it.
    """
    value = average_precision.value
    if evidence.n_pins == 0:
        return "untrained"
    if not evidence.enough:
        return "gathering"
    if value is not None and value < FAIR:
        return "poor"
    if (
        value is None
        or value < HEALTHY
        or (evidence.lower_bound or 0.0) < HEALTHY
        or label_warnings(evidence, value)
    ):
        return "fair"
    return "excellent" if value >= EXCELLENT else "healthy"
