"""Streams as queues: what comes, in which order, what moves them, and what waits for predictions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.contract.messages import batch
from tests.unit.workspace.test_streaming import Bench
from workbench.domain import (
    ALL_PERMISSIONS,
    Grants,
    MessageChoice,
    MessageFilter,
    MessageId,
    PropertyFilter,
    SourceId,
    StreamBatch,
    StreamSettings,
)
from workbench.errors import AccessError, InputError, UnknownNameError
from workbench.settings import Settings
from workbench.workspace.opening import OpenedWorkspace, open_workspace
from workbench.workspace.predicting import CatchingUp

NORTH = MessageFilter(properties=(PropertyFilter(name="string:Team", one_of=("N",)),))
PAST = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenedWorkspace]:
    """One workspace for all; each test has a source and a dataset of its own."""
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0, predict_after_s=-1)
    with open_workspace(tmp_path_factory.mktemp("queues") / "q.duckdb", settings=settings) as found:
        yield found


@pytest.fixture
def bench(opened: OpenedWorkspace) -> Bench:
    operations = opened.operations("ann")
    name = f"d{len(operations.datasets())}"
    source_id = operations.create_source("demo", name).source_id
    operations.put_messages(source_id, batch(10), name, 10)
    did = operations.create_dataset("demo", name, (source_id,)).dataset_id
    uids = operations.message_uids(did, MessageFilter())["uid"].to_pylist()
    made = Bench(opened=opened, operations=operations, dataset_id=did, uids=uids)
    for label in ("Refund", "Delivery > Late"):
        operations.create_label(did, label)
    made.labels = {label.name: label.label_id for label in operations.labels(did)}
    made.add_version(1, {uids[0]: (0.9, 0.7, 0.2), uids[1]: (1.0, 0.99, 0.0)})
    return made


def source_of(bench: Bench) -> SourceId:
    return SourceId(bench.uids[0].partition(".")[0])


def ids(found: StreamBatch) -> list[str]:
    return [one.message.message_id for one in found.items]


def put(bench: Bench, n: int, first: int, suffix: str = "") -> None:
    source_id = source_of(bench)
    name = f"{source_id} {first}{suffix}"
    bench.operations.put_messages(source_id, batch(n, first=first, suffix=suffix), name, n)


def test_a_stream_begins_when_it_is_made_and_fetching_moves_nothing(bench: Bench) -> None:
    ops, did = bench.operations, bench.dataset_id
    ops.create_stream(did, "all", StreamSettings())
    empty = ops.fetch_stream(did, "all")
    assert (empty.items, empty.n_filtered, empty.is_end, empty.version) == ((), 0, True, None)
    put(bench, 5, 10)
    first = ops.fetch_stream(did, "all", 3)
    assert ids(first) == ["m10", "m11", "m12"] and not first.is_end
    assert first == ops.fetch_stream(did, "all", 3)
    assert first.sequence_id == first.items[-1].sequence_id
    where = ops.stream_position(did, "all")
    assert (where.n_behind, where.n_resets, where.moved_by) == (5, 0, "ann")
    assert where.behind_since == first.items[0].message.created_at


@pytest.mark.nightly  # the property says it of any sequence
def test_advancing_takes_any_id_and_never_goes_back(bench: Bench) -> None:
    ops, did = bench.operations, bench.dataset_id
    ops.create_stream(did, "all", StreamSettings())
    put(bench, 6, 10)
    found = ops.fetch_stream(did, "all", 4)
    told = ops.advance_stream(did, "all", found.items[1].sequence_id)
    assert told.sequence_id == found.items[1].sequence_id and told.n_behind == 4
    assert ids(ops.fetch_stream(did, "all", 2)) == ["m12", "m13"]
    assert ops.advance_stream(did, "all", found.sequence_id) == ops.advance_stream(
        did, "all", found.items[0].sequence_id
    )
    rest = ops.fetch_stream(did, "all")
    assert ids(rest) == ["m14", "m15"] and rest.is_end
    done = ops.advance_stream(did, "all", rest.sequence_id)
    assert (done.n_behind, done.behind_since) == (0, None)
    assert ops.fetch_stream(did, "all").sequence_id == rest.sequence_id


def test_filtered_messages_are_counted_covered_and_limited(bench: Bench) -> None:
    ops, did = bench.operations, bench.dataset_id
    ops.create_stream(did, "north", StreamSettings(where=NORTH))
    put(bench, 8, 10)
    found = ops.fetch_stream(did, "north")
    assert (ids(found), found.n_filtered, found.is_end) == (["m10", "m12", "m14", "m16"], 4, True)
    assert found.sequence_id != found.items[-1].sequence_id  # it covers the last one, which is filtered
    some = ops.fetch_stream(did, "north", 2)
    assert (ids(some), some.n_filtered, some.is_end) == (["m10", "m12"], 1, False)
    few = ops.fetch_stream(did, "north", 10, 1)
    assert (ids(few), few.n_filtered, few.is_end) == (["m10", "m12"], 1, False)
    ops.advance_stream(did, "north", found.sequence_id)
    assert ops.stream_position(did, "north").n_behind == 0
    # Of nothing but filtered messages a batch is empty, and still goes on.
    ops.amend_stream(did, "north", StreamSettings(where=MessageFilter(uids=())))
    put(bench, 5, 20)
    none = ops.fetch_stream(did, "north", 10, 2)
    assert (ids(none), none.n_filtered, none.is_end) == ([], 2, False)
    assert ops.advance_stream(did, "north", none.sequence_id).n_behind == 3


def test_a_reset_goes_by_the_time_of_storing_and_ends_older_ids(bench: Bench) -> None:
    ops, did = bench.operations, bench.dataset_id
    ops.create_stream(did, "all", StreamSettings())
    put(bench, 2, 10)
    before = ops.fetch_stream(did, "all")
    assert before.items[0].message.created_at is not None
    told = ops.reset_stream(did, "all", before.items[0].message.created_at)
    assert told.n_resets == 1
    again = ops.fetch_stream(did, "all")
    assert ids(again) == ["m10", "m11"]  # what was stored at that very time comes
    with pytest.raises(InputError, match="is from before the stream was reset"):
        ops.advance_stream(did, "all", before.sequence_id)
    ops.reset_stream(did, "all", before.items[0].message.created_at + timedelta(microseconds=1))
    assert ops.fetch_stream(did, "all").items == ()
    ops.reset_stream(did, "all", PAST.replace(tzinfo=None))  # without an offset: UTC
    assert len(ops.fetch_stream(did, "all").items) == 12
    ops.reset_stream(did, "all", datetime(2999, 1, 1, tzinfo=UTC))
    assert ops.fetch_stream(did, "all").items == ()
    log = [one["details"] for one in ops.audit_table().to_pylist() if one["action"] == "reset_stream"]
    assert "2999-01-01T00:00:00+00:00" in log[-1]


def test_a_message_waits_for_the_prediction_of_the_version_that_is_held(bench: Bench) -> None:
    ops, did = bench.operations, bench.dataset_id
    ops.create_stream(did, "refunds", bench.settings(1, Refund=0.8))
    ops.reset_stream(did, "refunds", PAST)
    found = ops.fetch_stream(did, "refunds")  # version 1 knows the first two of ten
    assert (ids(found), found.is_end, found.awaits_predictions) == (["m0", "m1"], False, True)
    assert [[label.name for label in one.prediction.labels] for one in found.items] == [["Refund"]] * 2
    assert found.version == 1
    ops.advance_stream(did, "refunds", found.sequence_id)
    still = ops.fetch_stream(did, "refunds")
    assert (still.items, still.n_filtered, still.is_end, still.awaits_predictions) == ((), 0, False, True)
    assert still.sequence_id == found.sequence_id
    # What does not pass before the one that waits is passed over; the one that waits is not.
    ops.amend_stream(did, "refunds", StreamSettings(version=1, where=MessageFilter(uids=(bench.uids[5],))))
    over = ops.fetch_stream(did, "refunds")
    assert (over.items, over.n_filtered, over.awaits_predictions) == ((), 3, True)


def test_a_stream_that_waits_asks_for_what_its_version_has_not_predicted(bench: Bench) -> None:
    ops, did = bench.operations, bench.dataset_id
    ops.create_stream(did, "refunds", bench.settings(1))
    bench.add_version(2, dict.fromkeys(bench.uids, (0.5, 0.5, 0.5)))  # the newest knows all
    ops.reset_stream(did, "refunds", PAST)
    after = ops.wait_events(0, 0.0).last_seq
    assert ops.fetch_stream(did, "refunds").awaits_predictions
    (event,) = ops.wait_events(after, 0.0, did).events
    rule = CatchingUp(bench.opened._workspace)
    assert rule.touched(event) == {did}
    # At once, however often it is asked; and nothing is due when nobody holds the older version any more.
    assert rule.touched(event) == {did} and rule.due(did) is True
    ops.delete_stream(did, "refunds")
    assert rule.due(did) is None


def test_what_is_deleted_is_gone_and_its_number_is_not_given_again(bench: Bench) -> None:
    ops, did = bench.operations, bench.dataset_id
    ops.create_stream(did, "all", StreamSettings())
    put(bench, 3, 10)
    found = ops.fetch_stream(did, "all")
    ops.delete_messages(source_of(bench), MessageChoice(message_ids=(MessageId("m12"),)), "delete")
    assert ids(ops.fetch_stream(did, "all")) == ["m10", "m11"]
    put(bench, 1, 20)  # stored after the batch was fetched: the id of the batch may not cover it
    ops.advance_stream(did, "all", found.sequence_id)
    assert ids(ops.fetch_stream(did, "all")) == ["m20"]


@pytest.mark.nightly  # the property says it of any sequence
def test_a_changed_message_keeps_its_place(bench: Bench) -> None:
    ops, did = bench.operations, bench.dataset_id
    ops.create_stream(did, "all", StreamSettings())
    put(bench, 3, 10)
    ops.advance_stream(did, "all", ops.fetch_stream(did, "all", 1).sequence_id)
    put(bench, 2, 10, " and more")  # one that is done with, and one that is to come
    found = ops.fetch_stream(did, "all")
    assert ids(found) == ["m11", "m12"]
    assert found.items[0].message.body.endswith(" and more")


def test_a_source_that_is_added_brings_what_is_stored_from_then_on(bench: Bench) -> None:
    ops, did = bench.operations, bench.dataset_id
    other = ops.create_source("demo", "chat").source_id
    ops.create_stream(did, "all", StreamSettings())
    ops.put_messages(other, batch(1, first=30), "a", 1)
    put(bench, 1, 10)
    found = ops.fetch_stream(did, "all")
    assert ids(found) == ["m10"]
    ops.advance_stream(did, "all", found.sequence_id)
    ops.add_sources(did, (other,))
    assert ops.fetch_stream(did, "all").items == ()
    ops.put_messages(other, batch(1, first=31), "b", 1)
    assert ids(ops.fetch_stream(did, "all")) == ["m31"]


def test_bad_numbers_foreign_ids_and_unknown_streams(bench: Bench) -> None:
    ops, did = bench.operations, bench.dataset_id
    ops.create_stream(did, "one", StreamSettings())
    ops.create_stream(did, "two", StreamSettings())
    for size in (0, 1_025):
        with pytest.raises(InputError, match=rf"size of {size:,} cannot be used. Use 1 to 1,024"):
            ops.fetch_stream(did, "one", size)
    with pytest.raises(InputError, match="max_filtered of 0 cannot be used"):
        ops.fetch_stream(did, "one", 1, 0)
    with pytest.raises(InputError, match="is no sequence id of this stream"):
        ops.advance_stream(did, "one", ops.fetch_stream(did, "two").sequence_id)
    for ask in (
        lambda: ops.fetch_stream(did, "three"),
        lambda: ops.advance_stream(did, "three", "x"),
        lambda: ops.reset_stream(did, "three", PAST),
        lambda: ops.stream_position(did, "three"),
        lambda: ops.stream_errors(did, "three"),
        lambda: ops.compare_stream(did, "three", 1),
    ):
        with pytest.raises(UnknownNameError, match="unknown stream 'three'"):
            ask()


@pytest.mark.nightly
def test_the_number_of_a_message_does_not_outlive_the_stream(bench: Bench) -> None:
    ops, did = bench.operations, bench.dataset_id
    ops.create_stream(did, "one", StreamSettings())
    old = ops.fetch_stream(did, "one").sequence_id
    ops.delete_stream(did, "one")
    put(bench, 1, 10)
    ops.create_stream(did, "one", StreamSettings())
    with pytest.raises(InputError, match="is no sequence id of this stream"):
        ops.advance_stream(did, "one", old)
    assert ops.fetch_stream(did, "one").items == ()


def test_who_may_not_read_a_property_gets_neither_it_nor_a_stream_that_asks_for_it(bench: Bench) -> None:
    ops, did = bench.operations, bench.dataset_id
    ops.create_stream(did, "north", StreamSettings(where=NORTH))
    ops.create_stream(did, "all", StreamSettings())
    put(bench, 1, 10)
    ops.amend_source(source_of(bench), sensitive_properties=("string:Team",))
    robot = bench.opened.operations(
        "robot", grants=Grants(everywhere=ALL_PERMISSIONS - {"source.read_sensitive"})
    )
    (found,) = robot.fetch_stream(did, "all").items
    assert "string:Team" not in found.message.properties and "number:NPS" in found.message.properties
    with pytest.raises(AccessError, match="filter by the sensitive property"):
        robot.fetch_stream(did, "north")


# ---- upkeep --------------------------------------------------------------------------------------


def test_another_version_is_compared_message_by_message(bench: Bench) -> None:
    ops, did, uids = bench.operations, bench.dataset_id, bench.uids
    ops.create_stream(did, "one", bench.settings(1, Refund=0.8, Delivery_Late=0.1))
    bench.add_version(
        2,
        {uids[0]: (0.1, 0.9), uids[1]: (0.9, 0.9), uids[2]: (0.9, 0.9)},
        labels=("Refund", "Delivery"),
    )
    found = ops.compare_stream(did, "one", 2)
    assert (found.version, found.other, found.n, found.n_changed) == (1, 2, 2, 1)
    assert [(one.name, one.n_now, one.n_then, one.gained, one.lost, one.known) for one in found.labels] == [
        ("Delivery > Late", 1, 0, 0, 1, False),
        ("Refund", 2, 1, 0, 1, True),
    ]
    assert ops.compare_stream(did, "one", 2, 1).n == 0  # the newest was predicted by neither
    with pytest.raises(InputError, match="0 messages cannot be compared"):
        ops.compare_stream(did, "one", 2, 0)
    with pytest.raises(UnknownNameError, match="version"):
        ops.compare_stream(did, "one", 9)
    ops.create_stream(did, "bare", StreamSettings())
    with pytest.raises(InputError, match="the stream 'bare' has no model version to compare with"):
        ops.compare_stream(did, "bare", 2)


def test_expected_errors_are_told_of_labels_that_come_by_a_threshold(bench: Bench) -> None:
    ops, did = bench.operations, bench.dataset_id
    ops.create_stream(did, "one", bench.settings(1, Refund=0.8, Delivery=1))
    (told,) = ops.stream_errors(did, "one")
    # Nothing was held out for this version: there is nothing to tell, and that is said.
    assert (told.name, told.threshold, told.errors) == ("Refund", 0.8, None)
    ops.create_stream(did, "every", StreamSettings(version=1, unlisted="every"))
    assert ops.stream_errors(did, "every") == ()
