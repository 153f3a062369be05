"""Overlap by every way in: asked, answered by the caller, measured, deleted."""

from __future__ import annotations

import pytest

from tests.contract.messages import batch
from workbench.domain import MessageFilter, Operations, OverlapAnswer, OverlapId
from workbench.errors import InputError, UnknownNameError


def test_an_overlap_from_question_to_measure(operations: Operations) -> None:
    source = operations.create_source("demo", "mail")
    operations.put_messages(source.source_id, batch(30), "first", 30)
    did = operations.create_dataset("demo", "support", (source.source_id,)).dataset_id
    me = operations.whoami()
    with pytest.raises(InputError, match="no label"):
        operations.assign_overlap(did, (me, "anna"))
    refund = operations.create_label(did, "Money > Refund").label_id
    assert operations.agreement(did) is None
    asked = operations.assign_overlap(did, (me, "anna"), 10, 4, None, 7)
    assert (asked.people, asked.n_messages, asked.n_repeats, asked.n_population) == ((me, "anna"), 10, 4, 30)
    assert (asked.n_asked, asked.n_given) == (28, 0)
    assert operations.overlaps(did) == (asked,)

    due = operations.overlap_due(did, 20)
    assert (
        len(due) == 14 and len({task.task_id for task in due}) == 14 and len({one.uid for one in due}) == 10
    )
    answers = tuple(OverlapAnswer(task_id=task.task_id, assigned=(refund,)) for task in due[:9])
    assert operations.answer_overlap(did, answers) == 9
    changed = tuple(OverlapAnswer(task_id=one.task_id) for one in answers)
    assert operations.answer_overlap(did, changed) == 0  # the first answer stands
    assert len(operations.overlap_due(did, 20)) == 5
    assert operations.count_messages(did, MessageFilter(reviewed=True)) == 0  # nobody agreed with anybody yet

    operations.create_label(did, "Later")
    report = operations.agreement(did, asked.overlap_id)
    assert report is not None
    assert report.overlap.n_given == 9
    assert [one.name for one in report.labels] == ["Money", "Money > Refund"]
    assert report.later_labels == ("Later",)
    assert report.overall.n_messages == 0 and report.overall.alpha.value is None
    mine = next(one for one in report.people if one.person == me)
    assert (mine.n_given, mine.n_asked, mine.seconds_per_message) == (9, 14, None)

    for wrong in (
        OverlapAnswer(task_id="0" * 16),
        OverlapAnswer(task_id=due[-1].task_id, assigned=("0" * 16,)),  # type: ignore[arg-type]
    ):
        with pytest.raises(UnknownNameError, match="0000"):
            operations.answer_overlap(did, (wrong,))
    with pytest.raises(UnknownNameError, match="overlap"):
        operations.agreement(did, OverlapId("f" * 16))
    assert operations.delete_overlap(did, asked.overlap_id).overlap_id == asked.overlap_id
    assert operations.overlaps(did) == () and operations.overlap_due(did) == ()
