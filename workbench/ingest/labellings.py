"""What people said of the messages of a comment file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.domain import MessageId, format_path, parse_path
from workbench.errors import FileFormatError, LabelPathError
from workbench.ingest.comments import comment_lines
from workbench.ingest.packed import unpack
from workbench.ingest.shape import find_shape


@dataclass(frozen=True, kw_only=True)
class Labelling:
    """Full names of the labels assigned to and dismissed for one message; both may be empty."""

    message_id: MessageId
    assigned: tuple[str, ...]
    dismissed: tuple[str, ...]


def read_labellings(path: Path) -> Iterator[Labelling]:
    """The annotated lines of a comment file, in order; nothing for a file of another kind.

    All groups of a line count together; sentiments are left out. A label named twice in a line, as assigned and as
    dismissed, is assigned.

    Raises
    ------
    FileFormatError
        A label has no name, or one that no label can have.
    """
    source = unpack(path)
    shape = find_shape(source.path)
    if shape.comments is None:
        return
    for found in comment_lines(source.path, shape.encoding):
        groups = found.get("labelling")
        groups = [group for group in groups if isinstance(group, dict)] if isinstance(groups, list) else []
        message_id = found["comment"].get("id")
        if not isinstance(message_id, str) or not any("assigned" in g or "dismissed" in g for g in groups):
            continue
        assigned = _names(groups, "assigned", message_id)
        dismissed = [name for name in _names(groups, "dismissed", message_id) if name not in assigned]
        yield Labelling(
            message_id=MessageId(message_id.strip()), assigned=tuple(assigned), dismissed=tuple(dismissed)
        )


def _names(groups: list[dict[str, Any]], key: str, message_id: str) -> dict[str, None]:
    names: dict[str, None] = {}
    for group in groups:
        for label in group.get(key) or ():
            given = label.get("name") if isinstance(label, dict) else label
            given = " > ".join(map(str, given)) if isinstance(given, list) else given
            try:
                names[format_path(parse_path(given if isinstance(given, str) else ""))] = None
            except LabelPathError as error:
                raise FileFormatError(
                    f"message {message_id[:200]!r} has a label that cannot be: {error.message}",
                    next_step="Correct its name, or import without annotations.",
                    details={"message_id": message_id[:1024], "label": str(given)[:200]},
                ) from None
    return names
