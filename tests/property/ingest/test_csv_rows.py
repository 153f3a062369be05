"""Rows split many at once are those split one by one: cells, row numbers, and the lines that errors name."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from workbench.errors import FileFormatError
from workbench.ingest.records import Wanted, iterate_chunks
from workbench.ingest.shape import find_shape

HEADER = "a,b,c\n"
PIECES = st.sampled_from(
    ["x", "", " ", '"q"', '"two\nlines"', '"two\r\nlines"', '"d""q"', '"bad"x', ",", ",,", "\n", "\r\n", "é"]
)
TEXTS = st.lists(PIECES, max_size=24).map("".join)


def one_by_one(text: str) -> tuple[list[tuple[int, list[str]]], list[tuple[int, str]]]:
    """Rows and errors as the plain splitter gives them, a record at a time."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    next(reader)
    rows: list[tuple[int, list[str]]] = []
    errors: list[tuple[int, str]] = []
    row = 0
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return rows, errors
        except csv.Error as failure:
            row += 1
            if "end of data" in str(failure):
                raise FileFormatError(f"row {row} (line {line})", next_step="-") from None
            errors.append((row, f"(line {line})"))
            continue
        if not cells or (len(cells) == 1 and not cells[0].strip()):
            continue
        row += 1
        if len(cells) != 3 or (not cells[0] and not any(map(str.strip, cells))):
            errors.append((row, f"(line {line})"))
        else:
            rows.append((row, cells))


@settings(deadline=None, max_examples=150)
@given(TEXTS, st.integers(1, 5))
@example("1,2,3\n ,,\n,,\n", 3)
@example('\n1,2,3\n"two\r\nlines",,\nx\n"bad"x,,\n1,2,3\n', 2)
def test_rows_and_lines(body: str, batch_rows: int) -> None:
    text = HEADER + "1,2,3\n" + body
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.csv"
        path.write_text(text, "utf-8", newline="")
        shape = find_shape(path)
        if shape.delimiter != ",":
            return
        wanted = Wanted(columns=("a", "b", "c"), required=frozenset(), texts=frozenset(), lists=frozenset())
        try:
            chunks = list(iterate_chunks(path, shape, wanted, batch_rows))
        except FileFormatError as failure:
            try:
                one_by_one(text)
            except FileFormatError as expected:
                assert expected.message.removesuffix(".") in failure.message  # noqa: PT017
                return
            raise
    rows, errors = one_by_one(text)
    found = [
        (row, [chunk.cells[name][place] for name in ("a", "b", "c")])
        for chunk in chunks
        for place, row in enumerate(chunk.rows)
    ]
    assert found == rows
    reported = [(error.row, error.problem) for chunk in chunks for error in chunk.errors]
    assert [row for row, _ in reported] == [row for row, _ in errors]
    assert all(place in problem for (_, problem), (_, place) in zip(reported, errors, strict=True))
    assert all(chunk.n_rows <= batch_rows for chunk in chunks)
    assert sum(chunk.n_rows for chunk in chunks) == len(rows) + len(errors)
