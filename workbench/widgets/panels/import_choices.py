"""What the wizard lets a person choose of an import: whether texts are cleaned, and what becomes of bad rows."""

from __future__ import annotations

from collections.abc import Collection

from workbench.domain import Source
from workbench.widgets.panels.catalog import counted

CLEAN = "Remove signatures and quoted history from texts of several lines (the whole text is kept beside)"
BAD_ROWS = (("leave them out and import the rest", "skip"), ("import nothing", "refuse"))
"""What can become of a file some of whose rows cannot be read."""

_NO_MAIL = frozenset(("chat", "review", "survey"))
_TAKEN_APART = frozenset(("signature", "full_text"))


def cleans(source: Source | None) -> bool:
    """Whether texts of a source are cleaned unless somebody chooses: all but those of kinds that are no mail."""
    return source is None or source.kind not in _NO_MAIL


def is_cleanable(roles: Collection[str]) -> bool:
    """Whether cleaning does anything: texts that were taken apart before are stored as they stand."""
    return not _TAKEN_APART.intersection(roles)


def undecided_rows(choice: str | None, n_bad: int) -> str:
    """Why an import does not go on because of its bad rows; empty when it does."""
    if not n_bad or choice == "skip":
        return ""
    if choice is None:
        return f"Choose what becomes of the {counted(n_bad, 'row')} that cannot be read."
    return "Nothing is imported. Correct these rows in the file, then go back and upload it again."
