"""Reviewed messages whose labels may be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workbench.domain.ids import DatasetId, LabelId, Uid
from workbench.domain.results.thresholds import Estimate

SuspectKind = Literal["wrong", "missing", "instead"]
"""``wrong``: a label that seems not to apply. ``missing``: one that seems to apply and was not said. ``instead``: one was
said where another one seems to apply, and the two hardly ever go together."""


@dataclass(frozen=True, kw_only=True)
class LabelSuspect:
    """One reviewed message whose labels the model contradicts without having learned from it.

    Attributes
    ----------
    said, expected
        The label in doubt that people assigned, and the one the model expects; None where the kind has none.
    said_probability, expected_probability
        Their out-of-fold probabilities.
    score
        How strongly the model contradicts, higher = more; any number. Only its order means something.
    """

    uid: Uid
    kind: SuspectKind
    said: LabelId | None
    expected: LabelId | None
    said_probability: float | None
    expected_probability: float | None
    score: float


@dataclass(frozen=True, kw_only=True)
class SuspectReport:
    """Suspects, most suspect first, and what looking at earlier ones has brought.

    Attributes
    ----------
    n_judged
        Reviewed messages with an out-of-fold probability; 0 before the first validation.
    n_suspects
        Those that are suspect and that nobody has said to keep as they are.
    n_looked_at, n_changed
        Messages reviewed in the modes Check and Missed (this list is among them) or kept as they are, and those
        of them whose labels changed.
    found
        ``n_changed`` as a share of ``n_looked_at``, with its 95 % Wilson interval.
    """

    dataset_id: DatasetId
    version: int | None
    n_judged: int
    n_suspects: int
    suspects: tuple[LabelSuspect, ...]
    n_looked_at: int
    n_changed: int
    found: Estimate


__all__ = ["LabelSuspect", "SuspectKind", "SuspectReport"]
