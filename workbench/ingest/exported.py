"""Tables of our own export: known by their columns, and their cells as they were before the export wrote them."""

from __future__ import annotations

from collections.abc import Collection

EXPORTED = {
    "id": "message_id",
    "timestamp": "Date",
    "body": "body",
    "subject": "subject",
    "thread_id": "thread_id",
    "sender": "sender",
    "recipients": "recipients",
    "language": "language",
    "signature": "signature",
    "full_text": "full_text",
    "cc": "cc",
    "bcc": "bcc",
    "sent_at": "sent_at",
}
"""Roles of the columns of our own export."""
_LATER = frozenset(("cc", "bcc", "sent_at"))
"""Columns that older exports lack."""
_ONLY_EXPORTED = frozenset(("uid", "source", "annotated", "assigned", "dismissed", "predicted"))
_KNOWN_BY = (_ONLY_EXPORTED | set(EXPORTED.values())) - _LATER
_CUT = "[cut: a cell holds 32,767 characters]"


def is_exported(columns: Collection[str]) -> bool:
    """Whether these are columns of our export; what was added to it does not matter."""
    return set(columns) >= _KNOWN_BY


def is_cut(cell: str) -> bool:
    """Whether the export cut the text, because no cell of a workbook holds more."""
    return cell.endswith(_CUT)
