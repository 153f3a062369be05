"""The Agreement page through its state and public methods."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.messages import batch
from workbench.door import Dataset
from workbench.errors import InputError
from workbench.settings import Settings
from workbench.widgets.elements import JudgementEvent
from workbench.widgets.panels import AgreementPanel
from workbench.workspace.opening import open_workspace


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[AgreementPanel, AgreementPanel]]:
    """The page before two people, over 20 messages and one label."""
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "agree.duckdb", settings=settings) as opened:
        maria, jo = opened.operations("maria"), opened.operations("jo")
        source = maria.create_source("demo", "mail")
        maria.put_messages(source.source_id, batch(20), "first", 20)
        made = maria.create_dataset("demo", "support", (source.source_id,))
        maria.create_label(made.dataset_id, "Refund")
        panels = AgreementPanel(Dataset(maria, made.dataset_id)), AgreementPanel(Dataset(jo, made.dataset_id))
        yield panels
        for panel in panels:
            panel.close()


def said(uid: str, assigned: list[str], revision: int, *, reviewed: bool, seq: str = "") -> JudgementEvent:
    return JudgementEvent(
        seq=seq or f"{uid}-{revision}",
        uid=uid,
        assigned=assigned,
        dismissed=[],
        new=[],
        reviewed=reviewed,
        before_revision=revision,
        sentiments={},
    )


def test_two_people_judge_blindly_and_see_how_they_agree(two: tuple[AgreementPanel, AgreementPanel]) -> None:
    maria, jo = two
    assert "Nobody was asked" in maria.headline.value
    maria.ask()
    maria.assign({"people": "maria, jo", "n_messages": "6", "n_repeats": "0"})
    assert not maria.form.shown
    jo.refresh()
    label = jo.card.taxonomy[0]["id"]
    for panel, gives in ((maria, 6), (jo, 5)):
        assert len(panel.card.queue) == 6
        assert all(not row["predictions"] and not row["assigned"] for row in panel.card.queue)
        queue = sorted(panel.card.queue, key=lambda row: row["subject"] + row["body"])
        for place, row in enumerate(queue):
            chosen = [label] if place < gives else []
            panel.answer(said(row["uid"], chosen, 0, reviewed=False))
            panel.answer(said(row["uid"], chosen, 1, reviewed=True))
    with pytest.raises(InputError, match="answers stand"):
        jo.answer(said(jo.card.queue[0]["uid"], [], 2, reviewed=False))
    maria.refresh()
    assert "people differ on 1 of them" in maria.headline.value
    assert "Nothing is asked" in maria.due.value and not maria.card.queue
    assert maria.report is not None
    [differing] = maria.report.disagreements
    text = maria.operations.get_messages(maria.dataset.dataset_id, (differing.uid,))[0].body
    maria.read(f"{text}")
    assert maria.settle.value == ""
    maria.address.visitor = "maria"
    assert f"uid={differing.uid}" in maria.settle.value.replace("%2E", ".")
    assert maria.operations.dataset(maria.dataset.dataset_id).n_reviewed == 5


def test_what_cannot_be_asked_is_said_at_its_field(two: tuple[AgreementPanel, AgreementPanel]) -> None:
    maria, _ = two
    good = {"people": "maria, jo", "n_messages": "6", "n_repeats": "0"}
    for key, value in (("people", "maria"), ("n_messages", "1"), ("n_repeats", "4"), ("n_messages", "many")):
        maria.ask()
        with pytest.raises(InputError) as refusal:
            maria.assign(good | {key: value})
        maria.form.fail(refusal.value)
        assert list(maria.form.errors) == [key]
