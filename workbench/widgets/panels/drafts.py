"""A condition as fields to fill in, and back: what the editor of a filter shows, and what it makes of the answers.

A draft holds plain texts by field, lists of them where several values may be chosen. Every condition that
``one_by_one`` finds in a filter has one, except chosen messages, and comes back from it as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from math import isfinite
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode

from workbench.domain import (
    AddressFilter,
    AttachmentFilter,
    ExceptionFilter,
    LabelFilter,
    LabelId,
    MessageFilter,
    PropertyFilter,
    SourceId,
    ThreadFilter,
    filter_from_query,
    filter_to_query,
)
from workbench.domain.thread_query import thread_pairs, with_thread
from workbench.errors import FilterError

Draft = dict[str, str | list[str]]
"""Answers by field; what is left out is empty."""

PEOPLE = ("sender", "recipient", "cc", "bcc")
SPANS = ("messages", "position", "duration", "response")
_PEOPLE_PARTS = ("domain_one_of", "one_of", "domain_not_one_of", "not_one_of")
_TEXT_PARTS = ("one_of", "not_one_of", "domain_one_of", "domain_not_one_of")
_LISTS = {"source": "sources", "language": "languages", "cluster": "clusters"}
_CHOICES = {
    "reviewed": "reviewed",
    "translated": "translated",
    "text-in": "text_in",
    "thread-id": "thread_id",
}
_YES_OR_NO = {"yes": True, "no": False}
_PASSES_ALL = MessageFilter()


def kind_of(condition: MessageFilter) -> str:
    """What one condition is about, in the words of an address: ``sender``, ``string:Team``; empty = has no draft."""
    if condition.properties:
        return condition.properties[0].name
    names = {"labels": "label", "attachments": "attachments", "thread": "thread", "exceptions": "exceptions"}
    names |= {name: kind for kind, name in (_LISTS | _CHOICES).items()} | {one: one for one in PEOPLE}
    return next(
        (kind for name, kind in names.items() if getattr(condition, name) != getattr(_PASSES_ALL, name)), ""
    )


def draft_of(condition: MessageFilter) -> Draft:
    """The fields of one condition, filled in."""
    kind = kind_of(condition)
    if kind in PEOPLE:
        return _person(getattr(condition, kind))
    if condition.properties:
        return _property(condition.properties[0])
    if kind in _LISTS:
        return {"values": [str(one) for one in getattr(condition, _LISTS[kind])]}
    if kind in _CHOICES:
        value = getattr(condition, _CHOICES[kind])
        return {"value": value if isinstance(value, str) else "yes" if value else "no"}
    if condition.attachments is not None:
        files = condition.attachments
        most = "" if files.at_most is None else str(files.at_most)
        return {"at_least": str(files.at_least), "at_most": most, "types": list(files.types)}
    if condition.exceptions is not None:
        return _exceptions(condition.exceptions)
    return _thread(condition.thread) if condition.thread is not None else _labels(condition)


def condition_of(kind: str, draft: Draft) -> MessageFilter:
    """The condition that answers make.

    Raises
    ------
    FilterError
        An answer cannot be used; ``details["field"]`` names its field, if it is one of them.
    """
    if kind in PEOPLE:
        return _alone(kind, _to_person(draft))
    if kind.startswith(("string:", "number:")):
        return replace(_PASSES_ALL, properties=(_to_property(kind, draft),))
    if kind in _LISTS:
        values = _many(draft, "values")
        if not values:
            raise _at("values", "nothing is chosen.", "Choose one, or close this.")
        read: Callable[[str], Any] = {"source": SourceId, "cluster": _to_cluster}.get(kind, str)
        return _alone(_LISTS[kind], tuple(read(one) for one in values))
    if kind in _CHOICES:
        value = _one(draft, "value")
        if not value:
            raise _at("value", "nothing is given.", "Fill this in, or close this.")
        return _alone(_CHOICES[kind], _YES_OR_NO.get(value, value))
    makers: dict[str, Callable[[Draft], Any]] = {
        "attachments": _to_files,
        "exceptions": _to_exceptions,
        "thread": _to_thread,
    }
    if kind in makers:
        return _alone(kind, makers[kind](draft))
    if kind != "label":
        raise FilterError(f"a condition on {kind[:40]!r} does not exist.", next_step="Choose another one.")
    return _to_labels(draft)


def put(rest: MessageFilter, condition: MessageFilter, at: int | None = None) -> MessageFilter:
    """``rest`` with one more condition; among properties and labels it stands at place ``at``, None = last.

    Raises
    ------
    FilterError
        Labels of which any must be there cannot stand beside labels of which all must.
    """
    changes: dict[str, Any] = {
        field.name: getattr(condition, field.name)
        for field in fields(MessageFilter)
        if getattr(condition, field.name) != getattr(_PASSES_ALL, field.name)
    }
    if condition.labels and rest.labels and "any" in (condition.labels_match, rest.labels_match):
        raise _at(
            "match",
            "labels of which any is enough cannot stand beside other labels.",
            "Put all labels into one condition, or remove the other one.",
        )
    for name in ("labels", "properties"):
        before, place = getattr(rest, name), len(getattr(rest, name)) if at is None else at
        if name in changes:
            changes[name] = (*before[:place], *changes[name], *before[place:])
    return replace(rest, **changes)


def _alone(name: str, value: object) -> MessageFilter:
    part: dict[str, Any] = {name: value}
    return replace(_PASSES_ALL, **part)


def _person(condition: AddressFilter) -> Draft:
    return {**{part: list(getattr(condition, part)) for part in _PEOPLE_PARTS}, "missing": condition.missing}


def _to_person(draft: Draft, prefix: str = "") -> AddressFilter:
    parts: dict[str, Any] = {part: tuple(_many(draft, prefix + part)) for part in _PEOPLE_PARTS}
    return AddressFilter(**parts, missing=cast(Any, _one(draft, f"{prefix}missing") or "auto"))


def _property(condition: PropertyFilter) -> Draft:
    draft: Draft = {"missing": condition.missing}
    if not condition.is_number:
        return draft | {part: list(getattr(condition, part)) for part in _TEXT_PARTS}
    bounds = {"at_least": condition.at_least, "at_most": condition.at_most}
    written = {name: "" if bound is None else _written(bound) for name, bound in bounds.items()}
    return draft | written | {"one_of": [_written(float(one)) for one in condition.one_of]}


def _to_property(name: str, draft: Draft) -> PropertyFilter:
    parts: dict[str, Any] = {"missing": _one(draft, "missing") or "auto"}
    if name.startswith("string:"):
        parts |= {one: tuple(_many(draft, one)) for one in _TEXT_PARTS}
        return PropertyFilter(name=name, **parts)
    low, high = _number(draft, "at_least"), _number(draft, "at_most")
    if low is not None and high is not None and low > high:
        raise _at("at_most", f"{high:g} is less than {low:g}.", "Make it as large, or leave it empty.")
    listed = tuple(_to_number("one_of", one) for one in _many(draft, "one_of"))
    return PropertyFilter(name=name, at_least=low, at_most=high, one_of=listed, **parts)


def _to_files(draft: Draft) -> AttachmentFilter:
    low, high = _whole(draft, "at_least"), _whole(draft, "at_most")
    if low is not None and high is not None and low > high:
        raise _at("at_most", f"{high} is less than {low}.", "Make it as many, or leave it empty.")
    least = 1 if low is None and high != 0 else low or 0
    return AttachmentFilter(at_least=least, at_most=high, types=tuple(_many(draft, "types")))


def _exceptions(condition: ExceptionFilter) -> Draft:
    return {
        "value": "yes" if condition.tagged else "no",
        "types": list(condition.types),
        "streams": list(condition.streams),
    }


def _to_exceptions(draft: Draft) -> ExceptionFilter:
    return ExceptionFilter(
        tagged=_one(draft, "value") != "no",
        types=tuple(_many(draft, "types")),
        streams=tuple(_many(draft, "streams")),
    )


def _thread(condition: ThreadFilter) -> Draft:
    draft: Draft = {}
    for name, value in thread_pairs(condition):
        low, dots, high = value.partition("..")
        figure = name.removeprefix("thread-")
        if figure in SPANS:
            draft |= {f"{figure}_from": low, f"{figure}_to": high if dots else low}
        elif figure == "answered":
            draft[figure] = value
    if condition.first_sender is not None:
        draft |= {f"first_{part}": value for part, value in _person(condition.first_sender).items()}
    return draft


def _to_thread(draft: Draft) -> ThreadFilter:
    made = ThreadFilter()
    for figure in SPANS:
        low, high = _one(draft, f"{figure}_from"), _one(draft, f"{figure}_to")
        if not (low or high):
            continue
        for field, text in ((f"{figure}_from", low), (f"{figure}_to", high)):
            if text:
                _with_span(made, figure, text, field)
        made = _with_span(made, figure, f"{low}..{high}", f"{figure}_to")
    if _one(draft, "answered"):
        made = with_thread(made, "thread-answered", _one(draft, "answered"))
    first = _to_person(draft, "first_")
    return made if first == AddressFilter() else replace(made, first_sender=first)


def _with_span(made: ThreadFilter, figure: str, text: str, field: str) -> ThreadFilter:
    try:
        changed = with_thread(made, f"thread-{figure}", text.replace(" ", ""))
    except FilterError:
        raise _at(
            field, "this is less than where it begins.", "Make it as large, or leave it empty."
        ) from None
    except ValueError:
        step = (
            "Write 90m, 2h or 3d." if figure in ("duration", "response") else "Write a number, for example 3."
        )
        raise _at(field, f"{text[:40]!r} cannot be read.", step) from None
    return changed


def _labels(condition: MessageFilter) -> Draft:
    """Of labels with one status their ids; of others what an address says of each."""
    first = condition.labels[0]
    alike = all(replace(one, label_id=first.label_id) == first for one in condition.labels)
    said = [parse_qsl(filter_to_query(replace(_PASSES_ALL, labels=(one,))))[0][1] for one in condition.labels]
    shown = first if alike else LabelFilter(label_id=first.label_id)
    return {
        "values": [str(one.label_id) for one in condition.labels] if alike else said,
        "status": shown.status,
        "at_least": _written(round(100 * shown.at_least, 9)),
        "at_most": _written(round(100 * shown.at_most, 9)),
        "match": condition.labels_match,
    }


def label_said(value: str) -> LabelFilter | None:
    """The condition that a chosen label stands for when it says more than its id."""
    if ":" not in value:
        return None
    return next(iter(filter_from_query(urlencode({"label": value}), lenient=True).labels), None)


def _to_labels(draft: Draft) -> MessageFilter:
    values = _many(draft, "values")
    if not values:
        raise _at("values", "no label is chosen.", "Choose one, or close this.")
    low, high = (_share(draft, field, usual) for field, usual in (("at_least", 50.0), ("at_most", 100.0)))
    if low > high:
        raise _at("at_most", f"{100 * high:g} % is less than {100 * low:g} %.", "Make it as large.")
    status = cast(Any, _one(draft, "status") or "present")
    usual = (low, high) if status in ("predicted", "not_predicted", "present", "absent") else (0.5, 1.0)
    labels = tuple(
        label_said(one)
        or LabelFilter(label_id=LabelId(one), status=status, at_least=usual[0], at_most=usual[1])
        for one in values
    )
    is_any = _one(draft, "match") == "any" and len(labels) > 1
    return replace(_PASSES_ALL, labels=labels, labels_match="any" if is_any else "all")


def _share(draft: Draft, field: str, usual: float) -> float:
    percent = _number(draft, field)
    if percent is not None and not 0 <= percent <= 100:  # noqa: PLR2004 - percent
        raise _at(field, f"{percent:g} % is no probability.", "Write 0 to 100.")
    return (usual if percent is None else percent) / 100


def _one(draft: Mapping[str, object], field: str) -> str:
    value = draft.get(field, "")
    return value.strip() if isinstance(value, str) else ""


def _many(draft: Mapping[str, object], field: str) -> list[str]:
    values = draft.get(field, [])
    texts = [one for one in values if isinstance(one, str) and one] if isinstance(values, list) else []
    return list(dict.fromkeys(texts))


def _number(draft: Draft, field: str) -> float | None:
    text = _one(draft, field)
    return _to_number(field, text) if text else None


def _to_number(field: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise _at(field, f"{text[:40]!r} is no number.", "Write one, for example 8 or 2.5.")
    return number


def _whole(draft: Draft, field: str) -> int | None:
    number = _number(draft, field)
    if number is not None and (number < 0 or number != int(number)):
        raise _at(field, f"{number:g} is no number of files.", "Write 0, 1, 2 …")
    return None if number is None else int(number)


def _to_cluster(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise _at("values", f"{text[:40]!r} is no cluster.", "Choose one of the list.") from None


def _written(number: float) -> str:
    return repr(number).removesuffix(".0")


def _at(field: str, message: str, next_step: str) -> FilterError:
    return FilterError(message, next_step=next_step, details={"field": field})
