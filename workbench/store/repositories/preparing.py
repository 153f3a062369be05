"""A batch of messages as it comes, made ready to be stored: checks, ids, hashes, typed properties, files."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workbench.domain import (
    LIMITS,
    MESSAGE_EXTRAS,
    MESSAGE_SCHEMA,
    MessageId,
    SourceId,
    check_parts,
    make_uid,
    read_parts,
    read_properties,
)
from workbench.errors import InputError
from workbench.store.repositories.attachments import read_attachments
from workbench.store.repositories.checking import check_columns

_DIGITS = 32
_KEPT_EXTRAS = ("parts", "cc", "bcc", "sent_at")


@dataclass(frozen=True, kw_only=True)
class PreparedBatch:
    """Rows of ``messages`` as they came, plus ``row``, ``uid``, ``text_hash``, ``content_hash``, ``n_attachments``.

    ``properties`` has one row per property: ``uid``, ``name``, ``string_value``, ``number_value``;
    ``attachments`` one per file, ``contents`` their bytes by SHA-256. ``came`` is what the messages of a masked
    source came with; None where nothing was masked.
    """

    messages: pa.Table
    properties: pa.Table
    attachments: list[dict[str, Any]] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)
    came: PreparedBatch | None = None

    def files_of(self, uids: Container[str]) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
        """Attachments of some of the messages, and the contents they have."""
        rows = [one for one in self.attachments if one["uid"] in uids]
        used = {one["blob_hash"] for one in rows}
        return rows, {key: content for key, content in self.contents.items() if key in used}


def prepare(
    source_id: SourceId, batch: pa.Table, *, attachment_max_bytes: int | None = None
) -> PreparedBatch:
    """Check a batch and compute what is stored with it.

    Parameters
    ----------
    batch
        ``MESSAGE_SCHEMA``, then any of the columns of ``MESSAGE_EXTRAS``.
    attachment_max_bytes
        Largest content of an attachment, None = the default, 0 = no limit.

    Raises
    ------
    InputError
        Not the message schema, a message id occurs twice, properties are not a JSON object of typed keys, or
        parts or attachments cannot be read.
    LimitError
        A message goes beyond a limit.
    """
    _check_schema(batch)
    check_columns(batch)
    ids = batch.column("message_id").to_pylist()
    _refuse_twice(ids)
    uids = [make_uid(source_id, MessageId(message_id)) for message_id in ids]
    properties = _properties(uids, batch.column("properties"))
    batch = properties.without_blanks(batch)
    texts = [batch.column(name).to_pylist() for name in ("subject", "body")]
    text_hashes = [_digest(s.encode(), b.encode()) for s, b in zip(*texts, strict=True)]
    extras, attachments, contents = _extras(batch, uids)
    for content in contents.values():
        LIMITS["attachment_bytes"].check(len(content), "a message", most=attachment_max_bytes)
    hashes = _content_hashes(batch, text_hashes, properties, extras)
    messages = batch.select(MESSAGE_SCHEMA.names)
    for name, kind, values in (
        ("row", pa.int64(), np.arange(batch.num_rows, dtype=np.int64)),
        ("uid", pa.string(), uids),
        ("text_hash", pa.string(), text_hashes),
        ("content_hash", pa.string(), hashes),
        ("n_attachments", pa.int32(), _n_attachments(uids, attachments)),
    ):
        messages = messages.append_column(name, pa.array(values, kind))
    for name in _KEPT_EXTRAS:
        kind = MESSAGE_EXTRAS.field(name).type
        there = batch.column(name) if name in batch.column_names else pa.nulls(batch.num_rows, kind)
        messages = messages.append_column(name, there)
    return PreparedBatch(
        messages=messages,
        properties=properties.rows(pa.array(uids, pa.string())),
        attachments=attachments,
        contents=contents,
    )


def _digest(*parts: bytes) -> str:
    """As ``hex_digest``, in one update: half the time on texts of ordinary length."""
    framed = b"".join(piece for part in parts for piece in (len(part).to_bytes(8, "big"), part))
    return hashlib.sha256(framed).hexdigest()[:_DIGITS]


def _check_schema(batch: pa.Table) -> None:
    n_plain = len(MESSAGE_SCHEMA)
    columns, known = list(batch.schema), list(MESSAGE_EXTRAS)
    more = columns[n_plain:]
    if (
        not pa.schema(columns[:n_plain]).equals(MESSAGE_SCHEMA)
        or any(column not in known for column in more)
        or len({column.name for column in more}) < len(more)
    ):
        raise InputError(
            "the batch does not have the message schema.",
            next_step="Cast it to workbench.domain.MESSAGE_SCHEMA; only columns of MESSAGE_EXTRAS may follow.",
            details={"columns": [f"{column.name}: {column.type}" for column in batch.schema]},
        )


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


@dataclass(frozen=True, kw_only=True)
class _Properties:
    """Each different properties object of a batch once, and which rows have it.

    Attributes
    ----------
    which
        int64, (n_messages,): place in ``distinct`` per message.
    canonical
        The objects as JSON with sorted keys: the order of keys says nothing, so it makes no message "updated".
    texts
        The objects as they are stored, when blank values were dropped from some; empty = as they came.
    """

    which: NDArray[np.int64]
    distinct: list[dict[str, str | float]]
    canonical: list[bytes]
    texts: list[str]

    def without_blanks(self, batch: pa.Table) -> pa.Table:
        """The batch without properties whose value is a blank text: they say nothing."""
        if not self.texts:
            return batch
        place = batch.schema.get_field_index("properties")
        rewritten = pa.array(self.texts, pa.string()).take(pa.array(self.which))
        return batch.set_column(place, batch.schema.field(place), rewritten)

    def rows(self, uids: pa.Array) -> pa.Table:
        """One row per property: uid, name, string_value, number_value; by message, in the order of its object."""
        counts = np.array([len(found) for found in self.distinct], dtype=np.int64)
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]]) if len(counts) else counts
        items = [item for found in self.distinct for item in found.items()]
        per_message = counts[self.which]
        message = np.repeat(np.arange(len(self.which)), per_message)
        first = np.repeat(np.cumsum(per_message) - per_message, per_message)
        item = pa.array(starts[self.which][message] + np.arange(len(message)) - first)
        columns = {
            "name": pa.array([name for name, _ in items], pa.string()),
            "string_value": pa.array([v if isinstance(v, str) else None for _, v in items], pa.string()),
            "number_value": pa.array([None if isinstance(v, str) else v for _, v in items], pa.float64()),
        }
        taken = {name: column.take(item) for name, column in columns.items()}
        return pa.table({"uid": uids.take(pa.array(message)), **taken})


def _properties(uids: Sequence[str], column: pa.ChunkedArray) -> _Properties:
    coded = column.combine_chunks().dictionary_encode()
    which = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    _, first = np.unique(which, return_index=True)
    texts = coded.dictionary.to_pylist()
    distinct = [_read(uids[place], text) for place, text in zip(first.tolist(), texts, strict=True)]
    encode = msgspec.json.Encoder(order="deterministic").encode
    n_blank = sum(map(_drop_blanks, distinct))
    return _Properties(
        which=which,
        distinct=distinct,
        canonical=[encode(found) for found in distinct],
        texts=[msgspec.json.encode(found).decode() for found in distinct] if n_blank else [],
    )


def _drop_blanks(found: dict[str, str | float]) -> int:
    """Remove blank texts; how many there were."""
    blank = [name for name, value in found.items() if isinstance(value, str) and not value.strip()]
    for name in blank:
        del found[name]
    return len(blank)


def _extras(
    batch: pa.Table, uids: Sequence[str]
) -> tuple[dict[int, list[Any]], list[dict[str, Any]], dict[str, bytes]]:
    """What rows have beyond the plain columns, by row; rows of files; contents of files."""
    named = [name for name in MESSAGE_EXTRAS.names if name in batch.column_names]
    found: dict[int, list[Any]] = {}
    files: list[dict[str, Any]] = []
    contents: dict[str, bytes] = {}
    # Most batches have none of it, and most messages of the others too.
    for name in named:
        column = batch.column(name)
        empty = pc.is_null(column)
        if pa.types.is_list(column.type):
            empty = pc.fill_null(pc.equal(pc.list_value_length(column), 0), fill_value=True)
        rows = pc.indices_nonzero(pc.invert(empty)).to_pylist()
        for row, value in zip(rows, column.take(rows).to_pylist() if rows else (), strict=True):
            said = value
            if name == "parts":
                check_parts(f"message {uids[row].partition('.')[2][:200]!r}", read_parts(value))
            elif name == "sent_at":
                said = column[row].value
            elif name == "attachments":
                came, added = read_attachments(uids[row], value)
                said = [one | {"blob_hash": None} for one in came]  # the same with its content and without it
                files += came
                contents |= added
            found.setdefault(row, []).append([name, said])
    return found, files, contents


def _n_attachments(uids: Sequence[str], attachments: list[dict[str, Any]]) -> np.ndarray:
    counts = np.zeros(len(uids), dtype=np.int32)
    if attachments:
        places = {uid: row for row, uid in enumerate(uids)}
        np.add.at(counts, [places[one["uid"]] for one in attachments], 1)
    return counts


def _content_hashes(
    batch: pa.Table,
    text_hashes: list[str],
    properties: _Properties,
    extras: dict[int, list[Any]],
) -> list[str]:
    canonical = [properties.canonical[place] for place in properties.which.tolist()]
    columns = [
        batch.column("timestamp").cast(pa.int64()).to_pylist(),
        *(batch.column(name).to_pylist() for name in ("thread_id", "signature", "full_text", "sender")),
        *(batch.column(name).to_pylist() for name in ("recipients", "language")),
    ]
    encode = msgspec.json.Encoder().encode
    hashes = [
        _digest(text_hash.encode(), encode(rest), found)
        for text_hash, found, *rest in zip(text_hashes, canonical, *columns, strict=True)
    ]
    for row, more in extras.items():
        hashes[row] = _digest(hashes[row].encode(), encode(more))
    return hashes
