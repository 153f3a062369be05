"""What the Usage page gives to take away: the account of a month, and the report on a dataset."""

from __future__ import annotations

import base64
import html
import tempfile
import zipfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import ipywidgets as ipw

from workbench.charts.words import MONTHS
from workbench.domain import DatasetId
from workbench.door import Dataset, Workspace
from workbench.errors import MissingExtraError
from workbench.widgets.panels.page import bar, section

if TYPE_CHECKING:
    from workbench.widgets.panels.page import Page

_MOST_MONTHS = 36


class Papers:
    """Downloads: made when asked for, in a thread of the page.

    Parameters
    ----------
    page
        The page they stand on.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self.month = ipw.Dropdown(description="Month", style={"description_width": "initial"})
        self.account_button = ipw.Button(description="Make account")
        self.account_button.on_click(
            page.aside(self.account_button, self.make_account, busy="Making the account …")
        )
        self.account = ipw.HTML()
        self.dataset = ipw.Dropdown(description="Dataset", style={"description_width": "initial"})
        self.export_button = ipw.Button(description="Make report")
        self.export_button.on_click(page.aside(self.export_button, self.export, busy="Making the report …"))
        self.download = ipw.HTML()
        self._accounts = section(
            "Account of a month",
            _note(
                "Units and platform units by project, source and channel, corrections apart, opening and closing totals, "
                "and the ledger entries that confirm them; as CSV, HTML and PDF."
            ),
            bar(self.month, self.account_button, self.account),
        )
        self._reports = section(
            "Report",
            _note(
                "Volumes, labels, rating, drift, balance and usage of a dataset as one HTML page, the same as PDF, and "
                "every chart's numbers as CSV."
            ),
            bar(self.dataset, self.export_button, self.download),
        )
        self.widget = ipw.VBox([self._accounts, self._reports])

    def refresh(self) -> None:
        """Offer the months that have entries, and the datasets there are."""
        months = self._page.operations.consumption((), "month")["period"].to_pylist()[::-1]
        _offer(
            self.month,
            [(f"{MONTHS[one.month - 1]} {one.year}", f"{one:%Y-%m}") for one in months[:_MOST_MONTHS]],
        )
        known = self._page.operations.datasets()
        first = self._page.state.dataset
        known = tuple(sorted(known, key=lambda one: one.full_name != first))
        _offer(self.dataset, [(one.title or one.full_name, str(one.dataset_id)) for one in known])
        self._accounts.layout.display = None if months else "none"
        self._reports.layout.display = None if known else "none"

    def make_account(self) -> None:
        """Make the account of the month and offer it as one download."""
        self.account.value = ""
        made = Workspace(self._page.operations, address="").invoice(self.month.value)
        with tempfile.TemporaryDirectory() as folder:
            try:
                paths = made.save(Path(folder))
            except MissingExtraError:  # without the PDF writer the page and the table are worth having
                paths = made.save(Path(folder), pdf=False)
            packed = _zipped(Path(folder), paths)
        self.account.value = _link(f"account-{self.month.value}.zip", packed)

    def export(self) -> None:
        """Make the report and offer it as one download: HTML, PDF and tables in a ZIP file."""
        self.download.value = ""
        dataset = Dataset(self._page.operations, DatasetId(self.dataset.value))
        with tempfile.TemporaryDirectory() as folder:
            packed = _zipped(Path(folder), dataset.report(folder))
        self.download.value = _link(f"report-{dataset.info.name}.zip", packed)


def _offer(choice: ipw.Dropdown, options: list[tuple[str, str]]) -> None:
    """Other options; what was chosen stays where it still can be."""
    if list(choice.options) != options:
        chosen = choice.value
        choice.options = options
        values = [value for _, value in options]
        choice.value = chosen if chosen in values else next(iter(values), None)


def _note(text: str) -> ipw.HTML:
    return ipw.HTML(f'<p class="wb-status">{html.escape(text)}</p>')


def _link(name: str, packed: bytes) -> str:
    data = base64.b64encode(packed).decode("ascii")
    shown = html.escape(name)  # names of datasets and months are safe names of files
    return (
        f'<a class="wb-download" download="{shown}" href="data:application/zip;base64,{data}">'
        f"Download {shown} ({len(packed) / 1e6:.1f} MB)</a>"
    )


def _zipped(root: Path, paths: tuple[Path, ...]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in paths:
            archive.write(path, path.relative_to(root))
    return buffer.getvalue()
