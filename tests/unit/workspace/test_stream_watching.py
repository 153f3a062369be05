"""What waits in a stream, what it handed on hour by hour, and whom that is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from tests.contract.messages import batch
from workbench.domain import (
    ALL_PERMISSIONS,
    DatasetId,
    ExceptionFilter,
    Grants,
    MessageFilter,
    Operations,
    PropertyFilter,
    SourceId,
    StreamException,
    StreamId,
    StreamSettings,
    Uid,
)
from workbench.errors import AccessError, UnknownNameError, UnsupportedError
from workbench.settings import Settings
from workbench.workspace.handed_on import HandedOn
from workbench.workspace.opening import OpenedWorkspace, open_workspace

NORTH = MessageFilter(properties=(PropertyFilter(name="string:Team", one_of=("N",)),))
START = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


class Hands:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture(scope="module")
def hands() -> Hands:
    return Hands()


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, hands: Hands) -> Iterator[OpenedWorkspace]:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0, predict_after_s=-1)
    path = tmp_path_factory.mktemp("watching") / "w.duckdb"
    with open_workspace(path, settings=settings, clock=hands) as found:
        yield found


@pytest.fixture
def ops(opened: OpenedWorkspace) -> Operations:
    return opened.operations("ann")


@pytest.fixture
def home(ops: Operations, hands: Hands) -> tuple[DatasetId, SourceId]:
    hands.at = START
    name = f"d{len(ops.datasets())}"
    source_id = ops.create_source("demo", name).source_id
    ops.put_messages(source_id, batch(2), name, 2)
    return ops.create_dataset("demo", name, (source_id,)).dataset_id, source_id


def test_what_waits_and_what_was_handed_on_hour_by_hour(
    opened: OpenedWorkspace, ops: Operations, hands: Hands, home: tuple[DatasetId, SourceId]
) -> None:
    did, source_id = home
    ops.create_stream(did, "north", StreamSettings(where=NORTH))
    fresh = ops.stream_status(did, "north")
    assert (fresh.name, fresh.version, fresh.n_waiting, fresh.oldest_waiting) == ("north", None, 0, None)
    assert (fresh.n_delivered, fresh.last_fetched, fresh.n_exceptions, fresh.webhook) == (0, None, 0, None)
    ops.put_messages(source_id, batch(8, first=10), "more", 8)
    hands.at = START + timedelta(hours=1)
    waiting = ops.stream_status(did, "north")
    assert (waiting.n_waiting, waiting.oldest_waiting) == (4, START)
    first = ops.fetch_stream(did, "north", 3)
    assert ops.stream_status(did, "north") == waiting  # a fetch moves nothing
    ops.advance_stream(did, "north", first.items[0].sequence_id)
    ops.advance_stream(did, "north", first.items[0].sequence_id)  # said again, it counts once
    hands.at = START + timedelta(hours=1, minutes=29)
    ops.advance_stream(did, "north", first.sequence_id)
    hands.at = START + timedelta(hours=3)
    rest = ops.fetch_stream(did, "north").sequence_id
    opened._workspace.handed_on._kept.clear()  # as in an owner that was started since
    ops.advance_stream(did, "north", rest)
    told = ops.stream_status(did, "north")
    assert (told.n_waiting, told.oldest_waiting, told.n_delivered) == (0, None, 4)
    assert told.last_fetched == hands.at
    hour = START.replace(minute=0)
    assert [one for one in told.rates if one[1]] == [
        (hour + timedelta(hours=1), 3),
        (hour + timedelta(hours=3), 1),
    ]
    assert [start for start, _ in told.rates] == [hour + timedelta(hours=3 - n) for n in reversed(range(24))]
    hands.at = START + timedelta(hours=26)
    later = ops.stream_status(did, "north")
    assert ([n for _, n in later.rates if n], later.n_delivered) == ([1], 4)


@pytest.mark.nightly
def test_what_a_reset_brings_back_counts_again_and_a_deleted_stream_forgets(
    ops: Operations, home: tuple[DatasetId, SourceId]
) -> None:
    did, source_id = home
    ops.create_stream(did, "all", StreamSettings())
    ops.put_messages(source_id, batch(3, first=10), "more", 3)
    ops.advance_stream(did, "all", ops.fetch_stream(did, "all").sequence_id)
    ops.reset_stream(did, "all", START)
    told = ops.stream_status(did, "all")
    assert (told.n_waiting, told.n_delivered) == (5, 3)
    ops.advance_stream(did, "all", ops.fetch_stream(did, "all").sequence_id)
    assert ops.stream_status(did, "all").n_delivered == 8
    ops.delete_stream(did, "all")
    ops.create_stream(did, "all", StreamSettings())
    assert ops.stream_status(did, "all").n_delivered == 0


def test_exceptions_are_counted_and_counts_are_not_told_of_what_is_hidden(
    opened: OpenedWorkspace, ops: Operations, home: tuple[DatasetId, SourceId]
) -> None:
    did, source_id = home
    ops.create_stream(did, "north", StreamSettings(where=NORTH))
    uid = Uid(f"{source_id}.m0")
    ops.tag_exceptions(did, "north", (StreamException(uid=uid, type="No Prediction"),))
    assert ops.stream_status(did, "north").n_exceptions == 1
    ops.amend_source(source_id, sensitive_properties=("string:Team",))
    robot = opened.operations("robot", grants=Grants(everywhere=ALL_PERMISSIONS - {"source.read_sensitive"}))
    with pytest.raises(AccessError, match="filter by the sensitive property"):
        robot.stream_status(did, "north")
    with pytest.raises(UnknownNameError, match="unknown stream 'south'"):
        ops.stream_status(did, "south")


# ---- the filter by exceptions --------------------------------------------------------------------


def test_messages_are_found_by_their_exceptions(
    opened: OpenedWorkspace, ops: Operations, home: tuple[DatasetId, SourceId]
) -> None:
    did, source_id = home
    for name in ("refunds", "late"):
        ops.create_stream(did, name, StreamSettings())
    one, two = (Uid(f"{source_id}.m{i}") for i in (0, 1))
    assert ops.count_messages(did, MessageFilter(exceptions=ExceptionFilter())) == 0
    ops.tag_exceptions(did, "refunds", (StreamException(uid=one, type="No Prediction"),))
    ops.tag_exceptions(did, "late", (StreamException(uid=two, type="Wrong Prediction"),))

    def found(**asked: Any) -> list[Uid]:
        where = MessageFilter(exceptions=ExceptionFilter(**asked))
        listed: list[Uid] = sorted(ops.message_uids(did, where)["uid"].to_pylist())
        assert ops.count_messages(did, where) == len(listed)
        return listed

    assert found() == [one, two] and found(tagged=False) == []
    assert found(types=("No Prediction",)) == [one] == found(streams=("refunds",))
    assert found(types=("No Prediction",), streams=("late",)) == [] == found(streams=("gone",))
    assert found(tagged=False, streams=("late",)) == [one]
    # A stream of what another one could not handle.
    ops.create_stream(did, "again", StreamSettings(where=MessageFilter(exceptions=ExceptionFilter())))
    ops.reset_stream(did, "again", datetime(2000, 1, 1, tzinfo=UTC))
    assert [item.message.uid for item in ops.fetch_stream(did, "again").items] == [one, two]
    assert ops.untag_exceptions(did, "late", (two,)) == 1 and found() == [one]
    with pytest.raises(UnsupportedError, match="cannot be counted by 'exceptions': only a dataset knows it"):
        ops.count_in_source(source_id, MessageFilter(exceptions=ExceptionFilter()))


def test_exceptions_do_not_tell_what_a_hidden_property_is(
    opened: OpenedWorkspace, ops: Operations, home: tuple[DatasetId, SourceId]
) -> None:
    did, source_id = home
    ops.create_stream(did, "north", StreamSettings(where=NORTH))
    ops.create_stream(did, "open", StreamSettings())
    again = MessageFilter(exceptions=ExceptionFilter(streams=("north",)))
    ops.create_stream(did, "again", StreamSettings(where=again))
    ops.amend_source(source_id, sensitive_properties=("string:Team",))
    robot = opened.operations("robot", grants=Grants(everywhere=ALL_PERMISSIONS - {"source.read_sensitive"}))
    assert robot.count_messages(did, MessageFilter(exceptions=ExceptionFilter(streams=("open",)))) == 0
    for streams in ((), ("north",), ("again", "open")):
        with pytest.raises(AccessError, match=r"may not filter by exceptions of the stream '(north|again)'"):
            robot.count_messages(did, MessageFilter(exceptions=ExceptionFilter(streams=streams)))
    assert ops.count_messages(did, MessageFilter(exceptions=ExceptionFilter())) == 0


def test_an_advance_counts_what_was_fetched_without_asking_the_filter_again() -> None:
    kept, one = HandedOn(), StreamId("a")
    assert kept.count(one, 0, 5) is None
    kept.put(one, 10, 30, np.array([12, 15, 28], np.int64))
    for position, end, n in (
        (10, 30, 3),
        (10, 12, 1),
        (12, 28, 2),
        (15, 27, 0),
        (9, 30, None),
        (10, 31, None),
    ):
        assert kept.count(one, position, end) == n
    assert kept.count(StreamId("b"), 10, 30) is None
    for i in range(2_000):
        kept.put(StreamId(str(i)), 0, 1, np.array([1], np.int64))
    assert len(kept._kept) <= 1_024
