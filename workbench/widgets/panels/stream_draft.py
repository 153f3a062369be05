"""What a person puts together before a stream is saved: version, thresholds, filter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from workbench.domain import (
    DatasetId,
    KeptThreshold,
    Label,
    LabelId,
    LabelThreshold,
    MessageFilter,
    Operations,
    Stream,
    StreamSettings,
    ThresholdOrigin,
    Unlisted,
    ValidationReport,
    effective_thresholds,
)
from workbench.domain.streams import OFF
from workbench.widgets.state import PanelState

AUTOMATIC: dict[str, str] = {
    "high_recall": "high recall",
    "balanced": "balanced",
    "high_precision": "high precision",
}
"""Automatic thresholds that a label may be given, and what they are called."""
_ORIGINS: dict[ThresholdOrigin, str] = {
    "own": "by hand",
    "kept": "kept",
    "every": "every message",
    "off": "does not come",
}


class LabelRow(NamedTuple):
    """A label of a version, the threshold in [0, 1] that it comes by, and why from there."""

    label_id: LabelId
    name: str
    threshold: float
    why: str
    counts: bool


@dataclass(frozen=True, kw_only=True)
class VersionFacts:
    """What is known of a version where thresholds are chosen.

    Attributes
    ----------
    names
        Its labels by id, in its order.
    choices
        Automatic thresholds in [0, 1] by label and name; none for labels that could not be judged.
    kept
        Thresholds kept with it.
    """

    version: int | None = None
    names: Mapping[LabelId, str] = field(default_factory=dict)
    choices: Mapping[LabelId, Mapping[str, float]] = field(default_factory=dict)
    kept: Mapping[LabelId, float] = field(default_factory=dict)


def read_version(operations: Operations, dataset_id: DatasetId, version: int | None) -> VersionFacts:
    """Read what a version offers; of one that was not validated, the labels of the dataset."""
    if version is None:
        return VersionFacts()
    return version_facts(
        version,
        operations.validation(dataset_id, version),
        operations.labels(dataset_id),
        operations.kept_thresholds(dataset_id, version),
    )


def version_facts(
    version: int, report: ValidationReport | None, labels: Iterable[Label], kept: Iterable[KeptThreshold]
) -> VersionFacts:
    """What a version offers. Labels keep the names that they have now."""
    now = {one.label_id: one.name for one in labels}
    judged = report.labels if report else ()
    return VersionFacts(
        version=version,
        names={one.label_id: now.get(one.label_id, one.name) for one in judged} if report else now,
        choices={
            one.label_id: {
                choice.name: choice.threshold for choice in one.choices if choice.name in AUTOMATIC
            }
            for one in judged
        },
        kept={one.label_id: one.threshold for one in kept},
    )


@dataclass(frozen=True, kw_only=True)
class StreamDraft:
    """Version and thresholds of a stream that is being made or changed.

    Attributes
    ----------
    rest
        What becomes of labels without a threshold of the stream's own.
    own
        Thresholds of its own, in [0, 1].
    lost
        Names of labels in ``own`` that the version on screen may not know.
    """

    facts: VersionFacts = field(default_factory=VersionFacts)
    rest: Unlisted = "kept"
    own: Mapping[LabelId, float] = field(default_factory=dict)
    lost: Mapping[LabelId, str] = field(default_factory=dict)

    @classmethod
    def of(cls, stream: Stream | None, facts: VersionFacts) -> StreamDraft:
        """As a stream is now; None = as a new one begins."""
        if stream is None:
            return cls(facts=facts)
        listed = stream.settings.thresholds
        return cls(
            facts=facts,
            rest=stream.settings.for_unlisted,
            own={one.label_id: one.threshold for one in listed},
            lost={one.label_id: one.name for one in listed},
        )

    def with_version(self, facts: VersionFacts) -> StreamDraft:
        """The same by another version; without one there is nothing to set thresholds for."""
        return replace(self, facts=facts) if facts.version else StreamDraft()

    def with_all(self, name: str) -> StreamDraft:
        """Give every label the automatic threshold ``name``; those that have none stay as they are. Empty = none of its own."""
        if not name:
            return replace(self, own={})
        found = {one: known[name] for one, known in self.facts.choices.items() if name in known}
        return replace(self, own={**self.own, **found})

    def with_label(self, label_id: LabelId, threshold: float | None) -> StreamDraft:
        """Give one label a threshold in [0, 1], or with None the lot of the rest."""
        own = {one: value for one, value in self.own.items() if one != label_id}
        return replace(self, own=own if threshold is None else {**own, label_id: threshold})

    def labels(self) -> dict[LabelId, str]:
        """Labels that a threshold can be set or taken away for: the version's, and what it does not know."""
        unknown = {one: name for one, name in self.lost.items() if one in self.own}
        known = dict(self.facts.names)
        return known | {one: f"{name} (unknown to it)" for one, name in unknown.items() if one not in known}

    def settings(self, where: MessageFilter, title: str = "", description: str = "") -> StreamSettings:
        """The settings that saving asks for."""
        names = {**self.lost, **self.facts.names}
        return StreamSettings(
            title=title,
            description=description,
            where=where,
            version=self.facts.version,
            thresholds=tuple(
                LabelThreshold(label_id=one, threshold=value, name=names.get(one, ""))
                for one, value in self.own.items()
            ),
            unlisted=self.rest if self.facts.version else None,
        )

    def rows(self) -> list[LabelRow]:
        """Each label of the version: from where it comes, and why from there."""
        found = effective_thresholds(self.settings(MessageFilter()), self.facts.names, self.facts.kept)
        return [
            LabelRow(
                one,
                self.facts.names[one],
                threshold,
                self.why(one, threshold, origin),
                origin in ("own", "kept") and threshold != OFF,
            )
            for one, (threshold, origin) in found.items()
        ]

    def why(self, label_id: LabelId, threshold: float, origin: ThresholdOrigin) -> str:
        """Why a label comes from its threshold on, in a word."""
        if origin != "own":
            return _ORIGINS[origin]
        if threshold == OFF:
            return "switched off"
        known = self.facts.choices.get(label_id, {})
        named = next((name for name, value in known.items() if value == threshold), "")
        return AUTOMATIC.get(named, _ORIGINS["own"])


def filter_state(where: MessageFilter, dataset: str) -> PanelState:
    """A filter as the bar of filters shows it: words and days in its controls, the rest as conditions."""
    until = where.until - timedelta(microseconds=1) if where.until else None
    return PanelState(
        dataset=dataset,
        text=where.text,
        since=_day(where.since),
        until=_day(until),
        more=replace(where, text="", since=None, until=None),
    )


def with_times(where: MessageFilter, before: MessageFilter) -> MessageFilter:
    """A filter from the bar with the hours that ``before`` had, as long as its days are the same."""
    if filter_state(where, "").since == filter_state(before, "").since:
        where = replace(where, since=before.since)
    if filter_state(where, "").until == filter_state(before, "").until:
        where = replace(where, until=before.until)
    return where


def _day(at: datetime | None) -> str:
    return at.astimezone(UTC).date().isoformat() if at else ""
