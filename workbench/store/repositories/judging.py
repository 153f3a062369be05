"""One call of ``judge``: read what is there in bulk, work it out in memory, write it in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pyarrow as pa

from workbench.domain import DatasetId, Judgement, JudgementReceipt, LabelId, Sentiment, Uid, whole_sentiments
from workbench.errors import InputError, UnknownMessageError, UnknownNameError
from workbench.store.cursor import Cursor
from workbench.store.repositories.merged_labels import MergedLabels
from workbench.store.repositories.merging import LabelSets, Taxonomy, judged, merged
from workbench.store.repositories.sentiments import check_sentiments, merged_sentiments, said_of

_TIME = pa.timestamp("us", tz="UTC")
_IDS = pa.list_(pa.string())
_MARKS = pa.list_(pa.int32())
_EVENTS = pa.schema(
    [
        ("event_id", pa.string()),
        ("row", pa.int64()),
        ("dataset_id", pa.string()),
        ("uid", pa.string()),
        ("at", _TIME),
        ("actor", pa.string()),
        ("mode", pa.string()),
        ("probability", pa.float64()),
        ("model_version", pa.int32()),
        ("n_population", pa.int64()),
        ("seen_revision", pa.int32()),
        ("revision", pa.int32()),
        ("merged", pa.bool_()),
        ("before_assigned", _IDS),
        ("before_dismissed", _IDS),
        ("before_reviewed", pa.bool_()),
        ("assigned", _IDS),
        ("dismissed", _IDS),
        ("reviewed", pa.bool_()),
        ("before_sentiments", _MARKS),
        ("sentiments", _MARKS),
    ]
)
_STATES = pa.schema(
    [
        ("dataset_id", pa.string()),
        ("uid", pa.string()),
        ("revision", pa.int32()),
        ("reviewed", pa.bool_()),
        ("reviewed_by", pa.string()),
        ("reviewed_at", _TIME),
        ("mode", pa.string()),
        ("probability", pa.float64()),
    ]
)
_PAIRS = pa.schema([("uid", pa.string()), ("label_id", pa.string())])
_MARKED = pa.schema([*_PAIRS, ("sentiment", pa.int32())])


@dataclass
class _State:
    revision: int = 0
    reviewed: bool = False
    is_first: bool = True
    labels: LabelSets = field(default_factory=LabelSets)
    stored: LabelSets = field(default_factory=LabelSets)
    history: dict[int, LabelSets] = field(default_factory=dict)


class Judging:
    """State of the judged messages while the judgements of one call are applied in order."""

    def __init__(self, cursor: Cursor, dataset_id: DatasetId, judgements: Sequence[Judgement]) -> None:
        self._cursor = cursor
        self._dataset_id = dataset_id
        uids = list(dict.fromkeys(judgement.uid for judgement in judgements))
        asked: dict[str, Any] = {"dataset_id": dataset_id, "uids": uids}
        paths = cursor.rows("label.paths", dataset_id=dataset_id)
        self._taxonomy = Taxonomy({label_id: tuple(path) for label_id, path in paths})
        self._has_sentiment = has_sentiment(cursor, dataset_id)
        self._merges = MergedLabels(cursor, dataset_id, self._taxonomy.paths)
        self._receipts = self._stored_receipts(judgements)
        self._states = self._stored_states(asked)
        self._touched: dict[Uid, dict[str, Any]] = {}
        self._events: list[dict[str, Any]] = []

    def judge(self, judgement: Judgement, *, actor: str, at: datetime) -> JudgementReceipt:
        """Apply one judgement in memory."""
        if judgement.event_id in self._receipts:
            return self._receipts[judgement.event_id]
        if judgement.replaces and judgement.uid in self._states:
            judgement = replace(judgement, revision=self._states[judgement.uid].revision)
        judgement = self._followed(judgement)
        self._check(judgement)
        state = self._states[judgement.uid]
        asked = judged(self._taxonomy, judgement.assigned, judgement.dismissed)
        stale = judgement.revision < state.revision
        before, was_reviewed = state.labels, state.reviewed
        seen = self._now(self._seen(judgement.uid, state, judgement.revision)) if stale else before
        if self._has_sentiment:
            asked = said_of(self._taxonomy, judgement, seen=seen, asked=asked, revision=state.revision + 1)
        if stale:
            asked = self._merged(seen, before, asked, state.revision + 1)
        is_said = judgement.replaces and (before, was_reviewed) == (asked, judgement.reviewed)
        if not is_said:
            state.labels, state.reviewed = asked, judgement.reviewed
            state.revision += 1
            state.history[state.revision] = asked
        receipt = JudgementReceipt(
            event_id=judgement.event_id,
            uid=judgement.uid,
            assigned=self._taxonomy.in_order(asked.assigned),
            dismissed=self._taxonomy.in_order(asked.dismissed),
            reviewed=judgement.reviewed,
            revision=state.revision,
            reviewed_by=actor,
            reviewed_at=at,
            merged=stale,
            sentiments=self._in_words(asked),
        )
        if is_said:
            return receipt
        self._receipts[judgement.event_id] = receipt
        self._record(judgement, receipt, before=before, after=asked, was_reviewed=was_reviewed)
        return receipt

    def store(self) -> None:
        """Write the events and the new state."""
        if not self._events:
            return
        self._cursor.bulk("review.add_events", pa.Table.from_pylist(self._events, schema=_EVENTS))
        # A plain insert takes half the time of one that looks for conflicts, and most messages are new to review.
        for name, is_first in (("review.add_states", True), ("review.put_states", False)):
            rows = [row for uid, row in self._touched.items() if self._states[uid].is_first == is_first]
            if rows:
                self._cursor.bulk(name, pa.Table.from_pylist(rows, schema=_STATES))
        # Only what differs: deleting a key and inserting it again in one transaction is a trap.
        self._write("review.drop_assigned", lambda old, new: old.assigned - new.assigned)
        self._write("review.add_assigned", lambda old, new: new.assigned - old.assigned, marked=True)
        self._write("review.set_sentiments", _said_anew, marked=True)
        self._write("review.drop_dismissed", lambda old, new: old.dismissed - new.dismissed)
        self._write("review.add_dismissed", lambda old, new: new.dismissed - old.dismissed)

    def _write(self, name: str, difference: Any, *, marked: bool = False) -> None:
        pairs: list[dict[str, Any]] = []
        for uid in self._touched:
            labels = self._states[uid].labels
            marks = dict(labels.sentiments)
            changed = sorted(difference(self._states[uid].stored, labels))
            pairs += [{"uid": uid, "label_id": one, "sentiment": marks.get(one)} for one in changed]
        if pairs:
            staged = pa.Table.from_pylist(pairs, schema=_MARKED if marked else _PAIRS)
            self._cursor.bulk(name, staged, dataset_id=self._dataset_id)

    def _record(
        self,
        judgement: Judgement,
        receipt: JudgementReceipt,
        *,
        before: LabelSets,
        after: LabelSets,
        was_reviewed: bool,
    ) -> None:
        before_assigned = self._taxonomy.in_order(before.assigned)
        self._events.append(
            {
                "row": len(self._events) + 1,
                "event_id": judgement.event_id,
                "dataset_id": self._dataset_id,
                "uid": judgement.uid,
                "at": receipt.reviewed_at,
                "actor": receipt.reviewed_by,
                "mode": judgement.mode,
                "probability": judgement.probability,
                "model_version": judgement.model_version,
                "n_population": judgement.n_population,
                "seen_revision": judgement.revision,
                "revision": receipt.revision,
                "merged": receipt.merged,
                "before_assigned": list(before_assigned),
                "before_dismissed": list(self._taxonomy.in_order(before.dismissed)),
                "before_reviewed": was_reviewed,
                "assigned": list(receipt.assigned),
                "dismissed": list(receipt.dismissed),
                "reviewed": receipt.reviewed,
                "before_sentiments": self._marks(before, before_assigned),
                "sentiments": self._marks(after, receipt.assigned),
            }
        )
        self._touched[judgement.uid] = {
            "dataset_id": self._dataset_id,
            "uid": judgement.uid,
            "revision": receipt.revision,
            "reviewed": receipt.reviewed,
            "reviewed_by": receipt.reviewed_by,
            "reviewed_at": receipt.reviewed_at,
            "mode": judgement.mode,
            "probability": judgement.probability,
        }

    def _followed(self, judgement: Judgement) -> Judgement:
        """The judgement in terms of the labels there are: merged ones followed, deleted ones that stood there left out."""
        paths, state = self._taxonomy.paths, self._states.get(judgement.uid)
        named = (*judgement.assigned, *judgement.dismissed)
        if state is None or not 0 <= judgement.revision <= state.revision or paths.keys() >= set(named):
            return judgement
        seen = self._seen(judgement.uid, state, judgement.revision)
        stood = seen.assigned | seen.dismissed
        now = {one: self._merges.now(one) or (None if one in stood else one) for one in named}
        assigned = tuple(dict.fromkeys(label for one in judgement.assigned if (label := now[one])))
        dismissed = dict.fromkeys(label for one in judgement.dismissed if (label := now[one]))
        return replace(
            judgement,
            assigned=assigned,
            dismissed=tuple(one for one in dismissed if one not in assigned),
            sentiments={
                label: said for one, said in judgement.sentiments.items() if (label := now.get(one, one))
            },
        )

    def _now(self, labels: LabelSets) -> LabelSets:
        """Labels that stood on a message, merged ones followed."""

        def now(ids: frozenset[LabelId]) -> frozenset[LabelId]:
            return frozenset(self._merges.now(one) or one for one in ids)

        marks: dict[LabelId, int] = {}
        for one, mark in sorted(
            labels.sentiments, key=lambda said: abs(said[1])
        ):  # what was said last counts
            marks[self._merges.now(one) or one] = mark
        return LabelSets(
            assigned=now(labels.assigned),
            dismissed=now(labels.dismissed),
            sentiments=frozenset(marks.items()),
        )

    def _check(self, judgement: Judgement) -> None:
        if judgement.uid not in self._states:
            raise UnknownMessageError(judgement.uid)  # the others that are judged here may be somebody else's
        paths = self._taxonomy.paths
        for label_id in (*judgement.assigned, *judgement.dismissed):
            if label_id not in paths:
                raise UnknownNameError("label", label_id, paths)
        both = set(judgement.assigned) & set(judgement.dismissed)
        if both:
            names = [" > ".join(paths[label_id]) for label_id in self._taxonomy.in_order(both)]
            raise InputError(
                f"label {names[0]!r} is both assigned and dismissed on message {judgement.uid!r}.",
                next_step="Say one of the two.",
                details={"labels": names, "uid": judgement.uid},
            )
        check_sentiments(self._taxonomy, judgement, has_sentiment=self._has_sentiment)
        revision = self._states[judgement.uid].revision
        if not 0 <= judgement.revision <= revision:
            raise InputError(
                f"the judgement speaks of revision {judgement.revision} of message {judgement.uid!r},"
                f" which is at {revision}.",
                next_step="Load the message again and judge what is there.",
                details={"uid": judgement.uid, "asked": judgement.revision, "known": revision},
            )

    def _seen(self, uid: Uid, state: _State, revision: int) -> LabelSets:
        if revision == 0:
            return LabelSets()
        if revision not in state.history:
            row = self._cursor.one(
                "review.at_revision", dataset_id=self._dataset_id, uid=uid, revision=revision
            )
            state.history[revision] = sets_of(*(row or ((), (), None)))
        return state.history[revision]

    def _merged(self, seen: LabelSets, current: LabelSets, asked: LabelSets, revision: int) -> LabelSets:
        made = merged(self._taxonomy, seen=seen, current=current, asked=asked)
        if not self._has_sentiment:
            return made
        return merged_sentiments(
            self._taxonomy, seen=seen, current=current, asked=asked, made=made, revision=revision
        )

    def _in_words(self, sets: LabelSets) -> dict[LabelId, Sentiment]:
        return whole_sentiments(self._taxonomy.paths, sets.assigned, dict(sets.sentiments))

    def _marks(self, sets: LabelSets, assigned: Sequence[LabelId]) -> list[int | None] | None:
        """Marks beside the labels of an event; None where the dataset has no label sentiment."""
        marks = dict(sets.sentiments)
        return [marks.get(one) for one in assigned] if self._has_sentiment else None

    def _stored_states(self, asked: dict[str, Any]) -> dict[Uid, _State]:
        states = {
            uid: _State(revision=revision, reviewed=reviewed, is_first=revision == 0)
            for uid, revision, reviewed in self._cursor.rows("review.states", **asked)
        }
        current: dict[Uid, tuple[dict[LabelId, int | None], set[LabelId]]] = {}
        for uid, label_id, is_assigned, mark in self._cursor.rows("review.current_labels", **asked):
            if uid not in states:  # its source was removed from the dataset: what was said of it waits
                continue
            assigned, dismissed = current.setdefault(uid, ({}, set()))
            if is_assigned:
                assigned[label_id] = mark
            else:
                dismissed.add(label_id)
        for uid, (assigned, dismissed) in current.items():
            states[uid].labels = states[uid].stored = sets_of(assigned, dismissed, assigned.values())
        return states

    def _stored_receipts(self, judgements: Sequence[Judgement]) -> dict[str, JudgementReceipt]:
        ids = [judgement.event_id for judgement in judgements]
        return {
            event_id: JudgementReceipt(
                event_id=event_id,
                uid=uid,
                assigned=tuple(assigned),
                dismissed=tuple(dismissed),
                reviewed=reviewed,
                revision=revision,
                reviewed_by=actor,
                reviewed_at=at,
                merged=is_merged,
                sentiments=self._in_words(sets_of(assigned, dismissed, marks)),
            )
            for event_id, uid, assigned, dismissed, reviewed, revision, actor, at, is_merged, marks in (
                self._cursor.rows("review.stored_events", event_ids=ids)
            )
        }


def has_sentiment(cursor: Cursor, dataset_id: DatasetId) -> bool:
    """Whether the labels of a dataset carry a sentiment; False for one that is not there."""
    return bool((cursor.one("catalog.has_sentiment", dataset_id=dataset_id) or (False,))[0])


def sets_of(
    assigned: Iterable[LabelId], dismissed: Iterable[LabelId], marks: Iterable[int | None] | None
) -> LabelSets:
    """Labels as they are stored, with the marks that run beside the assigned ones; None = without."""
    listed = tuple(assigned)
    marked = zip(listed, marks or (None,) * len(listed), strict=True)
    return LabelSets(
        assigned=frozenset(listed),
        dismissed=frozenset(dismissed),
        sentiments=frozenset((one, mark) for one, mark in marked if mark is not None),
    )


def _said_anew(old: LabelSets, new: LabelSets) -> frozenset[LabelId]:
    """Labels that stay assigned and whose mark is another."""
    changed = {one for one, _ in old.sentiments ^ new.sentiments}
    return frozenset(changed) & old.assigned & new.assigned
