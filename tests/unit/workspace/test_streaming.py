"""Streams: what holding a version means, which labels come with which message, and what becomes of changed labels."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from tests.contract.messages import batch
from tests.stores import model_version
from workbench.domain import (
    ALL_PERMISSIONS,
    DatasetId,
    Grants,
    LabelId,
    LabelThreshold,
    MessageFilter,
    Operations,
    PropertyFilter,
    StreamSettings,
    Uid,
)
from workbench.errors import AccessError, DuplicateNameError, InputError, LimitError, UnknownNameError
from workbench.settings import Settings
from workbench.store.repositories.streams import Streams
from workbench.workspace.opening import OpenedWorkspace, open_workspace

NAMES = ("Refund", "Delivery", "Delivery > Late")


@dataclass(kw_only=True)
class Bench:
    """A dataset of ten messages and three labels, whose versions say what a test says."""

    opened: OpenedWorkspace
    operations: Operations
    dataset_id: DatasetId
    uids: list[Uid]
    labels: dict[str, LabelId] = field(default_factory=dict)

    def add_version(
        self,
        version: int,
        said: Mapping[Uid, Sequence[float]],
        *,
        labels: Sequence[str] = NAMES,
        sentiments: Sequence[float] | None = None,
    ) -> None:
        """Store a version and what it predicts, in the order of ``labels``, beside ``sentiments`` of each message."""
        about = replace(model_version(version, n_labels=len(labels)), dataset_id=self.dataset_id)
        matrix = np.array(list(said.values()), np.float32).reshape(len(said), len(labels))
        feelings = None if sentiments is None else np.array([sentiments] * len(said), np.float32)
        with self.opened._workspace.store.write() as session:
            session.models.add_version(
                about, weights=b"w", parameters="{}", label_ids=[self.labels[name] for name in labels]
            )
            session.models.put_predictions(self.dataset_id, version, list(said), matrix, feelings)

    def settings(self, version: int | None = 1, **thresholds: float) -> StreamSettings:
        """Settings with thresholds by label; an underscore in a name stands for what comes above."""
        return StreamSettings(
            version=version,
            thresholds=tuple(
                LabelThreshold(label_id=self.labels[name.replace("_", " > ")], threshold=threshold)
                for name, threshold in thresholds.items()
            ),
        )

    def labels_of(self, name: str, uid: Uid) -> list[tuple[str, float]]:
        """Names and probabilities of the labels that a stream returns with a message."""
        (found,) = self.operations.stream_predictions(self.dataset_id, name, (uid,))
        assert found.uid == uid and found.predicted
        return [(one.name, one.probability) for one in found.labels]

    def pinned(self, version: int) -> bool:
        return next(
            one.pinned for one in self.operations.model_versions(self.dataset_id) if one.version == version
        )


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0, predict_after_s=-1)
    with open_workspace(tmp_path / "test.duckdb", settings=settings) as opened:
        operations = opened.operations("ann")
        source = operations.create_source("demo", "mail")
        operations.put_messages(source.source_id, batch(10), "first", 10)
        did = operations.create_dataset("demo", "support", (source.source_id,)).dataset_id
        uids = operations.message_uids(did, MessageFilter())["uid"].to_pylist()
        made = Bench(opened=opened, operations=operations, dataset_id=did, uids=uids)
        for name in ("Refund", "Delivery > Late"):
            operations.create_label(did, name)
        made.labels = {label.name: label.label_id for label in operations.labels(did)}
        made.add_version(1, {uids[0]: (0.9, 0.7, 0.2), uids[1]: (1.0, 0.99, 0.0)})
        yield made


# ---- holding a version ---------------------------------------------------------------------------


def test_a_stream_pins_its_version_as_it_is_created_read_changed_and_deleted(bench: Bench) -> None:
    ops, did = bench.operations, bench.dataset_id
    bench.add_version(2, {})
    bench.add_version(3, {})
    where = MessageFilter(properties=(PropertyFilter(name="string:Team", one_of=("North",)),))
    asked = replace(bench.settings(1, Refund=0.6, Delivery=1), where=where, description="for the robots")
    made = ops.create_stream(did, "refunds", asked)
    assert (made.name, made.settings.title, made.settings.where) == ("refunds", "refunds", where)
    assert [(one.name, one.threshold) for one in made.settings.thresholds] == [
        ("Refund", 0.6),
        ("Delivery", 1),
    ]
    other = ops.create_stream(did, "archive", StreamSettings(title="All of it"))
    assert ops.streams(did) == (other, made) and ops.stream(did, "refunds") == made
    assert bench.pinned(1) and not bench.pinned(2)
    assert [one.held_by for one in ops.model_versions(did)] == [(), (), ("refunds",)]

    moved = ops.amend_stream(did, "refunds", replace(made.settings, version=2, title="Refunds"))
    assert (moved.stream_id, moved.created_at) == (made.stream_id, made.created_at)
    assert moved.updated_at > made.updated_at and moved.settings.title == "Refunds"
    assert moved.settings.thresholds == made.settings.thresholds
    assert bench.pinned(1) and bench.pinned(2)  # the old one until somebody unpins it
    assert not ops.pin_version(did, 1, False).pinned
    assert ops.delete_version(did, 1).version == 1

    assert ops.delete_stream(did, "refunds") == moved
    assert ops.streams(did) == (other,)
    assert bench.pinned(2) and not ops.pin_version(did, 2, False).pinned
    log = [one for one in ops.audit_table().to_pylist() if "stream" in one["details"]]
    assert [one["action"] for one in log] == [
        "pin_version",
        "create_stream",
        "create_stream",
        "pin_version",
        "amend_stream",
        "delete_stream",
    ]
    told = json.loads(log[4]["details"])
    assert (told["stream"], told["version"], told["replaces"], told["n_thresholds"]) == ("refunds", 2, 1, 2)


def test_a_held_version_is_neither_unpinned_nor_deleted(bench: Bench) -> None:
    ops, did = bench.operations, bench.dataset_id
    bench.add_version(2, {})
    ops.create_stream(did, "refunds", bench.settings(1))
    with pytest.raises(InputError) as caught:
        ops.pin_version(did, 1, False)
    assert str(caught.value) == (
        "version 1 is held by the stream 'refunds' and stays pinned. Move each stream to another version "
        "(amend_stream) or delete it (delete_stream), then unpin."
    )
    assert caught.value.details == {"version": 1, "streams": ["refunds"]}
    for name in "abcdef":
        ops.create_stream(did, name, bench.settings(1))
    with pytest.raises(InputError) as caught:
        ops.delete_version(did, 1)
    assert str(caught.value) == (
        "version 1 is held by the streams 'a', 'b', 'c', 'd', 'e' and 2 more and cannot be deleted. Move each stream to "
        "another version (amend_stream) or delete it (delete_stream), then unpin and delete the version."
    )
    assert caught.value.details["streams"] == [*"abcdef", "refunds"]
    assert bench.pinned(1)


def test_no_training_drops_a_held_version(bench: Bench) -> None:
    ops, did = bench.operations, bench.dataset_id
    ops.create_stream(did, "refunds", bench.settings(1, Refund=0.5))
    for version in range(2, 6):
        bench.add_version(version, {bench.uids[0]: (0.0, 0.0, 0.0)})
        with bench.opened._workspace.store.write() as session:
            session.models.drop_unpinned_beyond(did, 1)
    assert [one.version for one in ops.model_versions(did)] == [5, 4, 1]
    assert bench.labels_of("refunds", bench.uids[0]) == [("Refund", pytest.approx(0.9))]


def test_what_fails_pins_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    ops, did = bench.operations, bench.dataset_id
    bench.add_version(2, {}, labels=("Refund",))

    def fail(*_args: object) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patched, pytest.raises(RuntimeError):
        patched.setattr(Streams, "put", fail)
        ops.create_stream(did, "refunds", bench.settings(1))
    with pytest.raises(UnknownNameError, match=r"unknown model version '9'. Known: 1, 2"):
        ops.create_stream(did, "refunds", bench.settings(9))
    with pytest.raises(UnknownNameError) as caught:
        ops.create_stream(did, "refunds", bench.settings(2, Refund=0.5, Delivery_Late=0.5))
    assert str(caught.value) == "unknown label of version 2 'Delivery > Late'. Known: Refund."
    nobody = LabelThreshold(label_id=LabelId("f" * 16), threshold=0.5)
    with pytest.raises(UnknownNameError, match=f"unknown label of version 2 '{'f' * 16}'"):
        ops.create_stream(did, "refunds", StreamSettings(version=2, thresholds=(nobody,)))
    with pytest.raises(LimitError, match="stream refunds would have a title of 129 characters"):
        ops.create_stream(did, "refunds", replace(bench.settings(1), title="x" * 129))
    with pytest.raises(InputError, match=r"stream name 'not this one' cannot be used. Use 1 to 256 letters"):
        ops.create_stream(did, "not this one", bench.settings(1))
    assert ops.streams(did) == () and not bench.pinned(1) and not bench.pinned(2)

    ops.create_stream(did, "refunds", StreamSettings())
    with pytest.raises(DuplicateNameError, match=r"a stream named 'refunds' exists already. Choose another"):
        ops.create_stream(did, "refunds", bench.settings(1))
    with pytest.raises(UnknownNameError):
        ops.amend_stream(did, "refunds", bench.settings(2, Delivery=0.5))
    assert ops.stream(did, "refunds").settings.version is None and not bench.pinned(1)
    for ask in (
        lambda: ops.stream(did, "refund"),
        lambda: ops.amend_stream(did, "refund", bench.settings(1)),
        lambda: ops.delete_stream(did, "refund"),
        lambda: ops.stream_predictions(did, "refund", ()),
    ):
        with pytest.raises(UnknownNameError, match=r"unknown stream 'refund'. did you mean 'refunds'"):
            ask()


def test_the_same_call_again_creates_one_stream(bench: Bench) -> None:
    did = bench.dataset_id
    first, again = (
        bench.opened.operations("ann", call_id="lost").create_stream(did, "refunds", bench.settings(1))
        for _ in range(2)
    )
    assert first == again and bench.operations.streams(did) == (first,)


def test_streams_go_with_their_dataset(bench: Bench) -> None:
    bench.operations.create_stream(bench.dataset_id, "refunds", bench.settings(1, Refund=0.5))
    bench.operations.delete_dataset(bench.dataset_id, "demo/support")
    for table in ("stream", "stream_threshold"):
        left = bench.operations.sql(f"SELECT count(*) AS n FROM {table}")
        assert left["n"].to_pylist() == [0], table


def test_screens_hear_of_streams_and_of_what_they_pin(bench: Bench) -> None:
    ops, did = bench.operations, bench.dataset_id
    after = ops.wait_events(0, 0.0).last_seq
    ops.create_stream(did, "refunds", bench.settings(1))
    ops.amend_stream(did, "refunds", bench.settings(1, Refund=0.5))
    ops.delete_stream(did, "refunds")
    heard = [event.topic for event in ops.wait_events(after, 0.0, did).events]
    assert heard == ["stream", "model", "stream", "stream"]


# ---- which labels come ---------------------------------------------------------------------------


def test_labels_come_from_their_thresholds_on(bench: Bench) -> None:
    ops, did = bench.operations, bench.dataset_id
    plain, sure = bench.uids[:2]
    single = [float(np.float32(p)) for p in (0.9, 0.7, 0.2)]
    ops.create_stream(did, "s", replace(bench.settings(1), unlisted="every"))
    assert bench.labels_of("s", plain) == list(
        zip(("Refund", "Delivery", "Delivery > Late"), single, strict=True)
    )
    assert [name for name, _ in bench.labels_of("s", sure)] == ["Refund", "Delivery", "Delivery > Late"]
    for thresholds, of_plain, of_sure in (
        ({"Refund": 0.6}, ["Refund"], ["Refund"]),  # what is not listed is off
        ({"Delivery": 0.7, "Refund": 0.95}, ["Delivery"], ["Refund", "Delivery"]),  # equal is reached
        ({"Refund": 1.0, "Delivery": 0.99}, [], ["Delivery"]),  # exactly 1 is off, though it is 1
        ({"Refund": 0.999_999_999}, [], ["Refund"]),  # nearly 1 is not
        ({"Delivery_Late": 0.0}, ["Delivery > Late"], ["Delivery > Late"]),
    ):
        ops.amend_stream(did, "s", bench.settings(1, **thresholds))
        assert [name for name, _ in bench.labels_of("s", plain)] == of_plain, thresholds
        assert [name for name, _ in bench.labels_of("s", sure)] == of_sure, thresholds


def test_a_stream_follows_what_is_kept_with_its_version(bench: Bench) -> None:
    ops, did, uid = bench.operations, bench.dataset_id, bench.uids[0]
    refund, late = bench.labels["Refund"], bench.labels["Delivery > Late"]
    ops.create_stream(did, "s", bench.settings(1))
    bench.add_version(2, {})
    ops.create_stream(did, "own", bench.settings(1, Refund=0.5))
    assert bench.labels_of("s", uid) == [], "what nobody kept a threshold for does not come"
    ops.keep_threshold(did, refund, 0.1, 2)  # with another version
    assert bench.labels_of("s", uid) == []
    ops.keep_threshold(did, refund, 0.9, 1)
    ops.keep_threshold(did, late, 0.1, 1, check_from=0.05, basis="cost")
    (found,) = ops.stream_predictions(did, "s", (uid,))
    assert [(one.name, one.threshold, one.origin) for one in found.labels] == [
        ("Refund", 0.9, "kept"),
        ("Delivery > Late", 0.1, "kept"),
    ]
    assert [name for name, _ in bench.labels_of("own", uid)] == ["Refund"]
    ops.keep_threshold(did, refund, 0.95, 1)  # another one counts at once
    assert [name for name, _ in bench.labels_of("s", uid)] == ["Delivery > Late"]
    ops.keep_threshold(did, late, 1.0, 1)  # exactly 1 is off here too
    assert bench.labels_of("s", uid) == []
    ops.keep_threshold(did, refund, None, 1)
    assert [(one.name, one.threshold, one.origin) for one in ops.stream_thresholds(did, "s")] == [
        ("Refund", 1.0, "off"),
        ("Delivery", 1.0, "off"),
        ("Delivery > Late", 1.0, "kept"),
    ]


def test_own_thresholds_win_over_those_kept(bench: Bench) -> None:
    ops, did, uid = bench.operations, bench.dataset_id, bench.uids[0]
    for name, threshold in (("Refund", 0.95), ("Delivery", 0.5)):
        ops.keep_threshold(did, bench.labels[name], threshold, 1)
    own = bench.settings(1, Refund=0.9, Delivery_Late=1)
    came = {}
    for unlisted in ("off", "kept", "every", None):
        ops.create_stream(did, f"s-{unlisted}", replace(own, unlisted=unlisted))
        came[unlisted] = [name for name, _ in bench.labels_of(f"s-{unlisted}", uid)]
    both = ["Refund", "Delivery"]
    assert came == {"off": ["Refund"], "kept": both, "every": both, None: ["Refund"]}
    origins = [(one.threshold, one.origin) for one in ops.stream_thresholds(did, "s-kept")]
    assert origins == [(0.9, "own"), (0.5, "kept"), (1.0, "own")]
    assert ops.stream_thresholds(did, "s-every")[1].origin == "every"


def test_a_kept_threshold_goes_on_for_a_label_that_is_gone(bench: Bench) -> None:
    ops, did, uid = bench.operations, bench.dataset_id, bench.uids[0]
    ops.keep_threshold(did, bench.labels["Refund"], 0.5, 1)
    ops.create_stream(did, "s", bench.settings(1))
    ops.delete_label(did, bench.labels["Refund"], "reviewed")
    assert [name for name, _ in bench.labels_of("s", uid)] == ["Refund"]


def test_the_log_and_the_screens_hear_which_streams_a_kept_threshold_changes(bench: Bench) -> None:
    ops, did, refund = bench.operations, bench.dataset_id, bench.labels["Refund"]
    bench.add_version(2, {})
    follows = ops.create_stream(did, "follows", bench.settings(1))
    ops.create_stream(did, "mixed", replace(bench.settings(1, Refund=0.5), unlisted="kept"))
    ops.create_stream(did, "own", bench.settings(1, Delivery=0.5))
    ops.create_stream(did, "another", bench.settings(2))
    after = ops.wait_events(0, 0.0).last_seq
    ops.keep_threshold(did, refund, 0.5, 1)
    heard = [(event.topic, event.subject) for event in ops.wait_events(after, 0.0, did).events]
    assert heard == [("model", "1"), ("stream", follows.stream_id)]
    (log,) = (one for one in ops.audit_table().to_pylist() if one["action"] == "keep_threshold")
    assert json.loads(log["details"])["streams"] == ["follows"]
    ops.keep_threshold(did, bench.labels["Delivery"], None, 1)
    log = ops.audit_table().to_pylist()[-1]
    assert json.loads(log["details"])["streams"] == ["follows", "mixed"]


def test_messages_come_once_in_the_order_asked_if_they_pass(bench: Bench) -> None:
    ops, did, uids = bench.operations, bench.dataset_id, bench.uids
    where = MessageFilter(properties=(PropertyFilter(name="string:Team", one_of=("N",)),))
    ops.create_stream(did, "s", replace(bench.settings(1, Refund=0.95), where=where))
    asked = (uids[4], uids[1], Uid("nobody.m1"), uids[0], uids[4])
    found = ops.stream_predictions(did, "s", asked)
    # The filter chooses messages, the thresholds only labels; of message 4 the version has said nothing yet.
    assert [(one.uid, one.predicted, one.labels) for one in found] == [
        (uids[4], False, ()),
        (uids[0], True, ()),
    ]
    assert ops.stream_predictions(did, "s", ()) == ()
    ops.create_stream(did, "none", StreamSettings())
    assert [(one.predicted, one.labels) for one in ops.stream_predictions(did, "none", (uids[0],))] == [
        (False, ())
    ]
    many = tuple(Uid(f"nobody.m{i}") for i in range(1_025))
    assert ops.stream_predictions(did, "s", many[1:]) == ()
    with pytest.raises(InputError, match=r"1,025 messages were asked for at once. Ask for at most 1,024."):
        ops.stream_predictions(did, "s", many)


def test_predictions_are_those_of_the_version_held(bench: Bench) -> None:
    ops, did, uid = bench.operations, bench.dataset_id, bench.uids[0]
    ops.create_stream(did, "s", bench.settings(1, Refund=0.5))
    bench.add_version(2, {uid: (0.1, 0.6)}, labels=("Delivery", "Refund"))  # in another order
    assert bench.labels_of("s", uid) == [("Refund", float(np.float32(0.9)))]
    ops.amend_stream(did, "s", bench.settings(2, Refund=0.5))
    assert bench.labels_of("s", uid) == [("Refund", float(np.float32(0.6)))]


def test_sentiment_comes_along(bench: Bench) -> None:
    ops, did, uid = bench.operations, bench.dataset_id, bench.uids[0]
    bench.add_version(2, {uid: (0.9, 0.7, 0.2)}, sentiments=(-0.5, 0.25, 0.0))
    ops.create_stream(did, "s", bench.settings(2, Delivery_Late=0.1, Refund=0.5))
    (found,) = ops.stream_predictions(did, "s", (uid,))
    assert [(one.name, one.sentiment) for one in found.labels] == [("Refund", -0.5), ("Delivery > Late", 0.0)]


def test_who_may_not_read_a_property_learns_nothing_of_it_from_a_stream(bench: Bench) -> None:
    ops, did = bench.operations, bench.dataset_id
    source = ops.sources()[0]
    where = MessageFilter(properties=(PropertyFilter(name="string:Team", one_of=("N",)),))
    ops.create_stream(did, "s", StreamSettings(where=where))
    ops.amend_source(source.source_id, sensitive_properties=("string:Team",))
    other = bench.opened.operations(
        "bob", grants=Grants(everywhere=ALL_PERMISSIONS - {"source.read_sensitive"})
    )
    for ask in (
        lambda: other.stream_predictions(did, "s", (bench.uids[0],)),
        lambda: other.create_stream(did, "t", StreamSettings(where=where)),
        lambda: other.amend_stream(did, "s", StreamSettings(where=where)),
    ):
        with pytest.raises(AccessError, match="'bob' may not filter by the sensitive property 'string:Team'"):
            ask()
    assert ops.stream_predictions(did, "s", (bench.uids[0],))


# ---- changed labels ------------------------------------------------------------------------------


def test_a_version_held_goes_on_saying_labels_that_were_renamed_merged_or_deleted(bench: Bench) -> None:
    ops, did, uid = bench.operations, bench.dataset_id, bench.uids[0]
    stream = ops.create_stream(did, "s", bench.settings(1, Refund=0.5, Delivery=0.5, Delivery_Late=0.1))
    before = bench.labels_of("s", uid)
    ops.rename_label(did, bench.labels["Delivery"], "Transport")
    assert [name for name, _ in bench.labels_of("s", uid)] == ["Refund", "Transport", "Transport > Late"]
    back = ops.create_label(did, "Money back").label_id
    ops.merge_labels(did, (bench.labels["Refund"],), back)
    ops.delete_label(did, bench.labels["Delivery"], "reviewed")
    assert {label.name for label in ops.labels(did)} == {"Money back"}
    after = bench.labels_of("s", uid)
    assert [name for name, _ in after] == ["Refund", "Transport", "Transport > Late"]
    assert [p for _, p in after] == [p for _, p in before]
    kept = ops.stream(did, "s").settings
    assert [one.name for one in kept.thresholds] == ["Refund", "Transport", "Transport > Late"]
    # Its settings can still be changed; a version that does not know the labels is refused.
    assert ops.amend_stream(did, "s", replace(kept, description="still at work")).settings.version == 1
    bench.labels["Money back"] = back
    bench.add_version(2, {uid: (0.8,)}, labels=("Money back",))
    with pytest.raises(UnknownNameError, match=r"unknown label of version 2 'Refund'. Known: Money back"):
        ops.amend_stream(did, "s", replace(kept, version=2))
    ops.amend_stream(did, "s", replace(kept, thresholds=(), unlisted="every"))
    assert [name for name, _ in bench.labels_of("s", uid)] == ["Refund", "Transport", "Transport > Late"]
    ops.undo_taxonomy(did)
    assert [name for name, _ in bench.labels_of("s", uid)] == ["Refund", "Transport", "Transport > Late"]
    assert stream.settings.thresholds[0].label_id == bench.labels["Refund"]
