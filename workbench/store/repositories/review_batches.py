"""Batches of reviews, and how people go about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec
import pyarrow as pa

from workbench.domain import DatasetId, GuidedBatch, MeasuredGain, ValidationReport, VersionScore
from workbench.domain.guide import ExpectedGain
from workbench.errors import UnknownNameError
from workbench.store.cursor import Cursor

_T = TypeVar("_T")
_PAUSE_S = 300
_LEAST_GAPS = 5


class ReviewBatches:
    """Batches that people review in one go."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def begin(self, batch: GuidedBatch) -> None:
        """Keep a new batch; those of its actor in the dataset that were open end where it begins."""
        for batch_id in self.open_ids(batch.dataset_id, batch.actor):
            self.finish(batch.dataset_id, batch_id, at=batch.begun_at)
        self._cursor.execute(
            "review_batch.add",
            batch_id=batch.batch_id,
            dataset_id=batch.dataset_id,
            actor=batch.actor,
            mode=batch.mode,
            label_id=batch.label_id,
            n_population=batch.n_population,
            begun_at=batch.begun_at,
            score_before=_encoded(batch.before),
            promised=_encoded(batch.promised),
        )
        members = {
            "position": pa.array(range(len(batch.uids)), pa.int32()),
            "uid": pa.array(batch.uids, pa.string()),
            "probability": pa.array(batch.probabilities, pa.float64()),
        }
        self._cursor.bulk(
            "review_batch.add_messages",
            pa.table(members),
            batch_id=batch.batch_id,
            dataset_id=batch.dataset_id,
        )

    def finish(self, dataset_id: DatasetId, batch_id: str, *, at: datetime) -> GuidedBatch:
        """End a batch, and forget it when nothing was reviewed in it; returns it as it ended.

        Raises
        ------
        UnknownNameError
            There is no such batch.
        """
        self._cursor.execute("review_batch.finish", dataset_id=dataset_id, batch_id=batch_id, finished_at=at)
        found = self.get(dataset_id, batch_id)
        if not found.done:
            self._cursor.execute("review_batch.drop", dataset_id=dataset_id, batch_id=batch_id)
            self._cursor.execute("review_batch.drop_messages", dataset_id=dataset_id, batch_id=batch_id)
        return found

    def get(self, dataset_id: DatasetId, batch_id: str) -> GuidedBatch:
        """One batch; ``UnknownNameError`` when there is none."""
        rows = self._cursor.rows("review_batch.one", dataset_id=dataset_id, batch_id=batch_id)
        if not rows:
            known = (one.batch_id for one in self.newest(dataset_id))
            raise UnknownNameError("batch of reviews", batch_id[:100], known)
        return self._batches(dataset_id, rows)[0]

    def open_ids(self, dataset_id: DatasetId, actor: str) -> tuple[str, ...]:
        """Ids of the batches of a person that are not finished, newest first."""
        rows = self._cursor.rows("review_batch.open_ids", dataset_id=dataset_id, actor=actor)
        return tuple(batch_id for (batch_id,) in rows)

    def newest(self, dataset_id: DatasetId, *, n_most: int = 100) -> tuple[GuidedBatch, ...]:
        """The newest batches of a dataset, newest first."""
        rows = self._cursor.rows("review_batch.newest", dataset_id=dataset_id, n_most=n_most)
        return self._batches(dataset_id, rows)

    def measure(self, report: ValidationReport, *, until: datetime) -> None:
        """Keep what a version that learned from all reviews up to ``until`` is worth, for the batches it is due to."""
        score = _encoded(VersionScore.of(report))
        self._cursor.execute(
            "review_batch.measure", dataset_id=report.dataset_id, until=until, score_after=score
        )

    def put_gained(self, dataset_id: DatasetId, batch_id: str, gained: MeasuredGain) -> None:
        """Keep what changed from the version before a batch to the one that learned from it."""
        self._cursor.execute(
            "review_batch.put_gained", dataset_id=dataset_id, batch_id=batch_id, gained=_encoded(gained)
        )

    def pace(self, dataset_id: DatasetId) -> float | None:
        """Median seconds that people take for a message, pauses of five minutes left out; None below 5 gaps of a second or more."""
        ((seconds, n),) = self._cursor.rows("review_batch.pace", dataset_id=dataset_id, n_most=_PAUSE_S)
        return float(seconds) if n >= _LEAST_GAPS else None

    def modes(self, dataset_id: DatasetId) -> dict[str, int]:
        """Reviewed messages by review mode."""
        return dict(self._cursor.rows("review_batch.modes", dataset_id=dataset_id))

    def first_clusters(self, dataset_id: DatasetId, n_most: int) -> list[tuple[int, int, int]]:
        """The largest clusters of the newest run: id, messages, reviewed ones; empty without a run."""
        found = self._cursor.rows("review_batch.first_clusters", dataset_id=dataset_id, n_most=n_most)
        return [(int(cluster), int(n), int(n_reviewed)) for cluster, n, n_reviewed in found]

    def _batches(self, dataset_id: DatasetId, rows: Sequence[tuple[Any, ...]]) -> tuple[GuidedBatch, ...]:
        members = self._members(dataset_id, [row[0] for row in rows]) if rows else {}
        made = []
        for batch_id, actor, mode, label_id, n_population, begun_at, finished_at, *told in rows:
            before, after, promised, gained = told
            inside = members.get(batch_id, [])
            made.append(
                GuidedBatch(
                    batch_id=batch_id,
                    dataset_id=dataset_id,
                    actor=actor,
                    mode=mode,
                    label_id=label_id,
                    begun_at=begun_at,
                    finished_at=finished_at,
                    uids=tuple(uid for uid, _, _ in inside),
                    probabilities=tuple(p for _, p, _ in inside),
                    n_population=n_population,
                    done=tuple(uid for uid, _, is_done in inside if is_done),
                    before=_decoded(before, VersionScore),
                    after=_decoded(after, VersionScore),
                    promised=_decoded(promised, ExpectedGain),
                    gained=_decoded(gained, MeasuredGain),
                )
            )
        return tuple(made)

    def _members(self, dataset_id: DatasetId, batch_ids: Iterable[str]) -> dict[str, list[tuple[Any, ...]]]:
        found: dict[str, list[tuple[Any, ...]]] = {}
        for batch_id, *about in self._cursor.rows(
            "review_batch.messages", dataset_id=dataset_id, batch_ids=list(batch_ids)
        ):
            found.setdefault(batch_id, []).append(tuple(about))
        return found


def _encoded(told: object | None) -> str | None:
    return None if told is None else msgspec.json.encode(told).decode()


def _decoded(text: str | None, kind: type[_T]) -> _T | None:
    return None if text is None else msgspec.json.decode(text, type=kind)
