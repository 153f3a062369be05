"""Verdicts on doubts: what stays as it is."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from workbench.domain import DatasetId, LabelId, Verdict
from workbench.errors import InputError, UnknownNameError
from workbench.store.cursor import Cursor


class Verdicts:
    """What people said when their judgements were doubted."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def add(self, dataset_id: DatasetId, verdict: Verdict, *, actor: str, at: datetime) -> None:
        """Store one; sent twice it is stored once.

        Raises
        ------
        UnknownNameError
            The message is not in the dataset, or the label not in its taxonomy.
        InputError
            The message is not reviewed, or was judged again since the person saw it.
        """
        found = self._cursor.one("review.states", dataset_id=dataset_id, uids=[verdict.uid])
        if found is None:
            raise UnknownNameError("message", verdict.uid, ())
        names = {
            label_id: " > ".join(path)
            for label_id, path in self._cursor.rows("label.paths", dataset_id=dataset_id)
        }
        if verdict.label_id not in names:
            raise UnknownNameError("label", verdict.label_id, names)
        _, revision, reviewed = found
        if not reviewed or revision != verdict.revision:
            raise InputError(
                f"message {verdict.uid!r} is {'at revision' if reviewed else 'not reviewed, at revision'} {revision}; "
                f"the verdict speaks of revision {verdict.revision}.",
                next_step="Load the message again, and say what is to stay.",
                details={"uid": verdict.uid, "asked": verdict.revision, "known": revision},
            )
        self._cursor.execute(
            "verdict.add",
            event_id=verdict.event_id,
            dataset_id=dataset_id,
            uid=verdict.uid,
            label_id=verdict.label_id,
            at=at,
            actor=actor,
            kept=verdict.kept,
        )

    def settled(self, dataset_id: DatasetId, label_id: LabelId | None = None) -> pa.Table:
        """Columns uid, label_id: messages that Check and Missed do not show for a label (None = each) any more."""
        return self._cursor.table("verdict.settled", dataset_id=dataset_id, label_id=label_id)
