"""A CSV of texts and labels (``input,target``) as lines of comments."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.errors import FileFormatError, InputError

_HEADER = ["input", "target"]
_TIME = "1970-01-01T00:00:00Z"
"""Rows have no time; a comment has one."""


@contextmanager
def comments_of_pairs(path: Path) -> Iterator[Path]:
    """The rows as a file of comment lines; row n, from 1 after the header, is line n with n as its id.

    Raises
    ------
    InputError
        There is no such file.
    FileFormatError
        The header is another one, a row has other columns, or the file is not UTF-8.
    """
    if not path.is_file():
        raise InputError(f"there is no file {str(path)[:100]!r}.", next_step="Check the path.")
    with tempfile.TemporaryDirectory(prefix="pairs-") as folder:
        lines = Path(folder) / "comments.jsonl"
        try:
            with (
                path.open(encoding="utf-8-sig", newline="") as rows,
                lines.open("w", encoding="utf-8") as out,
            ):
                _write(csv.reader(rows, strict=True), out)
        except (UnicodeDecodeError, csv.Error) as error:
            raise FileFormatError(
                f"{path.name[:100]!r} cannot be read as CSV: {str(error)[:200]}.",
                next_step="Write it as CSV in UTF-8 with the header input,target.",
            ) from None
        yield lines


def _write(rows: Iterator[list[str]], out: object) -> None:
    header = next(rows, [])
    if header != _HEADER:
        raise FileFormatError(
            f"the header is {','.join(header)[:100]!r}.", next_step="Write it as: input,target."
        )
    for number, row in enumerate(rows, start=1):
        if len(row) != len(_HEADER):
            raise FileFormatError(
                f"row {number:,} has {len(row):,} columns.", next_step="Write two: the text and the label."
            )
        text, label = row
        line = {
            "comment": {"id": str(number), "timestamp": _TIME, "messages": [{"body": {"text": text}}]},
            "labelling": [{"group": "default", "assigned": [{"name": label, "sentiment": "positive"}]}],
        }
        print(json.dumps(line), file=out)  # type: ignore[call-overload]
