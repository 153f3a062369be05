"""The first training follows imported labels; names go with their version."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.contract.messages import batch
from tests.contract.test_versions import say, train
from workbench.domain import Labelling, MessageFilter
from workbench.door import Job
from workbench.settings import Settings
from workbench.workspace.opening import open_workspace
from workbench.workspace.retraining import Retraining


def test_imported_labels_train_by_themselves_and_fade(tmp_path: Path) -> None:
    settings = Settings(
        encoder="hash-test", fast_encoder="", retrain_after_reviews=10_000, retrain_after_s=0.0
    )
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as opened:
        operations = opened.operations("tester")
        source = operations.create_source("demo", "mail")
        operations.put_messages(source.source_id, batch(60), "first", 60)
        did = operations.create_dataset("demo", "support", (source.source_id,)).dataset_id
        operations.import_labels(did, "label\nRefund\nDelivery > Late\n")
        for _ in range(600):
            if operations.model_versions(did):
                break
            time.sleep(0.1)
        assert [(one.version, one.n_reviewed) for one in operations.model_versions(did)] == [(1, 0)]
        assert {label.zero_shot for label in operations.labels(did)} == {1.0}


@pytest.mark.parametrize(("n_said", "while_they_come", "after"), [(1, None, None), (30, False, True)])
def test_annotations_of_a_program_train_by_themselves_when_it_pauses(
    tmp_path: Path, n_said: int, while_they_come: bool | None, after: bool | None
) -> None:
    now = [datetime(2026, 3, 1, tzinfo=UTC)]
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0, retrain_after_s=60.0)
    with open_workspace(tmp_path / "w.duckdb", settings=settings, clock=lambda: now[0]) as opened:
        operations = opened.operations("tester")
        source = operations.create_source("demo", "mail")
        operations.put_messages(source.source_id, batch(60), "first", 60)
        did = operations.create_dataset("demo", "support", (source.source_id,)).dataset_id
        rule = Retraining(opened._workspace)
        messages = operations.find_messages(did, MessageFilter(), limit=n_said).messages
        for number, message in enumerate(messages):
            operations.set_labels(did, message.uid, Labelling(assigned=(("Refund", "Late")[number % 2],)))
        assert rule.due(did) is while_they_come
        now[0] += timedelta(seconds=61)
        assert rule.due(did) is after


def test_judgements_of_a_person_begin_no_training(tmp_path: Path) -> None:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0, retrain_after_s=0.0)
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as opened:
        operations = opened.operations("tester")
        source = operations.create_source("demo", "mail")
        operations.put_messages(source.source_id, batch(60), "first", 60)
        did = operations.create_dataset("demo", "support", (source.source_id,)).dataset_id
        say(operations, did, 30)
        assert Retraining(opened._workspace).due(did) is None


def test_a_version_of_names_is_rolled_back_to_and_trained_again(tmp_path: Path) -> None:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as opened:
        operations = opened.operations("tester")
        source = operations.create_source("demo", "mail")
        operations.put_messages(source.source_id, batch(60), "first", 60)
        did = operations.create_dataset("demo", "support", (source.source_id,)).dataset_id
        operations.import_labels(did, "label\nRefund\nDelivery > Late\n")
        train(operations, did)
        say(operations, did, 50)
        train(operations, did)
        shares = [label.zero_shot for label in operations.labels(did)]
        assert all(0 < share < 1 for share in shares)
        # Other messages change what names are compared with; what was learned then stays learned.
        operations.put_messages(source.source_id, batch(40, first=60, suffix=" again"), "second", 40)
        for version in (1, 2):
            done = Job(operations, operations.start_verify(did, version)).wait(progress=False)
            assert (done["identical"], done["differs"]) == (True, []), version
        Job(operations, operations.start_rollback(did, 1)).wait(progress=False)
        assert {label.zero_shot for label in operations.labels(did)} == {1.0}
