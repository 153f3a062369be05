"""Comment lines, as the clients of this field and our own export write them, as flat objects.

One line is one message: ``{"comment": {"id", "timestamp", "messages": [{"body": {"text"}, …}], …}, …}``. Several
``messages`` of a comment are joined into one text, as long as a message has one. Our export adds the key
``full_text`` beside ``comment``: the text as it came, before quotes and signature were cut off.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.domain import ColumnMapping, PropertyKind
from workbench.ingest.encoding import Encoding, open_text

_KINDS: tuple[PropertyKind, ...] = ("string", "number")
PROPERTY_PREFIXES = tuple(f"{kind}:" for kind in _KINDS)
_PLAIN = ("id", "timestamp", "body", "subject", "thread_id", "sender", "recipients", "language")
_APART = ("signature", "full_text")
_LINE_CHARACTERS = 4 << 20
_LEFT_OUT = {
    "labelling": "annotations",
    "entities": "general fields",
    "moon_forms": "extractions",
    "audio_path": "recordings",
}


@dataclass(frozen=True, kw_only=True)
class CommentShape:
    """What the lines of a file hold.

    Attributes
    ----------
    columns
        Keys of the flat objects, as far as they occur.
    properties
        Column to type of every user property of the file.
    left_out
        What a message cannot keep, in words.
    """

    columns: tuple[str, ...]
    properties: dict[str, PropertyKind]
    left_out: tuple[str, ...]

    def mapping(self) -> ColumnMapping:
        """The columns are what they say."""
        roles: dict[str, Any] = {name: name for name in (*_PLAIN, *_APART) if name in self.columns}
        required = {name: roles.pop(name, name) for name in ("id", "timestamp", "body")}
        return ColumnMapping(**required, **roles, properties=dict(self.properties))


def is_comment(found: object) -> bool:
    """Whether a decoded line is a comment."""
    return isinstance(found, dict) and isinstance(found.get("comment"), dict)


def flat(found: dict[str, Any]) -> dict[str, Any]:
    """One comment as a flat object; what is absent or of another type stays so, for the reader to report."""
    comment = found.get("comment")
    if not isinstance(comment, dict):
        return {}
    flattened = {name: comment[name] for name in ("id", "timestamp", "thread_id") if name in comment}
    parts = comment.get("messages")
    parts = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    for name in ("body", "signature", "subject"):
        texts = [text for part in parts if (text := _text(part.get(name))) is not None]
        if texts:
            flattened[name] = texts[0] if name == "subject" or len(texts) == 1 else _joined(texts)
    for name, key in (("sender", "from"), ("language", "language")):
        if (value := next((part[key] for part in parts if part.get(key)), None)) is not None:
            flattened[name] = value
    recipients = [entry for part in parts if isinstance(part.get("to"), list) for entry in part["to"]]
    if recipients:
        flattened["recipients"] = recipients
    if "full_text" in found:
        flattened["full_text"] = found["full_text"]
    properties = comment.get("user_properties")
    if isinstance(properties, dict):
        flattened |= {key: value for key, value in properties.items() if key.startswith(PROPERTY_PREFIXES)}
    return flattened


def comment_shape(path: Path, encoding: Encoding) -> CommentShape:
    """Go through a file of comments once; lines that are none are the reader's to report."""
    columns: dict[str, None] = {}
    properties: dict[str, PropertyKind] = {}
    left_out: dict[str, None] = {}
    for found in comment_lines(path, encoding):
        columns.update(dict.fromkeys(flat(found)))
        comment = found["comment"]
        given = comment.get("user_properties")
        for key in given if isinstance(given, dict) else ():
            kind = next((kind for kind in _KINDS if key.startswith(f"{kind}:")), None)
            if kind is None:
                left_out[f"the property {key[:50]!r}"] = None
            else:
                properties[key] = kind
        left_out.update(dict.fromkeys(_cannot_keep(found, comment)))
    return CommentShape(columns=tuple(columns), properties=properties, left_out=tuple(left_out)[:20])


def _cannot_keep(found: dict[str, Any], comment: dict[str, Any]) -> Iterator[str]:
    for key, words in _LEFT_OUT.items():
        if found.get(key):
            yield words
    if comment.get("attachments"):
        yield "attachments"
    parts = comment.get("messages")
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, dict):
            yield from (f"{key} addresses" for key in ("cc", "bcc") if part.get(key))
            if part.get("sent_at"):
                yield "the time a part was sent"
            body = part.get("body")
            if isinstance(body, dict) and (body.get("translated_from") or body.get("text_markup")):
                yield "markup and original of translated texts"
    if isinstance(parts, list) and len(parts) > 1:
        yield "the borders between the parts of a comment (their texts are joined)"


def comment_lines(path: Path, encoding: Encoding) -> Iterator[dict[str, Any]]:
    """The comments of a file, decoded; lines that are none are passed over."""
    with open_text(path, encoding, newline="\n") as stream:
        while True:
            try:
                line = stream.readline(_LINE_CHARACTERS)
            except UnicodeDecodeError:
                return
            if not line:
                return
            try:
                found = json.loads(line.strip(" \t\r\n\ufeff"))
            except (ValueError, RecursionError):
                continue
            if is_comment(found):
                yield found


def _text(value: object) -> Any:
    return value.get("text") if isinstance(value, dict) else value


def _joined(texts: list[Any]) -> Any:
    return "\n\n".join(texts) if all(isinstance(text, str) for text in texts) else texts[0]
