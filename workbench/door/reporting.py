"""Drift, reports and charts of a dataset in a notebook. What ``Dataset`` offers beside its other verbs."""

from __future__ import annotations

import os
import warnings
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from workbench.domain import BalanceReport, DriftReport, Resolution
from workbench.door.jobs import Job
from workbench.door.modelling import Modelling
from workbench.errors import MissingExtraError, NotTrainedError
from workbench.primitives import utc_now

if TYPE_CHECKING:
    from workbench.charts import Chart

_Report = TypeVar("_Report", BalanceReport, DriftReport)


class Reporting(Modelling):
    """What a manager is shown of a dataset and its models."""

    def monitor(self, *, progress: bool = True) -> dict[str, Any]:
        """Look for drift and imbalance; waits until done."""
        return Job(self.operations, self.operations.start_monitor(self.dataset_id)).wait(progress=progress)

    def drift(self) -> DriftReport:
        """The newest drift report; ``NotTrainedError`` before ``monitor`` ran."""
        return self._monitored(self.operations.drift(self.dataset_id))

    def balance(self) -> BalanceReport:
        """The newest balance report; ``NotTrainedError`` before ``monitor`` ran."""
        return self._monitored(self.operations.balance(self.dataset_id))

    def report(
        self,
        folder: str | os.PathLike[str],
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        now: datetime | None = None,
    ) -> tuple[Path, ...]:
        """Write the report as HTML, PDF and tables into ``folder``; returns the paths.

        Where the PDF writer's system libraries are missing the PDF is left out with a warning that names them.
        """
        from workbench.reports import build_report  # noqa: PLC0415 - loads charts and templates

        info = self.operations.dataset(str(self.dataset_id))
        made = build_report(self.operations, info, since=since, until=until, now=now or utc_now())
        try:
            return made.save(Path(folder))
        except MissingExtraError as error:
            warnings.warn(f"The PDF was left out: {error}", stacklevel=2)
            return made.save(Path(folder), pdf=False)

    # ---- charts

    def volume(self, resolution: Resolution = "week") -> Chart:
        """Messages over time."""
        from workbench import charts  # noqa: PLC0415

        return charts.message_volume(
            self.operations.label_totals(self.dataset_id, resolution),
            resolution,
            dataset_id=str(self.dataset_id),
        )

    def trends(self, resolution: Resolution = "week") -> Chart:
        """Volumes of the labels over time: sums of probabilities."""
        from workbench import charts  # noqa: PLC0415

        return charts.label_trends(
            self.operations.label_totals(self.dataset_id, resolution),
            resolution,
            labels=self.operations.labels(self.dataset_id),
            dataset_id=str(self.dataset_id),
        )

    def curve(self, label: str) -> Chart:
        """Precision against recall of one label."""
        from workbench import charts  # noqa: PLC0415

        report = self.validation()
        return charts.precision_recall(report, label)

    def rating(self) -> Chart:
        """The model rating with its four factors."""
        from workbench import charts  # noqa: PLC0415

        return charts.rating_dial(self.validation())

    def _monitored(self, report: _Report | None) -> _Report:
        if report is None:
            raise NotTrainedError("nobody has looked for drift yet.", next_step="Run ds.monitor().")
        return report
