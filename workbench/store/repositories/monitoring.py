"""Drift and balance reports."""

from __future__ import annotations

from workbench.domain import BalanceReport, DatasetId, DriftReport
from workbench.store.cursor import Cursor
from workbench.store.repositories.reports import decode_report, encode_report


class Monitoring:
    """Reports as they were made; the newest is the one shown."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def put_drift(self, report: DriftReport) -> None:
        """Keep a drift report."""
        self._put("drift", report)

    def drift(self, dataset_id: DatasetId) -> DriftReport | None:
        """The newest drift report, None before the first."""
        row = self._cursor.one("monitoring.newest", dataset_id=dataset_id, kind="drift")
        return None if row is None else decode_report(row[0], DriftReport)

    def put_balance(self, report: BalanceReport) -> None:
        """Keep a balance report."""
        self._put("balance", report)

    def balance(self, dataset_id: DatasetId) -> BalanceReport | None:
        """The newest balance report, None before the first."""
        row = self._cursor.one("monitoring.newest", dataset_id=dataset_id, kind="balance")
        return None if row is None else decode_report(row[0], BalanceReport)

    def spread(self, dataset_id: DatasetId) -> list[tuple[str, str, int, int]]:
        """Name, value, messages and reviewed messages of each value of source, language, month and properties.

        Text properties with more than 50 values are left out.
        """
        rows = self._cursor.rows("monitoring.spread", dataset_id=dataset_id)
        return [(name, value, n_messages, n_reviewed) for name, value, _, n_messages, n_reviewed in rows]

    def _put(self, kind: str, report: DriftReport | BalanceReport) -> None:
        self._cursor.execute(
            "monitoring.put",
            dataset_id=report.dataset_id,
            kind=kind,
            created_at=report.created_at,
            report=encode_report(report),
        )
