"""Several people on the same messages: what is asked of whom, what agreement makes of it, and who sees which name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.contract.messages import batch
from workbench.domain import (
    DatasetId,
    Grants,
    LabelId,
    MessageChoice,
    MessageFilter,
    Operations,
    OverlapAnswer,
    Uid,
    with_included,
)
from workbench.errors import InputError
from workbench.settings import Settings
from workbench.workspace.opening import OpenedWorkspace, open_workspace
from workbench.workspace.overlap.asking import sequence

PEOPLE = ("anna", "berta", "carla")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[OpenedWorkspace]:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "test.duckdb", settings=settings) as workspace:
        yield workspace


@pytest.fixture
def everybody(opened: OpenedWorkspace) -> dict[str, Operations]:
    return {person: opened.operations(person) for person in PEOPLE}


@pytest.fixture
def dataset_id(everybody: dict[str, Operations]) -> DatasetId:
    ops = everybody["anna"]
    source = ops.create_source("demo", "mail")
    ops.put_messages(source.source_id, batch(40), "first", 40)
    return ops.create_dataset("demo", "support", (source.source_id,)).dataset_id


def answer_all(ops: Operations, dataset_id: DatasetId, says: dict[Uid, tuple[LabelId, ...]]) -> None:
    while due := ops.overlap_due(dataset_id, 20):
        answers = [OverlapAnswer(task_id=one.task_id, assigned=says.get(one.uid, ())) for one in due]
        ops.answer_overlap(dataset_id, tuple(answers))


def test_what_all_say_counts_as_reviewed_and_what_they_differ_on_is_listed(
    everybody: dict[str, Operations], dataset_id: DatasetId
) -> None:
    anna = everybody["anna"]
    refund = anna.create_label(dataset_id, "Money > Refund").label_id
    money = next(one.label_id for one in anna.labels(dataset_id) if one.name == "Money")
    asked = anna.assign_overlap(dataset_id, PEOPLE, 10, 2, seed=3)
    uids = sorted({one.uid for one in anna.overlap_due(dataset_id, 20)})
    same = dict.fromkeys(uids[:4], (refund,))
    answer_all(anna, dataset_id, same | {uids[9]: (money,)})
    answer_all(everybody["berta"], dataset_id, same)
    assert anna.count_messages(dataset_id, MessageFilter(reviewed=True)) == 0  # carla has not spoken
    answer_all(everybody["carla"], dataset_id, same)

    reviewed = {one.uid: one for one in anna.find_messages(dataset_id, MessageFilter(reviewed=True)).messages}
    assert set(reviewed) == set(uids[:9])
    assert set(reviewed[uids[0]].assigned) == {money, refund} and reviewed[uids[8]].assigned == ()
    events = anna.review_events(dataset_id)
    assert set(events["mode"].to_pylist()) == {"shuffle"}
    assert set(events["probability"].to_pylist()) == {10 / 40}
    assert set(events["n_population"].to_pylist()) == {40}

    report = anna.agreement(dataset_id)
    assert report is not None and report.overlap.n_given == report.overlap.n_asked == 36
    by_name = {one.name: one for one in report.labels}
    # 30 judgements, 13 of them yes; one message on which one of three says yes.
    assert by_name["Money"].alpha.value == pytest.approx(1 - 29 * 2 / (2 * 13 * 17))
    assert by_name["Money > Refund"].alpha.value == 1.0 and by_name["Money > Refund"].ac1.value == 1.0
    assert by_name["Money"].observed == pytest.approx((9 + 1 / 3) / 10)
    [differing] = report.disagreements
    assert (differing.uid, differing.votes, differing.resolved) == (uids[9], ((money, 1),), False)
    assert [(one.n_repeats, one.n_equal) for one in report.people] == [(2, 2)] * 3
    assert report.overlap.overlap_id == asked.overlap_id


def test_who_may_not_manage_sees_no_name_but_their_own(
    opened: OpenedWorkspace, everybody: dict[str, Operations], dataset_id: DatasetId
) -> None:
    everybody["anna"].create_label(dataset_id, "Refund")
    everybody["anna"].assign_overlap(dataset_id, PEOPLE, 4, 0, seed=1)
    plain = opened.operations(
        "berta", grants=Grants(everywhere=with_included({"source.read", "dataset.review"}))
    )
    report = plain.agreement(dataset_id)
    assert report is not None
    for seen in (
        report.overlap.people,
        tuple(one.person for one in report.people),
        plain.overlaps(dataset_id)[0].people,
    ):
        assert "berta" in seen and not {"anna", "carla"} & set(seen)
    assert report.overlap.created_by != "anna"
    assert set(everybody["anna"].overlaps(dataset_id)[0].people) == set(PEOPLE)


def test_a_merge_is_followed_and_deleted_messages_are_gone(
    everybody: dict[str, Operations], dataset_id: DatasetId
) -> None:
    anna = everybody["anna"]
    refund, money = (anna.create_label(dataset_id, name).label_id for name in ("Refund", "Money"))
    anna.assign_overlap(dataset_id, PEOPLE, 6, 0, seed=5)
    uids = [one.uid for one in anna.overlap_due(dataset_id, 20)]
    answer_all(anna, dataset_id, dict.fromkeys(uids[:3], (refund,)))
    answer_all(everybody["berta"], dataset_id, dict.fromkeys(uids[:3], (money,)))
    before = anna.agreement(dataset_id)
    assert before is not None and len(before.disagreements) == 3
    anna.merge_labels(dataset_id, (refund,), money)
    after = anna.agreement(dataset_id)
    assert after is not None and not after.disagreements and after.labels[0].alpha.value == 1.0

    gone = uids[0]
    source_id, message_id = gone.split(".", 1)
    anna.delete_messages(source_id, MessageChoice(message_ids=(message_id,)), "delete")  # type: ignore[arg-type]
    assert len(everybody["carla"].overlap_due(dataset_id, 20)) == 5
    anna.delete_dataset(dataset_id, anna.dataset(dataset_id).full_name)
    assert anna.sql("SELECT count(*) AS n FROM overlap_task")["n"].to_pylist() == [0]


def test_some_come_back_in_the_second_half() -> None:
    uids = [Uid(str(number)) for number in range(11)]
    order = sequence(uids, 3, np.random.default_rng(0))
    assert sorted(uid for uid, repeats in order if not repeats) == sorted(uids)
    assert not any(repeats for _, repeats in order[:6])
    assert {uid for uid, repeats in order if repeats} <= {uid for uid, _ in order[:6]}
    assert len(order) == 14


def test_what_cannot_be_asked_is_refused(everybody: dict[str, Operations], dataset_id: DatasetId) -> None:
    anna = everybody["anna"]
    anna.create_label(dataset_id, "Refund")
    for arguments, message in (
        (((),), "0 different people"),
        ((("anna", "anna "),), "1 different people"),
        ((("anna", "b\nb"),), "no name of a person"),
        ((PEOPLE, 1, 0), "1 messages cannot"),
        ((PEOPLE, 10, 6), "6 of 10 messages"),
        ((PEOPLE, 10, 0, MessageFilter(text="zebra")), "0 messages pass"),
    ):
        with pytest.raises(InputError, match=message):
            anna.assign_overlap(dataset_id, *arguments)  # type: ignore[arg-type]
    assert anna.overlaps(dataset_id) == ()
