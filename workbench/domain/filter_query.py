"""A filter as the query part of an address, and back: what a person can read, and change by hand.

    reviewed=no&since=2026-03-01&sender-domain=shop.example&string:Team=North&min.number:NPS=8&text=refund

Several values of one condition are the same name again. Of two conditions on one property the second is
marked: ``~2.string:Team=South``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any, cast, get_args
from urllib.parse import parse_qsl, quote_plus

from workbench.domain.conditions import (
    AddressFilter,
    AttachmentFilter,
    ExceptionFilter,
    LabelFilter,
    LabelStatus,
    Missing,
    PropertyFilter,
)
from workbench.domain.exception_query import EXCEPTION_NAMES, exception_pairs, with_exceptions
from workbench.domain.filters import MessageFilter
from workbench.domain.ids import LabelId, SourceId, Uid
from workbench.domain.thread_query import THREAD_NAMES, thread_pairs, with_thread
from workbench.domain.threads import ThreadFilter
from workbench.errors import FilterError

Pair = tuple[str, str]
_LISTS = {"source": "sources", "language": "languages", "cluster": "clusters", "uid": "uids"}
_PLAIN = (
    "since",
    "until",
    "text",
    "text-in",
    "reviewed",
    "thread",
    "labels",
    "attachments",
    "attachment",
    "translated",
)
_PEOPLE = ("sender", "recipient", "cc", "bcc")
_STARTER = "first-sender"
_PARTS = {"": "one_of", "not": "not_one_of", "domain": "domain_one_of", "domain-not": "domain_not_one_of"}
_BOUNDS = {"min": "at_least", "max": "at_most"}
_NUMBER_PARTS = {"": "one_of", **_BOUNDS}
_YES_OR_NO = {"yes": True, "no": False}
_DEFAULT_RANGE = (0.5, 1.0)


def filter_to_query(where: MessageFilter) -> str:
    """Write a filter; the filter that passes everything gives an empty text.

    >>> filter_to_query(MessageFilter(reviewed=False, text='refund "not received"'))
    'reviewed=no&text=refund+%22not+received%22'
    """
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in _pairs(where))


def filter_from_query(query: str, *, lenient: bool = False) -> MessageFilter:
    """Read a filter.

    Parameters
    ----------
    lenient
        Pass over what is unknown or unreadable, as the address of a page may hold more than a filter.

    Raises
    ------
    FilterError
        A name is unknown, a value cannot be read, or the filter contradicts itself; with ``lenient`` never.
    """
    where = MessageFilter()
    for name, value in parse_qsl(query.lstrip("?"), keep_blank_values=True):
        try:
            where = _with(where, name, value)
        except FilterError:
            if not lenient:
                raise
        except (ValueError, OverflowError) as error:
            if not lenient:
                raise FilterError(
                    f"the address says {name}={value[:200]!r}, which cannot be read.",
                    next_step="Correct the value, or take it out of the address.",
                    details={"name": name, "value": value[:200]},
                ) from error
    return where


# ---- writing -------------------------------------------------------------------------------------


def _quoted(text: str) -> str:
    # What reads well in an address and needs no escape there stays.
    return quote_plus(text, safe=":@/~,")


def _pairs(where: MessageFilter) -> Iterator[Pair]:
    if where.reviewed is not None:
        yield "reviewed", "yes" if where.reviewed else "no"
    bounds = (("since", where.since), ("until", where.until))
    yield from ((name, _time(bound)) for name, bound in bounds if bound is not None)
    for name in _PEOPLE:
        yield from _person(name, getattr(where, name))
    yield from _attachments(where.attachments)
    yield from _thread(where.thread)
    if where.translated is not None:
        yield "translated", "yes" if where.translated else "no"
    yield from exception_pairs(where.exceptions)
    yield from _properties(where.properties)
    yield from (("label", _label(label)) for label in where.labels)
    if where.labels_match != "all":
        yield "labels", where.labels_match
    for name, attribute in _LISTS.items():
        yield from ((name, str(value)) for value in getattr(where, attribute) or ())
    if where.uids == ():
        yield "uid", ""
    if where.thread_id is not None:
        yield "thread", where.thread_id
    if where.text:
        yield "text", where.text
    if where.text_in != "original":
        yield "text-in", where.text_in


def _time(at: datetime) -> str:
    at = at.astimezone(UTC)
    return at.date().isoformat() if at.time() == time() else at.replace(tzinfo=None).isoformat() + "Z"


def _person(name: str, condition: AddressFilter | None) -> Iterator[Pair]:
    if condition is None:
        return
    written = False
    for part, attribute in _PARTS.items():
        for value in getattr(condition, attribute):
            written = True
            yield f"{name}-{part}" if part else name, value
    if condition.missing != "auto" or not written:
        yield f"{name}-missing", condition.missing


def _attachments(condition: AttachmentFilter | None) -> Iterator[Pair]:
    if condition is None:
        return
    if condition.at_most is not None:
        yield "attachments", f"{condition.at_least}..{condition.at_most}"
    elif condition.at_least != 1 or not condition.types:
        yield "attachments", f"{condition.at_least}.."
    yield from (("attachment", kind) for kind in condition.types)


def _thread(condition: ThreadFilter | None) -> Iterator[Pair]:
    if condition is not None:
        yield from thread_pairs(condition)
        yield from _person(_STARTER, condition.first_sender)


def _properties(conditions: tuple[PropertyFilter, ...]) -> Iterator[Pair]:
    seen: dict[str, int] = {}
    for condition in conditions:
        seen[condition.name] = place = seen.get(condition.name, 0) + 1
        mark = f"~{place}" if place > 1 else ""
        pairs = [
            (part, _text(value))
            for part, attribute in _PARTS.items()
            for value in getattr(condition, attribute)
        ]
        bounds = [(part, getattr(condition, attribute)) for part, attribute in _BOUNDS.items()]
        pairs += [(part, _text(bound)) for part, bound in bounds if bound is not None]
        if condition.missing != "auto" or not pairs:
            pairs.append(("missing", condition.missing))
        for part, value in pairs:
            yield f"{part}{mark}.{condition.name}" if part or mark else condition.name, value


def _label(condition: LabelFilter) -> str:
    bounds = (condition.at_least, condition.at_most)
    shown = "" if bounds == _DEFAULT_RANGE else f"@{_text(bounds[0])}..{_text(bounds[1])}"
    return f"{condition.status}{shown}:{condition.label_id}"


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else repr(float(value)).removesuffix(".0")


# ---- reading -------------------------------------------------------------------------------------


def _with(where: MessageFilter, name: str, value: str) -> MessageFilter:
    """``where`` with one more pair."""
    person, _, part = name.partition("-")
    if name in _PLAIN:
        return _with_plain(where, name, value)
    if name in _LISTS:
        return _with_listed(where, _LISTS[name], value)
    if name in THREAD_NAMES:
        return replace(where, thread=with_thread(where.thread or ThreadFilter(), name, value))
    if name in EXCEPTION_NAMES:
        return replace(where, exceptions=with_exceptions(where.exceptions or ExceptionFilter(), name, value))
    if name.startswith(_STARTER):
        return replace(where, thread=_with_starter(where.thread or ThreadFilter(), name, value))
    if name == "label":
        return replace(where, labels=(*where.labels, _read_label(value)))
    if person in _PEOPLE and (part in _PARTS or part == "missing"):
        condition = getattr(where, person) or AddressFilter()
        changes: dict[str, Any] = {person: _with_part(condition, part, value, _PARTS)}
        return replace(where, **changes)
    if "string:" in name or "number:" in name:
        return replace(where, properties=_with_property(where.properties, name, value))
    raise FilterError(
        f"the address has a condition {name[:200]!r}, which messages do not have.",
        next_step=f"Known: {', '.join(sorted({*_PLAIN, *_LISTS, *_PEOPLE, *THREAD_NAMES, *EXCEPTION_NAMES, _STARTER, 'label'}))}, and properties.",
        details={"name": name[:200]},
    )


def _with_plain(where: MessageFilter, name: str, value: str) -> MessageFilter:
    match name:
        case "since":
            return replace(where, since=_read_time(value))
        case "until":
            return replace(where, until=_read_time(value))
        case "reviewed" | "translated":
            changes: dict[str, Any] = {name: _one_of(value, _YES_OR_NO)}
            return replace(where, **changes)
        case "thread":
            return replace(where, thread_id=value)
        case "attachments" | "attachment":
            return replace(where, attachments=_with_files(where.attachments, name, value))
        case "labels":
            return replace(where, labels_match=_one_of(value, {"any": "any", "all": "all"}))
        case "text-in":
            return replace(where, text_in=_one_of(value, {"any": "any", "original": "original"}))
        case _:
            return replace(where, text=value)


def _with_files(condition: AttachmentFilter | None, name: str, value: str) -> AttachmentFilter:
    before = condition or AttachmentFilter()
    if name == "attachment":
        return replace(before, types=(*before.types, value))
    low, dots, high = value.partition("..")
    return replace(before, at_least=int(low), at_most=int(high) if high else None if dots else int(low))


def _with_listed(where: MessageFilter, attribute: str, value: str) -> MessageFilter:
    kinds: dict[str, Callable[[str], object]] = {"sources": SourceId, "clusters": int, "uids": Uid}
    before = getattr(where, attribute) or ()
    if attribute == "uids" and not value and not before:
        return replace(where, uids=())
    changes: dict[str, Any] = {attribute: (*before, kinds.get(attribute, str)(value))}
    return replace(where, **changes)


def _with_starter(condition: ThreadFilter, name: str, value: str) -> ThreadFilter:
    part = name.removeprefix(_STARTER).removeprefix("-")
    before = condition.first_sender or AddressFilter()
    return replace(condition, first_sender=_with_part(before, part, value, _PARTS))


def _with_property(
    conditions: tuple[PropertyFilter, ...], name: str, value: str
) -> tuple[PropertyFilter, ...]:
    head, dot, full_name = name.partition(".")
    if name.startswith(("string:", "number:")) or not dot:
        head, full_name = "", name
    part, mark, place = head.partition("~")
    wanted = int(place) if mark else 1
    if wanted < 1:
        raise ValueError(f"conditions are counted from 1, not {wanted}")
    of_name = [index for index, one in enumerate(conditions) if one.name == full_name]
    is_new = len(of_name) < wanted
    condition = PropertyFilter(name=full_name) if is_new else conditions[of_name[wanted - 1]]
    parts = _NUMBER_PARTS if condition.is_number else _PARTS
    changed = _with_part(condition, part, value, parts)
    if is_new:
        return (*conditions, changed)
    index = of_name[wanted - 1]
    return (*conditions[:index], changed, *conditions[index + 1 :])


def _with_part(condition: Any, part: str, value: str, parts: dict[str, str]) -> Any:
    if part == "missing":
        return replace(condition, missing=_one_of(value, {one: one for one in get_args(Missing)}))
    if part not in parts:
        raise FilterError(
            f"a condition {part!r} does not exist here.",
            next_step=f"Known: {', '.join(one for one in (*parts, 'missing') if one)}.",
        )
    read: float | str = float(value) if parts is _NUMBER_PARTS else value
    if part in _BOUNDS:
        return replace(condition, **{_BOUNDS[part]: read})
    return replace(condition, **{parts[part]: (*getattr(condition, parts[part]), read)})


def _read_label(value: str) -> LabelFilter:
    head, _, label_id = value.partition(":")
    status, _, bounds = head.partition("@")
    low, _, high = bounds.partition("..") if bounds else ("0.5", "", "1")
    known = {one: one for one in get_args(LabelStatus)}
    return LabelFilter(
        label_id=LabelId(label_id),
        status=cast(LabelStatus, _one_of(status, known)),
        at_least=float(low),
        at_most=float(high),
    )


def _read_time(value: str) -> datetime:
    if "T" not in value:
        return datetime.combine(date.fromisoformat(value), time(), tzinfo=UTC)
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError("a time needs its zone, e.g. Z")
    return at.astimezone(UTC)


def _one_of(value: str, known: dict[str, Any]) -> Any:
    if value not in known:
        raise ValueError(f"{value!r} is none of {', '.join(known)}")
    return known[value]
