"""Versions trained again from what they were trained on: full and refreshed ones, with the taxonomy changing meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.messages import batch
from tests.contract.test_versions import reviewed_dataset, say, verify
from workbench.domain import DatasetId, Judgement, MessageChoice, MessageFilter, MessageId, Operations
from workbench.door import Job
from workbench.errors import ModelError
from workbench.settings import Settings
from workbench.workspace.opening import OpenedWorkspace, open_workspace

SETTINGS = Settings(
    encoder="hash-test", fast_encoder="", retrain_after_reviews=0, predict_after_s=3600, versions_kept=30
)


def refresh(opened: OpenedWorkspace, did: DatasetId) -> None:
    """Train as retraining by itself does: from the last weights, unless a full training is due."""
    job_id = opened._workspace.jobs.submit("train", {"actor": "tester"}, dataset_id=did)
    Job(opened.operations("tester"), job_id).wait(progress=False)


def fits(operations: Operations, did: DatasetId) -> dict[int, str]:
    return {one.version: one.lineage["fit"] for one in operations.model_versions(did)}


def check(operations: Operations, did: DatasetId, version: int) -> int:
    """It comes out the same; returns how many trainings that took."""
    found = verify(operations, did, version)
    assert found["rebuilt"], (version, found)
    assert float(str(found["largest_difference"])) <= 1e-6
    assert found["differs"] == []
    return int(str(found["n_trainings"]))


def test_refreshed_versions_are_rebuilt_from_the_last_full_training(tmp_path: Path) -> None:
    with open_workspace(tmp_path / "w.duckdb", settings=SETTINGS) as opened:
        operations = opened.operations("tester")
        did = reviewed_dataset(operations, 60)
        for n in (50, 53, 55):
            say(operations, did, n, twisted=n == 53)
            refresh(opened, did)
        assert fits(operations, did) == {3: "refresh", 2: "refresh", 1: "full"}
        for version in (1, 2):
            operations.delete_version(did, version)
        assert check(operations, did, 3) == 3
        sets = operations.sql("SELECT count(*) AS n FROM training_set")
        assert sets["n"].to_pylist() == [3]
        refund = next(one.label_id for one in operations.labels(did) if one.name == "Refund")
        operations.delete_label(did, refund, "reviewed")
        refresh(opened, did)
        assert (fits(operations, did)[4], check(operations, did, 4)) == ("full", 1)
        Job(operations, operations.start_rollback(did, 3)).wait(progress=False)
        assert check(operations, did, 5) == 3
        check_what_is_gone(operations, did)


def check_what_is_gone(operations: Operations, did: DatasetId) -> None:
    """What was edited or deleted is not learned from again, and nothing of it is left."""
    (source,) = operations.sources()
    operations.put_messages(source.source_id, batch(1, suffix=", said otherwise"), "second", 1)
    said = "version 5 cannot be trained again: the text of 1 of the messages it learned from was edited since"
    with pytest.raises(ModelError, match=said):
        operations.start_verify(did, 5)
    gone = MessageChoice(message_ids=(MessageId("m1"),))
    operations.delete_messages(source.source_id, gone, "delete")
    said = "version 4 cannot be trained again: 1 of the 55 messages it learned from were deleted.* as before"
    with pytest.raises(ModelError, match=said):
        operations.start_verify(did, 4)
    left = operations.sql(f"SELECT count(*) AS n FROM training_row WHERE uid = '{source.source_id}.m1'")
    assert left["n"].to_pylist() == [0]
    operations.delete_dataset(did, "demo/support")
    left = operations.sql(
        "SELECT (SELECT count(*) FROM training_row) + (SELECT count(*) FROM training_set) AS n"
    )
    assert left["n"].to_pylist() == [0]


def test_how_labels_are_meant_is_learned_again_too(tmp_path: Path) -> None:
    with open_workspace(tmp_path / "w.duckdb", settings=SETTINGS) as opened:
        operations = opened.operations("tester")
        source = operations.create_source("demo", "mail")
        operations.put_messages(source.source_id, batch(24), "first", 24)
        did = operations.create_dataset("demo", "felt", (source.source_id,), has_sentiment=True).dataset_id
        refund = operations.create_label(did, "Refund").label_id
        uids = operations.message_uids(did, MessageFilter())["uid"].to_pylist()[:20]
        said = ["positive" if place % 3 else "negative" for place in range(20)]
        operations.judge(
            did,
            tuple(
                Judgement(
                    event_id=f"{place:016x}",
                    uid=uid,
                    assigned=(refund,) if place % 2 else (),
                    sentiments={refund: sign} if place % 2 else {},
                )
                for place, (uid, sign) in enumerate(zip(uids, said, strict=True))
            ),
        )
        Job(operations, operations.start_train(did)).wait(progress=False)
        assert check(operations, did, 1) == 1
        rows = operations.sql("SELECT DISTINCT sentiments FROM training_row ORDER BY ALL")
        assert rows["sentiments"].to_pylist() == [[], [-1], [1]]


@pytest.mark.nightly
def test_twenty_versions_are_rebuilt(tmp_path: Path) -> None:
    with open_workspace(tmp_path / "w.duckdb", settings=SETTINGS) as opened:
        operations = opened.operations("tester")
        did = reviewed_dataset(operations, 120)
        for n in range(20):
            say(operations, did, 60 + 3 * (n % 10), twisted=n % 3 == 2)
            labels = {one.name: one.label_id for one in operations.labels(did)}
            if n == 6:
                operations.move_label(did, labels["Refund"], labels["Delivery"])
                operations.undo_taxonomy(did)
            if n == 9:
                operations.amend_label(did, labels["Refund"], instructions="money back")
            if n == 12:
                operations.merge_labels(did, (labels["Refund"],), labels["Delivery > Late"])
            refresh(opened, did)
        found = fits(operations, did)
        assert len(found) == 20 and set(found.values()) == {"full", "refresh"}
        steps = [check(operations, did, version) for version in sorted(found)]
        assert max(steps) > 1
        assert operations.messages_table(did, MessageFilter()).num_rows == 120
