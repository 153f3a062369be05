"""Comment lines as the bridges see them: what people said, the text that is shown, and the rest of the line.

A line is ``{"comment": {...}, "labelling": [...], ...}``, as our export writes it and an import reads it. Nothing here
changes the line that it is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.domain import ancestors, format_path, parse_path
from workbench.errors import LabelPathError
from workbench.ingest.bridges.problems import objects_at, refusal

Line = dict[str, Any]


@dataclass(frozen=True)
class Said:
    """What a person said of one message: full names of labels, each once."""

    assigned: tuple[str, ...] = ()
    dismissed: tuple[str, ...] = ()

    def same(self, other: Said | None) -> bool:
        """Whether both say the same, in whatever order; a label that is assigned stands for those above it too."""
        return (
            other is not None
            and _closed(self.assigned) == _closed(other.assigned)
            and set(self.dismissed) == set(other.dismissed)
        )


def _closed(names: tuple[str, ...]) -> set[str]:
    """The labels and all above them."""
    paths = [parse_path(name) for name in names]
    return {format_path(one) for path in paths for one in (*ancestors(path), path)}


def same(first: Said | None, second: Said | None) -> bool:
    """Whether both say the same; None = nothing was said."""
    return second is None if first is None else first.same(second)


def label_name(given: object, place: str) -> str:
    """A label as we name it, ``A > B``.

    Raises
    ------
    FileFormatError
        No label can have this name.
    """
    given = " > ".join(map(str, given)) if isinstance(given, list) else given
    try:
        return format_path(parse_path(given if isinstance(given, str) else ""))
    except LabelPathError as error:
        raise refusal(
            place, f"has a label that cannot be ({error.message.rstrip('.')})", given, error.next_step
        ) from None


def said_of(line: Line, place: str) -> Said | None:
    """What the line says of its labels, all groups together; None where nobody said anything.

    An assigned label that is dismissed too counts as assigned, as in an import.
    """
    groups = objects_at(line, "labelling", place)
    if not any("assigned" in group or "dismissed" in group for group in groups):
        return None
    assigned, dismissed = (_names(groups, key, place) for key in ("assigned", "dismissed"))
    return Said(tuple(assigned), tuple(name for name in dismissed if name not in assigned))


def _names(groups: list[Line], key: str, place: str) -> dict[str, Any]:
    """Names to labels as they stand in the line."""
    found: dict[str, Any] = {}
    for group in groups:
        entries = group.get(key)
        if not isinstance(entries, list | None):
            raise refusal(place, f"has {key!r} that is no list", entries, "Write a list of labels.")
        for label in entries or ():
            name = label_name(label.get("name") if isinstance(label, dict) else label, place)
            found[name] = label if isinstance(label, dict) else {"name": name}
    return found


def relabelled(line: Line, said: Said, place: str) -> Line:
    """The line with other labels; those that stay keep their sentiment."""
    groups = objects_at(line, "labelling", place)
    assigned, dismissed = (_names(groups, key, place) for key in ("assigned", "dismissed"))
    group = {
        "group": "default",
        "assigned": [assigned.get(name, {"name": name}) for name in said.assigned],
        "dismissed": [dismissed.get(name, {"name": name}) for name in said.dismissed],
    }
    return line | {"labelling": [group]}


def shown_text(line: Line, place: str) -> str:
    """What people read in the other tool: subject and body of every part, blank lines between them."""
    return "\n\n".join(text for part in _parts(line, place) for text in _texts(part, place))


def _parts(line: Line, place: str) -> list[Line]:
    comment = line.get("comment") if isinstance(line, dict) else None
    if not isinstance(comment, dict):
        raise refusal(
            place, "is no comment", line, "Write comment lines, as 'workbench export' does with .jsonl."
        )
    parts = objects_at(comment, "messages", place)
    if not parts:
        raise refusal(
            place,
            "has no text under 'messages'",
            comment,
            "Write whole comments; lines with annotations only have no text to show.",
        )
    return parts


def _texts(part: Line, place: str) -> list[str]:
    texts = [value.get("text") for key in ("subject", "body") if isinstance(value := part.get(key), dict)]
    if not texts or not isinstance(part.get("body"), dict) or not all(isinstance(one, str) for one in texts):
        raise refusal(
            place, "has a message without a text under 'body'", part, "Write {'body': {'text': ...}}."
        )
    return [one for one in texts if isinstance(one, str) and one]


def without_text(line: Line, place: str) -> tuple[Line, list[str]]:
    """The line without what ``shown_text`` says word for word, and the names of the places it stood in."""
    text = shown_text(line, place)
    parts = _parts(line, place)
    places = []
    if len(parts) == 1 and parts[0]["body"]["text"] == text and "subject" not in parts[0]:
        body = {key: value for key, value in parts[0]["body"].items() if key != "text"}
        line = line | {"comment": line["comment"] | {"messages": [parts[0] | {"body": body}]}}
        places.append("body")
        if line.get("full_text") == text:
            line = {key: value for key, value in line.items() if key != "full_text"}
            places.append("full_text")
    return line, places


def with_text(line: Line, places: list[str], text: str) -> Line:
    """The reverse of ``without_text``."""
    if "body" in places:
        (part,) = line["comment"]["messages"]
        body = part["body"] | {"text": text}
        line = line | {"comment": line["comment"] | {"messages": [part | {"body": body}]}}
    return line | {"full_text": text} if "full_text" in places else line


def without_property(line: Line, name: str) -> Line:
    """The line without one user property."""
    properties = line["comment"].get("user_properties")
    if not isinstance(properties, dict) or name not in properties:
        return line
    left = {key: value for key, value in properties.items() if key != name}
    comment = {key: value for key, value in line["comment"].items() if key != "user_properties"}
    return line | {"comment": comment | ({"user_properties": left} if left else {})}


def with_property(line: Line, name: str, value: str) -> Line:
    """The line with one user property more."""
    properties = line["comment"].get("user_properties")
    known = properties if isinstance(properties, dict) else {}
    return line | {"comment": line["comment"] | {"user_properties": known | {name: value}}}
