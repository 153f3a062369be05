"""``build_report`` and ``Report``: one self-contained page, its PDF, and the tables behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from workbench import charts
from workbench.charts import Display
from workbench.domain import Dataset, Operations
from workbench.primitives import write_atomically
from workbench.reports.facts import Facts, gather
from workbench.reports.page import render_page
from workbench.reports.printing import print_page
from workbench.reports.sheets import write_csv

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, kw_only=True)
class Report:
    """A report; ``displays`` holds its charts by name, each with its numbers and its line of Python."""

    facts: Facts
    displays: Mapping[str, Display]

    def html(self) -> str:
        """One page with its styles and pictures inside: no script, no request to anywhere."""
        return render_page(self.facts, self.displays)

    def pdf(self, path: Path) -> Path:
        """Write the page as A4 PDF and return ``path``.

        Raises
        ------
        MissingExtraError
            The PDF writer or a system library of it is not installed.
        """
        return print_page(self.html(), path)

    def tables(self) -> dict[str, pl.DataFrame]:
        """The numbers of every chart, by the chart's name."""
        return {name: display.frame() for name, display in self.displays.items()}

    def save(self, directory: Path, *, pdf: bool = True) -> tuple[Path, ...]:
        """Write ``report.html``, ``report.pdf`` and ``tables/<name>.csv``; return the paths."""
        page = directory / "report.html"
        html = self.html()
        write_atomically(page, lambda draft: _write(draft, html))
        paths = [page]
        if pdf:
            paths.append(self.pdf(directory / "report.pdf"))
        for name, frame in self.tables().items():
            path = directory / "tables" / f"{name}.csv"
            write_csv(frame, path)
            paths.append(path)
        return tuple(paths)


def build_report(
    ops: Operations,
    dataset: Dataset,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    now: datetime,
) -> Report:
    """Ask ``ops`` for everything a report on ``dataset`` says.

    Parameters
    ----------
    since, until
        The period in whole UTC days, ``until`` exclusive; aware. ``until`` None = after the newest message
        that is not later than ``now``; ``since`` None = the last 28 days, widened to 91 and 364 days while
        they hold fewer than 200 messages.
    now
        When the report is made; aware.

    Raises
    ------
    FilterError
        A time has no zone, or the period is empty.
    """
    facts = gather(ops, dataset, since=since, until=until, now=now)
    return Report(facts=facts, displays=_displays(facts))


def _displays(facts: Facts) -> dict[str, Display]:
    did = str(facts.dataset.dataset_id)
    table, labels = facts.day_totals, facts.labels
    found: dict[str, Display] = {
        "messages": charts.message_volume(
            table, facts.resolution, since=facts.before, until=facts.until, dataset_id=did
        )
    }
    if facts.trends:
        found["label_trends"] = charts.label_trends(
            table, facts.resolution, labels=labels, since=facts.before, until=facts.until, dataset_id=did
        )
        found["labels"] = charts.label_trend_table(
            table, "day", labels=labels, since=facts.since, until=facts.until, top=200, dataset_id=did
        )
    if facts.cluster_run:
        found["clusters"] = charts.cluster_sizes(facts.cluster_run)
    if facts.validation:
        found["rating"] = charts.rating_dial(facts.validation)
        found["label_quality"] = charts.label_table(facts.validation)
        found["training_size"] = charts.precision_by_training_size(facts.validation)
        found["precision_at_recall"] = charts.mean_precision_at_recall(facts.validation)
    if facts.drift:
        found["drift_tests"] = charts.drift_tests(facts.drift)
        found["label_changes"] = charts.label_changes(facts.drift)
        found["phrases"] = charts.phrase_changes(facts.drift)
        found["new_groups"] = charts.cluster_changes(facts.drift)
        found["exceptions"] = charts.exception_changes(facts.drift)
    if facts.balance:
        found["balance"] = charts.balance_groups(facts.balance)
        found["review_modes"] = charts.mode_shares(facts.balance)
        found["coverage"] = charts.coverage(facts.balance)
    found["usage"] = charts.usage_by_day(facts.usage)
    return found


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
