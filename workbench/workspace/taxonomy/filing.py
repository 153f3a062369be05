"""A taxonomy as a CSV file: ``label, description, external_id``, in the order of the tree.

A cell that a spreadsheet could take for a formula stands behind an apostrophe, which reading takes away again; so
does one that begins with apostrophes before such a sign, so that every name comes back as it was.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from workbench.domain import LIMITS, DatasetId, Label, LabelPath, RowError, parse_path
from workbench.errors import FileFormatError, InputError, LimitError
from workbench.primitives import bare_cell, neutral_cell
from workbench.workspace.context import Caller

COLUMNS = ("label", "description", "external_id", "title")


@dataclass(frozen=True, kw_only=True)
class FileLabel:
    """A row that can be read: what it says of a label; None = the file has no such column."""

    row: int
    path: LabelPath
    instructions: str | None = None
    external_id: str | None = None
    title: str | None = None


def export_labels(caller: Caller, dataset_id: DatasetId) -> str:
    """The taxonomy as CSV text."""
    with caller.store.read() as session:
        found = session.catalog.find_dataset(dataset_id)
        return write_labels(session.labels.all(found.dataset_id, counted=False))


def write_labels(labels: tuple[Label, ...]) -> str:
    """CSV text; the column ``title`` is there when a label has one."""
    n_columns = 4 if any(label.title for label in labels) else 3
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS[:n_columns])
    for label in labels:
        cells = (label.name, label.instructions, label.external_id or "", label.title)
        writer.writerow([neutral_cell(cell) for cell in cells[:n_columns]])
    return out.getvalue()


def read_labels(content: str) -> tuple[tuple[FileLabel, ...], tuple[RowError, ...]]:
    """Rows that can be read, and what is wrong with the others.

    Raises
    ------
    FileFormatError
        It is no CSV, or has no column ``label``.
    LimitError
        It is too long.
    """
    LIMITS["taxonomy_file_characters"].check(len(content), "the file")
    text = content.removeprefix("\ufeff")
    first, *_ = text.splitlines() or [""]
    mark = ";" if ";" in first and "," not in first else ","
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True))
    except csv.Error as error:
        raise FileFormatError(
            f"the file cannot be read as CSV: {error}.",
            next_step="Save it as CSV with commas, in UTF-8.",
        ) from error
    heading = [cell.strip().casefold() for cell in rows[0]] if rows else []
    if "label" not in heading:
        raise FileFormatError(
            f"the file has no column 'label'; its heading is {', '.join(heading)[:200] or 'empty'}.",
            next_step=f"Begin it with the heading: {','.join(COLUMNS[:3])}.",
            details={"known": list(COLUMNS)},
        )
    place = {name: heading.index(name) for name in COLUMNS if name in heading}
    good: list[FileLabel] = []
    bad: list[RowError] = []
    seen: dict[LabelPath, int] = {}
    for number, row in enumerate(rows[1:], 1):
        if not any(cell.strip() for cell in row):
            continue
        cells = {name: bare_cell(row[column]) if column < len(row) else "" for name, column in place.items()}
        try:
            label = _label(number, cells)
        except InputError as error:
            column = "label" if not isinstance(error, LimitError) else _COLUMN_OF[str(error.details["limit"])]
            bad.append(RowError(row=number, column=column, value=cells[column][:80], problem=error.message))
            continue
        if label.path in seen:
            problem = f"label {cells['label'][:80]!r} stands in row {seen[label.path]} already."
            bad.append(RowError(row=number, column="label", value=cells["label"][:80], problem=problem))
            continue
        seen[label.path] = number
        good.append(label)
    return tuple(good), tuple(bad)


_COLUMN_OF = {
    "description_characters": "description",
    "external_id_characters": "external_id",
    "title_characters": "title",
}


def _label(number: int, cells: dict[str, str]) -> FileLabel:
    path = parse_path(cells["label"])
    where = f"label {cells['label'][:80]!r}"
    for limit, column in _COLUMN_OF.items():
        LIMITS[limit].check(len(cells.get(column, "")), where)
    return FileLabel(
        row=number,
        path=path,
        instructions=cells.get("description"),
        external_id=cells.get("external_id"),
        title=cells.get("title"),
    )
