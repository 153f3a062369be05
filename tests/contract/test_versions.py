"""Model versions by every way in: marks, comparison, rolling back."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace

import pytest

from tests.contract.messages import batch
from workbench.domain import (
    DatasetId,
    DatasetStatus,
    Judgement,
    MessageFilter,
    ModelVersion,
    Operations,
    Verdict,
)
from workbench.door import Job
from workbench.errors import InputError, LimitError, ModelError, UnknownNameError, WorkbenchError


def reviewed_dataset(operations: Operations, n: int = 60) -> DatasetId:
    """Messages of two themes, all but the last ten reviewed."""
    source = operations.create_source("demo", "mail")
    operations.put_messages(source.source_id, batch(n), "first", n)
    dataset_id = operations.create_dataset("demo", "support", (source.source_id,)).dataset_id
    say(operations, dataset_id, n - 10)
    return dataset_id


def say(operations: Operations, dataset_id: DatasetId, n: int, *, twisted: bool = False) -> None:
    """Review the first ``n`` messages; twisted = one label means the other."""
    refund = operations.create_label(dataset_id, "Refund").label_id
    late = operations.create_label(dataset_id, "Delivery > Late").label_id
    if twisted:
        refund, late = late, refund
    table = operations.messages_table(dataset_id, MessageFilter())
    said = list(zip(table["uid"].to_pylist(), table["body"].to_pylist(), strict=True))[:n]
    seen = {
        one.uid: one.revision for one in operations.get_messages(dataset_id, tuple(uid for uid, _ in said))
    }
    judgements = tuple(
        Judgement(
            event_id=secrets.token_hex(8),
            uid=uid,
            assigned=(refund,) if "refund" in body else (late,) if "not arrived" in body else (),
            mode="shuffle",
            revision=seen[uid],
        )
        for uid, body in said
    )
    operations.judge(dataset_id, judgements)


def train(operations: Operations, dataset_id: DatasetId) -> int:
    done = Job(operations, operations.start_train(dataset_id)).wait(progress=False)
    return int(done["version"])


def keep_a_doubt(operations: Operations, dataset_id: DatasetId) -> None:
    """Settle what Missed doubts first, if anything; it is not shown again."""
    label = operations.labels(dataset_id)[0].label_id
    message = operations.get_messages(dataset_id, operations.next_batch(dataset_id, "recent", 60).uids[-1:])[
        0
    ]
    verdict = Verdict(
        event_id=secrets.token_hex(8), uid=message.uid, label_id=label, revision=message.revision
    )
    for _ in range(2):
        operations.keep_as_is(dataset_id, verdict)
    for mode in ("check", "missed"):
        assert message.uid not in operations.next_batch(dataset_id, mode, 60, label).uids
    with pytest.raises(InputError, match="the verdict speaks of revision"):
        operations.keep_as_is(dataset_id, replace(verdict, event_id=secrets.token_hex(8), revision=9))


def marks(version: ModelVersion) -> tuple[bool, str | None, bool, str]:
    return version.pinned, version.tag, version.starred, version.description


def test_marks_of_versions(operations: Operations) -> None:
    did = reviewed_dataset(operations)
    assert operations.dataset_status(did) == DatasetStatus(dataset_id=did, state="idle")
    for _ in range(3):
        train(operations, did)
    status = operations.dataset_status(did)
    assert (status.state, status.predicted_by, status.validated_by, status.n_new) == ("idle", 3, 3, 0)
    keep_a_doubt(operations, did)
    assert operations.star_version(did, 2).starred
    assert not operations.star_version(did, 2, False).starred
    operations.star_version(did, 1)
    hostile = "<b>\x1b[31m& best"
    assert operations.describe_version(did, 1, hostile).description == hostile
    assert marks(operations.tag_version(did, 1, "live")) == (True, "live", True, hostile)
    assert operations.tag_version(did, 2, "staging").pinned
    operations.tag_version(did, 2, "live")
    third, second, first = operations.model_versions(did)
    assert marks(first) == (True, None, True, hostile)
    assert marks(second) == (True, "live", False, "")
    assert marks(third) == (False, None, False, "")
    for number, said in (
        (3, "version 3 is the newest and cannot be deleted. Train another one, or roll back"),
        (2, "version 2 carries the tag 'live' and cannot be deleted. Give the tag to another version"),
        (1, "version 1 is pinned and cannot be deleted. Unpin it first"),
    ):
        with pytest.raises(InputError, match=said):
            operations.delete_version(did, number)
    with pytest.raises(InputError, match=r"carries the tag 'live' and is pinned by it. Give the tag to"):
        operations.pin_version(did, 2, False)
    with pytest.raises(UnknownNameError, match=r"unknown model version '9'. Known: 1, 2, 3"):
        operations.tag_version(did, 9, "live")
    with pytest.raises(InputError):
        operations.tag_version(did, 1, "best")  # type: ignore[arg-type]
    with pytest.raises(LimitError, match="model version 1 would have a description of"):
        operations.describe_version(did, 1, "x" * 100_000)
    assert operations.tag_version(did, 2, None).pinned
    operations.pin_version(did, 1, False)
    assert operations.delete_version(did, 1).version == 1
    assert [one.version for one in operations.model_versions(did)] == [3, 2]
    for table in ("model_version", "model_weights", "prediction", "label_total", "validation", "test_score"):
        left = operations.sql(f"SELECT count(*) AS n FROM {table} WHERE version = 1")
        assert left["n"].to_pylist() == [0], table
    with pytest.raises(WorkbenchError):
        operations.star_version(did, 1)
    log = operations.audit_table().to_pylist()
    moved = [json.loads(one["details"]) for one in log if one["action"] == "tag_version"]
    assert {"version": 2, "tag": "live", "replaces": "staging", "taken_from": 1} in moved
    said = [one["action"] for one in log if "version" in one["action"]]
    assert said[-3:] == ["tag_version", "unpin_version", "delete_version"]


def table_of(operations: Operations, dataset_id: DatasetId, version: int | None) -> list[dict[str, object]]:
    return operations.predictions_table(dataset_id, MessageFilter(), version).to_pylist()


def check_setting_aside(operations: Operations, did: DatasetId) -> None:
    """Of three versions all was said again after the first."""
    assert operations.rollback_preview(did, 3).n_later == 190
    asked = operations.rollback_preview(did, 1)
    assert (asked.n_reviewed, asked.n_later) == (190, 190)
    assert operations.rollback_preview(did, 2).n_later == 0
    done = Job(operations, operations.start_rollback(did, 1, True)).wait(progress=False)
    assert (done["version"], done["set_aside"]) == (4, 190)
    assert (operations.datasets()[0].n_reviewed, operations.datasets()[0].n_messages) == (0, 200)
    step = operations.taxonomy_steps(did)[0]
    assert step.summary == "set aside 190 messages reviewed after version 1"
    uid = operations.messages_table(did, MessageFilter())["uid"].to_pylist()[0]
    (message,) = operations.get_messages(did, (uid,))
    assert (message.reviewed, len(message.assigned)) == (False, 1)
    assert operations.undo_taxonomy(did).n_messages == 190
    assert operations.datasets()[0].n_reviewed == 190


def test_going_back_to_a_version(operations: Operations) -> None:
    did = reviewed_dataset(operations, 200)  # enough for 10 test messages, whatever the ids
    train(operations, did)
    with pytest.raises(UnknownNameError, match="unknown model version '2'"):
        operations.compare_versions(did, 1, 2)
    first = table_of(operations, did, None)
    report = operations.validation(did, 1)
    assert report is not None
    say(operations, did, 190, twisted=True)
    train(operations, did)
    assert table_of(operations, did, 2) != first
    with pytest.raises(
        ModelError, match=r"version 1 was kept without its predictions. Predict with it again"
    ):
        table_of(operations, did, 1)
    done = Job(operations, operations.start_predict(did, 1)).wait(progress=False)
    assert done == {"version": 1, "predicted": 200}
    again = table_of(operations, did, 1)
    assert [(one["uid"], one["label"]) for one in again] == [(one["uid"], one["label"]) for one in first]
    assert [one["probability"] for one in again] == pytest.approx(
        [one["probability"] for one in first], abs=1e-6
    )
    reviews = operations.review_events(did).num_rows
    done = Job(operations, operations.start_rollback(did, 1)).wait(progress=False)
    assert done == {"version": 3, "rolled_back_from": 1, "predicted": 200, "validated": True, "set_aside": 0}
    newest = operations.model_versions(did)[0]
    assert (newest.version, newest.rolled_back_from, newest.validated) == (3, 1, True)
    assert table_of(operations, did, None) == first
    copied = operations.validation(did, 3)
    assert copied is not None
    assert (copied.version, copied.labels) == (3, report.labels)
    assert operations.review_events(did).num_rows == reviews
    compared = operations.compare_versions(did, 1, 3)
    assert (compared.n, compared.n_first, compared.overall.difference) == (report.n_test, report.n_test, 0)
    twisted = {one.name: one.precision for one in operations.compare_versions(did, 1, 2).labels}
    for name in ("Refund", "Delivery > Late"):  # people now say what the second version learned
        pair = twisted[name]
        assert pair.difference is not None
        assert pair.difference_low is not None
        assert pair.second.value == pytest.approx((pair.first.value or 0) + pair.difference)
        assert pair.difference_low <= pair.difference
        assert pair.difference > 0
    check_setting_aside(operations, did)
    with pytest.raises(InputError, match="version 4 is the newest: there is nothing to go back to"):
        operations.start_rollback(did, 4)
    for call in (operations.start_rollback, operations.rollback_preview, operations.validation):
        with pytest.raises(UnknownNameError, match=r"unknown model version '9'. Known: 1, 2, 3"):
            call(did, 9)


def verify(operations: Operations, dataset_id: DatasetId, version: int) -> dict[str, object]:
    return Job(operations, operations.start_verify(dataset_id, version)).wait(progress=False)


def test_training_a_version_again(operations: Operations) -> None:
    did = reviewed_dataset(operations)
    train(operations, did)
    assert verify(operations, did, 1) == {
        "version": 1, "rebuilt": True, "n_trainings": 1, "identical": True,
        "largest_difference": 0.0, "n_compared": 60, "differs": [],
    }  # fmt: skip
    with pytest.raises(UnknownNameError, match=r"unknown model version '9'. Known: 1"):
        operations.start_verify(did, 9)
