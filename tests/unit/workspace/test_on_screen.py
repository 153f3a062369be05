"""What somebody looks at is predicted and shown before the rest."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.stores import DATASET, add_model, batch, lay_out, message, model_version, uid
from workbench.domain import Event
from workbench.settings import Settings
from workbench.workspace import predicting
from workbench.workspace.on_screen import OnScreen
from workbench.workspace.opening import open_workspace

NAMES = [f"n{number}" for number in range(30)]


def test_the_last_batch_of_each_person_is_on_screen() -> None:
    screens = OnScreen()
    screens.show(DATASET, "ann", (uid("a"),))
    screens.show(DATASET, "ann", (uid("b"),))
    screens.show(DATASET, "bob", (uid("c"),))
    assert screens.of(DATASET) == {uid("b"), uid("c")}
    for number in range(64):
        screens.show("other", f"person{number}", (uid("d"),))  # type: ignore[arg-type]
    assert screens.of(DATASET) == set(), "who was here long ago is forgotten"


def test_empty_parts_are_left_out() -> None:
    both = predicting.screen_first((uid("a"), uid("b"), uid("c")), frozenset({uid("c"), uid("gone")}))
    assert both == ([uid("c")], [uid("a"), uid("b")])
    assert predicting.screen_first((uid("a"),), frozenset()) == ([uid("a")],)
    assert predicting.screen_first((), frozenset({uid("a")})) == ()


def test_the_messages_on_screen_have_their_predictions_before_the_others_are_computed(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path_factory.mktemp("screen") / "w.duckdb"
    with open_workspace(file, settings=Settings(retrain_after_reviews=0, predict_after_s=-1)) as opened:
        workspace, operations = opened._workspace, opened.operations("ann")
        with workspace.store.write() as session:
            lay_out(session)
            session.messages.put(
                "5" * 16, batch(*(message(name) for name in NAMES)), at=model_version(1).created_at
            )
            add_model(session, 1, {"n0": (0.5, 0.5, 0.5)}, lineage={"encoder_id": "e"})
        shown = operations.next_batch(DATASET, "shuffle", 5, seed=1).uids
        calls: list[tuple[set[str], int]] = []

        def work(_function: str, payload: dict[str, Any]) -> dict[str, Any]:
            with workspace.store.read() as session:
                waiting = len(session.models.unpredicted(DATASET, 1))
            calls.append((set(payload["uids"]), waiting))
            np.save(f"{payload['spool']}/p.npy", np.full((len(payload["uids"]), 3), 0.25, dtype=np.float32))
            return {"uids": payload["uids"], "probabilities": f"{payload['spool']}/p.npy"}

        told: list[Event] = []
        workspace.events.listen(told.append)
        monkeypatch.setattr(predicting, "embed_missing", lambda *_: ("e", 0))
        monkeypatch.setattr(
            predicting, "dataset_matrices", lambda *_: SimpleNamespace(vectors="v", texts="t")
        )
        run: Any = SimpleNamespace(
            state=SimpleNamespace(job_id="j", dataset_id=DATASET), stage=lambda *_, **__: None, work=work
        )
        found = predicting.run_predict(workspace, run, {})
    on_screen = set(shown) - {uid("n0")}
    assert [uids for uids, _ in calls] == [on_screen, {uid(name) for name in NAMES[1:]} - on_screen]
    assert [waiting for _, waiting in calls] == [29, 29 - len(on_screen)], "the first part was stored by then"
    assert [event.topic for event in told] == ["model", "model"]
    assert found == {"version": 1, "predicted": 29}
