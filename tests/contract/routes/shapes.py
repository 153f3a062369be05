"""Shapes of replies, held exactly: every key that is owed, of its type, and no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

Shape = Any
"""A type, a value, a check, a list of one shape, or a dict of shapes; a key ending in ``?`` may be missing."""


def moment(value: Any) -> bool:
    """A time with an offset."""
    return isinstance(value, str) and datetime.fromisoformat(value).utcoffset() is not None


def hex_id(value: Any) -> bool:
    """16 hex digits."""
    return isinstance(value, str) and len(value) == 16 and not value.strip("0123456789abcdef")


def number(value: Any) -> bool:
    """A number, whole or not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def probability(value: Any) -> bool:
    """From 0 to 1."""
    return number(value) and 0 <= value <= 1


def one_of(*values: Any) -> Callable[[Any], bool]:
    """One of some values."""
    return lambda value: value in values


def maybe(shape: Shape) -> Callable[[Any], bool]:
    """Null, or of a shape."""

    def check(value: Any) -> bool:
        if value is not None:
            check_shape(value, shape)
        return True

    return check


def some(shape: Shape) -> Callable[[Any], bool]:
    """A list with something in it."""

    def check(value: Any) -> bool:
        check_shape(value, [shape])
        return bool(value)

    return check


def mapping(shape: Shape) -> Callable[[Any], bool]:
    """An object with any keys."""

    def check(value: Any) -> bool:
        check_shape(list(value.values()), [shape])
        return isinstance(value, dict)

    return check


def check_shape(value: Any, shape: Shape, where: str = "reply") -> None:
    """Fail, naming the place, where a value is not of a shape."""
    if isinstance(shape, dict):
        assert isinstance(value, dict), f"{where} is no object: {value!r}"
        owed = {key for key in shape if not key.endswith("?")}
        known = {key.rstrip("?") for key in shape}
        assert owed <= set(value) <= known, f"{where} has {sorted(value)}, owed {sorted(shape)}"
        for key, inner in shape.items():
            if (name := key.rstrip("?")) in value:
                check_shape(value[name], inner, f"{where}.{name}")
    elif isinstance(shape, list):
        assert isinstance(value, list), f"{where} is no list: {value!r}"
        for at, one in enumerate(value):
            for inner in shape:
                check_shape(one, inner, f"{where}[{at}]")
    elif isinstance(shape, type):
        is_it = isinstance(value, shape) and (shape is bool or not isinstance(value, bool))
        assert is_it, f"{where} is no {shape.__name__}: {value!r}"
    elif callable(shape):
        assert shape(value), f"{where} is not as owed: {value!r}"
    else:
        assert value == shape, f"{where} is {value!r}, owed {shape!r}"


OK = {"status": "ok"}
TURN = {
    "body": {"text": str, "text_markup?": dict},
    "subject?": {"text": str},
    "from?": str,
    "to?": [str],
    "cc?": [str],
    "sent_at?": moment,
    "signature?": {"text": str},
    "language?": str,
}
FILE = {
    "name": str,
    "size": int,
    "content_type": str,
    "attachment_reference?": str,
    "content_hash?": str,
}
COMMENT = {
    "id": str,
    "uid": str,
    "source_id": hex_id,
    "timestamp": moment,
    "created_at": moment,
    "last_modified": moment,
    "messages": some(TURN),
    "user_properties": dict,
    "thread_id?": str,
    "attachments?": [FILE],
    "has_annotations?": bool,
}
LABEL = {"name": str, "sentiment": one_of("positive", "negative")}
PREDICTED = {"name": some(str), "probability": probability}
ANNOTATED = {
    "comment": COMMENT,
    "labelling": [{"group": "default", "assigned": [LABEL], "dismissed": [LABEL], "predicted?": [PREDICTED]}],
    "entities": {"assigned": [], "dismissed": []},
    "thread_properties?": {
        "num_messages": int,
        "duration": number,
        "thread_position": int,
        "response_time?": number,
        "first_sender?": str,
    },
    "model_version?": int,
}
