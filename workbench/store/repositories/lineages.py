"""What model versions were trained on: messages, labels, parameters, and the version each began from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain import DatasetId, Label
from workbench.store.cursor import Cursor


@dataclass(frozen=True, kw_only=True)
class TrainingSet:
    """The recorded training of a version.

    Attributes
    ----------
    trained_from
        The version whose weights it began with, None = from nothing.
    labels
        The taxonomy of that time, in the order of the version's columns.
    parameters
        JSON.
    n_rows
        Messages it was trained on.
    """

    version: int
    trained_from: int | None
    labels: tuple[Label, ...]
    parameters: str
    n_rows: int


class Lineages:
    """Recorded trainings; one that repeats most of the last one takes room only for what differs."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def add(
        self,
        dataset_id: DatasetId,
        version: int,
        trained_on: pa.Table,
        *,
        trained_from: int | None,
        labels: Sequence[Label],
        parameters: str,
    ) -> None:
        """Record the training of a new version.

        Parameters
        ----------
        trained_on
            uid, text_hash, thread (which messages belong together), labels (ids, list), sentiments (int8,
            list, beside the labels; null without label sentiment): a row per message.
        """
        last = max((known.version for known in self.sets(dataset_id)), default=0)
        self._cursor.bulk("lineage.close_rows", trained_on, dataset_id=dataset_id, last=last)
        self._cursor.bulk("lineage.add_rows", trained_on, dataset_id=dataset_id, version=version)
        self._cursor.execute(
            "lineage.add_set",
            dataset_id=dataset_id,
            version=version,
            trained_from=trained_from,
            labels=msgspec.json.encode(labels).decode(),
            parameters=parameters,
            n_rows=trained_on.num_rows,
        )

    def sets(self, dataset_id: DatasetId) -> tuple[TrainingSet, ...]:
        """Recorded trainings, newest first."""
        return tuple(
            TrainingSet(
                version=version,
                trained_from=trained_from,
                labels=msgspec.json.decode(labels, type=tuple[Label, ...]),
                parameters=parameters,
                n_rows=n_rows,
            )
            for version, trained_from, labels, parameters, n_rows in self._cursor.rows(
                "lineage.sets", dataset_id=dataset_id
            )
        )

    def rows(self, dataset_id: DatasetId, versions: Sequence[int]) -> tuple[pa.Table, ...]:
        """What is left of the rows of recorded trainings, a table each, in order of arrival.

        Columns uid, text_hash (of then), text_hash_now, thread, labels, sentiments.
        """
        found = self._cursor.table(
            "lineage.rows", dataset_id=dataset_id, first=min(versions), last=max(versions)
        )
        until = pc.fill_null(found.column("until"), max(versions))
        return tuple(
            found.filter(
                pc.and_(pc.less_equal(found.column("since"), one), pc.greater_equal(until, one))
            ).drop_columns(["since", "until"])
            for one in versions
        )

    def keep(self, dataset_id: DatasetId, versions: Iterable[int]) -> None:
        """Forget the trainings that none of ``versions`` is or began from."""
        began = {known.version: known.trained_from for known in self.sets(dataset_id)}
        needed: set[int] = set()
        for version in versions:
            one: int | None = version
            while one is not None and one not in needed and one in began:
                needed.add(one)
                one = began[one]
        self._cursor.execute("lineage.drop_sets", dataset_id=dataset_id, needed=sorted(needed))
        self._cursor.execute("lineage.drop_rows", dataset_id=dataset_id)
