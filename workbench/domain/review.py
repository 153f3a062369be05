"""Judgements: what a person says of a message."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from workbench.domain.ids import LabelId, Uid
from workbench.domain.sentiments import Sentiment

ReviewMode = Literal[
    "cluster",
    "search",
    "shuffle",
    "teach",
    "label",
    "recent",
    "low_confidence",
    "rebalance",
    "check",
    "missed",
    "import",
]
"""How the message came before the person: stored with every review event, balance depends on it."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """One person's finished review of one message: it says of *every* label whether it applies.

    Attributes
    ----------
    event_id
        Made by the client, 16 hex digits; sending it twice stores it once.
    assigned
        Labels that apply. Their ancestors apply too, without being listed.
    dismissed
        Labels said not to apply, though suggested; every label not assigned is a negative anyway.
    reviewed
        False returns the message to the unreviewed.
    revision
        The message's revision the person saw. When somebody else judged it since, the two are merged:
        each label's latest explicit change wins, and the answer says ``merged``.
    probability
        Inclusion probability the query strategy gave the message, None when it was picked by hand.
    n_population
        Messages the query strategy chose among (``ReviewBatch.n_population``), None when not known.
    model_version
        The version whose predictions the person saw, None without one.
    sentiments
        Of assigned labels, where the dataset has label sentiment; elsewhere none may be said. Each label needs one
        that has no assigned label below it; one that stands already keeps its own when none is said.
    replaces
        Holds whatever was said since ``revision``, and is no review where it stands already: of a program, which saw
        nothing.
    """

    event_id: str
    uid: Uid
    assigned: tuple[LabelId, ...] = ()
    dismissed: tuple[LabelId, ...] = ()
    reviewed: bool = True
    mode: ReviewMode = "recent"
    revision: int = 0
    probability: float | None = None
    model_version: int | None = None
    n_population: int | None = None
    sentiments: dict[LabelId, Sentiment] = field(default_factory=dict)
    replaces: bool = False


@dataclass(frozen=True, kw_only=True)
class JudgementReceipt:
    """The message's state after a judgement was stored (on disk, not only in memory).

    ``sentiments`` has those of the assigned labels, parents included; empty in a dataset without label sentiment.
    """

    event_id: str
    uid: Uid
    assigned: tuple[LabelId, ...]
    dismissed: tuple[LabelId, ...]
    reviewed: bool
    revision: int
    reviewed_by: str
    reviewed_at: datetime
    merged: bool = False
    sentiments: dict[LabelId, Sentiment] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ReviewEvent:
    """One thing that was done to a message: by a person's judgement, or by a change of the taxonomy.

    Attributes
    ----------
    mode
        How the message came before the person; ``taxonomy`` = nobody reviewed it, a change of the taxonomy did it.
    before_assigned, before_dismissed, before_reviewed, assigned, dismissed, reviewed
        What stood on the message before and after, as label ids; labels that are gone keep theirs.
    revision
        Of the message after it.
    merged
        Whether somebody else judged the message between its showing and the judgement.
    change
        The change of the taxonomy in words, None for a judgement.
    """

    event_id: str
    uid: Uid
    at: datetime
    actor: str
    mode: ReviewMode | Literal["taxonomy"]
    before_assigned: tuple[LabelId, ...]
    before_dismissed: tuple[LabelId, ...]
    before_reviewed: bool
    assigned: tuple[LabelId, ...]
    dismissed: tuple[LabelId, ...]
    reviewed: bool
    revision: int
    merged: bool = False
    model_version: int | None = None
    change: str | None = None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A doubt about a label of a reviewed message was looked at, and the message stays as it is.

    It counts until the label's name or instructions, or the labels of the message, are others.

    Attributes
    ----------
    event_id
        Made by the client, 16 hex digits; sending it twice stores it once.
    label_id
        The label that was doubted, assigned or not.
    revision
        The message's revision the person saw.
    kept
        False takes an earlier verdict back: the doubt is shown again.
    """

    event_id: str
    uid: Uid
    label_id: LabelId
    revision: int
    kept: bool = True


@dataclass(frozen=True, kw_only=True)
class ReviewBatch:
    """Messages a query strategy picked; ``strategy`` names it, ``seed`` repeats it.

    Attributes
    ----------
    probabilities
        Inclusion probability of each, in (0, 1]: with it the strategy picks the message from its population, over
        all seeds.
    n_population
        Messages the strategy chose among: those that pass the filter and that the mode speaks of.
    """

    mode: ReviewMode
    uids: tuple[Uid, ...]
    probabilities: tuple[float, ...]
    strategy: str
    seed: int
    n_population: int = 0
