"""Judgements: the history, the current state, and what training reads of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
import pyarrow as pa

from workbench.domain import DatasetId, Judgement, JudgementReceipt, LabelId, ReviewEvent, Uid
from workbench.errors import WorkbenchError
from workbench.store.cursor import Cursor
from workbench.store.repositories.judging import Judging


class Reviews:
    """What people said."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def judge(
        self, dataset_id: DatasetId, judgements: Sequence[Judgement], *, actor: str, at: datetime
    ) -> tuple[JudgementReceipt, ...]:
        """Store judgements in order; the answers come in the same order.

        A judgement whose event id was stored before changes nothing and gets the receipt of then. One made
        on an older revision is merged: labels the judge changed win, others keep their present state.

        Raises
        ------
        UnknownNameError
            A message is not in the dataset, or a label not in its taxonomy.
        InputError
            A label is both assigned and dismissed, or a revision lies in the future.
        """
        if not judgements:
            return ()
        judging = Judging(self._cursor, dataset_id, judgements)
        receipts = tuple(judging.judge(judgement, actor=actor, at=at) for judgement in judgements)
        judging.store()
        return receipts

    def judge_each(
        self, dataset_id: DatasetId, judgements: Sequence[tuple[Judgement, str]], *, at: datetime
    ) -> tuple[JudgementReceipt | WorkbenchError, ...]:
        """Store judgements of several actors, each on its own: one that is refused leaves the others alone.

        The answers, a receipt or the refusal, come in the order of ``judgements`` (judgement, actor).
        """
        if not judgements:
            return ()
        judging = Judging(self._cursor, dataset_id, [judgement for judgement, _ in judgements])
        answers: list[JudgementReceipt | WorkbenchError] = []
        for judgement, actor in judgements:
            try:
                answers.append(judging.judge(judgement, actor=actor, at=at))
            except WorkbenchError as refusal:
                answers.append(refusal)
        judging.store()
        return tuple(answers)

    def may_judge(self, dataset_id: DatasetId, uid: Uid) -> bool:
        """Whether a message is there to be judged: a source of the dataset has it."""
        return bool(self._cursor.rows("review.states", dataset_id=dataset_id, uids=[uid]))

    def events(self, dataset_id: DatasetId) -> pa.Table:
        """Every review event, in order.

        Columns: event_id, uid, at, actor, mode, probability, model_version, assigned, dismissed, reviewed,
        n_population, sentiments.

        ``assigned`` and ``dismissed`` are label ids: the state after the event.
        """
        return self._cursor.table("review.events", dataset_id=dataset_id)

    def history(self, dataset_id: DatasetId, uid: Uid, n_most: int) -> tuple[ReviewEvent, ...]:
        """What was done to a message, newest first."""
        table = self._cursor.table("review.history", dataset_id=dataset_id, uid=uid, n_most=n_most)
        return msgspec.convert(table.to_pylist(), tuple[ReviewEvent, ...])

    def matrix(self, dataset_id: DatasetId) -> pa.Table:
        """uid, label_id: a row for each label of each reviewed message, in row order."""
        return self._cursor.table("review.matrix", dataset_id=dataset_id)

    def marks(self, uids: pa.Table, dataset_id: DatasetId) -> dict[Uid, dict[LabelId, int]]:
        """Marks of sentiments by message and label, of the messages in the column ``uid``; only where one was said."""
        found: dict[Uid, dict[LabelId, int]] = {}
        with self._cursor.staged(uids):
            for uid, label_id, _, mark in self._cursor.rows("review.marks", dataset_id=dataset_id):
                if mark is not None:
                    found.setdefault(uid, {})[label_id] = mark
        return found

    def reviewed(self, dataset_id: DatasetId) -> pa.Table:
        """uid, mode, probability, reviewed_at, thread_id, first_seq, n_population of each reviewed message, in row order.

        ``first_seq`` numbers the event that made it a reviewed one, in the order of judgements; 0 = not known.
        """
        return self._cursor.table("review.reviewed", dataset_id=dataset_id)

    def last_seq(self, dataset_id: DatasetId) -> int:
        """Number of the newest review event of a dataset, 0 = none."""
        ((seq,),) = self._cursor.rows("review.last_seq", dataset_id=dataset_id)
        return int(seq)

    def judged_after(self, dataset_id: DatasetId, seq: int) -> pa.Table:
        """seq, uid, reviewed of the review events after number ``seq``, in order."""
        return self._cursor.table("review.judged_after", dataset_id=dataset_id, seq=seq)

    def looked_at(self, dataset_id: DatasetId) -> tuple[int, int]:
        """How often a doubt about labels was looked at (Check, Missed, kept as it is), and how often labels changed."""
        ((n_judged, n_changed, n_kept),) = self._cursor.rows("review.looked_at", dataset_id=dataset_id)
        return n_judged + n_kept, n_changed

    def carriers(self, dataset_id: DatasetId, label_id: LabelId) -> pa.Table:
        """Column uid of each reviewed message with a label."""
        return self._cursor.table("review.carriers", dataset_id=dataset_id, label_id=label_id)

    def since(self, dataset_id: DatasetId, at: datetime) -> tuple[int, datetime | None]:
        """How many messages were judged after ``at``, and when the last judgement was; None = none."""
        ((n, last_at),) = self._cursor.rows("review.since", dataset_id=dataset_id, at=at)
        return int(n), last_at

    def imported(self, dataset_id: DatasetId) -> tuple[int, datetime | None]:
        """How many messages a program or a file annotated, and when the last time was; None = none."""
        ((n, last_at),) = self._cursor.rows("review.imported", dataset_id=dataset_id)
        return int(n), last_at
