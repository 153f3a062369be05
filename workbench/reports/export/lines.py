"""Messages as comment objects, one a line: the form in which this field's clients read and write them.

Beside ``comment`` stands ``full_text``, the text as it came, so that an import puts back exactly what was
exported: body and signature are not cut from it again. ``labelling`` holds what people said.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pyarrow as pa

_ENCODE = msgspec.json.Encoder().encode
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def comment_lines(table: pa.Table) -> Iterator[bytes]:
    """One line per row of a piece."""
    columns = {name: table.column(name).to_pylist() for name in table.column_names if name != "timestamp"}
    moments = table.column("timestamp").cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).to_pylist()
    for place, moment in enumerate(moments):
        row = {name: column[place] for name, column in columns.items()}
        yield _ENCODE(_line(row, _EPOCH + timedelta(microseconds=moment))) + b"\n"


def _line(row: dict[str, Any], moment: datetime) -> dict[str, Any]:
    part: dict[str, Any] = {"body": {"text": row["body"]}}
    if row["subject"]:
        part["subject"] = {"text": row["subject"]}
    if row["signature"]:
        part["signature"] = {"text": row["signature"]}
    part |= {
        key: row[name]
        for key, name in (("from", "sender"), ("to", "recipients"), ("language", "language"))
        if row[name]
    }
    comment: dict[str, Any] = {
        "id": row["message_id"],
        "uid": row["uid"],
        "timestamp": moment,
        "messages": [part],
    }
    if row["thread_id"] is not None:
        comment["thread_id"] = row["thread_id"]
    if row["properties"] != "{}":
        comment["user_properties"] = msgspec.Raw(row["properties"].encode())
    line: dict[str, Any] = {"comment": comment, "full_text": row["full_text"]}
    if row["reviewed"] or row["assigned"] or row["dismissed"]:
        line["labelling"] = [
            {
                "group": "default",
                "assigned": [{"name": name} for name in row["assigned"]],
                "dismissed": [{"name": name} for name in row["dismissed"]],
            }
        ]
    return line
