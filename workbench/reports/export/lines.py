"""Messages as comment objects, one a line: the form in which this field's clients read and write them.

Beside ``comment`` stands ``full_text``, the text as it came, so that an import puts back exactly what was
exported: body and signature are not cut from it again. ``in_parts`` is true where the message is stored in parts,
``labelling`` holds what people said, ``thread_properties`` the place in the thread: times in seconds, and an import
passes over it, since the workspace works it out. Of attachments there is what is known of them, not their contents.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pyarrow as pa

from workbench.domain import COMMENT_PROPERTIES

_ENCODE = msgspec.json.Encoder().encode
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


_TIMES = ("timestamp", "sent_at")


_THREAD = {
    "num_messages": "thread_messages",
    "thread_position": "thread_position",
    "duration": "thread_duration_s",
    "response_time": "thread_response_s",
    "first_sender": "thread_first_sender",
}


def comment_lines(table: pa.Table) -> Iterator[bytes]:
    """One line per row of a piece."""
    columns = {
        name: _moments(table.column(name)) if name in _TIMES else table.column(name).to_pylist()
        for name in table.column_names
    }
    for place in range(table.num_rows):
        yield _ENCODE(_line({name: column[place] for name, column in columns.items()})) + b"\n"


def _moments(column: pa.ChunkedArray) -> list[datetime | None]:
    numbers = column.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).to_pylist()
    return [None if number is None else _EPOCH + timedelta(microseconds=number) for number in numbers]


def _part(row: dict[str, Any]) -> dict[str, Any]:
    """The one part of a message that is stored in plain columns."""
    part: dict[str, Any] = {"body": {"text": row["body"]}}
    if row["subject"]:
        part["subject"] = {"text": row["subject"]}
    if row["signature"]:
        part["signature"] = {"text": row["signature"]}
    keys = {
        "from": "sender",
        "to": "recipients",
        "cc": "cc",
        "bcc": "bcc",
        "sent_at": "sent_at",
        "language": "declared_language",
    }
    return part | {key: row[name] for key, name in keys.items() if row[name]}


def _attachment(found: dict[str, Any]) -> dict[str, Any]:
    known = {name: found[name] for name in ("name", "size", "content_type")}
    if found["content_hash"] is not None:
        known["content_hash"] = found["content_hash"]
    return known | {"inline": True} if found["inline"] else known


def _properties(written: str) -> dict[str, Any]:
    """User properties as they were written, and those of their keys that a comment has a place of its own for."""
    if not any(name in written for name in COMMENT_PROPERTIES.values()):
        return {"user_properties": msgspec.Raw(written.encode())}
    properties = msgspec.json.decode(written)
    apart = {key: properties.pop(name) for key, name in COMMENT_PROPERTIES.items() if name in properties}
    return apart | ({"user_properties": properties} if properties else {})


def _assigned(names: list[str], sentiments: list[str | None] | None) -> list[dict[str, str]]:
    """Labels by name, each with its sentiment where the dataset has label sentiment."""
    said = sentiments or [None] * len(names)
    return [
        {"name": name} if one is None else {"name": name, "sentiment": one}
        for name, one in zip(names, said, strict=True)
    ]


def _line(row: dict[str, Any]) -> dict[str, Any]:
    in_parts = row["parts"] is not None
    comment: dict[str, Any] = {
        "id": row["message_id"],
        "uid": row["uid"],
        "timestamp": row["timestamp"],
        "messages": msgspec.Raw(row["parts"].encode()) if in_parts else [_part(row)],
    }
    if row["thread_id"] is not None:
        comment["thread_id"] = row["thread_id"]
    if row["properties"] != "{}":
        comment |= _properties(row["properties"])
    if row["attachments"]:
        comment["attachments"] = [_attachment(found) for found in row["attachments"]]
    line: dict[str, Any] = {"comment": comment, "full_text": row["full_text"]}
    if in_parts:
        line["in_parts"] = True
    if row["reviewed"] or row["assigned"] or row["dismissed"]:
        line["labelling"] = [
            {
                "group": "default",
                "assigned": _assigned(row["assigned"], row.get("sentiments")),
                "dismissed": [{"name": name} for name in row["dismissed"]],
            }
        ]
    if row["thread_messages"] is not None:
        line["thread_properties"] = {key: row[name] for key, name in _THREAD.items() if row[name] is not None}
    return line
