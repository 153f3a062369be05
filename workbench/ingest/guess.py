"""A mapping proposed from column names and first values; a person confirms it."""

from __future__ import annotations

import math
from typing import Any, get_args

from workbench.domain import ColumnMapping, PropertyKind, is_message_id
from workbench.ingest.exported import EXPORTED, is_exported
from workbench.ingest.times import TimeKind, TimeProblem, parse_time

_NAMES = {
    "id": "id messageid commentid ticketid complaintid reviewid caseid uid uuid guid key number emailid ticket "
    "casenumber ticketnumber reference ref",
    "timestamp": "timestamp date datetime time sentat sent createdat created receivedat received datereceived "
    "datesent createddate datecreated submittedat postedat at datum zeit fecha data",
    "body": "body text message comment content narrative review description verbatim feedback "
    "consumercomplaintnarrative complaint messagetext bodytext utterance question nachricht texto testo texte",
    "subject": "subject title headline summary betreff objet asunto oggetto onderwerp",
    "thread_id": "threadid thread conversationid conversation threadtopic conversationtopic",
    "sender": "sender from author fromaddress senderaddress senderemail fromemail absender von",
    "recipients": "recipients recipient to toaddress toaddresses empfänger an",
    "language": "language lang locale sprache",
    "cc": "cc ccaddress ccaddresses ccrecipients carboncopy kopie kopiean copie copia",
    "bcc": "bcc bccaddress bccaddresses bccrecipients blindcopy blindkopie cci cco ccn",
    "sent_at": "sentat sent datesent sentdate senttime senton gesendet gesendetam envoyé envoyéle dateenvoi enviado "
    "enviadoel fechaenvio dataenvio inviato inviatoil verzonden verzondenop",
}
_LISTED = ("recipients", "cc", "bcc")
_RANKED = {role: names.split() for role, names in _NAMES.items()}
_LANGUAGE_CHARACTERS = 8
_TEXT_CHARACTERS = 20
_GOOD_SHARE = 0.9
_ADDRESSES_SHARE = 0.5


def guess_mapping(cells: dict[str, list[str]], lists: frozenset[str] = frozenset()) -> ColumnMapping | None:
    """Propose a mapping from the first rows; None when id, time or text cannot be found.

    A column must fit by its values before its name counts; among fitting ones the best-known name wins,
    and without a known name the first unique id column, the first time column and the longest text. A table
    of our own export is known by its columns, and only what belongs to a message is taken of it. Where no
    column fits as id or time, one with a known name is proposed all the same: the check then names the rows
    that do not fit.

    Parameters
    ----------
    lists
        Columns of ``cells`` that hold lists of texts: recipients, cc, bcc or nothing.
    """
    if is_exported(cells):
        return _exported(cells)
    listed = {_named(role, set(lists)) for role in _LISTED}
    cells = {column: values for column, values in cells.items() if column not in lists or column in listed}
    left = {column: [cell.strip() for cell in column_cells] for column, column_cells in cells.items()}
    times = _pick("timestamp", left, {c for c, v in left.items() if _share(v, _is_time) >= _GOOD_SHARE})
    left_ids = {c: v for c, v in left.items() if c != times and _are_ids(v)}
    texts = {c: v for c, v in left.items() if c != times and any(v)}
    longest = max(texts, key=lambda column: _mean_length(texts[column]), default=None)
    body = _named("body", set(texts))
    if body is None and longest is not None and _mean_length(texts[longest]) >= _TEXT_CHARACTERS:
        body = longest
    free = {column: values for column, values in left.items() if column not in (times, body)}
    ids = _pick("id", free, set(left_ids) - {body})
    if ids is None or times is None or body is None:
        return None
    for column in (ids, times, body):
        del left[column]
    optional: dict[str, str | None] = {}
    for role in ("subject", "thread_id", "sender", "recipients", "language", "cc", "bcc", "sent_at"):
        found = _named(role, set(left))
        optional[role] = found if found is None or _fits(role, left[found]) else None
        left.pop(optional[role] or "", None)
    properties: dict[str, PropertyKind] = {
        column: _property_kind(column, values) for column, values in left.items()
    }
    return ColumnMapping(
        id=ids,
        timestamp=times,
        body=body,
        subject=optional["subject"],
        thread_id=optional["thread_id"],
        sender=optional["sender"],
        recipients=optional["recipients"],
        language=optional["language"],
        cc=optional["cc"],
        bcc=optional["bcc"],
        sent_at=optional["sent_at"],
        properties=properties,
        day_first=_day_first(cells[times]),
    )


def _exported(cells: dict[str, list[str]]) -> ColumnMapping:
    roles: dict[str, Any] = {role: column for role, column in EXPORTED.items() if column in cells}
    prefixes = tuple(f"{kind}:" for kind in get_args(PropertyKind))
    properties = {
        column: _property_kind(column, values)
        for column, values in cells.items()
        if column.startswith(prefixes)
    }
    return ColumnMapping(**roles, properties=properties)


def _fits(role: str, values: list[str]) -> bool:
    """Whether a column of a known name can be what the name says, by its first values."""
    if role == "language":
        return max(map(len, values)) <= _LANGUAGE_CHARACTERS
    if not any(values):
        return True
    if role == "sent_at":
        return _share(values, _is_time) >= _GOOD_SHARE
    return role not in ("cc", "bcc") or _share(values, _is_address) >= _ADDRESSES_SHARE


def _is_address(value: str) -> bool:
    return "@" in value


def _property_kind(column: str, values: list[str]) -> PropertyKind:
    """As the prefix of an exported column says, else by the values."""
    for kind in get_args(PropertyKind):
        if column.startswith(f"{kind}:"):
            named: PropertyKind = kind
            return named
    return "number" if _share(values, _is_number) == 1.0 else "string"


def _plain(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def _named(role: str, columns: set[str]) -> str | None:
    ranks = {_plain(column): column for column in sorted(columns, reverse=True)}
    return next((ranks[name] for name in _RANKED[role] if name in ranks), None)


def _pick(role: str, cells: dict[str, list[str]], fitting: set[str]) -> str | None:
    named = _named(role, fitting) or next((column for column in cells if column in fitting), None)
    return named or _named(role, {column for column in cells if any(cells[column])})


def _share(values: list[str], test: object) -> float:
    """Share of non-blank values that pass; 0 when all are blank."""
    filled = [value for value in values if value]
    if not filled or not callable(test):
        return 0.0
    return sum(1 for value in filled if test(value)) / len(filled)


def _mean_length(values: list[str]) -> float:
    return sum(map(len, values)) / len(values)


def _are_ids(values: list[str]) -> bool:
    return len(set(values)) == len(values) and all(map(is_message_id, values))


def _is_time(value: str) -> bool:
    try:
        parse_time(value)
    except TimeProblem:
        return False
    return True


def _is_number(value: str) -> bool:
    try:
        return value.isascii() and "_" not in value and math.isfinite(float(value))
    except ValueError:
        return False


def _day_first(values: list[str]) -> bool | None:
    """What the first values prove; dates with points are read day-first where they prove nothing."""
    kinds = set()
    for value in values:
        try:
            kinds.add(parse_time(value)[0])
        except TimeProblem:
            continue
    day, month = TimeKind.DAY_FIRST in kinds, TimeKind.MONTH_FIRST in kinds
    if day != month:
        return day
    if TimeKind.EITHER in kinds and not day and all("." in value for value in values if value):
        return True
    return None
