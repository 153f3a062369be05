"""Items of a file of JSON lines, or of one JSON array, one after another; memory holds one item at a time."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NoReturn

from workbench.errors import FileFormatError
from workbench.ingest.bridges.problems import refusal
from workbench.ingest.comments import LINE_CHARACTERS
from workbench.ingest.encoding import HEAD_BYTES, decoding_error, find_encoding, first_bad_byte, open_text

_PIECE = 1 << 16
_SPACE = " \t\r\n\ufeff"
_BINARY = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"PAR1": "Parquet"}
_ENDS_LATER = 16
"""Characters before the end of what was read within which a fault may be that the rest is missing."""

Seen = Callable[[int], object]


class _Fault(ValueError):  # noqa: N818  (becomes a FileFormatError with its place)
    """JSON that would not be kept as it is; the arguments say what and where."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _Fault("has a key twice", twice, "Write each key once.")
    return found


def _no_constant(name: str) -> NoReturn:
    raise _Fault("has a number that is not JSON", name, "Write null, or leave it out.")


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_no_constant)


def read_items(path: Path, *, item: str = "entry", seen: Seen | None = None) -> Iterator[tuple[str, Any]]:
    """Every item with the words that say where it stands.

    Parameters
    ----------
    item
        What one is called in the words for its place, for arrays.
    seen
        Is told how many bytes were read so far.

    Raises
    ------
    FileFormatError
        The file is empty, binary, or not in one encoding; an item is not JSON, has a key twice, or is longer than
        64 MiB.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    kind = next((name for mark, name in _BINARY.items() if head.startswith(mark)), "")
    if kind or not head.strip():
        raise refusal(
            "the file",
            f"is packed as {kind}" if kind else "is empty",
            path.name,
            "Unpack it first." if kind else "Export it again.",
        )
    encoding = find_encoding(head)
    try:
        with open_text(path, encoding, newline="\n") as stream:
            reader = _Reader(stream.read, lambda: os.lseek(stream.fileno(), 0, os.SEEK_CUR), seen)
            yield from reader.array(item) if reader.is_array() else reader.lines()
    except UnicodeDecodeError:
        offset = first_bad_byte(path, encoding) or 0
        raise decoding_error(path, encoding, offset, _line_at(path, offset)) from None


class _Reader:
    """Text read piece by piece, with the number of the line that it goes on in."""

    def __init__(self, read: Callable[[int], str], tell: Callable[[], int], seen: Seen | None) -> None:
        self._read, self._tell, self._seen = read, tell, seen
        self._buffer, self._at, self._line, self._ended = "", 0, 1, False

    def is_array(self) -> bool:
        """Whether one JSON array holds all items; a line may itself be a list that begins with a text."""
        return self._next() == "[" and self._after_bracket() in ("{", "[", "]")

    def lines(self) -> Iterator[tuple[str, Any]]:
        """Items of JSON lines; blank lines are none."""
        while self._next():
            end = self._buffer.find("\n", self._at)
            while end < 0 and not self._ended:
                self._more()
                end = self._buffer.find("\n", self._at)
            text = self._buffer[self._at : end if end >= 0 else len(self._buffer)].strip(_SPACE)
            place = f"line {self._line:,}"
            try:
                value, stop = _DECODER.raw_decode(text)
            except (ValueError, RecursionError) as fault:
                raise _not_json(fault, place, text) from None
            if text[stop:].strip(_SPACE):
                raise refusal(place, "has more than one JSON value", text[stop:], "Write one a line.")
            self._move(end if end >= 0 else len(self._buffer))
            yield place, value

    def array(self, item: str) -> Iterator[tuple[str, Any]]:
        """Items of one JSON array."""
        self._next()
        self._move(self._at + 1)
        if self._next() == "]":
            self._move(self._at + 1)
            self._end()
            return
        for number in itertools.count(1):
            self._next()
            place = f"{item} {number:,} (line {self._line:,})"
            yield place, self._value(place)
            mark = self._next()
            if mark not in (",", "]"):
                raise refusal(
                    f"after {place} the array",
                    "does not go on with ',' or ']'",
                    mark,
                    "Export the file again.",
                )
            self._move(self._at + 1)
            if mark == "]":
                self._end()
                return

    def _value(self, place: str) -> Any:
        while True:
            try:
                value, stop = _DECODER.raw_decode(self._buffer, self._at)
            except _Fault as fault:
                raise _not_json(fault, place, "") from None
            except json.JSONDecodeError as fault:
                cut = fault.msg.startswith("Unterminated") or fault.pos >= len(self._buffer) - _ENDS_LATER
                if self._ended or not cut:
                    raise _not_json(fault, place, self._buffer) from None
                self._more()
            except (ValueError, RecursionError) as fault:
                raise _not_json(fault, place, "") from None
            else:
                self._move(stop)
                return value

    def _end(self) -> None:
        if mark := self._next():
            raise refusal("after the array the file", "goes on", mark, "Write one JSON array only.")

    def _next(self) -> str:
        """The next character that is no white space, "" at the end of the file."""
        while True:
            place = self._at
            while place < len(self._buffer) and self._buffer[place] in _SPACE:
                place += 1
            self._move(place)
            if place < len(self._buffer):
                return self._buffer[place]
            if self._ended:
                return ""
            self._more()

    def _after_bracket(self) -> str:
        place = self._at + 1
        while True:
            while place < len(self._buffer) and self._buffer[place] in _SPACE:
                place += 1
            if place < len(self._buffer):
                return self._buffer[place]
            if self._ended:
                return ""
            before = self._at
            self._more()
            place += self._at - before

    def _move(self, place: int) -> None:
        self._line += self._buffer.count("\n", self._at, place)
        self._at = place

    def _more(self) -> None:
        """Read on; as much again as is waiting, so that a long item is not gone through too often."""
        waiting = len(self._buffer) - self._at
        if waiting > LINE_CHARACTERS:
            raise refusal(
                f"line {self._line:,}",
                f"begins an entry of more than {LINE_CHARACTERS:,} characters",
                self._buffer[self._at : self._at + 200],
                "Take it out, or write its text shorter.",
            )
        piece = self._read(max(_PIECE, waiting))
        self._ended = not piece
        self._buffer, self._at = self._buffer[self._at :] + piece, 0
        if self._seen is not None:
            self._seen(self._tell())


def _line_at(path: Path, offset: int) -> int:
    """The line that a byte lies in."""
    line = 1
    with path.open("rb") as file:
        while offset > 0 and (piece := file.read(min(offset, _PIECE))):
            line += piece.count(b"\n")
            offset -= len(piece)
    return line


def _not_json(fault: Exception, place: str, text: str) -> FileFormatError:
    if isinstance(fault, _Fault):
        problem, value, next_step = fault.args
        return refusal(place, problem, value, next_step)
    if isinstance(fault, json.JSONDecodeError):
        problem = f"is not JSON ({fault.msg}, character {fault.colno:,})"
        return refusal(
            place, problem, text[fault.pos : fault.pos + 100] or text[-100:], "Export the file again."
        )
    if isinstance(fault, RecursionError):
        return refusal(place, "is nested too deeply", text, "Export the file again.")
    return refusal(place, "has a number of too many digits", text, "Write it as a text.")


def write_items(path: Path, items: Iterable[Any], *, as_array: bool) -> int:
    """Write items as JSON lines or as one JSON array, in UTF-8, and answer how many there were."""
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        if as_array:
            file.write("[")
        for item in items:
            if as_array:
                file.write(",\n" if count else "\n")
            file.write(_written(item))
            if not as_array:
                file.write("\n")
            count += 1
        if as_array:
            file.write("\n]\n")
    return count


def _written(item: Any) -> str:
    text = json.dumps(item, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate, which JSON can hold as an escape only
        return json.dumps(item)
    return text
