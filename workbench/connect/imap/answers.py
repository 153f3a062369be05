"""Reading FETCH and SEARCH answers, whatever a server puts into them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from workbench.connect.wanted import read_participants

_STARTS = re.compile(rb"\d+ \(")
_NUMBER = re.compile(rb"[1-9]\d{0,9}")
_UID = re.compile(rb"[ (]UID (\d{1,10})")
_SIZE = re.compile(rb"[ (]RFC822\.SIZE (\d{1,19})")
_FLAGS = re.compile(rb"[ (]FLAGS \(([^)]*)\)")
_DATE = re.compile(
    rb'[ (]INTERNALDATE "([ \d]\d)-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"'
)
_MONTHS = (b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec")


@dataclass(frozen=True, kw_only=True)
class Head:
    """What is known of a mail before its text is asked for."""

    uid: int
    n_bytes: int
    received_at: datetime | None
    is_read: bool
    participants: tuple[str, ...]


def read_uids(answers: Sequence[object]) -> list[int]:
    """UIDs of a SEARCH answer, as they came; zero and what is no number are left out."""
    words = [word for answer in answers if isinstance(answer, bytes) for word in answer.split()]
    return [int(word) for word in words if _NUMBER.fullmatch(word)]


def read_heads(answers: Sequence[object]) -> dict[int, Head]:
    """Heads by UID; answers without UID or size are left out."""
    heads = {}
    for text, literal in _responses(answers):
        uid, size, flags = _UID.search(text), _SIZE.search(text), _FLAGS.search(text)
        if uid and size:
            heads[int(uid[1])] = Head(
                uid=int(uid[1]),
                n_bytes=int(size[1]),
                received_at=_read_date(text),
                is_read=bool(flags) and rb"\seen" in flags[1].lower().split() if flags else False,
                participants=read_participants(literal or b""),
            )
    return heads


def read_bodies(answers: Sequence[object]) -> dict[int, bytes]:
    """Raw mails by UID; answers without UID or text are left out."""
    found = {}
    for text, literal in _responses(answers):
        uid = _UID.search(text)
        if uid and literal is not None:
            found[int(uid[1])] = literal
    return found


def _responses(answers: Sequence[object]) -> Iterator[tuple[bytes, bytes | None]]:
    """Join imaplib's pieces: the text around literals, and the first literal, of each FETCH response."""
    text, literal = b"", None
    for answer in answers:
        piece, data = answer[:2] if isinstance(answer, tuple) else (answer, None)
        if not isinstance(piece, bytes):
            continue
        if _STARTS.match(piece):
            if text:
                yield text, literal
            text, literal = b"", None
        text += piece
        literal = data if literal is None else literal
    if text:
        yield text, literal


def _read_date(text: bytes) -> datetime | None:
    match = _DATE.search(text)
    if match is None or match[2].lower() not in _MONTHS:
        return None
    day, month, year, hour, minute, second = match[1], match[2], match[3], match[4], match[5], match[6]
    offset = timedelta(hours=int(match[8]), minutes=int(match[9])) * (-1 if match[7] == b"-" else 1)
    try:
        local = datetime(
            int(year), _MONTHS.index(month.lower()) + 1, int(day), int(hour), int(minute), int(second),
            tzinfo=timezone(offset),
        )  # fmt: skip
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def write_day(moment: datetime) -> str:
    """A day as SEARCH wants it, in English whatever the machine speaks."""
    return f"{moment.day:02d}-{_MONTHS[moment.month - 1].decode().capitalize()}-{moment.year:04d}"
