"""Messages at full fidelity in the store: parts, copies, attachments, limits, what an update changes."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from tests.stores import AT, DATASET, SOURCE, batch, message, uid
from workbench.domain import (
    MESSAGE_EXTRAS,
    MESSAGE_SCHEMA,
    MESSAGE_TIMES,
    Attachment,
    MessagePart,
    PartText,
    SyncCounts,
    write_parts,
)
from workbench.errors import InputError, LimitError
from workbench.store import PutOutcome, Store, prepare

TICK = timedelta(microseconds=1)
FULL = pa.schema([*MESSAGE_SCHEMA, *MESSAGE_EXTRAS])
PART = MessagePart(body=PartText(text="hello", translated_from="hallo"), sender="a@b", language="en")
SLIP = b"%PDF slip"
HASH = hashlib.sha256(SLIP).hexdigest()


def attachment(**values: Any) -> dict[str, Any]:
    fixed = {"name": "slip.pdf", "size": len(SLIP), "content_type": ".pdf", "content_hash": None}
    return {**fixed, "inline": False, "content": SLIP, **values}


def full(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=FULL)


def put(store: Store, *rows: dict[str, Any]) -> PutOutcome:
    with store.write() as session:
        return session.messages.put(SOURCE, full(*rows), at=AT)


def n_blobs(store: Store) -> int:
    return store.sql("SELECT count(*) AS n FROM blob", limit=1, limit_s=10).column("n")[0].as_py()


def test_everything_comes_back(store: Store) -> None:
    row = message("1", cc=["c@d"], bcc=["e@f", "g@h"], sent_at=AT, parts=write_parts((PART, PART)))
    put(store, row | {"attachments": [attachment(), attachment(name="logo", inline=True, content=None)]})
    with store.read() as session:
        (found,) = session.messages.get(DATASET, (uid("1"),))
    assert (found.cc, found.bcc, found.sent_at) == (("c@d",), ("e@f", "g@h"), AT)
    assert found.parts == found.all_parts == (PART, PART)
    assert found.attachments == (
        Attachment(position=0, name="slip.pdf", size=9, content_type=".pdf", content_hash=HASH, stored=True),
        Attachment(position=1, name="logo", size=9, content_type=".pdf", inline=True),
    )


def test_a_plain_message_has_one_part(store: Store) -> None:
    put(store, message("1", subject="s", signature="x", sender="a@b", recipients=["c@d"], cc=["e@f"]))
    with store.read() as session:
        (found,) = session.messages.get(DATASET, (uid("1"),))
    assert found.parts == ()
    assert found.all_parts == (
        MessagePart(
            body=PartText(text="body of 1"),
            subject=PartText(text="s"),
            signature=PartText(text="x"),
            sender="a@b",
            to=("c@d",),
            cc=("e@f",),
            language="en",
        ),
    )


def test_plain_and_full_batches_are_the_same_to_a_plain_message(store: Store) -> None:
    put(store, message("1"))
    with store.write() as session:
        assert session.messages.put(SOURCE, batch(message("1")), at=AT).counts == SyncCounts(unchanged=1)
    assert put(store, message("1", cc=[], attachments=[])).counts == SyncCounts(unchanged=1)


def test_extras_go_when_they_are_no_longer_said(store: Store) -> None:
    put(store, message("1", cc=["c@d"], parts=write_parts((PART,)), attachments=[attachment()]))
    assert n_blobs(store) == 1
    with store.write() as session:
        assert session.messages.put(SOURCE, batch(message("1")), at=AT).counts == SyncCounts(updated=1)
        (found,) = session.messages.get(DATASET, (uid("1"),))
    assert (found.cc, found.parts, found.attachments) == ((), (), ())
    assert n_blobs(store) == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("parts", write_parts((PART,))),
        ("cc", ["x@y"]),
        ("bcc", ["x@y"]),
        ("sent_at", AT),
        ("sender", "x@y"),
        ("recipients", ["x@y"]),
        ("language", "de"),
        ("signature", "x"),
        ("subject", "x"),
        ("body", "x"),
        ("full_text", "x"),
    ],
)
def test_what_is_inside_a_message_rewrites_it(store: Store, name: str, value: object) -> None:
    put(store, message("1"), message("2"))
    outcome = put(store, message("1", **{name: value}), message("2"))
    assert outcome.rewritten == (uid("1"),)
    is_text = name in ("subject", "body", "full_text")
    assert (outcome.counts.updated, outcome.counts.text_modified) == (1, int(is_text))
    assert outcome.charged.num_rows == int(is_text)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timestamp", AT + timedelta(days=1)),
        ("thread_id", "t"),
        ("properties", '{"string:a":"b"}'),
        ("attachments", [attachment()]),
    ],
)
def test_what_stands_beside_a_message_does_not_rewrite_it(store: Store, name: str, value: object) -> None:
    put(store, message("1"))
    outcome = put(store, message("1", **{name: value}))
    assert (outcome.rewritten, outcome.counts) == ((), SyncCounts(updated=1))


def test_equal_contents_are_stored_once_and_go_with_the_last_user(store: Store) -> None:
    put(store, message("1", attachments=[attachment()]), message("2", attachments=[attachment(name="b")]))
    put(store, message("3", attachments=[attachment()]))
    assert n_blobs(store) == 1
    put(store, message("1"), message("2"))
    assert n_blobs(store) == 1
    put(store, message("3", attachments=[attachment(content=b"other", size=5)]))
    with store.read() as session:
        assert session.attachments.content(uid("3"), 0) == b"other"
    assert n_blobs(store) == 1


def test_content_stays_when_only_its_description_comes_again(store: Store) -> None:
    put(store, message("1", attachments=[attachment()]), message("2", attachments=[attachment()]))
    put(store, message("1", attachments=[attachment(name="new.pdf", content=None, content_hash=HASH)]))
    with store.read() as session:
        assert session.attachments.content(uid("1"), 0) == SLIP
    # Knowing a hash opens no content of another message.
    put(store, message("4", attachments=[attachment(content=None, content_hash=HASH)]))
    with store.read() as session:
        with pytest.raises(InputError, match=r"content of attachment 'slip\.pdf' is not stored"):
            session.attachments.content(uid("4"), 0)
        with pytest.raises(InputError, match="the message has no attachment 3"):
            session.attachments.content(uid("4"), 3)


def test_the_same_attachments_again_change_nothing(store: Store) -> None:
    row = message("1", attachments=[attachment()], cc=["a@b"], sent_at=AT)
    put(store, row)
    assert put(store, row).counts == SyncCounts(unchanged=1)


def test_a_content_that_comes_after_its_description_is_stored(store: Store) -> None:
    described = [attachment(content=None, content_hash=HASH), attachment(content=None, content_hash="own")]
    put(store, message("1", attachments=described), message("2", attachments=described[:1]))
    assert n_blobs(store) == 0
    came = put(
        store, message("1", attachments=[attachment(), described[1]]), message("2", attachments=described[:1])
    )
    assert came.counts == SyncCounts(unchanged=2)
    with store.read() as session:
        assert session.attachments.content(uid("1"), 0) == SLIP
        with pytest.raises(InputError, match="is not stored"):
            session.attachments.content(uid("2"), 0)
    # a hash that is not that of the content says nothing of it: the message is another one
    other = [described[0], attachment(content_hash="own")]
    assert put(store, message("1", attachments=other)).counts == SyncCounts(updated=1)
    with store.read() as session:
        assert [session.attachments.content(uid("1"), place) for place in (0, 1)] == [SLIP, SLIP]
    # from here on its description, as an export has it, is the same message, and another content is another one
    described[1] = attachment(content=None, content_hash="own")
    for same in (described, other):
        assert put(store, message("1", attachments=same)).counts == SyncCounts(unchanged=1)
    another = [described[0], attachment(content=b"other", size=5, content_hash="own")]
    assert put(store, message("1", attachments=another)).counts == SyncCounts(updated=1)
    another = [described[0], attachment(content=b"OTHER", size=5, content_hash="own")]
    assert put(store, message("1", attachments=another)).counts == SyncCounts(updated=1)
    with store.read() as session:
        assert session.attachments.content(uid("1"), 1) == b"OTHER"


LONG = "x" * 513
REFUSED = {
    "message_id_characters": {"message_id": "m" * 1025},
    "text_characters": {"body": "x" * 65_537},
    "sender_characters": {"sender": LONG},
    "recipients": {"recipients": ["a@b"] * 2049},
    "recipient_characters": {"recipients": ["a@b", LONG]},
    "cc": {"cc": ["a@b"] * 2049},
    "cc_characters": {"cc": ["a@b", LONG]},
    "bcc": {"bcc": ["a@b"] * 2049},
    "bcc_characters": {"bcc": [""]},
    "language_characters": {"language": "pt-BR-xyz"},
    "attachments_per_message": {"attachments": [attachment()] * 129},
    "attachment_name_characters": {"attachments": [attachment(name="n" * 257)]},
    "attachment_type_characters": {"attachments": [attachment(content_type="n" * 257)]},
    "parts_per_message": {"parts": write_parts((PART,) * 2049)},
}


@pytest.mark.parametrize("limit", REFUSED)
def test_a_batch_beyond_a_limit_is_refused_whole(store: Store, limit: str) -> None:
    row = message("bad") | REFUSED[limit]
    with pytest.raises(LimitError) as caught:
        put(store, message("good"), row)
    assert caught.value.details["limit"] == limit
    assert f"message {row['message_id'][:200]!r}" in caught.value.message
    with store.read() as session:
        assert session.messages.get(DATASET, (uid("good"),)) == ()


@pytest.mark.parametrize(
    ("limit", "part"),
    [
        ("text_characters", MessagePart(body=PartText(text="x" * 65_537))),
        ("text_characters", MessagePart(body=PartText(text="", translated_from="x" * 65_537))),
        ("text_characters", MessagePart(body=PartText(text=""), signature=PartText(text="x" * 65_537))),
        ("sender_characters", MessagePart(body=PartText(text=""), sender="")),
        ("recipient_characters", MessagePart(body=PartText(text=""), to=(LONG,))),
        ("cc", MessagePart(body=PartText(text=""), cc=("a@b",) * 2049)),
        ("bcc_characters", MessagePart(body=PartText(text=""), bcc=(LONG,))),
        ("language_characters", MessagePart(body=PartText(text=""), language="much too long")),
    ],
)
def test_parts_keep_the_limits_too(limit: str, part: MessagePart) -> None:
    with pytest.raises(LimitError, match="message 'p'") as caught:
        prepare(SOURCE, full(message("p", parts=write_parts((PART, part)))))
    assert caught.value.details["limit"] == limit


def test_the_columns_of_a_message_with_parts_may_be_longer() -> None:
    parts = (MessagePart(body=PartText(text="x" * 40_000)),) * 2
    made = prepare(SOURCE, full(message("p", body="x" * 80_002, parts=write_parts(parts)), message("q")))
    assert made.messages.num_rows == 2
    with pytest.raises(LimitError, match="message 'q'"):
        prepare(SOURCE, full(message("p", parts=write_parts(parts)), message("q", body="x" * 80_002)))


def test_large_contents_are_refused_by_the_setting() -> None:
    with pytest.raises(LimitError, match="an attachment of 9 bytes; contents of at most 8"):
        prepare(SOURCE, full(message("1", attachments=[attachment()])), attachment_max_bytes=8)
    prepare(SOURCE, full(message("1", attachments=[attachment()])), attachment_max_bytes=0)


@pytest.mark.parametrize("values", [{"size": -1, "content": None}, {"size": 8}])
def test_sizes_that_cannot_be(values: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"attachment 'slip\.pdf' of -?\d bytes"):
        prepare(SOURCE, full(message("1", attachments=[attachment(**values)])))


@pytest.mark.parametrize("message_id", ["a b", "a/b", "ä", "a\n"])
def test_ids_are_printable_ascii(message_id: str) -> None:
    with pytest.raises(InputError, match="cannot be the id of a message"):
        prepare(SOURCE, full(message(message_id)))


def test_blank_properties_are_dropped(store: Store) -> None:
    put(store, message("1", properties='{"string:a":" ","string:b":"c","number:n":0}'))
    with store.read() as session:
        (found,) = session.messages.get(DATASET, (uid("1"),))
    assert found.properties == {"string:b": "c", "number:n": 0.0}


@pytest.mark.parametrize(
    "columns",
    [
        [pa.field("more", pa.string())],
        [pa.field("cc", pa.string())],
        [MESSAGE_EXTRAS.field("cc"), MESSAGE_EXTRAS.field("cc")],
    ],
)
def test_other_columns_are_refused(columns: list[pa.Field]) -> None:
    table = batch(message("1"))
    for column in columns:
        table = table.append_column(column, pa.nulls(1, column.type))
    with pytest.raises(InputError, match="message schema"):
        prepare(SOURCE, table)


@pytest.mark.parametrize(
    ("name", "time", "fragment"),
    [
        ("timestamp", MESSAGE_TIMES[0] - TICK, "timestamp that lies before 1970: 1969-12-31T23:59:59.999999"),
        ("sent_at", MESSAGE_TIMES[1], "sent_at that lies after the year 2200: 2201-01-01"),
    ],
)
def test_a_time_out_of_range_is_refused_by_name(
    store: Store, name: str, time: datetime, fragment: str
) -> None:
    with pytest.raises(InputError, match=f"message '2' has a {fragment}") as caught:
        put(store, message("1"), message("2", **{name: time}))
    assert "1970 to 2200" in str(caught.value)
    if name == "sent_at":
        part = write_parts((PART, replace(PART, sent_at=time)))
        with pytest.raises(InputError, match=f"message '2' has a {fragment}"):
            put(store, message("1"), message("2", parts=part))


def test_times_at_the_ends_are_kept_and_those_no_clock_has_are_named(store: Store) -> None:
    first, last = MESSAGE_TIMES[0], MESSAGE_TIMES[1] - TICK
    put(store, message("1", timestamp=first, sent_at=last))
    with store.read() as session:
        (found,) = session.messages.get(DATASET, (uid("1"),))
    assert (found.timestamp, found.sent_at) == (first, last)
    far = full(message("1"))
    far = far.set_column(far.schema.get_field_index("timestamp"), far.schema.field("timestamp"),
                         pa.array([2**62], pa.int64()).cast(pa.timestamp("us", tz="UTC")))  # fmt: skip
    with pytest.raises(InputError, match="4,611,686,018,427,387,904 microseconds since 1970"):
        prepare(SOURCE, far)
