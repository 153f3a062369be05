"""The first training follows imported labels; names go with their version."""

from __future__ import annotations

import time
from pathlib import Path

from tests.contract.messages import batch
from tests.contract.test_versions import say, train
from workbench.door import Job
from workbench.settings import Settings
from workbench.workspace.opening import open_workspace


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
