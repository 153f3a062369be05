"""What an import would change or has changed, in figures and words."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from workbench.domain import ImportReport, Operations, SyncCounts, budget_words
from workbench.widgets.elements.data_table import Record
from workbench.widgets.panels.catalog import counted

_MOST_LINKS = 4
_OF_REPORT = 1_000
MOST_BAD_ROWS = 100_000
"""As many go to the browser; the operation ``bad_rows`` and ``workbench import --errors`` give them all."""
BAD_COLUMNS: list[dict[Any, Any]] = [
    {"key": "row", "title": "Row", "kind": "number", "width": 70},
    {"key": "column", "title": "Column", "width": 110},
    {"key": "value", "title": "Value", "width": 160},
    {"key": "problem", "title": "Problem"},
]


def summed(reports: Sequence[ImportReport]) -> SyncCounts:
    """The counts of several files together."""
    names = ("new", "updated", "unchanged", "text_modified", "units")
    return SyncCounts(**{name: sum(getattr(one.counts, name) for one in reports) for name in names})


def n_bad(reports: Sequence[ImportReport]) -> int:
    """Rows left out, all files together."""
    return sum(one.n_bad_rows for one in reports)


def bad_words(*, dry: bool) -> str:
    """What the bad rows are called, before it is settled what becomes of them and after."""
    return "rows that cannot be read" if dry else "rows left out"


def left_out(
    operations: Operations, reports: Sequence[ImportReport], *, dry: bool
) -> tuple[list[Record], str]:
    """What is wrong with the bad rows, and a title that says whether this is all: a row may have several errors."""
    listed: list[Record] = []
    n_rows = 0
    for report in reports:
        found = _all_bad_rows(operations, report, MOST_BAD_ROWS + 1 - len(listed))
        n_rows += len({one["row"] for one in found[: MOST_BAD_ROWS - len(listed)]})
        listed += found
    n_all, n_listed = n_bad(reports), min(len(listed), MOST_BAD_ROWS)
    cut = len(listed) > MOST_BAD_ROWS or n_all > n_rows
    more = f": the first {counted(n_listed, 'error')}, in {n_rows:,} of {n_all:,} rows" if cut else ""
    return listed[:MOST_BAD_ROWS], f"{bad_words(dry=dry).capitalize()}{more}"


def _all_bad_rows(operations: Operations, report: ImportReport, n_most: int) -> list[Record]:
    found: list[Record] = [
        {"row": bad.row, "column": bad.column, "value": bad.value, "problem": bad.problem}
        for bad in report.bad_rows
    ]
    while len(found) >= _OF_REPORT and len(found) < n_most:
        piece = operations.bad_rows(report.job_id, len(found)).to_pylist()
        if not piece:
            break
        found += piece
    return found[:n_most]


def figures_html(reports: Sequence[ImportReport], *, dry: bool) -> str:
    """The counts as figures; every text is escaped."""
    n = summed(reports)
    figures = [
        (n.new, "new"),
        (n.updated, "updated"),
        (n.unchanged, "unchanged"),
        (n_bad(reports), bad_words(dry=dry)),
        (n.units, "units will be charged" if dry else "units charged"),
    ]
    cells = "".join(f"<div><b>{value:,}</b><span>{noun}</span></div>" for value, noun in figures)
    files = html.escape(", ".join(one.file_name for one in reports[:3]) + (" …" if len(reports) > 3 else ""))  # noqa: PLR2004
    said = "Nothing is stored yet. The import would make of" if dry else "Imported:"
    return f'<p class="wb-status" role="status">{said} {files}</p><div class="wb-figures">{cells}</div>'


def cautions(reports: Sequence[ImportReport], *, n_files: int) -> list[str]:
    """What to know before agreeing."""
    n, found = summed(reports), []
    if n.updated:
        found.append(
            f"{counted(n.updated, 'stored message')} {'changes' if n.updated == 1 else 'change'}. Where text, people or sent time change, the fields that people "
            "annotated in them are lost in every dataset; labels stay. Pin the model version you rely on first."
        )
    if n_files > 1:
        found.append("An id that occurs in several of the files is counted once per file here.")
    # The last one knows best: what the files before it need is not charged yet, so all is needed together.
    found += budget_words(reports[-1].budgets, n.units)
    bad = n_bad(reports)
    if bad:
        found.append(f"{counted(bad, 'row')} cannot be read; choose below what becomes of them.")
    return found


def next_pages_html(datasets: Sequence[tuple[str, str]], visitor: str) -> str:
    """Links to Discover for datasets given as title and full name, else to where one is created.

    Empty without a ``visitor``: a notebook has no other pages.
    """
    if not visitor:
        return ""
    links = [
        (f"Open {title} in Discover", "discover", {"dataset": name, "user": visitor})
        for title, name in datasets[:_MOST_LINKS]
    ] or [("Create a dataset over this source", "datasets", {"user": visitor})]
    made = " ".join(
        f'<a class="wb-download" dir="auto" href="{app}.ipynb?{html.escape(urlencode(query))}">{html.escape(title)}</a>'
        for title, app, query in links
    )
    return f'<p class="wb-next">{made}</p>'


def csv_link(text: str, name: str, what: str) -> str:
    """A download of a small table."""
    data = base64.b64encode(text.encode()).decode("ascii")
    return (
        f'<a class="wb-download" download="{html.escape(name)}" href="data:text/csv;charset=utf-8;base64,{data}">'
        f"Download the {what} as CSV</a>"
    )
