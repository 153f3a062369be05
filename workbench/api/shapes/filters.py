"""Comment filters: which messages, as the clients of this field say it.

What ``MessageFilter`` can say beyond their shape travels in a key of our own, ``_query``, in the words of a filter in an
address; so a filter that was read and is sent back means the same. What their shape says and ``MessageFilter`` cannot
is refused, never passed over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import isfinite
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from workbench.api.shapes.attributes import (
    AnyOf,
    AttributeFilter,
    Items,
    LabelBook,
    attachment_filter,
    joined_groups,
    label_groups,
)
from workbench.api.shapes.comments import utc
from workbench.api.shapes.exception_filters import ExceptionCondition, exception_filter, shown_exceptions
from workbench.api.shapes.times import Moment
from workbench.domain import (
    AddressFilter,
    Bounds,
    Dataset,
    ExceptionFilter,
    LabelFilter,
    LabelId,
    MessageFilter,
    Operations,
    PropertyFilter,
    SourceId,
    ThreadFilter,
    filter_from_query,
    filter_to_query,
)
from workbench.errors import FilterError, InputError, UnsupportedError

_ALL = MessageFilter()
_TICK = timedelta(microseconds=1)
_SIDES = {"sender": "sender", "recipient": "to", "cc": "cc", "bcc": "bcc"}
_LISTS = ("one_of", "not_one_of", "domain_one_of", "domain_not_one_of")


class TimeRange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Inclusive at both ends; a time without an offset is in UTC."""

    minimum: Moment | None = None
    maximum: Moment | None = None


class Range(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Inclusive bounds of a number."""

    minimum: float | None = None
    maximum: float | None = None


class PropertyCondition(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A condition on one user property; an empty one says nothing."""

    one_of: list[str | float] | None = None
    not_one_of: Items | None = None
    domain_one_of: Items | None = None
    domain_not_one_of: Items | None = None
    minimum: float | None = None
    maximum: float | None = None


class People(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A condition on addresses; an empty one says nothing."""

    one_of: Items | None = None
    not_one_of: Items | None = None
    domain_one_of: Items | None = None
    domain_not_one_of: Items | None = None
    include_missing: bool | None = None


class MessagesCondition(
    msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, rename={"sender": "from"}
):
    """Conditions on who wrote and who received."""

    sender: People | None = None
    to: People | None = None
    cc: People | None = None
    bcc: People | None = None
    recipient: People | None = None


class LabelNames(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Labels that people assigned: one of these, none of those."""

    one_of: Items | None = None
    not_one_of: Items | None = None


class AnnotationsCondition(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Conditions on what people said."""

    labels: LabelNames | None = None


class ThreadCondition(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Conditions on the thread of a message; durations in seconds."""

    num_messages: Range | None = None
    thread_position: Range | None = None
    duration: Range | None = None
    response_time: Range | None = None
    first_sender: People | None = None


class CommentFilter(
    msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, rename={"query": "_query"}
):
    """Which comments; every part must hold, an empty part says nothing."""

    reviewed: Literal["only_reviewed", "only_unreviewed"] | None = None
    timestamp: TimeRange | None = None
    user_properties: dict[str, PropertyCondition] | None = None
    sources: Items | None = None
    messages: MessagesCondition | None = None
    annotations: AnnotationsCondition | None = None
    thread_properties: ThreadCondition | None = None
    trigger_exceptions: ExceptionCondition | None = None
    entities: dict[str, Any] | None = None
    query: str | UnsetType = UNSET


# ---- what comes in


def message_filter(
    given: CommentFilter,
    there: Operations,
    dataset: Dataset | None,
    attributes: Sequence[AttributeFilter] = (),
) -> MessageFilter:
    """The filter that a comment filter means, together with attribute filters.

    Parameters
    ----------
    there
        Asked for the labels of the dataset, where some are named.
    dataset
        None = there are no labels and no exceptions to filter by.

    Raises
    ------
    UnsupportedError
        It says what no filter here can; the text names the key.
    FilterError
        It contradicts itself.
    UnknownNameError
        A label is not in the taxonomy, or there is no such stream.
    """
    if _says(given.entities):
        raise _unsupported("entities")
    where = _ALL if given.query is UNSET else _said(given.query)
    said = {**_plain(given), **_people(given.messages)}
    if given.thread_properties is not None and (thread := _thread(given.thread_properties)) is not None:
        said["thread"] = thread
    if (exceptions := _exceptions(given, there, dataset)) is not None:
        said["exceptions"] = exceptions
    if (attachments := attachment_filter(attributes)) is not None:
        said["attachments"] = attachments
    if groups := _label_groups(given, there, dataset, attributes):
        said["labels"], said["labels_match"] = joined_groups(groups, "labels")
    for key in said.keys() - {"labels_match"}:
        if getattr(where, key) != getattr(_ALL, key):
            raise FilterError(
                f"the filter says {key!r} twice: in '_query' and outside of it.",
                next_step="Say it in one place.",
                details={"key": key},
            )
    properties = where.properties + _properties(given.user_properties or {})
    return replace(where, **said, properties=properties)


def _says(value: object) -> bool:
    """Whether there is anything in it, at any depth."""
    if isinstance(value, dict):
        return any(map(_says, value.values()))
    return value not in (None, [], "")


def _said(query: str) -> MessageFilter:
    try:
        return filter_from_query(query)
    except InputError as error:
        raise UnsupportedError(f"'_query': {error}", next_step="", details={"value": query[:200]}) from None


def _unsupported(key: str) -> UnsupportedError:
    return UnsupportedError(
        f"messages cannot be filtered by {key!r} here.",
        next_step="Leave it out, or empty.",
        details={"key": key},
    )


def _plain(given: CommentFilter) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if given.reviewed is not None:
        said["reviewed"] = given.reviewed == "only_reviewed"
    if given.timestamp is not None and given.timestamp.minimum is not None:
        said["since"] = utc(given.timestamp.minimum)
    if given.timestamp is not None and given.timestamp.maximum is not None:
        said["until"] = _behind(utc(given.timestamp.maximum))
    if given.sources:
        said["sources"] = tuple(SourceId(one) for one in given.sources)
    return said


def _behind(at: datetime) -> datetime:
    """The first moment after ``at``, in the precision that times are kept in."""
    try:
        return at + _TICK
    except OverflowError:
        return at


def _people(given: MessagesCondition | None) -> dict[str, AddressFilter]:
    if given is None:
        return {}
    if given.recipient is not None and _address_filter(given.recipient) is not None:
        raise _unsupported("messages.recipient")
    sides = {"sender": given.sender, "recipient": given.to, "cc": given.cc, "bcc": given.bcc}
    found = {side: _address_filter(one) for side, one in sides.items() if one is not None}
    return {side: one for side, one in found.items() if one is not None}


def _address_filter(given: People) -> AddressFilter | None:
    lists: dict[str, Any] = {key: tuple(getattr(given, key) or ()) for key in _LISTS}
    if not any(lists.values()):
        return None
    if given.include_missing is None:
        return AddressFilter(**lists)
    return AddressFilter(**lists, missing="include" if given.include_missing else "exclude")


def _properties(given: Mapping[str, PropertyCondition]) -> tuple[PropertyFilter, ...]:
    return tuple(
        PropertyFilter(
            name=name,
            one_of=tuple(one.one_of or ()),
            not_one_of=tuple(one.not_one_of or ()),
            domain_one_of=tuple(one.domain_one_of or ()),
            domain_not_one_of=tuple(one.domain_not_one_of or ()),
            at_least=one.minimum,
            at_most=one.maximum,
        )
        for name, one in given.items()
        if one != PropertyCondition()
    )


def _thread(given: ThreadCondition) -> ThreadFilter | None:
    bounds = {
        "n_messages": given.num_messages,
        "position": given.thread_position,
        "duration_s": given.duration,
        "response_s": given.response_time,
    }
    found: dict[str, Any] = {
        name: Bounds(at_least=one.minimum, at_most=one.maximum)
        for name, one in bounds.items()
        if one is not None and one != Range()
    }
    if given.first_sender is not None:
        found["first_sender"] = _address_filter(given.first_sender)
    return ThreadFilter(**found) if any(found.values()) else None


def _exceptions(given: CommentFilter, there: Operations, dataset: Dataset | None) -> ExceptionFilter | None:
    if dataset is None and _says(msgspec.to_builtins(given.trigger_exceptions)):
        raise _unsupported("trigger_exceptions")
    return exception_filter(
        given.trigger_exceptions,
        lambda: [] if dataset is None else [one.name for one in there.streams(dataset.dataset_id)],
    )


def _label_groups(
    given: CommentFilter, there: Operations, dataset: Dataset | None, attributes: Sequence[AttributeFilter]
) -> list[AnyOf]:
    names = given.annotations.labels if given.annotations else None
    if not (names and (names.one_of or names.not_one_of)) and not any(
        one.attribute == "labels" for one in attributes
    ):
        return []
    if dataset is None:
        raise _unsupported("labels")
    book = LabelBook({label.name: label.label_id for label in there.labels(dataset.dataset_id)})
    groups: list[AnyOf] = []
    if names and names.one_of:
        groups.append(book.any_of(names.one_of, "assigned"))
    if names and names.not_one_of:
        groups += book.all_of(names.not_one_of, "not_assigned")
    return groups + label_groups(attributes, book)


# ---- what goes out


def comment_filter_of(where: MessageFilter, names: Mapping[LabelId, str]) -> CommentFilter:
    """A filter as a comment filter; ``message_filter`` makes the same one of it.

    Parameters
    ----------
    names
        Of the labels of its dataset.
    """
    given, rest = CommentFilter(), where
    if where.reviewed is not None:
        given.reviewed = "only_reviewed" if where.reviewed else "only_unreviewed"
        rest = replace(rest, reviewed=None)
    if where.since or where.until:
        last = None if where.until is None else where.until - _TICK
        given.timestamp = TimeRange(minimum=where.since, maximum=last)
        rest = replace(rest, since=None, until=None)
    if where.sources and _is_listed(where.sources):
        given.sources = list(where.sources)
        rest = replace(rest, sources=())
    people = {side: _shown_people(getattr(where, side)) for side in _SIDES}
    if shown := {side: one for side, one in people.items() if one is not None}:
        given.messages = MessagesCondition(**{_SIDES[side]: one for side, one in shown.items()})
        taken: dict[str, Any] = dict.fromkeys(shown)
        rest = replace(rest, **taken)
    if (exceptions := shown_exceptions(where.exceptions)) is not None:
        given.trigger_exceptions = exceptions
        rest = replace(rest, exceptions=None)
    if properties := _shown_properties(where.properties):
        given.user_properties = properties
        rest = replace(rest, properties=())
    if (labels := _shown_labels(where, names)) is not None:
        given.annotations = AnnotationsCondition(labels=labels)
        rest = replace(rest, labels=(), labels_match="all")
    given.query = filter_to_query(rest) or UNSET
    return given


def _is_listed(values: Sequence[str | float]) -> bool:
    """Whether their lists take these values: no empty text, no number that JSON has no word for."""
    return all(bool(one) if isinstance(one, str) else isfinite(one) for one in values)


def _shown_people(condition: AddressFilter | None) -> People | None:
    """None = there is none, or their shape cannot say it."""
    if condition is None or condition.missing == "only":
        return None
    lists = {key: list(getattr(condition, key)) or None for key in _LISTS}
    if not any(lists.values()) or not all(_is_listed(one or ()) for one in lists.values()):
        return None
    missing = {"auto": None, "include": True, "exclude": False}[condition.missing]
    return People(**lists, include_missing=missing)


def _shown_properties(conditions: Sequence[PropertyFilter]) -> dict[str, PropertyCondition]:
    """Empty = there are none, or their shape cannot say all of them."""
    names = {one.name for one in conditions}
    found = {}
    for one in conditions:
        lists = {key: list(getattr(one, key)) or None for key in _LISTS}
        bounds = [bound for bound in (one.at_least, one.at_most) if bound is not None]
        listed = all(_is_listed(values) for values in (*filter(None, lists.values()), bounds))
        if one.missing != "auto" or not one.compares or not listed or len(names) < len(conditions):
            return {}
        found[one.name] = PropertyCondition(**lists, minimum=one.at_least, maximum=one.at_most)
    return found


def _shown_labels(where: MessageFilter, names: Mapping[LabelId, str]) -> LabelNames | None:
    """None = there are none, or their shape cannot say it."""
    if not where.labels or not all(one.label_id in names for one in where.labels):
        return None
    one_of = [one for one in where.labels if one == LabelFilter(label_id=one.label_id, status="assigned")]
    others = [one for one in where.labels if one == LabelFilter(label_id=one.label_id, status="not_assigned")]
    match = "any" if len(one_of) > 1 else "all"
    if (*one_of, *others) != where.labels or match != where.labels_match or (others and match == "any"):
        return None
    return LabelNames(
        one_of=[names[one.label_id] for one in one_of] or None,
        not_one_of=[names[one.label_id] for one in others] or None,
    )
