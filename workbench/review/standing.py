"""How far a dataset's training has come, and what may come next: values only."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class LabelStanding:
    """What is known of one label.

    Attributes
    ----------
    n_pins, n_train, n_test
        Reviewed messages that carry it: all, in the training part, in the test part.
    average_precision, low, high
        Of the newest validated version, with its 95 % interval; None = not measured.
    health
        0-100, see ``evaluate.label_health``.
    state
        See ``evaluate.label_state``.
    weight
        How much it matters beside the others, >= 0.
    n_check, n_missed
        Reviewed messages that Check label and Missed label would show.
    """

    label_id: str
    n_pins: int
    n_train: int
    n_test: int
    average_precision: float | None
    low: float | None
    high: float | None
    health: float
    state: str
    weight: float = 1.0
    n_check: int = 0
    n_missed: int = 0


@dataclass(frozen=True, kw_only=True)
class PastBatch:
    """A finished batch: how it was chosen and what it changed.

    Attributes
    ----------
    n
        Messages reviewed.
    before, after
        Mean average precision, 0-1, of the version before and of the one after it; None = not measured.
    """

    mode: str
    label_id: str | None
    n: int
    before: float | None
    after: float | None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A dataset as the policy sees it.

    Attributes
    ----------
    n_messages, n_reviewed
        All messages, and those reviewed.
    has_clusters, n_first_clusters, n_first_clusters_reviewed
        Whether there are clusters; how many of them are shown first, and in how many of these a message is
        reviewed.
    mode_shares
        Share of the reviewed messages by review mode, 0-1; a missing mode has none.
    factors
        Score 0-100 of each factor of the rating (``balance``, ``coverage``, ``all_labels``,
        ``underperforming_labels``); None or missing = not known yet.
    rating
        0-100; None = not known yet.
    mean_average_precision
        Of the newest validated version, 0-1; None = not measured.
    labels
        The taxonomy, in a fixed order.
    seconds_per_message
        What a judgement takes here; None = not known.
    history
        Finished batches, oldest first, the last of them just before now.
    has_model
        Whether there are predictions; without them nothing can be asked of the model.
    """

    n_messages: int
    n_reviewed: int
    has_clusters: bool
    n_first_clusters: int
    n_first_clusters_reviewed: int
    mode_shares: dict[str, float] = field(hash=False)
    factors: dict[str, float | None] = field(hash=False)
    rating: float | None
    mean_average_precision: float | None
    labels: tuple[LabelStanding, ...]
    seconds_per_message: float | None
    history: tuple[PastBatch, ...] = ()
    has_model: bool = True


@dataclass(frozen=True, kw_only=True)
class Gain:
    """Points of mean average precision over the labels of the taxonomy, 0-1 scale, with a 95 % interval.

    A single batch can lower it, so ``low`` may be negative.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A batch to review next.

    Attributes
    ----------
    mode
        A review mode; ``"define"`` and ``"ready"`` where there is no batch to start.
    label_id
        The chosen label in ``teach``, ``check`` and ``missed``.
    n
        Messages; 0 where there is no batch.
    gain
        None = not known: nothing was measured for this mode.
    minutes
        Least and most minutes it takes.
    rule
        Why: ``define``, ``cluster``, ``shuffle``, ``few_examples``, ``coverage``, ``balance``, ``check``,
        ``missed``, ``teach`` or ``ready``.
    """

    mode: str
    label_id: str | None
    n: int
    gain: Gain | None
    minutes: tuple[float, float]
    rule: str
