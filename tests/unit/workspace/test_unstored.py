"""A call that is sent again is charged once, whatever became of its first reply."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.contract.messages import batch
from tests.contract.test_versions import reviewed_dataset, train
from workbench.door import Job
from workbench.errors import JobCancelledError, LimitError, ModelError, UnknownNameError
from workbench.settings import Settings
from workbench.workspace import answering, open_workspace
from workbench.workspace.answering import Answering
from workbench.workspace.predictor import Predictor

SETTINGS = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)


def test_the_same_call_is_charged_once(tmp_path: Path) -> None:
    with open_workspace(tmp_path / "w.duckdb", settings=SETTINGS) as opened:
        here = opened.operations("tester")
        did = reviewed_dataset(here)
        train(here, did)
        before = here.usage().units
        here.set_budget("demo", "once", hard=before + 3)
        call = opened.operations("robot", "http", "call-1")
        answer = call.predict_messages(did, batch(3))
        assert call.predict_messages(did, batch(3)) == answer  # the budget has no room for it a second time
        assert here.usage().units == before + 3
        with pytest.raises(LimitError, match="3 units are needed"):
            opened.operations("robot", "http", "call-2").predict_messages(did, batch(3))
        here.set_charge_rule("predict", "predicted", 0)
        assert here.predict_messages(did, batch(3)).units == 0
        assert {one["channel"] for one in here.ledger_table().slice(60).to_pylist()} == {"http"}


def test_a_call_that_takes_too_long_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cancel(*_: object, cancelled: Callable[[], bool], **__: object) -> None:
        assert cancelled()
        raise JobCancelledError("the job was cancelled.")

    predictor = Predictor(cache_dir=tmp_path, n_threads=1, limit_s=-1)
    monkeypatch.setattr(predictor._lane, "call", cancel)
    with pytest.raises(ModelError, match="predicting 2 messages took longer than -1 s"):
        predictor.predict({"texts": ["a", "b"]}, model="d/1", weights=bytes)
    predictor.stop()
    with pytest.raises(JobCancelledError, match="the job was cancelled"):
        predictor.predict({"texts": ["a", "b"]}, model="d/1", weights=bytes)


def test_the_worker_is_handed_the_weights_of_a_version_once(tmp_path: Path) -> None:
    with open_workspace(tmp_path / "w.duckdb", settings=SETTINGS) as opened:
        here = opened.operations("tester")
        did = reviewed_dataset(here)
        train(here, did)
        predictor = opened._workspace.predictor
        handed = []
        call = predictor._lane.call

        def seen(function: str, payload: dict[str, Any], **more: Any) -> Any:
            handed.append("weights" in payload)
            return call(function, payload, **more)

        predictor._lane.call = seen  # type: ignore[method-assign]
        said = [here.predict_messages(did, batch(2)).predictions for _ in range(3)]
        assert handed == [False, True, False, False]
        assert said[0] == said[1] == said[2]


def test_what_a_call_asks_is_looked_up_again_when_anything_but_the_ledger_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up = []

    class Seen(Answering):
        def __init__(self, *given: Any) -> None:
            looked_up.append(given[2])
            super().__init__(*given)

    monkeypatch.setattr(answering, "Answering", Seen)
    with open_workspace(tmp_path / "w.duckdb", settings=SETTINGS) as opened:
        here = opened.operations("tester")
        did = reviewed_dataset(here)
        train(here, did)

        def names() -> set[str]:
            (one,) = here.predict_messages(did, batch(1), None, 0.0).predictions
            return {label.name for label in one.labels}

        for _ in range(3):
            assert "Refund" in names()
        assert looked_up == [1], "three charges, one look"
        (refund,) = (one for one in here.labels(did) if one.name == "Refund")
        here.rename_label(did, refund.label_id, "Money back")
        assert "Money back" in names() and "Refund" not in names()
        assert looked_up == [1, 1]
        with pytest.raises(UnknownNameError, match="unknown tag of a model version 'live'"):
            here.predict_messages(did, batch(1), "live")
        here.tag_version(did, 1, "live")
        assert here.predict_messages(did, batch(1), "live").version == 1


@pytest.mark.nightly
def test_predictions_are_made_and_charged_while_a_version_is_trained(tmp_path: Path) -> None:
    with open_workspace(tmp_path / "w.duckdb", settings=SETTINGS) as opened:
        here = opened.operations("tester")
        did = reviewed_dataset(here)
        train(here, did)
        said = here.predict_messages(did, batch(2), 1).predictions
        before, n_asked = here.usage().units, 0
        job = Job(here, here.start_train(did))
        while n_asked < 5 or here.job(job.job_id).status in ("queued", "running"):
            found = here.predict_messages(did, batch(2), 1)
            n_asked += 1
            assert (found.version, found.units, found.predictions) == (1, 2, said)
        assert here.usage().units == before + 2 * n_asked
        assert here.predict_messages(did, batch(2)).version == 2
