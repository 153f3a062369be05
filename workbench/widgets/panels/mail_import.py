"""Mail in the upload wizard: it needs no columns, and all its files are one import."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec

from workbench import charts
from workbench.domain import (
    Bucket,
    BucketId,
    FilePreview,
    ImportReport,
    JobId,
    MailFile,
    MailImportReport,
    Operations,
    Source,
)
from workbench.door import Workspace
from workbench.errors import InputError, WorkbenchError
from workbench.widgets.panels import mail_files
from workbench.widgets.panels.columns import warnings_html
from workbench.widgets.panels.outcome import csv_link
from workbench.widgets.panels.steps import CHECK, COLUMNS, DONE, FILE
from workbench.widgets.panels.wizard_view import WizardView

if TYPE_CHECKING:
    from collections.abc import Callable


class MailImport(WizardView):
    """What the wizard does with mail files. One engine with ``workbench import-mail``."""

    _operations: Operations
    _sources: dict[str, Source]
    _loaded: list[Callable[[], object]]
    _busy: bool
    _dry: bool
    step: int
    files: list[FilePreview]
    reports: list[ImportReport]
    mails: list[MailFile]
    mail_report: MailImportReport | None
    bucket: Bucket | None

    def open_for_bucket(self, bucket: Bucket) -> None:
        """Begin anew with mail for this bucket, whoever reads it."""
        self.bucket = bucket
        self._forget_files()
        self.source.layout.display = "none"
        self._go(FILE)

    def take_mail(self, file: MailFile) -> None:
        """Take a mail file that arrived; ``InputError`` beside tables."""
        if self.files:
            raise self._mixed(file.name)
        self.mails = [*self.mails, file]
        self.mail_report = None
        self._go(COLUMNS)

    @staticmethod
    def _mixed(name: str) -> InputError:
        return InputError(
            f"{name!r} is of another kind than the files before it: tables and mail go in one at a time.",
            next_step="Import it by itself afterwards.",
        )

    def _run_mail(self, *, dry: bool) -> None:
        """Count what the mail files would do, or bring them in: one job for all."""
        self._dry, self.reports, self._busy = dry, [], True
        self._check()
        try:
            if self.bucket:
                target: BucketId | None = self.bucket.bucket_id
            else:
                door = Workspace(self._operations, address="")
                target = door.mail_target(self._sources[self.source.value].full_name, create=not dry)
            job_id = self._operations.start_mail_import(
                target, tuple(one.upload_id for one in self.mails), dry_run=dry
            )
        except WorkbenchError:
            self._stopped()
            raise
        then = partial(self._mail_reported, job_id, dry=dry)
        self._page.follow(job_id, then=then, otherwise=self._stopped, can_resume=False)

    def _mail_reported(self, job_id: JobId, *, dry: bool) -> None:
        """The mail files are through."""
        job = self._operations.job(job_id)
        report = msgspec.json.decode(job.result, type=MailImportReport)
        self._busy, self.mail_report = False, report
        kept_only = self.bucket is not None and not self.bucket.source_ids
        listed, self.bad_rows.title = mail_files.left_out(self._operations, report)
        self.bad_rows.columns = mail_files.BAD_COLUMNS
        self.bad_rows.set_rows(listed)
        self.bad_rows.layout.display = None if listed else "none"
        self.bad_choice.layout.display = "none"
        self.result.say(
            mail_files.outcome_html(report, kept_only=kept_only)
            + warnings_html(
                mail_files.warnings(report, kept_only=kept_only) if dry else list(report.counts.warnings)
            )
            + ("" if dry or self.bucket else self._ways_on())
            + (
                csv_link(self.bad_rows.to_csv(), "mails-without-message.csv", "mails without message")
                if listed
                else ""
            ),
            charts.mail_import_counts(job),
        )
        if not dry:
            self.mails = []
        self._go(CHECK if dry else DONE)
        if not dry:
            self._tell(self._loaded)

    def _forget_files(self) -> None:
        self.files, self.reports, self.mails, self.mail_report = [], [], [], None

    def _show_mails(self) -> None:
        """Mail has no columns to choose: what arrived is all that the step shows."""
        for widget in (self.roles, self.sheet, self.dates, self.clean, self.annotate):
            if self.mails:
                widget.layout.display = "none"
        if self.mails:
            self.warnings.value = ""
            self.summary.value = mail_files.files_html(self.mails, self._goes_to())
        elif self.files:
            self.roles.layout.display = None

    def _goes_to(self) -> str:
        if self.bucket:
            return f"The mail is kept in bucket {self.bucket.full_name}."
        name = self._sources[self.source.value].full_name
        source = next(one for one in self._operations.sources() if one.full_name == name)
        if source.bucket_id is None:
            return (
                f"The mail is kept as received in a new bucket, {source.full_name}, which this source reads."
            )
        known = {one.bucket_id: one.full_name for one in self._operations.buckets()}
        return f"The mail is kept as received in bucket {known[source.bucket_id]}, which this source reads."

    def _ways_on(self) -> str:
        raise NotImplementedError

    def _stopped(self) -> None:
        raise NotImplementedError

    def _go(self, step: int) -> None:
        raise NotImplementedError
