"""``MessageFilter``: which messages; every part must hold, several values in one part mean any of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from workbench.domain.ids import LabelId, SourceId, Uid
from workbench.errors import FilterError


@dataclass(frozen=True, kw_only=True)
class PropertyFilter:
    """A condition on one user property.

    Attributes
    ----------
    name
        Full key, ``string:Team`` or ``number:NPS``.
    one_of
        String values, any of which passes (string properties only).
    at_least, at_most
        Inclusive bounds (number properties only); None = open.
    """

    name: str
    one_of: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True, kw_only=True)
class LabelFilter:
    """A condition on one label.

    Attributes
    ----------
    status
        ``assigned`` or ``dismissed`` by a person; ``predicted`` with a probability in
        [``at_least``, ``at_most``] on an unreviewed message; ``present`` = assigned, or predicted so;
        ``absent`` = not present.
    """

    label_id: LabelId
    status: Literal["assigned", "dismissed", "predicted", "present", "absent"] = "present"
    at_least: float = 0.5
    at_most: float = 1.0


@dataclass(frozen=True, kw_only=True)
class MessageFilter:
    """Which messages of a dataset.

    Attributes
    ----------
    since, until
        Bounds on the message's timestamp: ``since`` inclusive, ``until`` exclusive; aware datetimes.
    text
        Words that must all occur in subject or body, case-insensitive; ``"quoted words"`` form a phrase.
    reviewed
        True, False, or None for both.
    clusters
        Cluster ids of the newest run, -1 = unclustered.
    uids
        Only these messages, e.g. a lasso's; None = all. An empty tuple passes nothing.
    """

    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    reviewed: bool | None = None
    sources: tuple[SourceId, ...] = ()
    languages: tuple[str, ...] = ()
    thread_id: str | None = None
    clusters: tuple[int, ...] = ()
    properties: tuple[PropertyFilter, ...] = ()
    labels: tuple[LabelFilter, ...] = ()
    labels_match: Literal["all", "any"] = "all"
    uids: tuple[Uid, ...] | None = field(default=None)

    def __post_init__(self) -> None:
        """Refuse what cannot pass anything or would compare unlike things."""
        for bound in (self.since, self.until):
            if bound is not None and bound.tzinfo is None:
                raise FilterError(
                    f"filter time {bound.isoformat()} has no time zone.",
                    next_step="Pass an aware datetime, e.g. with tzinfo=UTC.",
                )
        if self.since and self.until and self.since >= self.until:
            raise FilterError(
                f"filter starts at {self.since.isoformat()} but ends at {self.until.isoformat()}.",
                next_step="Make 'since' earlier than 'until'.",
            )
        for condition in self.properties:
            _check_property(condition)
        for label in self.labels:
            if not 0 <= label.at_least <= label.at_most <= 1:
                raise FilterError(
                    f"label filter asks for a probability in [{label.at_least}, {label.at_most}].",
                    next_step="Use 0 <= at_least <= at_most <= 1.",
                )


def _check_property(condition: PropertyFilter) -> None:
    kind, _, name = condition.name.partition(":")
    numeric = condition.at_least is not None or condition.at_most is not None
    if kind not in ("string", "number") or not name:
        raise FilterError(
            f"property {condition.name!r} has no type.",
            next_step="Begin it with 'string:' or 'number:'.",
        )
    if (kind == "string" and numeric) or (kind == "number" and condition.one_of):
        raise FilterError(
            f"property {condition.name!r} is filtered like the other type.",
            next_step="Use one_of with string properties, at_least/at_most with number properties.",
        )
