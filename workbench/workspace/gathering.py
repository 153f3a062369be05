"""Judgements that arrive together are stored together.

Writing is one at a time, and most of a small write's time does not depend on how much is written (group commit,
DeWitt et al. 1984). So who comes while a write is under way waits, and the next one takes all who wait with it.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from workbench.domain import DatasetId, Judgement, JudgementReceipt, MessageFilter
from workbench.errors import WorkbenchError
from workbench.primitives import Clock
from workbench.settings import Settings
from workbench.store import Session, Store
from workbench.workspace.quota_checks import is_unlimited, note_peak, take_room


@dataclass(kw_only=True)
class _Waiting:
    dataset_id: DatasetId
    judgement: Judgement
    actor: str
    answer: JudgementReceipt | BaseException | None = None


class Gathering:
    """Stores single judgements of many callers in as few transactions as can be.

    ``settings`` say how many messages of a dataset may be reviewed, unless an administrator does.
    """

    def __init__(self, store: Store, clock: Clock, *, settings: Settings) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._waiting: list[_Waiting] = []
        self._lock = threading.Lock()
        self._turn = threading.Lock()

    def judge(self, dataset_id: DatasetId, judgement: Judgement, actor: str) -> JudgementReceipt:
        """Store one judgement; when this returns it is on disk.

        Raises
        ------
        WorkbenchError
            It is refused, or nothing could be written.
        """
        mine = _Waiting(dataset_id=dataset_id, judgement=judgement, actor=actor)
        with self._lock:
            self._waiting.append(mine)
        with self._turn:
            if mine.answer is None:  # nobody took it along
                with self._lock:
                    taken, self._waiting = self._waiting, []
                self._store_all(taken)
        if isinstance(mine.answer, JudgementReceipt):
            return mine.answer
        assert mine.answer is not None
        raise mine.answer

    def _store_all(self, taken: list[_Waiting]) -> None:
        at = self._clock()
        try:
            answers: list[tuple[_Waiting, JudgementReceipt | WorkbenchError]] = []
            with self._store.write(messages=False) as session:
                for dataset_id in dict.fromkeys(one.dataset_id for one in taken):
                    of_it = [one for one in taken if one.dataset_id == dataset_id]
                    answers += self._judge(session, dataset_id, of_it, at)
        except BaseException as error:  # noqa: BLE001 - everybody whose judgement is not stored must hear of it
            for one in taken:
                one.answer = error
            return
        for one, answer in answers:
            one.answer = answer

    def _judge(
        self, session: Session, dataset_id: DatasetId, taken: Sequence[_Waiting], at: datetime
    ) -> list[tuple[_Waiting, JudgementReceipt | WorkbenchError]]:
        """Judge all at once where the quota has room for all, else one after the other while it has."""
        judgements = [one.judgement for one in taken]
        try:
            check_reviewed(
                session, dataset_id, judgements, settings=self._settings, at=at, actor=taken[0].actor
            )
        except WorkbenchError as refusal:
            if len(taken) == 1:
                return [(taken[0], refusal)]
            return [answer for one in taken for answer in self._judge(session, dataset_id, [one], at)]
        pairs = [(one.judgement, one.actor) for one in taken]
        return list(zip(taken, session.reviews.judge_each(dataset_id, pairs, at=at), strict=True))


def check_reviewed(
    session: Session,
    dataset_id: DatasetId,
    judgements: Sequence[Judgement],
    *,
    settings: Settings,
    at: datetime,
    actor: str,
) -> None:
    """Refuse more reviewed messages than a dataset may have, in the transaction that stores them.

    Raises
    ------
    LimitError
        There would be more than the quota allows.
    """
    if not all(one.reviewed for one in judgements):
        note_peak(session, "reviewed_per_dataset", session.quotas.n_reviewed(dataset_id))
    uids = tuple(dict.fromkeys(one.uid for one in judgements if one.reviewed))
    if not uids or is_unlimited(session, "reviewed_per_dataset", settings):
        return
    dataset = session.catalog.find_dataset(dataset_id)
    n_there = session.messages.count(dataset.dataset_id, MessageFilter(reviewed=True, uids=uids))
    if n_new := len(uids) - n_there:
        n_reviewed = session.quotas.n_reviewed(dataset.dataset_id) + n_new
        where = f"dataset {dataset.full_name!r}"
        take_room(session, "reviewed_per_dataset", n_reviewed, where, settings=settings, at=at, actor=actor)
