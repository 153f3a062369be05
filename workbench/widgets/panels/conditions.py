"""A filter taken apart: each condition by itself, and what is left without it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from workbench.domain import MessageFilter

_ALONE = ("labels", "properties")
"""Parts of which every value is a condition of its own; of other parts several values mean any of them."""
_PASSES_ALL = MessageFilter()


@dataclass(frozen=True, kw_only=True)
class OneCondition:
    """One condition as a filter of its own, and the filter without it."""

    condition: MessageFilter
    rest: MessageFilter


def one_by_one(where: MessageFilter) -> tuple[OneCondition, ...]:
    """The conditions of a filter, in the order of its parts."""
    found: list[OneCondition] = []
    if where.since is not None or where.until is not None:
        times = replace(_PASSES_ALL, since=where.since, until=where.until)
        found.append(OneCondition(condition=times, rest=replace(where, since=None, until=None)))
    for name in (field.name for field in fields(MessageFilter)):
        value, usual = getattr(where, name), getattr(_PASSES_ALL, name)
        if name in ("since", "until", "labels_match") or value == usual:
            continue
        if name in _ALONE and (name != "labels" or where.labels_match == "all"):
            found += [_without(where, name, place) for place in range(len(value))]
            continue
        own: dict[str, Any] = {name: value}
        gone: dict[str, Any] = {name: usual}
        if name == "labels":
            own["labels_match"], gone["labels_match"] = where.labels_match, _PASSES_ALL.labels_match
        found.append(OneCondition(condition=replace(_PASSES_ALL, **own), rest=replace(where, **gone)))
    return tuple(found)


def _without(where: MessageFilter, name: str, place: int) -> OneCondition:
    values = getattr(where, name)
    own: dict[str, Any] = {name: (values[place],)}
    left: dict[str, Any] = {name: (*values[:place], *values[place + 1 :])}
    return OneCondition(condition=replace(_PASSES_ALL, **own), rest=replace(where, **left))
