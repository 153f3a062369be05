"""Usage: what was charged; and the report for those who do not open apps."""

from __future__ import annotations

import base64
import tempfile
import zipfile
from io import BytesIO
from pathlib import Path
from typing import ClassVar

import ipywidgets as ipw

from workbench import charts
from workbench.domain import Event
from workbench.widgets.elements import Chart, DataTable
from workbench.widgets.panels.base import Panel, bar, draw, empty, fill, rows_of, section
from workbench.widgets.panels.columns import warnings_html

_COLUMNS = [
    {"key": "day", "title": "Day", "width": 120},
    {"key": "source", "title": "Source"},
    {"key": "channel", "title": "Channel", "width": 110},
    {"key": "operation", "title": "Operation", "width": 110},
    {"key": "units", "title": "Units", "kind": "number", "width": 110},
    {"key": "platform_units", "title": "Platform units", "kind": "number", "digits": 1, "width": 130},
]


class UsagePanel(Panel):
    """Ledger and report.

    Parameters
    ----------
    dataset, state
        See ``Panel``.
    """

    name: ClassVar[str] = "Usage"

    def build(self) -> ipw.Widget:
        """Make the body."""
        self.headline = self.words()
        self.by_day = Chart(height=320)
        self.table = DataTable(columns=_COLUMNS, height=380, title="Ledger by day")
        self.export_button = ipw.Button(description="Make report", button_style="primary")
        self.export_button.on_click(self.aside(self.export_button, self.export, busy="Making the report …"))
        self.download = ipw.HTML()
        self._charged = ipw.VBox([section("", self.by_day), self.table])
        self.refresh()
        return ipw.VBox(
            [
                self.headline,
                self._charged,
                section(
                    "Report",
                    ipw.HTML(
                        '<p class="wb-status">Volumes, labels, rating, drift, balance and usage of this dataset as one '
                        "HTML page, the same as PDF, and every chart's numbers as CSV.</p>"
                    ),
                    bar(self.export_button, self.download),
                ),
            ]
        )

    def refresh(self) -> None:
        """Read the ledger again."""
        report = self.operations.usage()
        total = charts.usage_total(report)
        (sums,) = rows_of(total)
        nothing = "" if report.totals else empty("Nothing was charged yet.", "Import messages in Discover.")
        self.headline.say(
            f'<p class="wb-headline"><b>{sums["units"]:,}</b> units charged = '
            f"<b>{sums['platform_units']:,.1f}</b> platform units</p>"
            '<p class="wb-status">1 unit for each new message and each message whose text changed; '
            f"changes of properties, predictions and training are free.</p>{nothing}{self._budgets_said()}",
            total,
        )
        self._charged.layout.display = None if report.totals else "none"
        draw(self.by_day, charts.usage_by_day(report))
        fill(self.table, charts.ledger_by_day(report, self.operations.sources()))
        self.show_state(self.state)
        self.code.code = self.state.code('ds.report("report")  # HTML, PDF and tables into a folder')

    def _budgets_said(self) -> str:
        """Budgets whose soft limit is passed, without numbers: those stand in ``budgets()``."""
        past = [one for one in self.operations.budgets() if one.is_past_soft]
        return warnings_html(
            [f"The budget of {one.scope} ({one.period}) is past its soft limit." for one in past]
        )

    def export(self) -> None:
        """Make the report and offer it as one download: HTML, PDF and tables in a ZIP file."""
        self.download.value = ""
        with tempfile.TemporaryDirectory() as folder:
            packed = _zipped(Path(folder), self.dataset.report(folder))
        data = base64.b64encode(packed).decode("ascii")
        name = f"report-{self.dataset.info.name}.zip"  # a dataset's name is a safe file name
        self.download.value = (
            f'<a class="wb-download" download="{name}" href="data:application/zip;base64,{data}">'
            f"Download {name} ({len(packed) / 1e6:.1f} MB)</a>"
        )

    def hear(self, event: Event) -> None:
        """Messages came in: the ledger grew."""
        if event.topic in ("import", "budget"):
            self.refresh()


def _zipped(root: Path, paths: tuple[Path, ...]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in paths:
            archive.write(path, path.relative_to(root))
    return buffer.getvalue()
