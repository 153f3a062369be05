"""Comment lines, as the clients of this field and our own export write them, as flat objects.

One line is one message: ``{"comment": {"id", "timestamp", "messages": [{"body": {"text"}, …}], …}, …}``. One plain
part becomes plain columns; several, or one with translations or layout, or in Markdown, stand in the column ``parts``
too. ``text_format`` and ``context`` become properties (``COMMENT_PROPERTIES``). Our export adds two keys beside ``comment``: ``full_text``, the text as it came, before quotes and signature were cut
off, and ``in_parts``, true where the message is stored in parts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from workbench.domain import COMMENT_PROPERTIES, ColumnMapping, PropertyKind
from workbench.ingest.encoding import Encoding, open_text

_KINDS: tuple[PropertyKind, ...] = ("string", "number")
PROPERTY_PREFIXES = tuple(f"{kind}:" for kind in _KINDS)
ROLES = (
    "id",
    "timestamp",
    "body",
    "subject",
    "thread_id",
    "sender",
    "recipients",
    "language",
    "signature",
    "full_text",
    "cc",
    "bcc",
    "sent_at",
    "parts",
    "attachments",
)
"""What a column can be beside a user property; a comment as a flat object has these keys."""
_MORE = ("translated_from", "text_markup", "translated_from_markup")
LINE_CHARACTERS = 64 << 20
"""Longest line: twice the longest text that is kept as it came."""
_LEFT_OUT = {
    "labelling": "annotations",
    "entities": "general fields",
    "moon_forms": "extractions",
    "audio_path": "recordings",
}
_PLAIN = (None, "", "plain")


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
    as_is
        Every line is of our export: its message stands there as it was stored.
    """

    columns: tuple[str, ...]
    properties: dict[str, PropertyKind]
    left_out: tuple[str, ...]
    as_is: bool = False

    def mapping(self) -> ColumnMapping:
        """The columns are what they say."""
        roles: dict[str, Any] = {name: name for name in ROLES if name in self.columns}
        required = {name: roles.pop(name, name) for name in ("id", "timestamp", "body")}
        return ColumnMapping(**required, **roles, properties=dict(self.properties))


def is_comment(found: object) -> bool:
    """Whether a decoded line is a comment."""
    return isinstance(found, dict) and isinstance(found.get("comment"), dict)


def flat(found: dict[str, Any], line: str) -> dict[str, Any]:
    """One comment as a flat object; what is absent or of another type stays so, for the reader to report.

    ``line`` is the text that ``found`` was read from: layout trees are kept byte for byte.
    """
    comment = found.get("comment")
    if not isinstance(comment, dict):
        return {}
    flattened = {name: comment[name] for name in ("id", "timestamp", "thread_id") if name in comment}
    given = comment.get("messages")
    parts = [part for part in given if isinstance(part, dict)] if isinstance(given, list) else []
    if isinstance(given, list) and given and _in_parts(found, given):
        flattened["parts"] = _as_written(line, "messages", given)
    flattened |= _plain(parts)
    if comment.get("attachments"):
        flattened["attachments"] = _as_written(line, "attachments", comment["attachments"])
    if "full_text" in found:
        flattened["full_text"] = found["full_text"]
    properties = comment.get("user_properties")
    if isinstance(properties, dict):
        flattened |= {key: value for key, value in properties.items() if key.startswith(PROPERTY_PREFIXES)}
    return flattened | {name: comment[key] for key, name in COMMENT_PROPERTIES.items() if _says(comment, key)}


def _says(comment: dict[str, Any], key: str) -> bool:
    value = comment.get(key)
    return not isinstance(value, str | None) or value not in _PLAIN


def _plain(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """What all parts say together: texts joined, the first sender, language and time, all addresses."""
    flattened: dict[str, Any] = {}
    for name in ("body", "signature", "subject"):
        texts = [text for part in parts if (text := _text(part.get(name))) is not None]
        if texts:
            flattened[name] = texts[0] if name == "subject" or len(texts) == 1 else _joined(texts)
    for name, key in (("sender", "from"), ("language", "language"), ("sent_at", "sent_at")):
        if (value := next((part[key] for part in parts if part.get(key)), None)) is not None:
            flattened[name] = value
    for name, key in (("recipients", "to"), ("cc", "cc"), ("bcc", "bcc")):
        if addresses := [entry for part in parts if isinstance(part.get(key), list) for entry in part[key]]:
            flattened[name] = addresses
    return flattened


def _in_parts(found: dict[str, Any], parts: list[Any]) -> bool:
    """Whether plain columns do not say it all."""
    if len(parts) != 1 or found.get("in_parts") is True:
        return True
    if "full_text" not in found and _says(found["comment"], "text_format"):
        return True  # written otherwise than mail, so not to be cleaned as such
    part = parts[0] if isinstance(parts[0], dict) else {}
    texts = (part.get(name) for name in ("body", "subject", "signature"))
    return any(text.get(key) is not None for text in texts if isinstance(text, dict) for key in _MORE)


class _Comment(msgspec.Struct):
    messages: msgspec.Raw = msgspec.Raw(b"[]")
    attachments: msgspec.Raw = msgspec.Raw(b"[]")


class _Line(msgspec.Struct):
    comment: _Comment


_line = msgspec.json.Decoder(_Line)


def _as_written(line: str, key: str, value: object) -> str:
    """A value of a comment as the line has it; written anew when only the more lenient reader takes the line."""
    try:
        return bytes(getattr(_line.decode(line).comment, key)).decode()
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return json.dumps(value)


def comment_shape(path: Path, encoding: Encoding) -> CommentShape:
    """Go through a file of comments once; lines that are none are the reader's to report."""
    columns: dict[str, None] = {}
    properties: dict[str, PropertyKind] = {}
    left_out: dict[str, None] = {}
    is_ours = True
    for found, line in _lines(path, encoding):
        columns.update(dict.fromkeys(flat(found, line)))
        is_ours = is_ours and "full_text" in found
        comment = found["comment"]
        given = comment.get("user_properties")
        for key in given if isinstance(given, dict) else ():
            kind = next((kind for kind in _KINDS if key.startswith(f"{kind}:")), None)
            if kind is None:
                left_out[f"the property {key[:50]!r}"] = None
            else:
                properties[key] = kind
        properties |= {name: "string" for key, name in COMMENT_PROPERTIES.items() if _says(comment, key)}
        left_out.update(dict.fromkeys(words for key, words in _LEFT_OUT.items() if found.get(key)))
    return CommentShape(
        columns=tuple(columns), properties=properties, left_out=tuple(left_out)[:20], as_is=is_ours
    )


def comment_lines(path: Path, encoding: Encoding) -> Iterator[dict[str, Any]]:
    """The comments of a file, decoded; lines that are none are passed over."""
    for found, _ in _lines(path, encoding):
        yield found


def _lines(path: Path, encoding: Encoding) -> Iterator[tuple[dict[str, Any], str]]:
    with open_text(path, encoding, newline="\n") as stream:
        while True:
            try:
                line = stream.readline(LINE_CHARACTERS)
            except UnicodeDecodeError:
                return
            if not line:
                return
            text = line.strip(" \t\r\n\ufeff")
            try:
                found = json.loads(text)
            except (ValueError, RecursionError):
                continue
            if is_comment(found):
                yield found, text


def _text(value: object) -> Any:
    return value.get("text") if isinstance(value, dict) else value


def _joined(texts: list[Any]) -> Any:
    return "\n\n".join(texts) if all(isinstance(text, str) for text in texts) else texts[0]
