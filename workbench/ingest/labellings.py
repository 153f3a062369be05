"""What people said of the messages of a comment file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from workbench.domain import MessageId, Sentiment, format_path, parse_path
from workbench.errors import FileFormatError, LabelPathError
from workbench.ingest.comments import comment_lines
from workbench.ingest.packed import unpack
from workbench.ingest.shape import find_shape


@dataclass(frozen=True, kw_only=True)
class Labelling:
    """Full names of the labels assigned to and dismissed for one message; both may be empty.

    ``sentiments`` has those that the file says of assigned labels.
    """

    message_id: MessageId
    assigned: tuple[str, ...]
    dismissed: tuple[str, ...]
    sentiments: dict[str, Sentiment] = field(default_factory=dict)


def read_labellings(path: Path, *, has_sentiment: bool = False) -> Iterator[Labelling]:
    """The annotated lines of a comment file, in order; nothing for a file of another kind.

    All groups of a line count together. A label named twice in a line, as assigned and as dismissed, is assigned;
    of two sentiments the last one counts.

    Raises
    ------
    FileFormatError
        A label has no name, or one that no label can have, or a sentiment that is none; with ``has_sentiment`` also
        an assigned label without one, unless it lies above another.
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
        if has_sentiment:
            _check_said(assigned, message_id)
        dismissed = [name for name in _names(groups, "dismissed", message_id) if name not in assigned]
        yield Labelling(
            message_id=MessageId(message_id.strip()),
            assigned=tuple(assigned),
            dismissed=tuple(dismissed),
            sentiments={name: said for name, said in assigned.items() if said is not None},
        )


def _check_said(assigned: dict[str, Sentiment | None], message_id: str) -> None:
    for name, said in assigned.items():
        if said is None and not any(other.startswith(f"{name} > ") for other in assigned):
            raise FileFormatError(
                f"message {message_id[:200]!r} has label {name!r} without a sentiment, and the dataset has label "
                "sentiment.",
                next_step="Write 'positive' or 'negative' beside each label, or import without annotations.",
                details={"message_id": message_id[:1024], "label": name},
            )


def _names(groups: list[dict[str, Any]], key: str, message_id: str) -> dict[str, Sentiment | None]:
    """Full names, each with the sentiment that stands beside it."""
    names: dict[str, Sentiment | None] = {}
    for group in groups:
        for label in group.get(key) or ():
            given = label.get("name") if isinstance(label, dict) else label
            given = " > ".join(map(str, given)) if isinstance(given, list) else given
            said = label.get("sentiment") if isinstance(label, dict) else None
            try:
                name = format_path(parse_path(given if isinstance(given, str) else ""))
            except LabelPathError as error:
                raise FileFormatError(
                    f"message {message_id[:200]!r} has a label that cannot be: {error.message}",
                    next_step="Correct its name, or import without annotations.",
                    details={"message_id": message_id[:1024], "label": str(given)[:200]},
                ) from None
            if said is not None and said not in get_args(Sentiment):
                raise FileFormatError(
                    f"message {message_id[:200]!r} has label {name!r} with the sentiment {str(said)[:80]!r}.",
                    next_step="Write 'positive' or 'negative', or import without annotations.",
                    details={"message_id": message_id[:1024], "label": name, "sentiment": str(said)[:200]},
                )
            names[name] = said if said is not None else names.get(name)
    return names
