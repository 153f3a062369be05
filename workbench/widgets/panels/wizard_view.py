"""The widgets of the upload wizard; what they do is in ``importing``."""

from __future__ import annotations

import html
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import ipywidgets as ipw

from workbench.widgets.elements import ColumnRoles, DataTable, FileDrop
from workbench.widgets.panels.columns import DATE_ORDERS, ROLES
from workbench.widgets.panels.import_choices import BAD_ROWS, CLEAN
from workbench.widgets.panels.mail_files import ENDINGS as MAIL_ENDINGS
from workbench.widgets.panels.outcome import BAD_COLUMNS
from workbench.widgets.panels.page import bar
from workbench.widgets.panels.receiving import Receiver, most_bytes

if TYPE_CHECKING:
    from workbench.widgets.panels.page import Page

_ENDINGS = [".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".json", ".xlsx", ".parquet", ".gz"]
SAMPLE = Path(__file__).resolve().parents[3] / "data" / "sample" / "mailbox.csv"


class WizardView:
    """The boxes of all steps; a step shows its own."""

    _page: Page
    receiver: Receiver

    def _build(self) -> None:
        """Make the widgets of all steps; a step shows its own."""
        self.head = ipw.HTML()
        self.source = ipw.Dropdown(description="Into", style={"description_width": "40px"})
        self.drop = FileDrop(
            accept=[*_ENDINGS, *MAIL_ENDINGS],
            multiple=True,
            prompt="Drop files here, or choose them: CSV, JSONL, Excel, Parquet, or mail (.eml, mbox, .msg, .pst, a ZIP of them)",
            max_bytes=most_bytes(),
        )
        self.drop.on_start(self.begin)
        self.drop.on_piece(self.receiver.take_piece)
        self.drop.on_end(lambda *told: threading.Thread(target=self.finish, args=told, daemon=True).start())
        self.drop.on_cancel(self.cancel)
        self.sample = ipw.Button(description="Try the sample mailbox", tooltip="3,600 synthetic messages")
        self.sample.layout.align_self = "flex-start"
        self.sample.on_click(self._page.guard(self.take_sample))
        self.sample.layout.display = None if SAMPLE.is_file() else "none"
        self._first = ipw.VBox([self.source, self.drop, self.sample])
        self.summary = ipw.HTML()
        self.source.observe(lambda _: self._show_source(), "value")
        self.sheet = ipw.Dropdown(description="Sheet", style={"description_width": "initial"})
        self.sheet.observe(self._page.guard(self.change_sheet), "value")
        self.roles = ColumnRoles(roles=ROLES, title="Columns of the file")
        self.roles.on_change(self._check)
        self.dates = ipw.Dropdown(
            options=DATE_ORDERS, description="Dates are", style={"description_width": "initial"}
        )
        self.dates.observe(lambda _: self._check(), "value")
        wide = {"style": {"description_width": "initial"}, "layout": {"width": "440px"}}
        self.annotate = ipw.Dropdown(description="Its annotations go to", **wide)
        self.clean = ipw.Checkbox(description=CLEAN, value=True, indent=False)
        self.clean.layout.width = "auto"
        self.warnings = ipw.HTML()
        self._second = ipw.VBox(
            [self.summary, self.sheet, self.roles, self.dates, self.warnings, self.clean, self.annotate]
        )
        self.result = self._page.words()
        self.bad_choice = ipw.RadioButtons(
            options=BAD_ROWS,
            value=None,
            description="Rows that cannot be read",
            style={"description_width": "160px"},
        )
        self.bad_choice.layout.width = "auto"
        self.bad_choice.observe(lambda _: self._check(), "value")
        self.bad_rows = DataTable(columns=BAD_COLUMNS, height=260, title="Rows left out")
        self._third = ipw.VBox([self.result, self.bad_choice, self.bad_rows])
        self.back_button = ipw.Button(description="Back")
        self.back_button.on_click(self._page.guard(self.back))
        self.next_button = ipw.Button(button_style="primary")
        self.next_button.on_click(self._page.guard(self.next))
        self.hint = ipw.HTML()
        buttons = bar(self.back_button, self.next_button, self.hint)
        self.widget = ipw.VBox([self.head, self._first, self._second, self._third, buttons])
        self.widget.add_class("wb-wizard")

    @staticmethod
    def _tell(callbacks: list[Callable[[], object]]) -> None:
        for callback in callbacks:
            callback()

    def _say(self, text: str) -> None:
        self.hint.value = f'<span class="wb-status" role="status">{html.escape(text)}</span>'

    def _show_source(self) -> None:
        raise NotImplementedError

    def _check(self) -> None:
        raise NotImplementedError

    def begin(self, upload_id: str, name: str, n_bytes: int) -> None:
        """A file is on its way."""
        raise NotImplementedError

    def finish(self, upload_id: str, name: str, n_bytes: int) -> None:
        """A file has arrived."""
        raise NotImplementedError

    def cancel(self, upload_id: str) -> None:
        """A file will not come after all."""
        raise NotImplementedError

    def take_sample(self) -> None:
        """Take the sample mailbox."""
        raise NotImplementedError

    def change_sheet(self) -> None:
        """Look at another sheet."""
        raise NotImplementedError

    def back(self) -> None:
        """One step back."""
        raise NotImplementedError

    def next(self) -> None:
        """One step on."""
        raise NotImplementedError
