"""A batch of messages as it comes, made ready to be stored: ids, hashes, typed properties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import pyarrow as pa

from workbench.domain import MESSAGE_SCHEMA, MessageId, SourceId, make_uid, read_properties
from workbench.errors import InputError
from workbench.primitives import hex_digest


@dataclass(frozen=True, kw_only=True)
class PreparedBatch:
    """Rows of ``messages`` as they came, plus ``row``, ``uid``, ``text_hash``, ``content_hash``.

    ``properties`` has one row per property: ``uid``, ``name``, ``string_value``, ``number_value``.
    """

    messages: pa.Table
    properties: pa.Table


def prepare(source_id: SourceId, batch: pa.Table) -> PreparedBatch:
    """Check a batch and compute what is stored with it.

    Raises
    ------
    InputError
        Not the message schema, a message id occurs twice, or properties are not a JSON object of typed keys.
    """
    if not batch.schema.equals(MESSAGE_SCHEMA):
        raise InputError(
            "the batch does not have the message schema.",
            next_step="Cast it to workbench.domain.MESSAGE_SCHEMA.",
            details={"columns": [f"{column.name}: {column.type}" for column in batch.schema]},
        )
    ids = batch.column("message_id").to_pylist()
    _refuse_twice(ids)
    uids = [make_uid(source_id, MessageId(message_id)) for message_id in ids]
    columns = {name: batch.column(name) for name in batch.column_names}
    texts = {name: columns[name].to_pylist() for name in ("subject", "body", "properties")}
    properties = [_read(uid, text) for uid, text in zip(uids, texts["properties"], strict=True)]
    text_hashes = [hex_digest(s, b) for s, b in zip(texts["subject"], texts["body"], strict=True)]
    messages = batch.append_column("row", pa.array(np.arange(batch.num_rows, dtype=np.int64)))
    messages = messages.append_column("uid", pa.array(uids, pa.string()))
    messages = messages.append_column("text_hash", pa.array(text_hashes, pa.string()))
    hashes = _content_hashes(batch, text_hashes, properties)
    messages = messages.append_column("content_hash", pa.array(hashes, pa.string()))
    return PreparedBatch(messages=messages, properties=_property_rows(uids, properties))


def _refuse_twice(ids: list[str]) -> None:
    if len(set(ids)) == len(ids):
        return
    seen: set[str] = set()
    for message_id in ids:
        if message_id in seen:
            raise InputError(
                f"message {message_id[:200]!r} occurs twice in one batch.",
                next_step="Hand each message in once; which of the two is right cannot be known.",
                details={"message_id": message_id[:1024]},
            )
        seen.add(message_id)


def _read(uid: str, text: str) -> dict[str, str | float]:
    try:
        found = read_properties(text)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise InputError(
            f"the properties of message {uid[:200]!r} cannot be read: {error}.",
            next_step="Use a JSON object whose values are strings and numbers.",
            details={"uid": uid[:1100], "value": text[:200]},
        ) from error
    for name, value in found.items():
        kind = "string:" if isinstance(value, str) else "number:"
        if not name.startswith(kind):
            raise InputError(
                f"property {name[:100]!r} of message {uid[:200]!r} has the value {value!r:.100}.",
                next_step=f"Begin the names of such properties with {kind!r}.",
                details={"uid": uid[:1100], "property": name[:200]},
            )
    return found


def _content_hashes(
    batch: pa.Table, text_hashes: list[str], properties: list[dict[str, str | float]]
) -> list[str]:
    # The order of keys in a JSON object says nothing, so it does not make a message "updated".
    canonical = [msgspec.json.encode(found, order="deterministic") for found in properties]
    columns = [
        batch.column("timestamp").cast(pa.int64()).to_pylist(),
        *(batch.column(name).to_pylist() for name in ("thread_id", "signature", "full_text", "sender")),
        *(batch.column(name).to_pylist() for name in ("recipients", "language")),
    ]
    encode = msgspec.json.Encoder().encode
    return [
        hex_digest(text_hash, encode(rest), found)
        for text_hash, found, *rest in zip(text_hashes, canonical, *columns, strict=True)
    ]


def _property_rows(uids: Sequence[str], properties: list[dict[str, str | float]]) -> pa.Table:
    rows = [
        (uid, name, value)
        for uid, found in zip(uids, properties, strict=True)
        for name, value in found.items()
    ]
    return pa.table(
        {
            "uid": pa.array([uid for uid, _, _ in rows], pa.string()),
            "name": pa.array([name for _, name, _ in rows], pa.string()),
            "string_value": pa.array([v if isinstance(v, str) else None for _, _, v in rows], pa.string()),
            "number_value": pa.array([None if isinstance(v, str) else v for _, _, v in rows], pa.float64()),
        }
    )
