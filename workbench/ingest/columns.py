"""Cells to values, one column at a time.

Each function takes the row numbers and cells of one column and returns values of the same length; a cell
that cannot be read leaves ``None`` and one ``RowError`` in the ledger of errors.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec
import pyarrow as pa

from workbench.domain import LIMITS, PropertyKind, RowError, is_message_id
from workbench.ingest.quick import as_texts, fits, is_clean, iso_times
from workbench.ingest.records import property_key, row_error
from workbench.ingest.text import sanitise, storable
from workbench.ingest.time_order import TimeEvidence
from workbench.ingest.times import TimeProblem, parse_time

LANGUAGE_CHARACTERS = 64
"""As files write it, "Portuguese (Brazil)"; what is stored is a code."""
Addresses = Literal["recipients", "cc", "bcc"]
TIME_TYPE = pa.timestamp("us", tz="UTC")
_ENCODE = msgspec.json.Encoder().encode
_NUMBER_CHARACTERS = 400


def read_ids(rows: list[int], column: str, cells: list[str], errors: list[RowError]) -> list[str | None]:
    """Message ids; white space around them is dropped."""
    stripped = [cell.strip() for cell in cells]
    if all(map(is_message_id, stripped)):
        return list(stripped)
    found: list[str | None] = []
    for row, cell in zip(rows, cells, strict=True):
        text = cell.strip()
        if is_message_id(text):
            found.append(text)
        else:
            errors.append(row_error(row, column, cell, _id_problem(text)))
            found.append(None)
    return found


def _id_problem(text: str) -> str:
    if not text:
        return "is empty; an id is needed"
    most = LIMITS["message_id_characters"].most
    if len(text) > most:
        return f"is an id of {len(text):,} characters; at most {most:,} are allowed"
    place, bad = next((i, c) for i, c in enumerate(text, 1) if not is_message_id(c))
    name = {"/": "a slash", " ": "a space"}.get(bad, f"U+{ord(bad):04X}")
    return f"has {name} at character {place}; ids are printable ASCII without space and '/'"


def read_times(
    rows: list[int], column: str, cells: list[str], errors: list[RowError], evidence: TimeEvidence
) -> tuple[pa.Array, pa.Array]:
    """Both readings of each time, day first and month first, null where unreadable; kinds go to ``evidence``."""
    plain = iso_times(cells)
    if plain is not None:
        evidence.n_plain += len(cells)
        return plain, plain
    day: list[datetime | None] = []
    month: list[datetime | None] = []
    for row, cell in zip(rows, cells, strict=True):
        try:
            kind, day_first, month_first = parse_time(cell)
        except TimeProblem as problem:
            errors.append(row_error(row, column, cell, str(problem)))
            day.append(None)
            month.append(None)
        else:
            evidence.add(kind, row)
            day.append(day_first)
            month.append(month_first)
    return pa.array(day, TIME_TYPE), pa.array(month, TIME_TYPE)


def read_optional_times(
    rows: list[int], column: str, cells: list[str], errors: list[RowError], evidence: TimeEvidence
) -> tuple[pa.Array, pa.Array]:
    """As ``read_times``, but a blank cell is no error: nothing is known."""
    filled = [place for place, cell in enumerate(cells) if cell and not cell.isspace()]
    if len(filled) == len(cells):
        return read_times(rows, column, cells, errors, evidence)
    if not filled:
        none = pa.nulls(len(cells), TIME_TYPE)
        return none, none
    found = read_times(
        [rows[place] for place in filled], column, [cells[place] for place in filled], errors, evidence
    )
    places: list[int | None] = [None] * len(cells)
    for number, place in enumerate(filled):
        places[place] = number
    taken = pa.array(places, pa.int64())
    return found[0].take(taken), found[1].take(taken)


def read_texts(
    rows: list[int],
    column: str,
    cells: list[str],
    errors: list[RowError],
    *,
    required: bool = False,
    limit: int = LIMITS["text_characters"].most,
    as_is: bool = False,
) -> list[str | None]:
    """Sanitised texts; with ``required`` a blank one is an error. Blank optional cells stay blank.

    With ``as_is`` they are only made fit to be stored.
    """
    whole = as_texts(cells)
    is_plain = whole is not None and (as_is or is_clean(whole)) and fits(whole, limit)
    if is_plain and (not required or all(map(str.strip, cells))):
        return list(cells)
    found: list[str | None] = []
    tidied = storable if as_is else sanitise
    for row, cell in zip(rows, cells, strict=True):
        text = tidied(cell)
        if len(text) > limit:
            problem = f"has {len(text):,} characters; at most {limit:,} are allowed"
        elif required and not text.strip():
            problem = "is empty; a text is needed"
        else:
            found.append(text)
            continue
        errors.append(row_error(row, column, cell, problem))
        found.append(None)
    return found


def read_numbers(
    rows: list[int], column: str, cells: list[str], errors: list[RowError]
) -> list[float | None]:
    """Finite numbers with a point as decimal mark; blank cells are None."""
    known = _plain_numbers(set(cells))
    if known is not None:
        return [known[cell] for cell in cells]
    found: list[float | None] = []
    for row, cell in zip(rows, cells, strict=True):
        text = cell.strip()
        value: float | None = None
        if text:
            try:
                value = float(text) if text.isascii() and "_" not in text else None
            except ValueError:
                value = None
            if value is None or len(text) > _NUMBER_CHARACTERS:
                errors.append(row_error(row, column, cell, "is not a number (write 1234.5)"))
                value = None
            elif not math.isfinite(value):
                errors.append(row_error(row, column, cell, "is not a finite number"))
                value = None
        found.append(value)
    return found


def _plain_numbers(cells: set[str]) -> dict[str, float | None] | None:
    """The number of each distinct cell (blank = None); None when some cell is none, and each must be judged."""
    known: dict[str, float | None] = {}
    for cell in cells:
        text = cell.strip()
        if not text:
            known[cell] = None
            continue
        if not text.isascii() or "_" in text or len(text) > _NUMBER_CHARACTERS:
            return None
        try:
            value = float(text)
        except ValueError:
            return None
        if not math.isfinite(value):
            return None
        known[cell] = value
    return known


def read_addresses(
    rows: list[int],
    column: str,
    cells: list[str],
    errors: list[RowError],
    *,
    role: Addresses = "recipients",
    as_is: bool = False,
) -> list[list[str]]:
    """Addresses: one per line, or separated by ``;`` or ``,`` outside quotes and angle brackets.

    With ``as_is`` each line is one, whatever it holds.
    """
    word = "recipient" if role == "recipients" else role
    most, longest = LIMITS[role].most, LIMITS[f"{word}_characters"].most
    where = "" if role == "recipients" else f" in {role}"
    found: list[list[str]] = []
    for row, cell in zip(rows, cells, strict=True):
        if as_is:
            names = [line for line in storable(cell).split("\n") if line]
        else:
            names = _split_addresses(sanitise(cell))
        if len(names) > most:
            problem = f"has {len(names):,} recipients{where}; at most {most:,} are allowed"
            errors.append(row_error(row, column, cell, problem))
        elif any(len(name) > longest for name in names):
            problem = f"has a recipient{where} of more than {longest} characters"
            errors.append(row_error(row, column, cell, problem))
        found.append(names)
    return found


def _split_addresses(text: str) -> list[str]:
    if "\n" in text:
        return [name for line in text.split("\n") if (name := line.strip())]
    if not text.strip():
        return []
    names, start, quoted, bracket = [], 0, False, False
    for place, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif character == "<":
            bracket = True
        elif character == ">":
            bracket = False
        elif character in ";," and not quoted and not bracket:
            names.append(text[start:place])
            start = place + 1
    names.append(text[start:])
    return [name for part in names if (name := part.strip())]


def read_properties_of(
    rows: list[int],
    properties: dict[str, PropertyKind],
    cells: dict[str, list[str]],
    errors: list[RowError],
    *,
    as_is: bool = False,
) -> list[str]:
    """User properties per row, as a JSON object with keys as ``property_key`` makes them.

    Blank cells give none. Each distinct value of a column is written as JSON once; with ``as_is`` white space
    around texts stays.
    """
    parts: list[list[str]] = []
    for column, kind in sorted(properties.items()):
        values: Sequence[str | float | None]
        if kind == "number":
            numbers = read_numbers(rows, column, cells[column], errors)
            values = [None if number is None else number + 0.0 for number in numbers]  # -0.0 is 0.0
        elif as_is:
            values = read_texts(rows, column, cells[column], errors, as_is=True)
        else:
            texts = read_texts(rows, column, cells[column], errors)
            values = [text.strip() if text else None for text in texts]
        key = _ENCODE(property_key(column, kind)).decode()
        written = {
            value: "" if value is None or value == "" else f"{key}:{_ENCODE(value).decode()}"
            for value in set(values)
        }
        parts.append([written[value] for value in values])
    if not parts:
        return ["{}"] * len(rows)
    return ["{" + ",".join(filter(None, row)) + "}" for row in zip(*parts, strict=True)]


def nul_errors(rows: list[int], cells: dict[str, list[str]]) -> list[RowError]:
    """Cells with a NUL byte: no text has one, so the file is damaged there."""
    return [
        row_error(row, column, cell, "has a NUL byte; the file is damaged here")
        for column, column_cells in cells.items()
        if "\0" in "".join(column_cells)
        for row, cell in zip(rows, column_cells, strict=True)
        if "\0" in cell
    ]
