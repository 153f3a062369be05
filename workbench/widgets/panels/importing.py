"""Bringing files in: choose, say what the columns are, see what it will do, load. One engine with ``workbench import``."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from workbench import charts
from workbench.domain import (
    Bucket,
    ColumnMapping,
    DatasetId,
    FilePreview,
    ImportOptions,
    ImportReport,
    JobId,
    MailFile,
    MailImportReport,
    Source,
    SourceId,
)
from workbench.errors import InputError, WorkbenchError
from workbench.widgets.panels import mail_files
from workbench.widgets.panels.catalog import using
from workbench.widgets.panels.columns import (
    DAY_FIRST,
    column_rows,
    date_order,
    dates_html,
    dates_of,
    file_html,
    guessed_roles,
    mapping_of,
    missing_roles,
    undecided,
    warnings_html,
    warnings_of,
)
from workbench.widgets.panels.import_choices import cleans, is_cleanable, undecided_rows
from workbench.widgets.panels.mail_files import is_mail
from workbench.widgets.panels.mail_import import MailImport
from workbench.widgets.panels.outcome import (
    BAD_COLUMNS,
    bad_words,
    cautions,
    csv_link,
    figures_html,
    left_out,
    n_bad,
    next_pages_html,
    summed,
)
from workbench.widgets.panels.receiving import Receiver
from workbench.widgets.panels.steps import CHECK, COLUMNS, DONE, FILE, caption, steps_html
from workbench.widgets.panels.wizard_view import SAMPLE

if TYPE_CHECKING:
    from workbench.widgets.panels.page import Page


class ImportWizard(MailImport):
    """The steps of an import, as a part of a screen.

    Parameters
    ----------
    page
        The screen; its place for running work shows the jobs.

    Attributes
    ----------
    step : int
        ``FILE``, ``COLUMNS``, ``CHECK`` or ``DONE``.
    files : list of FilePreview
        Files that arrived; they share the columns of the first.
    reports : list of ImportReport
        What the dry run, or the import, said of each file.
    mails : list of MailFile
        Mail files that arrived, in the place of ``files``: they need no columns and are one import.
    mail_report : MailImportReport or None
        What the dry run, or the import, said of them.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._operations = page.operations
        self.receiver = Receiver(page.operations)
        self._looking = threading.Lock()
        self._closed: list[Callable[[], object]] = []
        self._loaded: list[Callable[[], object]] = []
        self._sources: dict[str, Source] = {}
        self._busy = False
        self._todo: list[FilePreview] = []
        self._dry = True
        self._agreed: ColumnMapping
        self._options: ImportOptions
        self.step = FILE
        self.files: list[FilePreview] = []
        self.reports: list[ImportReport] = []
        self.mails: list[MailFile] = []
        self.mail_report: MailImportReport | None = None
        self.bucket: Bucket | None = None
        self._build()
        self._go(FILE)

    # ---- where it stands -------------------------------------------------------------------------

    def on_close(self, callback: Callable[[], object]) -> None:
        """Call back when the person leaves; there is a way out from then on."""
        self._closed.append(callback)
        self._go(self.step)

    def on_loaded(self, callback: Callable[[], object]) -> None:
        """Call back when messages were loaded."""
        self._loaded.append(callback)

    def open_for(self, source: Source) -> None:
        """Begin anew, into this source."""
        self.bucket = None
        self.offer([source])
        self._forget_files()
        self._go(FILE)

    def offer(self, sources: Sequence[Source]) -> None:
        """Offer these sources; the choice is hidden while there is only one."""
        self._sources = {str(one.source_id): one for one in sources}
        choices = [(one.full_name, str(one.source_id)) for one in sources]
        if choices and choices != list(self.source.options):
            kept = self.source.value
            self.source.options = choices
            self.source.value = kept if kept in dict(choices).values() else choices[0][1]
        self.source.layout.display = None if len(choices) > 1 else "none"
        self._show_head()

    def back(self) -> None:
        """One step back, nothing lost; from the first step out."""
        if self.step in (FILE, DONE):
            self._tell(self._closed)
            return
        self._go(FILE if self.step == COLUMNS else COLUMNS)

    def next(self) -> None:
        """On: count what the import would do, do it, or begin with another file."""
        if self.step == FILE and (self.files or self.mails):
            self._go(COLUMNS)
        elif self.step == COLUMNS:
            self._run(dry=True)
        elif self.step == CHECK:
            self._run(dry=False)
        elif self.step == DONE:
            self._forget_files()
            self._go(FILE)

    # ---- the file --------------------------------------------------------------------------------

    def begin(self, upload_id: str, name: str, n_bytes: int) -> None:
        """Open an upload; the first of a new choice of files puts the earlier ones away."""
        if self.step == FILE and not self.receiver.is_receiving:
            self.files, self.mails = [], []
        self.receiver.begin(upload_id, name, n_bytes)
        self._check()

    def cancel(self, upload_id: str) -> None:
        """A file will not come after all; those that are here stay."""
        self.receiver.forget(upload_id)
        self._check()

    def finish(self, upload_id: str, name: str, _n_bytes: int) -> None:
        """Let the file be looked at and show what was found; a file that cannot be read says why on the spot."""
        with self._looking:
            self._say(f"Looking at {name} …")
            try:
                if self.bucket or is_mail(name, self.receiver.head(upload_id)):
                    self.take_mail(self.receiver.finish_mail(upload_id))
                else:
                    self.take(self.receiver.finish(upload_id))
            except Exception as error:  # noqa: BLE001 - a failure must reach the screen, never be swallowed
                self.drop.fail(upload_id, error)
            finally:
                self.cancel(upload_id)

    def take(self, preview: FilePreview) -> None:
        """Take a file that arrived; the first one's columns are shown.

        Raises
        ------
        InputError
            It has other columns than the files before it.
        """
        if self.mails:
            raise self._mixed(preview.name)
        if self.files and preview.columns != self.files[0].columns:
            raise InputError(
                f"{preview.name!r} has other columns than {self.files[0].name!r}.",
                next_step="Import it by itself afterwards.",
            )
        self.files = [*self.files, preview]
        if len(self.files) == 1:
            self._preset()
            self.show(preview)
        else:
            self.summary.value = file_html(self.files)

    def show(self, preview: FilePreview) -> None:
        """Show a file and the guessed roles of its columns."""
        self.summary.value = file_html(self.files)
        with self.roles.hold_sync():
            self.roles.columns, self.roles.chosen = column_rows(preview), guessed_roles(preview)
        self.dates.value = date_order(preview.guess)
        if list(self.sheet.options) != list(preview.sheets):
            self.sheet.options = preview.sheets
            self.sheet.value = preview.sheet or None
        self.sheet.layout.display = None if len(preview.sheets) > 1 else "none"
        takers = using(self._operations.datasets(), SourceId(self.source.value))
        self.annotate.options = [
            ("nowhere", ""),
            *((one.title or one.full_name, str(one.dataset_id)) for one in takers),
        ]
        self.annotate.layout.display = None if takers and "annotations" in preview.left_out else "none"
        self._go(COLUMNS)

    def change_sheet(self) -> None:
        """Look at another sheet of the workbook."""
        if self.step != COLUMNS or not self.files or self.sheet.value in (None, self.files[0].sheet):
            return
        file = self.files[0]
        self.files = [self._operations.finish_upload(file.upload_id, 0, "", self.sheet.value)]
        self.show(self.files[0])

    def take_sample(self) -> None:
        """Hand the sample mailbox over as if it had been dropped; it is there in a checkout."""
        upload_id = secrets.token_hex(8)
        self.receiver.take_file(upload_id, SAMPLE)
        self.finish(upload_id, SAMPLE.name, SAMPLE.stat().st_size)

    # ---- the import ------------------------------------------------------------------------------

    def mapping(self) -> ColumnMapping:
        """The mapping as chosen; ``InputError`` while there is no file or a column is missing."""
        if not self.files:
            raise InputError("there is no file yet.", next_step="Drop a file first.")
        return mapping_of(
            self.roles.chosen,
            day_first=DAY_FIRST[self.dates.value],
            sheet=self.files[0].sheet or None,
        )

    def _run(self, *, dry: bool) -> None:
        """Start on the first file; nothing is loaded that was not counted before in the same way."""
        if self.mails:
            self._run_mail(dry=dry)
            return
        if dry:
            self._agreed = self.mapping()
            target = DatasetId(self.annotate.value) if self.annotate.value else None
            self._options = ImportOptions(clean_mail=bool(self.clean.value), annotate=target)
            self.bad_choice.value = None
        skips = dry or self.bad_choice.value == "skip"
        self._options = replace(self._options, dry_run=dry, on_bad_row="skip" if skips else "refuse")
        self._dry, self._todo, self.reports, self._busy = dry, list(self.files), [], True
        self._check()
        self._start(dry=dry)

    def _start(self, *, dry: bool) -> None:
        try:
            job_id = self._operations.start_import(
                SourceId(self.source.value), self._todo[0].upload_id, self._agreed, self._options
            )
        except WorkbenchError:
            self._stopped()
            raise
        # The button of the step does it again; what is stored is found unchanged.
        then = partial(self._reported, job_id, dry=dry)
        self._page.follow(job_id, then=then, otherwise=self._stopped, can_resume=False)

    def _reported(self, job_id: JobId, *, dry: bool) -> None:
        """A file is through: the next one, or the outcome."""
        self.reports.append(msgspec.json.decode(self._operations.job(job_id).result, type=ImportReport))
        self._todo = self._todo[1:]
        if not dry:
            self.files = list(self._todo)  # what is loaded need not be loaded again
        if self._todo:
            self._start(dry=dry)
            return
        self._busy = False
        self.show_outcome(dry=dry)
        if not dry:
            self._tell(self._loaded)

    def _stopped(self) -> None:
        """It was cancelled or failed: the step stays, and everything chosen with it."""
        self._busy = False
        if self.reports and not self._dry:
            done = ", ".join(one.file_name for one in self.reports)
            self._page.tell(f"Imported before it stopped: {done}.", "The other files are still here.")
        self._go(COLUMNS if self.step == CHECK else self.step)

    def show_outcome(self, *, dry: bool) -> None:
        """Say what the import would do, or has done, and which rows it leaves out and why."""
        warned = (
            cautions(self.reports, n_files=len(self.reports))
            if dry
            else list(self.reports[-1].counts.warnings)
        )
        what = bad_words(dry=dry)
        listed, self.bad_rows.title = left_out(self._operations, self.reports, dry=dry)
        self.bad_rows.columns = BAD_COLUMNS
        self.bad_rows.set_rows(listed)
        self.bad_rows.layout.display = None if listed else "none"
        self.bad_choice.layout.display = None if listed and dry else "none"
        jobs = [self._operations.job(one.job_id) for one in self.reports]
        self.result.say(
            figures_html(self.reports, dry=dry)
            + warnings_html(warned)
            + ("" if dry else self._ways_on())
            + (csv_link(self.bad_rows.to_csv(), f"{what.replace(' ', '-')}.csv", what) if listed else ""),
            charts.import_counts(jobs),
        )
        self._go(CHECK if dry else DONE)

    # ---- inside ----------------------------------------------------------------------------------

    def _go(self, step: int) -> None:
        self.step = step
        for box, steps in ((self._first, (FILE,)), (self._second, (COLUMNS,)), (self._third, (CHECK, DONE))):
            box.layout.display = None if step in steps else "none"
        self._show_mails()
        self._show_head()
        self._check()

    def _ways_on(self) -> str:
        """Where the messages can be seen, for a visitor of the apps; a notebook has no other pages."""
        visitor = self._page.address.visitor
        takers = using(self._operations.datasets(), SourceId(self.source.value))
        return next_pages_html([(one.title or one.full_name, one.full_name) for one in takers], visitor)

    def _preset(self) -> None:
        """Clean texts, or leave them whole, as suits the source."""
        self.clean.value = cleans(self._sources.get(str(self.source.value)))

    def _show_source(self) -> None:
        self._preset()
        self._show_head()

    def _show_head(self) -> None:
        where = self.bucket or self._sources.get(str(self.source.value))
        self.head.value = steps_html(self.step, where, is_mail=bool(self.bucket or self.mails))

    def _check(self) -> None:
        """What can be done now, and what is missing."""
        counts = summed(self.reports)
        said = ""
        if self.step == COLUMNS and self.files:
            dates = dates_of(self.files[0], self.roles.chosen)
            said = missing_roles(self.roles.chosen) or undecided(dates, self.dates.value)
            self.dates.layout.display = None if dates else "none"
            self.clean.layout.display = None if is_cleanable(self.roles.chosen.values()) else "none"
            found = [one.warning for one in (dates,) if one and one.warning]
            found += warnings_of(self.files[0], self.roles.chosen)
            self.warnings.value = (dates_html(dates) if dates else "") + warnings_html(found)
        elif self.step == CHECK and self.mail_report is not None:
            said = "" if self.mail_report.n_stored else "Nothing to import: every mail is known already."
        elif self.step == CHECK and not counts.new + counts.updated:
            said = "Nothing to import: every message is stored as the file has it."
        elif self.step == CHECK:
            said = undecided_rows(self.bad_choice.value, n_bad(self.reports))
        if not self._busy:  # what was pressed stays to be read while it runs
            self.next_button.description = (
                mail_files.caption(self.mail_report if self.step == CHECK else None)
                if self.mails and self.step in (COLUMNS, CHECK)
                else caption(self.step, counts)
            )
        waits = self._busy or self.receiver.is_receiving
        self.next_button.disabled = waits or bool(said) or not (self.files or self.mails or self.step == DONE)
        empty = not (self.files or self.mails)
        self.next_button.layout.display = "none" if self.step == FILE and empty else None
        self.back_button.disabled = self._busy
        out = self.step in (FILE, DONE)
        self.back_button.description = "Close" if out else "Back"
        self.back_button.layout.display = "none" if out and not self._closed else None
        self._say("Running …" if self._busy else said)
