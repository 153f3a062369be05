"""Full messages go in and come out alike, whatever their parts, markup and attachments say."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.stores import AT, DATASET, SOURCE, lay_out, message, uid
from workbench.domain import (
    MESSAGE_EXTRAS,
    MESSAGE_SCHEMA,
    MessagePart,
    PartText,
    read_parts,
    write_parts,
)
from workbench.store import Store

CALM = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FULL = pa.schema([*MESSAGE_SCHEMA, *MESSAGE_EXTRAS])
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
people = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
lists = st.lists(people, max_size=3)
FIRST, LAST = datetime(1970, 1, 1), datetime(2200, 12, 31, 23, 59, 59, 999_999)  # noqa: DTZ001 - no zone wanted
times = st.datetimes(FIRST, LAST, timezones=st.just(UTC))
trees = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
).filter(lambda tree: tree is not None)
markups = st.none() | trees.map(lambda tree: msgspec.json.encode(tree).decode())
part_texts = st.builds(
    PartText,
    text=texts,
    translated_from=st.none() | texts,
    text_markup=markups,
    translated_from_markup=markups,
)
parts = st.builds(
    MessagePart,
    body=part_texts,
    subject=st.none() | part_texts,
    signature=st.none() | part_texts,
    sender=st.none() | people,
    to=lists.map(tuple),
    cc=lists.map(tuple),
    bcc=lists.map(tuple),
    sent_at=st.none() | times,
    language=st.none() | st.just("en"),
)
contents = st.none() | st.binary(max_size=20)
attachments = st.builds(
    lambda name, content, size, hashed, inline: {
        "name": name,
        "size": size if content is None else len(content),
        "content_type": "text/plain",
        "content_hash": hashed,
        "inline": inline,
        "content": content,
    },
    people,
    contents,
    st.integers(0, 2**62),
    st.none() | st.just("declared"),
    st.booleans(),
)
extras = st.fixed_dictionaries(
    {
        "parts": st.none() | st.lists(parts, min_size=1, max_size=3).map(write_parts),
        "cc": st.none() | lists,
        "bcc": st.none() | lists,
        "sent_at": st.none() | times,
        "attachments": st.none() | st.lists(attachments, max_size=3),
    }
)


class Undo(Exception):  # noqa: N818 - leaves a write transaction without committing
    pass


@pytest.fixture(scope="module")
def laid_out() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as name, Store.open(Path(name) / "p.duckdb", n_threads=1) as store:
        with store.write() as session:
            lay_out(session)
        yield store


@given(given_parts=st.lists(parts, min_size=1, max_size=3))
def test_parts_round_trip(given_parts: list[MessagePart]) -> None:
    assert read_parts(write_parts(given_parts)) == tuple(given_parts)


@CALM
@given(rows=st.lists(extras, min_size=1, max_size=3))
def test_full_messages_come_back_unharmed_and_twice_is_once(
    laid_out: Store, rows: list[dict[str, Any]]
) -> None:
    made = [message(f"p{i}", **row) for i, row in enumerate(rows)]
    batch = pa.Table.from_pylist(made, schema=FULL)
    with pytest.raises(Undo), laid_out.write() as session:
        assert session.messages.put(SOURCE, batch, at=AT).counts.new == len(made)
        assert session.messages.put(SOURCE, batch, at=AT).counts.unchanged == len(made)
        found = session.messages.get(DATASET, tuple(uid(row["message_id"]) for row in made))
        for one, row in zip(found, made, strict=True):
            assert one.parts == (read_parts(row["parts"]) if row["parts"] else ())
            assert (one.cc, one.bcc) == (tuple(row["cc"] or ()), tuple(row["bcc"] or ()))
            assert one.sent_at == row["sent_at"]
            for attachment, sent in zip(one.attachments, row["attachments"] or (), strict=True):
                assert (attachment.name, attachment.size) == (sent["name"], sent["size"])
                assert (attachment.inline, attachment.stored) == (
                    sent["inline"],
                    sent["content"] is not None,
                )
                if attachment.stored:
                    content = session.attachments.content(one.uid, attachment.position)
                    assert content == sent["content"]
        raise Undo
