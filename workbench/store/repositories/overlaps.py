"""Messages that several people judge on their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import pyarrow as pa

from workbench.domain import DatasetId, LabelId, Overlap, OverlapAnswer, OverlapId, OverlapTask, Uid
from workbench.errors import UnknownNameError
from workbench.store.cursor import Cursor

_TASKS = pa.schema(
    [
        ("task_id", pa.string()),
        ("uid", pa.string()),
        ("person", pa.string()),
        ("place", pa.int32()),
        ("repeats", pa.bool_()),
    ]
)
_ANSWERS = pa.schema([("task_id", pa.string()), ("assigned", pa.list_(pa.string()))])


class Asked(NamedTuple):
    """A task, and whether it was answered."""

    task_id: str
    overlap_id: OverlapId
    uid: Uid
    person: str
    is_given: bool


class Answered(NamedTuple):
    """A task of an overlap with its answer; ``given_at`` and ``assigned`` None = not yet."""

    uid: Uid
    person: str
    repeats: bool
    given_at: datetime | None
    assigned: list[LabelId] | None
    thread_id: str | None


class Overlaps:
    """Overlaps of datasets."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def add(self, overlap: Overlap, *, label_ids: Sequence[LabelId], tasks: Sequence[dict[str, Any]]) -> None:
        """Store an overlap and what it asks: task_id, uid, person, place, repeats.

        ``label_ids`` are the labels that people can choose from as it begins.
        """
        self._cursor.execute(
            "overlap.add",
            overlap_id=overlap.overlap_id,
            dataset_id=overlap.dataset_id,
            created_at=overlap.created_at,
            created_by=overlap.created_by,
            people=list(overlap.people),
            label_ids=list(label_ids),
            n_messages=overlap.n_messages,
            n_repeats=overlap.n_repeats,
            n_population=overlap.n_population,
            seed=overlap.seed,
        )
        self._cursor.bulk(
            "overlap.add_tasks",
            pa.Table.from_pylist(list(tasks), schema=_TASKS),
            overlap_id=overlap.overlap_id,
            dataset_id=overlap.dataset_id,
        )

    def all(self, dataset_id: DatasetId) -> tuple[Overlap, ...]:
        """Newest first."""
        return tuple(_overlap(row) for row in self._cursor.rows("overlap.all", dataset_id=dataset_id))

    def get(self, dataset_id: DatasetId, overlap_id: OverlapId) -> tuple[Overlap, tuple[LabelId, ...]]:
        """One, and the labels there were when it began; ``UnknownNameError`` when there is none."""
        rows = self._cursor.rows("overlap.all", dataset_id=dataset_id)
        for row in rows:
            if row[0] == overlap_id:
                return _overlap(row), tuple(row[-1])
        raise UnknownNameError("overlap", overlap_id, [row[0] for row in rows])

    def due(self, dataset_id: DatasetId, person: str, n: int) -> tuple[OverlapTask, ...]:
        """What a person is still asked, in order."""
        rows = self._cursor.rows("overlap.due", dataset_id=dataset_id, person=person, n=n)
        return tuple(OverlapTask(task_id=task_id, uid=uid) for task_id, uid in rows)

    def tasks(self, dataset_id: DatasetId, task_ids: Sequence[str]) -> dict[str, Asked]:
        """Tasks by id; unknown ones are left out."""
        rows = self._cursor.rows("overlap.tasks", dataset_id=dataset_id, task_ids=list(task_ids))
        return {row[0]: Asked(*row) for row in rows}

    def give(self, answers: Sequence[OverlapAnswer], *, at: datetime) -> None:
        """Store answers; a task that has one keeps it."""
        rows = [{"task_id": one.task_id, "assigned": list(one.assigned)} for one in answers]
        self._cursor.bulk("overlap.give", pa.Table.from_pylist(rows, schema=_ANSWERS), at=at)

    def answers(self, overlap_id: OverlapId) -> tuple[Answered, ...]:
        """Every task of an overlap, message by message, then by person, first before again."""
        return tuple(Answered(*row) for row in self._cursor.rows("overlap.answers", overlap_id=overlap_id))

    def follow_merge(self, dataset_id: DatasetId, from_id: LabelId, into_id: LabelId) -> None:
        """Answers that named a label name the one it was merged into."""
        self._cursor.execute("overlap.follow_merge", dataset_id=dataset_id, from_id=from_id, into_id=into_id)

    def paces(self, dataset_id: DatasetId) -> dict[str, tuple[int, float | None]]:
        """By person: review events, imports and changes of the taxonomy aside, and median seconds between two."""
        rows = self._cursor.rows("overlap.paces", dataset_id=dataset_id)
        return {person: (int(n), seconds) for person, n, seconds in rows}

    def drop(self, overlap_id: OverlapId) -> None:
        """Remove an overlap with its answers."""
        self._cursor.execute("overlap.drop_tasks", overlap_id=overlap_id)
        self._cursor.execute("overlap.drop", overlap_id=overlap_id)


def _overlap(row: tuple[Any, ...]) -> Overlap:
    (
        overlap_id,
        dataset_id,
        created_at,
        created_by,
        people,
        n_messages,
        n_repeats,
        n_population,
        seed,
        n_given,
        n_asked,
        _,
    ) = row
    return Overlap(
        overlap_id=overlap_id,
        dataset_id=dataset_id,
        created_at=created_at,
        created_by=created_by,
        people=tuple(people),
        n_messages=n_messages,
        n_repeats=n_repeats,
        n_population=n_population,
        seed=seed,
        n_given=n_given,
        n_asked=n_asked,
    )
