"""Attribute filters: conditions on labels and attachments that stand beside a comment filter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from workbench.domain import AttachmentFilter, LabelFilter, LabelId
from workbench.domain.conditions import LabelStatus
from workbench.errors import FilterError, UnknownNameError, UnsupportedError

Item = Annotated[str, Meta(min_length=1, max_length=65_536)]
Items = Annotated[list[Item], Meta(min_length=1, max_length=128)]
AnyOf = tuple[LabelFilter, ...]
"""Conditions of which one must hold."""


class StringAnyOf(
    msgspec.Struct, kw_only=True, forbid_unknown_fields=True, tag="string_any_of", tag_field="kind"
):
    """One of these is there."""

    any_of: Items


class StringNoneOf(
    msgspec.Struct, kw_only=True, forbid_unknown_fields=True, tag="string_none_of", tag_field="kind"
):
    """None of these is there."""

    none_of: Items


class StringSearch(
    msgspec.Struct, kw_only=True, forbid_unknown_fields=True, tag="string_search", tag_field="kind"
):
    """Words that occur in it."""

    query: Item


class NumberRange(
    msgspec.Struct, kw_only=True, forbid_unknown_fields=True, tag="number_range", tag_field="kind"
):
    """Inclusive bounds; null = open."""

    minimum: float | None = None
    maximum: float | None = None


class LabelsPresent(
    msgspec.Struct,
    kw_only=True,
    forbid_unknown_fields=True,
    tag="assigned_predicted_present",
    tag_field="kind",
):
    """Labels that people assigned or a model says, and labels of which neither is true."""

    any_assigned: Items | None = None
    any_predicted: Items | None = None
    none_present: Items | None = None


class AttributeFilter(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A condition on one attribute."""

    attribute: Literal[
        "labels",
        "entities",
        "attachment_property_types",
        "attachment_property_num_attachments",
        "attachment_property_names",
        "attachment_property_extensions",
        "attachment_property_size",
        "attachment_property_total_size",
        "attachment_property_num_attachments_with_contents",
        "attachment_property_num_attachments_without_contents",
    ]
    filter: StringAnyOf | StringNoneOf | StringSearch | NumberRange | LabelsPresent


class LabelBook:
    """The labels of a dataset by name, for filters."""

    def __init__(self, known: dict[str, LabelId]) -> None:
        self._known = known

    def ids(self, names: Iterable[str]) -> list[LabelId]:
        """Ids of labels.

        Raises
        ------
        UnknownNameError
            The dataset has none of that name.
        """
        found = []
        for name in names:
            if name not in self._known:
                raise UnknownNameError("label", name[:100], self._known)
            found.append(self._known[name])
        return found

    def any_of(self, names: Iterable[str] | None, status: LabelStatus) -> AnyOf:
        """Of any of these labels it must be true."""
        return tuple(LabelFilter(label_id=one, status=status) for one in self.ids(names or ()))

    def all_of(self, names: Iterable[str] | None, status: LabelStatus) -> list[AnyOf]:
        """Of each of these labels it must be true."""
        return [(one,) for one in self.any_of(names, status)]


def label_groups(attributes: Sequence[AttributeFilter], labels: LabelBook) -> list[AnyOf]:
    """What attribute filters demand of labels: every group must hold.

    Raises
    ------
    UnknownNameError, UnsupportedError
    """
    found: list[AnyOf] = []
    for one in attributes:
        if one.attribute != "labels":
            continue
        match one.filter:
            case StringAnyOf(any_of=names):
                found.append(labels.any_of(names, "present"))
            case StringNoneOf(none_of=names):
                found += labels.all_of(names, "absent")
            case LabelsPresent() as said:
                positive = labels.any_of(said.any_assigned, "assigned")
                positive += labels.any_of(said.any_predicted, "predicted")
                found += [positive] if positive else []
                found += labels.all_of(said.none_present, "absent")
            case other:
                raise _not_so(one.attribute, other)
    return found


def joined_groups(groups: Sequence[AnyOf], key: str) -> tuple[tuple[LabelFilter, ...], Literal["all", "any"]]:
    """Groups as the conditions of one filter, which holds when all of them do, or any.

    Raises
    ------
    UnsupportedError
        Both are mixed.
    """
    if len(groups) == 1 and len(groups[0]) > 1:
        return groups[0], "any"
    if any(len(group) > 1 for group in groups):
        raise UnsupportedError(
            f"{key!r} asks for any of several labels and for others besides; that cannot be said in one filter here.",
            next_step="Ask for one of the labels at a time, or leave the other condition out.",
            details={"key": key},
        )
    return tuple(group[0] for group in groups), "all"


def attachment_filter(attributes: Sequence[AttributeFilter]) -> AttachmentFilter | None:
    """What attribute filters demand of attachments, None = nothing.

    Raises
    ------
    FilterError, UnsupportedError
    """
    said: dict[str, Any] = {}
    for one in attributes:
        match one.attribute, one.filter:
            case "labels", _:
                continue
            case "attachment_property_types", StringAnyOf(any_of=kinds) if "types" not in said:
                said["types"] = tuple(kinds)
            case "attachment_property_num_attachments", NumberRange() as number if "at_least" not in said:
                said["at_least"] = _whole(number.minimum) or 0
                said["at_most"] = _whole(number.maximum)
            case attribute, other:
                raise _not_so(attribute, other)
    return AttachmentFilter(**said) if said else None


def _whole(bound: float | None) -> int | None:
    if bound is None:
        return None
    if bound < 0 or bound != int(bound):
        raise FilterError(
            f"{bound:g} is no number of attachments.", next_step="Use whole numbers from 0, or null."
        )
    return int(bound)


def _not_so(attribute: str, condition: msgspec.Struct) -> UnsupportedError:
    kind = condition.__struct_config__.tag
    return UnsupportedError(
        f"the attribute {attribute!r} cannot be filtered by {kind!r} here, or not twice.",
        next_step="Filter labels by string_any_of, string_none_of or assigned_predicted_present, "
        "attachment_property_types by string_any_of, attachment_property_num_attachments by number_range.",
        details={"attribute": attribute, "kind": str(kind)},
    )
