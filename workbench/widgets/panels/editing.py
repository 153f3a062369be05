"""The editor of a filter: which conditions there are, their fields, and the values to choose from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from workbench.domain import (
    LabelId,
    MessageFilter,
    SourceId,
    filter_words,
)
from workbench.domain.operations import Operations
from workbench.door import Dataset
from workbench.errors import FilterError
from workbench.widgets.elements import Notice
from workbench.widgets.elements.base import Content, JsonValue
from workbench.widgets.panels.conditions import OneCondition, one_by_one
from workbench.widgets.panels.drafts import Draft, condition_of, draft_of, kind_of, label_said, put
from workbench.widgets.panels.fields import HELP, MENU, TITLES, fields_of

MOST_OFFERED = 40
_SEVERAL = ("label", "property")
"""Kinds of which a filter may hold several conditions."""
_SEARCHES_TRANSLATIONS = "in translations too"


@dataclass(kw_only=True)
class Names:
    """What the values of a filter are called on screen."""

    labels: dict[LabelId, str] = field(default_factory=dict)
    sources: dict[SourceId, str] = field(default_factory=dict)
    clusters: dict[int, str] = field(default_factory=dict)

    def say(self, condition: MessageFilter) -> str:
        """One condition in words."""
        if condition == MessageFilter(text_in="any"):
            return _SEARCHES_TRANSLATIONS
        return filter_words(condition, labels=self.labels, sources=self.sources, clusters=self.clusters)


class OfDataset(Protocol):
    """A panel that is about one dataset."""

    operations: Operations
    dataset: Dataset
    notice: Notice


class Offers:
    """Values to choose from where a condition is put together.

    Parameters
    ----------
    panel
        Where the values are read, of the dataset on screen.
    """

    def __init__(self, panel: OfDataset) -> None:
        self.panel = panel

    def find(self, of: str, part: str, names: Names) -> list[JsonValue]:
        """At most 40 values that hold ``part``, most frequent first: value, title and number of messages (-1 = not told)."""
        if of == "label":
            return _listed(names.labels.items(), part)
        if of == "source":
            return _listed(names.sources.items(), part)
        if of == "cluster":
            run = self.panel.operations.cluster_run(self.panel.dataset.dataset_id)
            names.clusters = {one.cluster_id: one.name for one in run.clusters} if run else {}
            return _listed([*names.clusters.items(), (-1, "In no cluster")], part)
        if of == "language":
            known = self.panel.operations.languages(self.panel.dataset.dataset_id).counts
            return _listed([(one.language, one.name, one.n_messages) for one in known if one.language], part)
        found = self.panel.operations.filter_values(
            self.panel.dataset.dataset_id, of, part, MOST_OFFERED
        ).values
        titles = {one.value: one.value.partition(":")[2] for one in found} if of == "property" else {}
        return [
            {"value": one.value, "title": titles.get(one.value, one.value), "n": one.n_messages}
            for one in found
        ]

    def reach(self, name: str) -> str:
        """From where to where the values of a number property go."""
        found = self.panel.operations.filter_values(self.panel.dataset.dataset_id, name)
        if found.lowest is None or found.highest is None:
            return ""
        return f"Values go from {found.lowest:g} to {found.highest:g}."


class FilterEditor:
    """Opens conditions as fields and makes conditions of the answers.

    Parameters
    ----------
    read, change
        The conditions as they are, and what to do with changed ones.
    names
        What values are called.
    offers
        Values to choose from; None = nothing can be added or changed.
    """

    def __init__(
        self,
        *,
        read: Callable[[], MessageFilter],
        change: Callable[[MessageFilter], None],
        names: Names,
        offers: Offers | None,
    ) -> None:
        self._read, self._change = read, change
        self._names, self._offers = names, offers
        self.menu: list[Content] = [
            {"kind": kind, "title": title, "group": group}
            for group, kinds in MENU
            for kind, title in kinds
            if offers is not None
        ]

    def open(self, content: Content, _buffers: list[memoryview]) -> JsonValue:
        """The fields of a new condition (``kind``), or of the one at ``place``; ``text`` is what the person saw there."""
        kind, place = str(content.get("kind", "")), content.get("place")
        listed = one_by_one(self._read())
        if kind and kind not in _SEVERAL and not kind.startswith(("string:", "number:")):
            place = next((at for at, one in enumerate(listed) if kind_of(one.condition) == kind), None)
        chosen = self._chosen(listed, place, content.get("text")) if place is not None else None
        if chosen is not None:
            kind = kind_of(chosen.condition)
            place_of: dict[str, JsonValue] = {
                "place": listed.index(chosen),
                "text": self._names.say(chosen.condition),
            }
        else:
            place_of = {"place": -1, "text": ""}
        if kind not in TITLES and not kind.startswith(("string:", "number:")):
            raise FilterError(
                f"{kind!r} cannot be changed here.", next_step="Remove it, or add another condition."
            )
        draft: Draft = draft_of(chosen.condition) if chosen is not None else {}
        offers = self._offers
        reach = (
            offers.reach(kind) if offers is not None and kind.startswith("number:") else HELP.get(kind, "")
        )
        values: dict[str, JsonValue] = dict(draft)
        return {
            "kind": kind,
            "title": TITLES.get(kind, kind.partition(":")[2]),
            "help": reach,
            "fields": fields_of(kind),
            "values": values,
            "titles": self._titles(kind, draft),
            **place_of,
        }

    def values(self, content: Content, _buffers: list[memoryview]) -> JsonValue:
        """Values to choose from: ``of`` what, with ``part`` in them."""
        if self._offers is None:
            return []
        return self._offers.find(str(content.get("of", "")), str(content.get("part", "")), self._names)

    def apply(self, content: Content, _buffers: list[memoryview]) -> JsonValue:
        """Put a condition in the place of the one that was opened; what cannot be used is told by field."""
        given, place = content.get("values"), content.get("place")
        try:
            rest, at = self._read(), None
            if isinstance(place, int) and place >= 0:
                listed = one_by_one(rest)
                rest, at = self._chosen(listed, place, content.get("text")).rest, _place_among(listed, place)
            condition = condition_of(str(content.get("kind", "")), given if isinstance(given, dict) else {})
            self._change(put(rest, condition, at))
        except FilterError as error:
            wrong = str(error.details.get("field", ""))
            return {"errors": {wrong: f"{error.message} {error.next_step}".strip()}}
        return {"errors": {}}

    def _chosen(self, listed: tuple[OneCondition, ...], place: JsonValue, text: JsonValue) -> OneCondition:
        if isinstance(place, int) and 0 <= place < len(listed):
            chosen = listed[place]
            if text in (None, "", self._names.say(chosen.condition)):
                return chosen
        raise FilterError("this condition has changed meanwhile.", next_step="Close this and open it again.")

    def _titles(self, kind: str, draft: Draft) -> dict[str, JsonValue]:
        """What chosen values are called, where they are ids."""
        values = draft.get("values", [])
        titles: dict[str, JsonValue] = {}
        for value in values if isinstance(values, list) else []:
            if kind == "label":
                said = label_said(value)
                words = self._names.say(MessageFilter(labels=(said,))) if said else ""
                titles[value] = words or self._names.labels.get(LabelId(value), value)
            elif kind == "source":
                titles[value] = self._names.sources.get(SourceId(value), value)
            elif kind == "cluster":
                titles[value] = self._names.clusters.get(
                    int(value), "In no cluster" if value == "-1" else value
                )
        return titles


def _place_among(listed: tuple[OneCondition, ...], place: int) -> int:
    """How many conditions of the same list, labels or properties, stand before one."""
    one = listed[place].condition
    before = [other.condition for other in listed[:place]]
    return sum(bool(other.properties if one.properties else other.labels) for other in before)


def _listed(rows: object, part: str) -> list[JsonValue]:
    found: list[JsonValue] = []
    for value, title, *n in rows:  # type: ignore[attr-defined]
        if part.lower() in str(title).lower() and len(found) < MOST_OFFERED:
            found.append({"value": str(value), "title": str(title), "n": n[0] if n else -1})
    return found
