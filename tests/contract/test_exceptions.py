"""Exceptions of streams by every way in: tagged, counted, listed, taken off, gone with what they are of."""

from __future__ import annotations

import pytest

from tests.contract.messages import batch
from workbench.domain import (
    DatasetId,
    ExceptionTotal,
    MessageChoice,
    MessageFilter,
    MessageId,
    Operations,
    StreamException,
    StreamSettings,
    TagCounts,
    Uid,
)
from workbench.errors import InputError, LimitError, UnknownNameError

WRONG, NONE = "Wrong <b>Prediction", "No Prediction"


@pytest.fixture
def dataset_id(operations: Operations) -> DatasetId:
    source = operations.create_source("demo", "mail")
    operations.put_messages(source.source_id, batch(8), "first", 8)
    made = operations.create_dataset("demo", "support", (source.source_id,)).dataset_id
    operations.create_stream(made, "refunds", StreamSettings())
    return made


def uids_of(operations: Operations, dataset_id: DatasetId) -> list[Uid]:
    found: list[Uid] = operations.message_uids(dataset_id, MessageFilter())["uid"].to_pylist()
    return found


def tagged(kind: str, *uids: Uid, **metadata: str) -> tuple[StreamException, ...]:
    return tuple(StreamException(uid=uid, type=kind, metadata=metadata) for uid in uids)


def test_exceptions_from_tagging_to_their_end(operations: Operations, dataset_id: DatasetId) -> None:
    uids = uids_of(operations, dataset_id)
    first = tagged(NONE, *uids[:3], robot="r1")
    assert operations.tag_exceptions(dataset_id, "refunds", first) == TagCounts(new=3)
    before = operations.stream_exceptions(dataset_id, "refunds").to_pylist()
    assert operations.tag_exceptions(dataset_id, "refunds", first) == TagCounts(unchanged=3)
    assert operations.stream_exceptions(dataset_id, "refunds").to_pylist() == before
    again = (*first[:1], *tagged(WRONG, uids[1], uids[4]))
    assert operations.tag_exceptions(dataset_id, "refunds", again) == TagCounts(new=1, updated=1, unchanged=1)

    rows = operations.stream_exceptions(dataset_id, "refunds").to_pylist()
    assert {row["uid"]: (row["type"], row["metadata"]) for row in rows} == {
        uids[0]: (NONE, '{"robot":"r1"}'),
        uids[1]: (WRONG, "{}"),
        uids[2]: (NONE, '{"robot":"r1"}'),
        uids[4]: (WRONG, "{}"),
    }
    assert [row["tagged_at"] for row in rows] == sorted((row["tagged_at"] for row in rows), reverse=True)
    pieces = [operations.stream_exceptions(dataset_id, "refunds", n, 3).to_pylist() for n in (0, 3, 4)]
    assert pieces == [rows[:3], rows[3:], []]

    totals = operations.exception_totals(dataset_id)
    assert [(one.stream, one.type, one.n) for one in totals] == [("refunds", NONE, 2), ("refunds", WRONG, 2)]
    assert {type(one) for one in totals} == {ExceptionTotal}
    assert totals[1].newest_at == rows[0]["tagged_at"]

    assert operations.untag_exceptions(dataset_id, "refunds", (uids[0], uids[0], uids[7])) == 1
    assert operations.untag_exceptions(dataset_id, "refunds", (uids[0],)) == 0
    assert len(operations.stream_exceptions(dataset_id, "refunds")) == 3
    log = [one["action"] for one in operations.audit_table().to_pylist() if "exceptions" in one["action"]]
    assert log == [
        "tag_exceptions",
        "tag_exceptions",
        "untag_exceptions",
    ]  # what changes nothing is not written down


def test_all_are_tagged_or_none(operations: Operations, dataset_id: DatasetId) -> None:
    uids = uids_of(operations, dataset_id)
    other = operations.create_source("demo", "chat")
    operations.put_messages(other.source_id, batch(1, first=100), "chat", 1)
    outside = Uid(f"{other.source_id}.m100")
    with pytest.raises(UnknownNameError, match=f"unknown message '{outside}'"):
        operations.tag_exceptions(dataset_id, "refunds", tagged(NONE, uids[0], outside))
    with pytest.raises(InputError, match=f"the message '{uids[0]}' is named twice"):
        operations.tag_exceptions(dataset_id, "refunds", tagged(NONE, uids[0], uids[0]))
    with pytest.raises(LimitError, match="stream 'refunds' was given 1,025 exceptions at once"):
        operations.tag_exceptions(dataset_id, "refunds", tagged(NONE, *(Uid(f"a.{i}") for i in range(1_025))))
    with pytest.raises(LimitError, match="stream 'refunds' was given 1,025 exceptions at once"):
        operations.untag_exceptions(dataset_id, "refunds", tuple(Uid(f"a.{i}") for i in range(1_025)))
    with pytest.raises(InputError, match="65,537 exceptions after the first 0 cannot be given"):
        operations.stream_exceptions(dataset_id, "refunds", 0, 65_537)
    with pytest.raises(UnknownNameError, match="unknown stream 'refund'"):
        operations.tag_exceptions(dataset_id, "refund", tagged(NONE, uids[0]))
    assert operations.tag_exceptions(dataset_id, "refunds", ()) == TagCounts()
    assert operations.exception_totals(dataset_id) == ()


def test_exceptions_go_with_message_stream_and_dataset(operations: Operations, dataset_id: DatasetId) -> None:
    uids = uids_of(operations, dataset_id)
    operations.create_stream(dataset_id, "other", StreamSettings())
    for name in ("refunds", "other"):
        operations.tag_exceptions(dataset_id, name, tagged(NONE, *uids[:4]))
    message_id = MessageId(uids[0].partition(".")[2])
    operations.delete_messages(
        operations.sources()[0].source_id, MessageChoice(message_ids=(message_id,)), "delete"
    )
    assert [one.n for one in operations.exception_totals(dataset_id)] == [3, 3]
    settings = operations.stream(dataset_id, "other").settings
    operations.amend_stream(dataset_id, "other", settings)  # what a stream is told to be takes none away
    assert [one.n for one in operations.exception_totals(dataset_id)] == [3, 3]
    operations.delete_stream(dataset_id, "other")
    left = "SELECT stream_id, uid FROM stream_exception"
    assert operations.sql(left).num_rows == 3
    operations.create_stream(dataset_id, "other", StreamSettings())
    assert operations.stream_exceptions(dataset_id, "other").num_rows == 0
    operations.delete_dataset(dataset_id, "demo/support")
    assert operations.sql(left).num_rows == 0
