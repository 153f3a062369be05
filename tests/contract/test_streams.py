"""Streams by every way in: created with a filter and thresholds, read, asked, changed, deleted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.contract.messages import batch
from tests.contract.test_versions import reviewed_dataset, train
from workbench.domain import (
    LabelThreshold,
    MessageFilter,
    Operations,
    PropertyFilter,
    StreamSettings,
    Uid,
)
from workbench.door import Job
from workbench.errors import DuplicateNameError, InputError, UnknownNameError


def test_a_stream_from_its_creation_to_its_end(operations: Operations) -> None:
    did = reviewed_dataset(operations)
    version = train(operations, did)
    labels = {label.name: label.label_id for label in operations.labels(did)}
    uids: list[Uid] = operations.message_uids(did, MessageFilter())["uid"].to_pylist()
    settings = StreamSettings(
        title="<b>Refunds",
        where=MessageFilter(properties=(PropertyFilter(name="string:Team", one_of=("N",)),)),
        version=version,
        thresholds=(LabelThreshold(label_id=labels["Refund"], threshold=0),),
    )
    made = operations.create_stream(did, "refunds", settings)
    assert operations.streams(did) == (operations.stream(did, "refunds"),) == (made,)
    assert (made.settings.title, made.settings.where) == ("<b>Refunds", settings.where)
    held = operations.model_versions(did)[0]
    assert held.pinned and held.held_by == ("refunds",)
    with pytest.raises(DuplicateNameError):
        operations.create_stream(did, "refunds", settings)
    with pytest.raises(InputError, match="version 1 is held by the stream 'refunds' and stays pinned"):
        operations.pin_version(did, version, False)

    said = operations.predictions_table(did, MessageFilter(), version).to_pylist()
    table = {(row["uid"], row["label"]): row["probability"] for row in said}
    found = operations.stream_predictions(did, "refunds", tuple(uids[:20]))
    assert [one.uid for one in found] == uids[:20:2]  # every second message is of that team
    for one in found:
        (label,) = one.labels
        assert one.predicted and (label.label_id, label.name) == (labels["Refund"], "Refund")
        assert label.probability == table.get((one.uid, "Refund"), label.probability)
    assert any((one.uid, "Refund") in table for one in found)

    everything = operations.amend_stream(did, "refunds", StreamSettings(version=version, unlisted="every"))
    assert everything.settings == StreamSettings(title="refunds", version=version, unlisted="every")
    (first,) = operations.stream_predictions(did, "refunds", (uids[1],))
    assert {label.name for label in first.labels} == set(labels)
    # Without thresholds of its own it follows what is kept with its version, from that moment on.
    following = operations.amend_stream(did, "refunds", StreamSettings(version=version))
    assert following.settings.for_unlisted == "kept"
    assert operations.stream_predictions(did, "refunds", (uids[1],))[0].labels == ()
    operations.keep_threshold(did, labels["Refund"], 0.0, version)
    (label,) = operations.stream_predictions(did, "refunds", (uids[1],))[0].labels
    assert (label.name, label.threshold, label.origin) == ("Refund", 0.0, "kept")
    assert {
        (one.name, one.threshold, one.origin) for one in operations.stream_thresholds(did, "refunds")
    } == {
        ("Refund", 0.0, "kept"),
        ("Delivery", 1.0, "off"),
        ("Delivery > Late", 1.0, "off"),
    }
    silent = operations.amend_stream(did, "refunds", replace(everything.settings, version=None))
    assert operations.stream_predictions(did, "refunds", (uids[1],))[0].labels == ()
    assert operations.stream_thresholds(did, "refunds") == ()
    assert not operations.pin_version(did, version, False).pinned
    assert operations.delete_stream(did, "refunds") == silent
    with pytest.raises(UnknownNameError, match=r"unknown stream 'refunds'. There is no stream yet"):
        operations.stream(did, "refunds")


def test_what_a_stream_holds_is_predicted_of_new_messages_and_comes_then(operations: Operations) -> None:
    did = reviewed_dataset(operations)
    first = train(operations, did)
    operations.create_stream(did, "queue", StreamSettings(version=first, unlisted="every"))
    assert train(operations, did) > first
    source_id = operations.sources()[0].source_id
    operations.put_messages(source_id, batch(3, first=100), "later", 3)
    Job(operations, operations.start_predict(did)).wait(progress=False)  # asked for the newest alone
    found = operations.fetch_stream(did, "queue", 2)
    assert [one.message.message_id for one in found.items] == ["m100", "m101"]
    assert (found.is_end, found.awaits_predictions, found.version) == (False, False, first)
    names = {label.name for label in operations.labels(did)}
    assert all({label.name for label in one.prediction.labels} == names for one in found.items)
    operations.advance_stream(did, "queue", found.sequence_id)
    # A new text is predicted anew before it comes.
    operations.put_messages(source_id, batch(3, first=100, suffix=" again"), "changed", 3)
    assert operations.fetch_stream(did, "queue").items == ()
    Job(operations, operations.start_predict(did)).wait(progress=False)
    (last,) = operations.fetch_stream(did, "queue").items
    assert last.message.message_id == "m102" and last.message.body.endswith(" again")
    assert operations.stream_position(did, "queue").n_behind == 1
