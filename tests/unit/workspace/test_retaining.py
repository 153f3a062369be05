"""What is stored for longer than it is to be kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.contract.messages import batch
from tests.stores import AT
from workbench.domain import Judgement, Uid
from workbench.errors import InputError
from workbench.settings import Settings
from workbench.workspace.opening import OpenedWorkspace, open_workspace


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[OpenedWorkspace]:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as made:
        yield made


def test_what_was_stored_long_ago_is_counted_by_source(opened: OpenedWorkspace) -> None:
    operations, workspace = opened.operations("ann"), opened._workspace
    workspace.clock = lambda: AT
    old = operations.create_source("demo", "old")
    operations.put_messages(old.source_id, batch(3), "a", 3)
    dataset_id = operations.create_dataset("demo", "support", (old.source_id,)).dataset_id
    label = operations.create_label(dataset_id, "Praise")
    uid = Uid(f"{old.source_id}.m1")
    operations.judge(
        dataset_id, (Judgement(event_id="e", uid=uid, assigned=(label.label_id,), mode="search"),)
    )
    workspace.clock = lambda: AT + timedelta(days=729)
    assert operations.retention_report().sources == ()
    workspace.clock = lambda: AT + timedelta(days=731)
    new = operations.create_source("demo", "new")
    operations.put_messages(new.source_id, batch(5), "b", 5)
    report = operations.retention_report()
    (past,) = report.sources
    assert (past.source, past.n_messages, past.n_annotated, report.n_messages) == ("demo/old", 3, 1, 3)
    assert past.oldest == AT
    stored = operations.get_messages(dataset_id, tuple(Uid(f"{old.source_id}.m{i}") for i in range(3)))
    assert past.n_bytes == sum(len(f"{m.subject}{m.body}{m.signature}".encode()) for m in stored)


def test_fewer_days_than_one_are_refused(opened: OpenedWorkspace) -> None:
    with pytest.raises(InputError, match="messages cannot be kept for 0 days"):
        opened.operations("ann").retention_report(0)
