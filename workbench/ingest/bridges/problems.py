"""Words for what another tool's file has and a message cannot have."""

from __future__ import annotations

import json
from typing import Any

from workbench.errors import FileFormatError

SHOWN = 100
"""Characters of an offending value that an error repeats."""


def refusal(place: str, problem: str, value: object, next_step: str) -> FileFormatError:
    """The error for one item: where it stands, what is wrong, the value cut to 100 characters, the next step."""
    said = shown(value)
    return FileFormatError(
        f"{place} {problem}: {said}", next_step=next_step, details={"place": place, "value": said}
    )


def shown(value: object) -> str:
    """A value as an error repeats it: its JSON, ASCII only."""
    if isinstance(value, str):
        return json.dumps(value[:SHOWN])
    if isinstance(value, dict):
        return f"an object with {', '.join(map(repr, map(_cut, list(value)[:5]))) or 'no keys'}"
    if isinstance(value, list):
        return f"a list of {len(value):,}"
    return json.dumps(value)[:SHOWN]


def _cut(key: object) -> str:
    return str(key)[:20].encode("ascii", "backslashreplace").decode()


def object_at(holder: dict[str, Any], key: str, place: str) -> dict[str, Any]:
    """The object under a key; an empty one where the key is missing or null."""
    found = holder.get(key)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise refusal(place, f"has {key!r} that is no object", found, f"Write an object under {key!r}.")
    return found


def list_at(holder: dict[str, Any], key: str, place: str) -> list[Any]:
    """The list under a key; an empty one where the key is missing or null."""
    found = holder.get(key)
    if found is None:
        return []
    if not isinstance(found, list):
        raise refusal(place, f"has {key!r} that is no list", found, f"Write a list under {key!r}.")
    return found


def objects_at(holder: dict[str, Any], key: str, place: str) -> list[dict[str, Any]]:
    """The list of objects under a key."""
    found = list_at(holder, key, place)
    for entry in found:
        if not isinstance(entry, dict):
            raise refusal(
                place, f"has an entry of {key!r} that is no object", entry, f"Write objects in {key!r}."
            )
    return found


def text_at(holder: dict[str, Any], key: str, place: str) -> str:
    """The text under a key.

    Raises
    ------
    FileFormatError
        It is missing, or no text.
    """
    value = holder.get(key)
    if not isinstance(value, str):
        raise refusal(place, f"has no text under {key!r}", value, "Write the text of the message there.")
    return value


def check_text(text: str, place: str) -> None:
    """Refuse what no message can be: nothing but white space, or a damaged text."""
    if not text.strip():
        raise refusal(place, "has an empty text", text, "Take the entry out, or give it its text.")
    if "\0" in text:
        start = max(text.index("\0") - 20, 0)
        raise refusal(
            place,
            "has a NUL character in its text",
            text[start : start + 60],
            "The text is damaged there: correct it, or take the entry out.",
        )


def only_text(fields: dict[str, Any], wanted: str, place: str, room: str) -> str:
    """The key that holds the message: the one named, else ``text``, else the only one with a text.

    Parameters
    ----------
    wanted
        Key that a person named, "" = none.
    room
        What the other tool calls the object that holds the keys.
    """
    if wanted or "text" in fields:
        return wanted or "text"
    texts = [key for key, value in fields.items() if isinstance(value, str)]
    if len(texts) != 1:
        raise refusal(
            place,
            f"has {len(texts)} texts in {room!r}, and none is named 'text'",
            fields,
            "Say which one holds the message: --text NAME.",
        )
    return texts[0]
