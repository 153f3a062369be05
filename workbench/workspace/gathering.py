"""Judgements and labellings that arrive together are stored together.

Writing is one at a time, and most of a small write's time does not depend on how much is written (group commit,
DeWitt et al. 1984). So who comes while a write is under way waits, and the next one takes all who wait with it. What
is looked up for a labelling, and the message that is its answer, are read for all of them at once as well; while those
answers are read, the next write is under way already.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from workbench.domain import (
    DatasetId,
    Judgement,
    JudgementReceipt,
    LabelId,
    Labelling,
    LabelPath,
    Message,
    MessageFilter,
    Uid,
    ancestors,
)
from workbench.errors import UnknownMessageError, WorkbenchError
from workbench.primitives import Clock, new_id
from workbench.settings import Settings
from workbench.store import SensitiveSource, Session, Store
from workbench.workspace.quota_checks import is_unlimited, note_peak, take_room


class LabelsLackingError(Exception):
    """A labelling names labels that are not there; nothing of it is stored."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(", ".join(names))
        self.names = tuple(names)


@dataclass(frozen=True, kw_only=True)
class Said:
    """A labelling of one message; ``paths`` are those of its names."""

    uid: Uid
    labelling: Labelling
    paths: Mapping[str, LabelPath]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a message stands after a labelling, with what not everybody may see of it.

    Attributes
    ----------
    ids
        Of the labels of the dataset, by path.
    sensitive
        Sources with properties that not everybody may read.
    """

    receipt: JudgementReceipt
    message: Message
    ids: Mapping[LabelPath, LabelId]
    sensitive: Sequence[SensitiveSource]


_Answer = JudgementReceipt | Standing | BaseException


@dataclass(kw_only=True, eq=False)
class _Waiting:
    """Who waits for an answer; ``leads`` = they are to do the work for all who wait."""

    dataset_id: DatasetId
    actor: str
    judgement: Judgement | None = None
    said: Said | None = None
    answer: _Answer | None = None
    leads: bool = False
    woken: threading.Event = field(default_factory=threading.Event)


class Gathering:
    """Stores single judgements and labellings of many callers in as few transactions as can be.

    ``settings`` say how many messages of a dataset may be reviewed, unless an administrator does.
    """

    def __init__(self, store: Store, clock: Clock, *, settings: Settings) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._waiting: list[_Waiting] = []
        self._is_led = False
        self._lock = threading.Lock()

    def judge(self, dataset_id: DatasetId, judgement: Judgement, actor: str) -> JudgementReceipt:
        """Store one judgement; when this returns it is on disk.

        Raises
        ------
        WorkbenchError
            It is refused, or nothing could be written.
        """
        answer = self._answered(_Waiting(dataset_id=dataset_id, judgement=judgement, actor=actor))
        assert isinstance(answer, JudgementReceipt)
        return answer

    def say(self, dataset_id: DatasetId, said: Said, actor: str) -> Standing:
        """Store one labelling; when this returns it is on disk.

        Raises
        ------
        LabelsLackingError
            Labels are to be made first.
        UnknownMessageError
            The dataset has no such message.
        WorkbenchError
            It is refused, or nothing could be written.
        """
        answer = self._answered(_Waiting(dataset_id=dataset_id, said=said, actor=actor))
        assert isinstance(answer, Standing)
        return answer

    def _answered(self, mine: _Waiting) -> JudgementReceipt | Standing:
        with self._lock:
            self._waiting.append(mine)
            mine.leads, self._is_led = not self._is_led, True
        if not mine.leads:
            mine.woken.wait()
        if mine.leads:
            self._lead()
        assert mine.answer is not None
        if isinstance(mine.answer, BaseException):
            raise mine.answer
        return mine.answer

    def _lead(self) -> None:
        """Store what waits, hand the lead on, and read the answers."""
        with self._lock:
            taken, self._waiting = self._waiting, []
        try:
            self._store_all(taken)
        finally:
            with self._lock:
                self._is_led = bool(self._waiting)
                if self._waiting:
                    self._waiting[0].leads = True
                    self._waiting[0].woken.set()
        to_read = [one for one in taken if one.said is not None and isinstance(one.answer, JudgementReceipt)]
        for one in taken:
            if one not in to_read:
                one.woken.set()
        try:
            for dataset_id in dict.fromkeys(one.dataset_id for one in to_read):
                self._read_back(dataset_id, [one for one in to_read if one.dataset_id == dataset_id])
        except BaseException as error:  # noqa: BLE001 - everybody who waits must hear of it
            for one in to_read:
                one.answer = error
        finally:
            for one in to_read:
                one.woken.set()

    def _store_all(self, taken: Sequence[_Waiting]) -> None:
        at = self._clock()
        answers: list[tuple[_Waiting, _Answer]] = []
        try:
            with self._store.write(messages=False) as session:
                for dataset_id in dict.fromkeys(one.dataset_id for one in taken):
                    of_it = [one for one in taken if one.dataset_id == dataset_id]
                    answers += self._judge(session, dataset_id, of_it, at)
        except BaseException as error:  # noqa: BLE001 - everybody whose judgement is not stored must hear of it
            if len(taken) == 1 or not isinstance(error, Exception):
                answers = [(one, error) for one in taken]
            else:  # nothing is stored: whoever is to blame for it must not be so for the others
                for one in taken:
                    self._store_all([one])
                return
        for one, answer in answers:
            one.answer = answer

    def _judge(
        self, session: Session, dataset_id: DatasetId, taken: Sequence[_Waiting], at: datetime
    ) -> list[tuple[_Waiting, _Answer]]:
        answers: list[tuple[_Waiting, _Answer]] = []
        asked = [(one, one.judgement) for one in taken if one.judgement is not None]
        said = [(one, one.said) for one in taken if one.said is not None]
        if said:
            ids, felt = session.labels.ids(dataset_id), session.catalog.has_sentiment(dataset_id)
            for one, labelling in said:
                lacking = _lacking(labelling, ids)
                if not lacking:
                    asked.append((one, _judgement(labelling, ids, has_sentiment=felt)))
                elif session.reviews.may_judge(dataset_id, labelling.uid):
                    answers.append((one, LabelsLackingError(lacking)))
                else:
                    answers.append((one, UnknownMessageError(labelling.uid)))
        in_order = {id(one): place for place, one in enumerate(taken)}
        asked.sort(key=lambda pair: in_order[id(pair[0])])  # of two on one message the later one counts
        return answers + (self._judge_all(session, dataset_id, asked, at) if asked else [])

    def _judge_all(
        self,
        session: Session,
        dataset_id: DatasetId,
        asked: Sequence[tuple[_Waiting, Judgement]],
        at: datetime,
    ) -> list[tuple[_Waiting, _Answer]]:
        """Judge all at once where the quota has room for all, else one after the other while it has."""
        judgements = [judgement for _, judgement in asked]
        actor = asked[0][0].actor
        try:
            check_reviewed(session, dataset_id, judgements, settings=self._settings, at=at, actor=actor)
        except WorkbenchError as refusal:
            if len(asked) == 1:
                return [(asked[0][0], refusal)]
            return [answer for one in asked for answer in self._judge_all(session, dataset_id, [one], at)]
        found = session.reviews.judge_each(dataset_id, [(said, one.actor) for one, said in asked], at=at)
        return [(one, answer) for (one, _), answer in zip(asked, found, strict=True)]

    def _read_back(self, dataset_id: DatasetId, taken: Sequence[_Waiting]) -> None:
        uids = tuple(dict.fromkeys(one.said.uid for one in taken if one.said is not None))
        with self._store.read() as session:
            found = {message.uid: message for message in session.messages.get(dataset_id, uids)}
            ids = session.labels.ids(dataset_id)  # others may have made some since
            sensitive = session.catalog.sensitive_sources()
        for one in taken:
            assert one.said is not None
            assert isinstance(one.answer, JudgementReceipt)
            if one.said.uid in found:
                message = found[one.said.uid]
                one.answer = Standing(receipt=one.answer, message=message, ids=ids, sensitive=sensitive)
            else:
                one.answer = UnknownMessageError(one.said.uid)


def _lacking(said: Said, ids: Mapping[LabelPath, LabelId]) -> list[str]:
    """Names of labels that are not there, or whose parents are not."""
    return [
        name for name, path in said.paths.items() if any(step not in ids for step in (*ancestors(path), path))
    ]


def _judgement(said: Said, ids: Mapping[LabelPath, LabelId], *, has_sentiment: bool) -> Judgement:
    paths, labelling = said.paths, said.labelling
    sentiments = labelling.sentiments if has_sentiment else {}
    return Judgement(
        event_id=new_id(),
        uid=said.uid,
        assigned=tuple(dict.fromkeys(ids[paths[name]] for name in labelling.assigned)),
        dismissed=tuple(dict.fromkeys(ids[paths[name]] for name in labelling.dismissed)),
        reviewed=bool(paths),
        mode="import",
        sentiments={ids[paths[name]]: mark for name, mark in sentiments.items() if name in paths},
        replaces=True,
    )


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
