"""A doubt that a person settled is not shown again, until what it was about has changed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest

from tests.stores import AT, DATASET, SOURCE, batch, lay_out, message, uid
from workbench.domain import Judgement, LabelId, ReviewMode, Uid, Verdict
from workbench.errors import InputError, UnknownNameError
from workbench.settings import Settings
from workbench.wire import companion_folder
from workbench.workspace.opening import OpenedWorkspace, open_workspace

LABEL = LabelId("l2")
NAMES = [f"n{number}" for number in range(6)]
EVENT_IDS = (f"{number:016x}" for number in itertools.count(1))


@pytest.fixture
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenedWorkspace]:
    """Six reviewed messages, three with the label; the model doubts all of them."""
    file = tmp_path_factory.mktemp("verdicts") / "w.duckdb"
    with open_workspace(file, settings=Settings(retrain_after_reviews=0)) as made:
        with made._workspace.store.write() as session:
            lay_out(session)
            session.messages.put(SOURCE, batch(*(message(name) for name in NAMES)), at=AT)
        held_out = companion_folder(file) / "held_out" / f"{DATASET}.npz"
        held_out.parent.mkdir()
        scores = np.array([0.1, 0.2, 0.3, 0.9, 0.8, 0.7], dtype=np.float32)[:, None]
        np.savez(
            held_out,
            uids=np.array([uid(name) for name in NAMES]),
            label_ids=np.array([LABEL]),
            out_of_fold=scores,
        )
        judge(made, *NAMES[:3], labels=(LABEL,))
        judge(made, *NAMES[3:])
        yield made


def judge(opened: OpenedWorkspace, *names: str, labels: tuple[LabelId, ...] = (), revision: int = 0) -> None:
    judgements = tuple(
        Judgement(event_id=next(EVENT_IDS), uid=uid(name), assigned=labels, revision=revision)
        for name in names
    )
    opened.operations("ann").judge(DATASET, judgements)


def keep(
    opened: OpenedWorkspace, name: str, *, kept: bool = True, revision: int = 1, label: str = LABEL
) -> None:
    verdict = Verdict(
        event_id=next(EVENT_IDS), uid=Uid(uid(name)), label_id=LabelId(label), revision=revision, kept=kept
    )
    opened.operations("ann").keep_as_is(DATASET, verdict)


def doubted(opened: OpenedWorkspace, mode: ReviewMode) -> list[str]:
    batch = opened.operations("ann").next_batch(DATASET, mode, 6, LABEL)
    return [one.partition(".")[2] for one in batch.uids]


def test_what_is_kept_is_not_shown_again_until_it_is_taken_back(opened: OpenedWorkspace) -> None:
    assert (doubted(opened, "check"), doubted(opened, "missed")) == (["n0", "n1", "n2"], ["n3", "n4", "n5"])
    keep(opened, "n1")
    keep(opened, "n3")
    assert (doubted(opened, "check"), doubted(opened, "missed")) == (["n0", "n2"], ["n4", "n5"])
    keep(opened, "n1", kept=False)
    assert doubted(opened, "check") == ["n0", "n1", "n2"]


def test_other_labels_on_the_message_or_another_definition_ask_again(opened: OpenedWorkspace) -> None:
    keep(opened, "n0")
    keep(opened, "n1")
    judge(opened, "n0", labels=(LABEL,), revision=1)
    assert doubted(opened, "check") == ["n2"], "the same labels again change nothing"
    judge(opened, "n0", labels=(LABEL, LabelId("l0")), revision=2)
    assert doubted(opened, "check") == ["n0", "n2"]
    operations = opened.operations("ann")
    operations.amend_label(DATASET, LABEL, instructions="Only thanks for a person.")
    assert doubted(opened, "check") == ["n0", "n1", "n2"]


def test_what_the_person_did_not_see_is_not_settled(opened: OpenedWorkspace) -> None:
    judge(opened, "n0", labels=(), revision=1)
    with pytest.raises(InputError, match="at revision 2; the verdict speaks of revision 1"):
        keep(opened, "n0")
    with pytest.raises(UnknownNameError, match="message"):
        keep(opened, "gone")
    with pytest.raises(UnknownNameError, match="label 'l9'"):
        keep(opened, "n1", label="l9")


def test_deleting_leaves_no_verdict(opened: OpenedWorkspace) -> None:
    def n_verdicts() -> int:
        return int(opened.operations("ann").sql("SELECT count(*) AS n FROM verdict")["n"][0].as_py())

    keep(opened, "n0")
    keep(opened, "n1")
    with opened._workspace.store.write() as session:
        session.deletion.messages(session.messages.keys(DATASET).slice(0, 1).select(["uid"]))
    assert n_verdicts() == 1
    with opened._workspace.store.write() as session:
        session.deletion.dataset(DATASET)
    assert n_verdicts() == 0
