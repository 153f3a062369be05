"""What administrators set of quotas, and the most there ever was."""

from __future__ import annotations

from typing import Any

from workbench.domain import DatasetId, QuotaRule
from workbench.store.cursor import Cursor


class Quotas:
    """One rule of each kind, where anything was written down."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def all(self) -> dict[str, QuotaRule]:
        """What was written down, by kind."""
        return {row[0]: _rule(row) for row in self._cursor.rows("quota.all")}

    def get(self, kind: str) -> QuotaRule | None:
        """What was written down of a kind, None where nothing was."""
        row = self._cursor.one("quota.one", kind=kind)
        return None if row is None else _rule(row)

    def put(self, rule: QuotaRule) -> None:
        """Write a rule down, in the place of an earlier one."""
        self._cursor.execute("quota.forget", kind=rule.kind)
        self._cursor.execute(
            "quota.put",
            kind=rule.kind,
            n_hard_limit=rule.hard_limit,
            n_auto_increase_up_to=rule.auto_increase_up_to,
            n_peak=rule.peak,
        )

    def n_streams(self) -> dict[DatasetId, int]:
        """How many streams each dataset has that has any."""
        return {DatasetId(dataset_id): n for dataset_id, n in self._cursor.rows("quota.streams")}

    def n_pinned(self) -> int:
        """How many model versions are pinned."""
        ((n,),) = self._cursor.rows("quota.pinned")
        return int(n)

    def n_reviewed(self, dataset_id: DatasetId) -> int:
        """How many messages of a dataset are reviewed."""
        ((n,),) = self._cursor.rows("quota.reviewed", dataset_id=dataset_id)
        return int(n)


def _rule(row: tuple[Any, ...]) -> QuotaRule:
    kind, hard_limit, auto_increase_up_to, peak = row
    return QuotaRule(kind=kind, hard_limit=hard_limit, auto_increase_up_to=auto_increase_up_to, peak=peak)
