"""What a dataset says of its model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.stores import AT, DATASET, add_model, batch, lay_out, message, uid
from workbench.domain import DatasetStatus, JobId, JobState, Judgement, LabelId, SourceId
from workbench.settings import Settings
from workbench.widgets.status import duration_words, model_words, version_words
from workbench.workspace.opening import OpenedWorkspace, open_workspace

TRAINED = JobState(
    job_id=JobId("a"), kind="train", status="done", dataset_id=DATASET, created_at=AT, started_at=AT,
    finished_at=AT + timedelta(seconds=30),
)  # fmt: skip
NOW = AT + timedelta(minutes=10)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenedWorkspace]:
    """Two versions, one message reviewed since; ten minutes later."""
    file = tmp_path_factory.mktemp("status") / "w.duckdb"
    with open_workspace(file, settings=Settings(retrain_after_reviews=0), clock=lambda: NOW) as made:
        with made._workspace.store.write() as session:
            lay_out(session)
            session.messages.put(SourceId("5" * 16), batch(message("m")), at=AT)
            lineage = {"reviewed_until": AT.isoformat()}
            for version in (1, 2):
                add_model(session, version, {"m": (0.5, 0.5, 0.5)}, lineage=lineage)
            judgement = Judgement(event_id="1" * 16, uid=uid("m"), assigned=(LabelId("l0"),))
            session.reviews.judge(DATASET, (judgement,), actor="a", at=AT + timedelta(seconds=1))
        yield made


def said(opened: OpenedWorkspace, *jobs: JobState) -> DatasetStatus:
    """The status when these jobs are recorded."""
    with opened._workspace.store.write() as session:
        session._cursor._connection.execute("DELETE FROM job")
        for job in jobs:
            session.jobs.add(job)
    return opened.operations("ann").dataset_status(DATASET)


def at_work(**values: Any) -> JobState:
    later = AT + timedelta(minutes=9)
    fixed = {
        "job_id": JobId("b"),
        "status": "running",
        "created_at": later,
        "started_at": NOW - timedelta(seconds=10),
        "finished_at": None,
    }
    return replace(TRAINED, **fixed | values)


def test_at_rest(opened: OpenedWorkspace) -> None:
    assert said(opened, TRAINED) == DatasetStatus(dataset_id=DATASET, state="idle", predicted_by=2, n_new=1)
    assert said(opened, at_work(kind="embed")).state == "idle", "other work is not the model's"


@pytest.mark.parametrize(
    ("job", "state", "share"),
    [
        (at_work(stage="embedding", total=4, done=1), "training", 0.25),
        (at_work(stage="training"), "training", None),
        (at_work(stage="predicting", total=10, done=4), "predicting", 0.4),
        (at_work(stage="storing predictions", total=10, done=9), "predicting", 0.9),
        (at_work(stage="validating"), "validating", None),
        (at_work(kind="rollback", stage="going back"), "predicting", None),
    ],
)
def test_at_work(opened: OpenedWorkspace, job: JobState, state: str, share: float | None) -> None:
    found = said(opened, TRAINED, job)
    assert (found.state, found.share, found.job_id) == (state, share, "b")
    assert found.eta_s == (20.0 if job.kind == "train" else None), (
        "the last training took 30 s, this one 10 so far"
    )


def test_what_runs_is_shown_before_what_waits(opened: OpenedWorkspace) -> None:
    waiting = at_work(job_id=JobId("c"), status="queued", started_at=None)
    assert said(opened, TRAINED, waiting).state == "queued"
    assert said(opened, TRAINED, waiting).eta_s == 30.0
    assert said(opened, waiting, at_work(stage="training")).job_id == "b"


def test_a_failure_says_why_until_something_came_after_it(opened: OpenedWorkspace) -> None:
    failed = at_work(status="failed", error="no memory.", next_step="Close something.", finished_at=NOW)
    found = said(opened, TRAINED, failed)
    assert (found.state, found.error, found.next_step, found.job_id) == (
        "failed",
        "no memory.",
        "Close something.",
        "b",
    )
    found = said(opened, at_work(status="interrupted", finished_at=NOW))
    assert "cut off" in found.error and "Try again" in found.next_step
    after = replace(TRAINED, job_id=JobId("z"), created_at=NOW)
    assert said(opened, failed, after).state == "idle"
    assert said(opened, failed, replace(after, status="cancelled")).state == "idle"


def test_words_of_the_header() -> None:
    status = DatasetStatus(
        dataset_id=DATASET, state="predicting", share=0.4, eta_s=3.2, predicted_by=5, validated_by=4
    )
    assert model_words(status) == "predicting 40%, about 3 s left"
    assert version_words(status) == (
        "predictions from model version <b>5</b>, validation from version <b>4</b>"
    )
    assert "not validated yet" in version_words(replace(status, validated_by=None))
    assert version_words(replace(status, validated_by=5)).count("<b>5</b>") == 1
    failed = replace(status, state="failed", error="no <memory>.", next_step="Close it.")
    assert model_words(failed) == "failed: no <memory>. Close it."
    assert [duration_words(s) for s in (90, 600, 9000)] == ["90 s", "10 min", "2 h"]
