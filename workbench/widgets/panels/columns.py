"""The second step of an import: what each column is, how dates read, and what looks odd."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from workbench.domain import ColumnMapping, DatePreview, FilePreview
from workbench.errors import InputError

LEFT_OUT = ""
REQUIRED = {"id": "Unique id", "timestamp": "Time", "body": "Text"}
_OTHERS = {
    "subject": "Subject",
    "sender": "From",
    "recipients": "To",
    "cc": "Cc",
    "bcc": "Bcc",
    "sent_at": "Sent at",
    "thread_id": "Thread",
    "language": "Language",
    "signature": "Signature",
    "full_text": "Full text",
    "parts": "Parts (JSON)",
    "attachments": "Attachments (JSON)",
}
_PROPERTIES = {"string": "Property: text", "number": "Property: number"}
ROLES: list[dict[str, Any]] = [
    {"key": LEFT_OUT, "title": "Leave out", "many": True},
    *({"key": key, "title": f"{title} *"} for key, title in REQUIRED.items()),
    *({"key": key, "title": title} for key, title in _OTHERS.items()),
    *({"key": key, "title": title, "many": True} for key, title in _PROPERTIES.items()),
]
"""What a column can be; only properties, and columns left out, are as many as you like."""

DATE_ORDERS = [
    ("as the column says", ""),
    ("day first: 31/12/2026", "day"),
    ("month first: 12/31/2026", "month"),
]
"""How dates may be read, as choices."""
DAY_FIRST = {"": None, "day": True, "month": False}

_SAMPLES, _SAMPLE, _DATES = 3, 120, 3
_MARKUP = re.compile(
    r"</?(?:p|div|br|span|html|body|table|a|b|td|font)\b[^>]{0,200}>|&(?:nbsp|amp|lt|gt|quot);", re.IGNORECASE
)
_NOT_DECODED = "\N{REPLACEMENT CHARACTER}"


def column_rows(preview: FilePreview) -> list[dict[str, Any]]:
    """Columns with a few different values each."""
    rows = []
    for place, name in enumerate(preview.columns):
        values = dict.fromkeys(row[place].strip()[:_SAMPLE] for row in preview.rows if row[place].strip())
        rows.append({"name": name, "samples": list(values)[:_SAMPLES]})
    return rows


def guessed_roles(preview: FilePreview) -> dict[str, str]:
    """The guess as a role per column; without one every column is a text property."""
    guess = preview.guess
    if guess is None:
        return dict.fromkeys(preview.columns, "string")
    roles = {name: guess.properties.get(name, LEFT_OUT) for name in preview.columns}
    for role in (*REQUIRED, *_OTHERS):
        column = getattr(guess, role)
        if column in roles:
            roles[column] = role
    return {**roles}


def mapping_of(roles: Mapping[str, str], *, day_first: bool | None, sheet: str | None) -> ColumnMapping:
    """The mapping that the roles say.

    Raises
    ------
    InputError
        No column is the id, the time or the text.
    """
    by_role = {role: name for name, role in roles.items() if role in REQUIRED or role in _OTHERS}
    missing = [title for role, title in REQUIRED.items() if role not in by_role]
    if missing:
        raise InputError(
            f"no column is chosen for: {', '.join(missing)}.", next_step="Choose one in the list of columns."
        )
    chosen: dict[str, Any] = dict(by_role)
    properties: dict[str, Any] = {name: role for name, role in roles.items() if role in _PROPERTIES}
    return ColumnMapping(**chosen, properties=properties, day_first=day_first, sheet=sheet)


def missing_roles(roles: Mapping[str, str]) -> str:
    """What is still to be chosen, in words; empty when nothing is."""
    missing = [title for role, title in REQUIRED.items() if role not in roles.values()]
    return f"Choose a column for: {', '.join(missing)}." if missing else ""


def dates_of(preview: FilePreview, roles: Mapping[str, str]) -> DatePreview | None:
    """How the column of times reads, or that of sending where the first settles nothing.

    None when no such column is chosen, or nothing can be taken two ways.
    """
    chosen = {role: name for name, role in roles.items()}
    for role in ("timestamp", "sent_at"):
        found = next((one for one in preview.dates if one.column == chosen.get(role)), None)
        if found is not None and (found.n_either or found.n_day_first or found.n_month_first):
            return found
    return None


def date_order(guess: ColumnMapping | None) -> str:
    """The choice that a guess stands for."""
    day_first = guess.day_first if guess else None
    return next(order for order, value in DAY_FIRST.items() if value is day_first)


def undecided(dates: DatePreview | None, order: str) -> str:
    """What to decide before the dates can be read, in words; empty when they can."""
    settled = dates is None or order or dates.n_day_first or dates.n_month_first or not dates.n_either
    return "" if settled else "Choose whether day or month comes first."


def dates_html(dates: DatePreview) -> str:
    """Three dates as written and as they would be read; every text is escaped."""
    rows = "".join(
        f"<tr><td>{html.escape(written)}</td><td>{_day(day)}</td><td>{_day(month)}</td></tr>"
        for written, day, month in dates.samples[:_DATES]
    )
    if not rows:
        return ""
    head = "<tr><th>as written</th><th>day first</th><th>month first</th></tr>"
    return f"<table class='wb-dates'><thead>{head}</thead><tbody>{rows}</tbody></table>"


def warnings_of(preview: FilePreview, roles: Mapping[str, str]) -> list[str]:
    """What looks odd in the rows that were looked at; the dry run checks them all."""
    n, found = len(preview.rows), []
    by_role = {role: name for name, role in roles.items()}
    ids, texts = _values(preview, by_role.get("id")), _values(preview, by_role.get("body"))
    twice = [value for value, times in Counter(filter(None, ids)).items() if times > 1]
    if twice:
        found.append(f"The id {twice[0][:60]!r} occurs more than once: is this the right column?")
    n_same = n - len(set(preview.rows))
    if n_same:
        found.append(f"{n_same} of the first {n} rows are the same as another row.")
    n_empty = sum(not text.strip() for text in texts)
    if n_empty:
        found.append(f"{n_empty} of the first {n} texts are empty; such rows are left out.")
    n_marked = sum(bool(_MARKUP.search(text)) for text in texts)
    if n_marked:
        found.append(
            f"{n_marked} of the first {n} texts hold HTML; clean it before the upload where you can."
        )
    if any(_NOT_DECODED in cell for row in preview.rows for cell in row):
        found.append(
            "Some letters could not be read: the file was damaged before, or saved in another encoding."
        )
    hanging = [
        name
        for place, name in enumerate(preview.columns)
        if not any(row[place].strip() for row in preview.rows)
    ]
    if hanging:
        found.append(f"Without a value in the first {n} rows: {_some(hanging)}.")
    if preview.left_out:
        found.append(f"The file holds what a message cannot keep: {_some(list(preview.left_out))}.")
    return found


def warnings_html(warnings: list[str]) -> str:
    """Warnings as a list; every text is escaped."""
    if not warnings:
        return ""
    return f'<ul class="wb-warnings">{"".join(f"<li>{html.escape(one)}</li>" for one in warnings)}</ul>'


def file_html(files: list[FilePreview]) -> str:
    """What was found of the files, in a line; every text is escaped."""
    first = files[0]
    n_rows, n_bytes = sum(one.n_rows for one in files), sum(one.n_bytes for one in files)
    name = first.name if len(files) == 1 else f"{first.name} and {len(files) - 1} more"
    delimiter = {",": "comma", ";": "semicolon", "\t": "tab"}.get(first.delimiter, "")
    facts = [f"{n_rows:,} rows", _size(n_bytes), first.kind.upper(), first.encoding, delimiter]
    said = " · ".join(fact for fact in facts if fact)
    return f'<p class="wb-file"><b>{html.escape(name)}</b> <span class="wb-status">{html.escape(said)}</span></p>'


def _values(preview: FilePreview, column: str | None) -> list[str]:
    if column is None or column not in preview.columns:
        return []
    place = preview.columns.index(column)
    return [row[place] for row in preview.rows]


def _some(names: list[str]) -> str:
    listed = ", ".join(name[:60] for name in names[:5])
    return listed + (f" and {len(names) - 5} more" if len(names) > 5 else "")  # noqa: PLR2004 - the five above


def _day(reading: str) -> str:
    return html.escape(reading[:16].replace("T", " ").removesuffix(" 00:00") or "–")


def _size(n_bytes: int) -> str:
    return f"{n_bytes / (1 << 20):,.1f} MiB" if n_bytes >= 1 << 20 else f"{max(1, n_bytes >> 10):,} KiB"
