"""Judgements that arrive together are stored together.

Writing is one at a time, and most of a small write's time does not depend on how much is written (group commit,
DeWitt et al. 1984). So who comes while a write is under way waits, and the next one takes all who wait with it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from workbench.domain import DatasetId, Judgement, JudgementReceipt
from workbench.errors import WorkbenchError
from workbench.primitives import Clock
from workbench.store import Store


@dataclass(kw_only=True)
class _Waiting:
    dataset_id: DatasetId
    judgement: Judgement
    actor: str
    answer: JudgementReceipt | BaseException | None = None


class Gathering:
    """Stores single judgements of many callers in as few transactions as can be."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
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
            with self._store.write() as session:
                for dataset_id in dict.fromkeys(one.dataset_id for one in taken):
                    of_it = [one for one in taken if one.dataset_id == dataset_id]
                    pairs = [(one.judgement, one.actor) for one in of_it]
                    answers += zip(of_it, session.reviews.judge_each(dataset_id, pairs, at=at), strict=True)
        except BaseException as error:  # noqa: BLE001 - everybody whose judgement is not stored must hear of it
            for one in taken:
                one.answer = error
            return
        for one, answer in answers:
            one.answer = answer
