"""Exceptions of streams: who may, and what a stream that is not to be asked keeps to itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.contract.messages import batch
from tests.contract.test_versions import reviewed_dataset, train
from workbench.domain import (
    ALL_PERMISSIONS,
    BUILT_IN_ROLES,
    DatasetId,
    Grants,
    MessageFilter,
    Operations,
    PropertyFilter,
    StreamException,
    StreamSettings,
    Uid,
    grants_of,
)
from workbench.door import Job
from workbench.errors import AccessError
from workbench.settings import Settings
from workbench.workspace.opening import OpenedWorkspace, open_workspace


@dataclass(kw_only=True)
class Bench:
    opened: OpenedWorkspace
    operations: Operations
    dataset_id: DatasetId
    tags: tuple[StreamException, ...]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with open_workspace(tmp_path / "test.duckdb", settings=Settings(encoder="hash-test")) as opened:
        operations = opened.operations("ann")
        source = operations.create_source("demo", "mail")
        operations.put_messages(source.source_id, batch(4), "first", 4)
        did = operations.create_dataset("demo", "support", (source.source_id,)).dataset_id
        operations.create_stream(did, "s", StreamSettings())
        uids: list[Uid] = operations.message_uids(did, MessageFilter())["uid"].to_pylist()
        tags = tuple(StreamException(uid=uid, type="No Prediction") for uid in uids)
        yield Bench(opened=opened, operations=operations, dataset_id=did, tags=tags)


def test_viewers_see_exceptions_and_automation_tags_them(bench: Bench) -> None:
    did = bench.dataset_id
    reader = bench.opened.operations("rea", grants=grants_of([(BUILT_IN_ROLES["viewer"], None)]))
    robot = bench.opened.operations("rob", grants=grants_of([(BUILT_IN_ROLES["automation_user"], None)]))
    for refused in (
        lambda: reader.tag_exceptions(did, "s", bench.tags),
        lambda: reader.untag_exceptions(did, "s", ()),
    ):
        with pytest.raises(AccessError, match=r"'rea' may not (un)?tag exceptions"):
            refused()
    assert robot.tag_exceptions(did, "s", bench.tags).new == 4
    assert {row["tagged_by"] for row in reader.stream_exceptions(did, "s").to_pylist()} == {"rob"}
    assert [one.n for one in reader.exception_totals(did)] == [4]


def test_who_may_not_read_a_property_learns_nothing_of_it_from_exceptions(bench: Bench) -> None:
    ops, did = bench.operations, bench.dataset_id
    where = MessageFilter(properties=(PropertyFilter(name="string:Team", one_of=("N",)),))
    ops.create_stream(did, "north", StreamSettings(where=where))
    for name in ("s", "north"):
        ops.tag_exceptions(did, name, bench.tags[:1])
    ops.amend_source(ops.sources()[0].source_id, sensitive_properties=("string:Team",))
    other = bench.opened.operations(
        "bob", grants=Grants(everywhere=ALL_PERMISSIONS - {"source.read_sensitive"})
    )
    for ask in (
        lambda: other.tag_exceptions(did, "north", bench.tags),
        lambda: other.untag_exceptions(did, "north", ()),
        lambda: other.stream_exceptions(did, "north"),
    ):
        with pytest.raises(AccessError, match="'bob' may not filter by the sensitive property 'string:Team'"):
            ask()
    assert [one.stream for one in other.exception_totals(did)] == ["s"]
    assert [one.stream for one in ops.exception_totals(did)] == ["north", "s"]


def test_what_left_the_dataset_is_not_counted_and_counts_again_when_it_is_back(bench: Bench) -> None:
    ops, did = bench.operations, bench.dataset_id
    first = ops.sources()[0].source_id
    other = ops.create_source("demo", "chat")
    ops.put_messages(other.source_id, batch(1, first=100), "chat", 1)
    ops.add_sources(did, (other.source_id,))
    ops.tag_exceptions(did, "s", bench.tags)
    ops.remove_sources(did, (first,))
    assert ops.exception_totals(did) == ()
    ops.add_sources(did, (first,))
    assert [one.n for one in ops.exception_totals(did)] == [4]


def test_the_monitor_compares_their_rate_and_keeps_what_a_stream_keeps(tmp_path: Path) -> None:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "test.duckdb", settings=settings) as opened:
        ops = opened.operations("ann")
        did = reviewed_dataset(ops, 140)
        train(ops, did)
        Job(ops, ops.start_monitor(did)).wait(progress=False)
        before = ops.drift(did)
        assert before is not None and before.exceptions == ()
        assert before.untested[0].endswith("no message is tagged as an exception of a stream.")

        where = MessageFilter(properties=(PropertyFilter(name="string:Team", one_of=("N",)),))
        ops.create_stream(did, "north", StreamSettings(where=where))
        ops.create_stream(did, "open", StreamSettings())
        source_id = ops.sources()[0].source_id
        odd = [Uid(f"{source_id}.m{i}") for i in (5, 20, *range(80, 130))]
        for name, uids in (("north", odd[:2]), ("open", odd[2:])):
            ops.tag_exceptions(did, name, tuple(StreamException(uid=uid, type="Odd") for uid in uids))
        Job(ops, ops.start_monitor(did)).wait(progress=False)
        found = ops.drift(did)
        assert found is not None
        (test,) = (one for one in found.tests if one.name == "exception_rate")
        # 140 messages, one an hour: half before and half now; message 5 is the first exception, 20 the next.
        assert test.n == 70 and test.effect == pytest.approx(50 / 70 - 1 / 64) and test.alarm
        assert not any("exception rate" in one for one in found.untested)
        told = {(one.stream, one.type): (one.n_before, one.n_now) for one in found.exceptions}
        assert told == {("open", "Odd"): (0, 50), ("north", "Odd"): (1, 0)}
        assert set(found.exceptions[0].messages) < set(odd[2:])
        ops.amend_source(source_id, sensitive_properties=("string:Team",))
        other = opened.operations(
            "bob", grants=Grants(everywhere=ALL_PERMISSIONS - {"source.read_sensitive"})
        )
        shown = other.drift(did)
        assert shown is not None and [one.stream for one in shown.exceptions] == ["open"]
