"""What one person judges, others hear of."""

from __future__ import annotations

import json
from pathlib import Path

from tests.stores import AT, DATASET, SOURCE, batch, lay_out, message, uid
from workbench.domain import Judgement, LabelId
from workbench.settings import Settings
from workbench.workspace.opening import open_workspace


def test_every_judgement_of_one_call_is_told_once(tmp_path: Path) -> None:
    names = [f"n{number}" for number in range(300)]
    with open_workspace(tmp_path / "w.duckdb", settings=Settings(retrain_after_reviews=0)) as opened:
        with opened._workspace.store.write() as session:
            lay_out(session)
            session.messages.put(SOURCE, batch(*map(message, names)), at=AT)
        ann, bob = opened.operations("ann"), opened.operations("bob")
        start = bob.wait_events(timeout_s=0).last_seq
        ann.judge(
            DATASET,
            tuple(
                Judgement(event_id=f"{number:016x}", uid=uid(name), assigned=(LabelId("l2"),))
                for number, name in enumerate(names)
            ),
        )
        page = bob.wait_events(start, 5)
        assert [one.subject for one in page.events] == [uid(name) for name in names]
        assert [one.seq for one in page.events] == list(range(start + 1, start + 301))
        assert (page.missed, {one.actor for one in page.events}) == (False, {"ann"})
        assert json.loads(page.events[0].payload)["assigned"] == ["l2"]
