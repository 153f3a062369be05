"""Mail files in the upload wizard: told by their content, counted, and what became of them in words."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any

from workbench.domain import MailFile, MailImportReport, Operations, budget_words
from workbench.widgets.elements.data_table import Record
from workbench.widgets.panels.catalog import counted
from workbench.widgets.panels.outcome import MOST_BAD_ROWS

ENDINGS = [".eml", ".msg", ".mbox", ".pst", ".ost", ".tar", ".zip"]
BAD_COLUMNS: list[dict[Any, Any]] = [
    {"key": "place", "title": "Place", "width": 190},
    {"key": "problem", "title": "Problem"},
    {"key": "kept", "title": "Kept", "width": 60},
    {"key": "message_id", "title": "Message id", "width": 90},
]
_KINDS = {
    "eml": "one mail",
    "mbox": "mbox",
    "msg": "Outlook mail",
    "pst": "Outlook folders",
    "archive": "folder of mails",
}
_HEADERS = re.compile(
    rb"\A(?:From [^\r\n]+\r?\n)?(?:Return-Path|Received|Delivered-To|From|To|Subject|Date|Message-ID|MIME-Version"
    rb"|X-[A-Za-z-]+|DKIM-Signature|Content-Type):[ \t]",
    re.IGNORECASE,
)
_OUTLOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP, _ZIP_NAME = b"PK", 30
_OF_WORKBOOKS = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"xl/")
_KIB, _MIB = 1 << 10, 1 << 20


def is_mail(name: str, head: bytes) -> bool:
    """Whether a file is mail rather than a table, by its first bytes, else by the ending of its name."""
    if head.startswith(b"!BDN") or _HEADERS.match(head):
        return True
    low = name.lower().removesuffix(".gz")
    if head.startswith(_ZIP):  # a workbook is a ZIP archive, too: its first entry tells
        return not low.endswith(".xlsx") and not head[_ZIP_NAME:].startswith(_OF_WORKBOOKS)
    return low.endswith(tuple(ENDINGS)) or (head.startswith(_OUTLOOK) and not low.endswith(".xls"))


def size_words(n_bytes: int) -> str:
    """``820 B``, ``3 KiB``, ``1.5 MiB``."""
    if n_bytes < _KIB:
        return f"{n_bytes} B"
    return f"{n_bytes / _KIB:.0f} KiB" if n_bytes < _MIB else f"{n_bytes / _MIB:,.1f} MiB"


def files_html(files: Sequence[MailFile], into: str) -> str:
    """What arrived and where it goes; every text is escaped."""
    rows = "".join(
        f'<p class="wb-file"><b dir="auto">{html.escape(one.name)}</b>'
        f'<span class="wb-status">{_KINDS[one.kind]}, {size_words(one.n_bytes)}</span></p>'
        for one in files
    )
    return rows + f'<p class="wb-status" dir="auto">{html.escape(into)}</p>'


def outcome_html(report: MailImportReport, *, kept_only: bool) -> str:
    """The counts as figures; ``kept_only`` says that no source reads the bucket."""
    n = report.counts
    figures = [
        (report.n_mails, "mails found"),
        (report.n_stored, "new mails"),
        (report.n_known, "known already"),
    ]
    figures += [] if kept_only else [(n.new, "new messages"), (n.updated, "in another thread")]
    figures += [
        (report.n_problems, "without message"),
        (n.units, "units will be charged" if report.dry_run else "units charged"),
    ]
    cells = "".join(f"<div><b>{value:,}</b><span>{noun}</span></div>" for value, noun in figures)
    said = "Nothing is stored yet. The import would make of" if report.dry_run else "Imported:"
    return (
        f'<p class="wb-status" role="status" dir="auto">{said} {html.escape(report.name)}</p>'
        f'<div class="wb-figures">{cells}</div>'
    )


def warnings(report: MailImportReport, *, kept_only: bool) -> list[str]:
    """What to know before agreeing."""
    found = []
    if kept_only:
        found.append(
            "No source reads this bucket: the mail is kept and becomes no message. That costs nothing."
        )
    found += budget_words(report.budgets, report.counts.units)
    if report.n_problems:
        found.append(f"{counted(report.n_problems, 'mail')} will be no message; the list is below.")
    return found


def left_out(operations: Operations, report: MailImportReport) -> tuple[list[Record], str]:
    """The mails without message, and a title that says whether these are all."""
    rows: list[Record] = [
        {
            "place": one.place,
            "problem": one.problem,
            "kept": "yes" if one.kept else "no",
            "message_id": one.message_id,
        }
        for one in report.problems[:MOST_BAD_ROWS]
    ]
    while len(rows) < min(report.n_problems, MOST_BAD_ROWS):
        piece = operations.mail_problems(report.job_id, len(rows)).to_pylist()
        if not piece:
            break
        rows += [one | {"kept": "yes" if one["kept"] else "no"} for one in piece]
    rows = rows[:MOST_BAD_ROWS]
    more = f": the first {len(rows):,} of {report.n_problems:,}" if report.n_problems > len(rows) else ""
    return rows, f"Mails without message{more}"


def caption(report: MailImportReport | None) -> str:
    """What the button of the check says."""
    if report is None:
        return "Check and count"
    return f"Import {counted(report.n_stored, 'mail')} for {counted(report.counts.units, 'unit')}"
