"""Answers of people who judge the same messages on their own, and what becomes of those that all agree on."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from workbench.domain import (
    DatasetId,
    Judgement,
    JudgementReceipt,
    LabelId,
    OverlapAnswer,
    OverlapId,
    OverlapTask,
    Uid,
    ancestors,
)
from workbench.errors import InputError, UnknownNameError
from workbench.primitives import hex_digest
from workbench.store import Session
from workbench.workspace.context import Caller
from workbench.workspace.gathering import check_reviewed
from workbench.workspace.reviewing import MAX_BATCH, tell_judged


def overlap_due(caller: Caller, dataset_id: DatasetId, n: int = 20) -> tuple[OverlapTask, ...]:
    """What the caller is still asked."""
    if not 1 <= n <= MAX_BATCH:
        raise InputError(f"{n} tasks cannot be had.", next_step=f"Ask for 1 to {MAX_BATCH}.")
    with caller.store.read() as session:
        dataset = session.catalog.find_dataset(dataset_id)
        return session.overlaps.due(dataset.dataset_id, caller.actor, n)


def answer_overlap(caller: Caller, dataset_id: DatasetId, answers: tuple[OverlapAnswer, ...]) -> int:
    """Store answers; where all agree on an unreviewed message it counts as reviewed."""
    if not 1 <= len(answers) <= MAX_BATCH:
        raise InputError(f"{len(answers)} answers were sent at once.", next_step=f"Send 1 to {MAX_BATCH}.")
    with caller.store.write() as session:
        dataset = session.catalog.find_dataset(dataset_id)
        paths = {
            label.label_id: label.path for label in session.labels.all(dataset.dataset_id, counted=False)
        }
        tasks = session.overlaps.tasks(dataset.dataset_id, [one.task_id for one in answers])
        for one in answers:
            if one.task_id not in tasks or tasks[one.task_id].person != caller.actor:
                due = session.overlaps.due(dataset.dataset_id, caller.actor, MAX_BATCH)
                raise UnknownNameError("task", one.task_id, [task.task_id for task in due])
            for label_id in one.assigned:
                if label_id not in paths:
                    raise UnknownNameError("label", label_id, paths)
        fresh = {one.task_id: one for one in reversed(answers) if not tasks[one.task_id].is_given}
        at = caller.workspace.clock()
        if fresh:
            session.overlaps.give(tuple(fresh.values()), at=at)
            about = {"dataset_id": dataset.dataset_id, "n_answers": len(fresh)}
            caller.audit(session, "answer_overlap", dataset.full_name, **about)
        touched = {tasks[task_id].overlap_id for task_id in fresh}
        receipts: list[JudgementReceipt] = []
        for overlap_id in sorted(touched):
            uids = {tasks[task_id].uid for task_id in fresh if tasks[task_id].overlap_id == overlap_id}
            agreed = _agreed(session, dataset.dataset_id, overlap_id, uids, paths)
            if agreed:
                check_reviewed(
                    session,
                    dataset.dataset_id,
                    agreed,
                    settings=caller.settings,
                    at=at,
                    actor=caller.actor,
                )
                receipts += session.reviews.judge(dataset.dataset_id, agreed, actor=caller.actor, at=at)
    if fresh:
        caller.tell("overlap", min(touched), dataset_id=dataset.dataset_id, n_given=len(fresh))
    tell_judged(caller, dataset.dataset_id, receipts)
    return len(fresh)


def closed(assigned: Iterable[LabelId], paths: dict[LabelId, tuple[str, ...]]) -> frozenset[LabelId]:
    """Labels with all above them; those that exist no more are left out."""
    by_path = {path: label_id for label_id, path in paths.items()}
    return frozenset(
        by_path[step]
        for label_id in assigned
        if label_id in paths
        for step in (*ancestors(paths[label_id]), paths[label_id])
    )


def _agreed(
    session: Session,
    dataset_id: DatasetId,
    overlap_id: OverlapId,
    uids: set[Uid],
    paths: dict[LabelId, tuple[str, ...]],
) -> tuple[Judgement, ...]:
    """Reviews of those messages on which everybody asked has answered the same, and nobody judged yet.

    Where labels have a sentiment there are none: nobody was asked how a label is meant.
    """
    if session.catalog.has_sentiment(dataset_id):
        return ()
    overlap, _ = session.overlaps.get(dataset_id, overlap_id)
    first = [one for one in session.overlaps.answers(overlap_id) if not one.repeats and one.uid in uids]
    same: dict[Uid, frozenset[LabelId]] = {}
    for uid, group in groupby(first, key=lambda one: one.uid):
        said = [None if one.assigned is None else closed(one.assigned, paths) for one in group]
        if said[0] is not None and all(one == said[0] for one in said):
            same[uid] = said[0]
    return tuple(
        Judgement(
            event_id=hex_digest("overlap", overlap_id, message.uid, n_digits=16),
            uid=message.uid,
            assigned=tuple(sorted(same[message.uid])),
            mode="shuffle",
            revision=message.revision,
            probability=overlap.n_messages / overlap.n_population,
            n_population=overlap.n_population,
        )
        for message in session.messages.get(dataset_id, tuple(same))
        if not message.reviewed
    )
