"""Rows of a JSON-lines file: one object per line, blank lines are no rows.

Values become the cells a CSV file would have: numbers and booleans as their JSON text, null and missing
optional keys as empty cells, a list of texts as one text per line (recipients). Nested values are refused
where a text is needed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from workbench.errors import FileFormatError
from workbench.ingest.comments import LINE_CHARACTERS as COMMENT_CHARACTERS
from workbench.ingest.comments import flat, is_comment
from workbench.ingest.encoding import open_text
from workbench.ingest.records import Chunk, Wanted, chunk_characters, list_cell, row_error
from workbench.ingest.shape import FileShape

LINE_CHARACTERS = 4 << 20
"""Longest line; no message with its properties comes near it."""

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


class _LineProblem(ValueError):  # noqa: N818  (becomes a row error)
    """A line that is JSON but not acceptable; arguments: column, value, problem."""


def jsonl_chunks(
    path: Path, shape: FileShape, wanted: Wanted, batch_rows: int, end: int | None
) -> Iterator[Chunk]:
    """Read a JSONL file; see ``records.iterate_chunks``."""
    as_is = shape.comments is not None and shape.comments.as_is
    longest = LINE_CHARACTERS if shape.comments is None else COMMENT_CHARACTERS
    chunk = _empty(wanted.columns, as_is=as_is)
    n_characters = row = number = 0
    most_characters = chunk_characters(batch_rows)
    with open_text(path, shape.encoding, newline="\n", end=end) as stream:
        while line := stream.readline(longest):
            number += 1
            if len(line) == longest and not line.endswith("\n"):
                raise FileFormatError(
                    f"line {number} is longer than {longest:,} characters.",
                    next_step="Write one JSON object per line.",
                    details={"row": row + 1, "line": number},
                )
            text = line.strip(" \t\r\n\ufeff" if number == 1 else " \t\r\n")
            if not text:
                continue
            row += 1
            chunk.n_rows += 1
            n_characters += len(text)
            try:
                found = _object(text, number, of_comments=shape.comments is not None)
                chunk.present.update(found.keys() & wanted.columns)
                if wanted.loose:
                    _flatten(found, chunk)
                cells = [_cell(column, found, wanted) for column in wanted.columns]
            except _LineProblem as failure:
                column, value, problem = failure.args
                chunk.errors.append(row_error(row, column, value, problem))
            else:
                chunk.rows.append(row)
                for column, cell in zip(wanted.columns, cells, strict=True):
                    chunk.cells[column].append(cell)
            if chunk.n_rows >= batch_rows or n_characters >= most_characters:
                yield chunk
                chunk, n_characters = _empty(wanted.columns, as_is=as_is), 0
    if chunk.n_rows:
        yield chunk


def _empty(columns: tuple[str, ...], *, as_is: bool) -> Chunk:
    return Chunk(cells={column: [] for column in columns}, as_is=as_is)


def _pairs(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, value in pairs:
            if key in seen:
                raise _LineProblem(key, str(value), f"has the key {key!r} twice")
            seen.add(key)
    return found


def _no_constant(name: str) -> NoReturn:
    raise _LineProblem("", name, f"has {name}, which is not JSON; write null")


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_no_constant)


def _object(text: str, number: int, *, of_comments: bool) -> dict[str, Json]:
    try:
        value: Json = _DECODER.decode(text)
    except json.JSONDecodeError as failure:
        problem = f"line {number} is not JSON: {failure.msg} at character {failure.pos + 1}"
        raise _LineProblem("", text[failure.pos : failure.pos + 80] or text[-80:], problem) from None
    except RecursionError:
        raise _LineProblem("", text, f"line {number} is nested too deeply") from None
    except _LineProblem as failure:
        column, shown_value, problem = failure.args
        raise _LineProblem(column, shown_value, f"line {number} {problem}") from None
    except ValueError:  # an integer of more than 4,300 digits
        raise _LineProblem("", text, f"line {number} has a number of too many digits") from None
    if not isinstance(value, dict):
        raise _LineProblem("", text, f"line {number} is not an object")
    if of_comments and not is_comment(value):
        raise _LineProblem("comment", "", f"line {number} is no comment: it misses the object 'comment'")
    return flat(value, text) if of_comments else value


def _flatten(found: dict[str, Json], chunk: Chunk) -> None:
    """Put JSON text in place of nested values, and note where they and lists of texts were."""
    for column, value in found.items():
        if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
            chunk.lists.add(column)
        elif isinstance(value, dict | list):
            chunk.nested.add(column)
            found[column] = json.dumps(value, ensure_ascii=False)


def _cell(column: str, found: dict[str, Json], wanted: Wanted) -> str:
    value = found.get(column)
    if isinstance(value, str):
        return value
    if value is None:
        if column in wanted.required and column not in found:
            raise _LineProblem(column, "", f"misses the key {column!r}")
        return ""
    if isinstance(value, list) and column in wanted.lists:
        texts = [entry for entry in value if isinstance(entry, str)]
        if len(texts) != len(value):
            raise _LineProblem(column, json.dumps(value), "is a list of other things than texts")
        return list_cell(texts)
    if isinstance(value, bool) and column not in wanted.required and column not in wanted.texts:
        return "true" if value else "false"
    if isinstance(value, int | float) and not isinstance(value, bool) and column not in wanted.texts:
        return str(value)
    raise _LineProblem(column, json.dumps(value), f"is {_NOUNS[type(value)]}; a text is needed")


_NOUNS = {dict: "an object", list: "a list", bool: "true or false", int: "a number", float: "a number"}
