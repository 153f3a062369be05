"""Bringing a file in: drop, look, map columns, agree to the charge, load."""

from __future__ import annotations

import hashlib
import html
import os
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ipywidgets as ipw

from workbench.domain import (
    ColumnMapping,
    FilePreview,
    ImportOptions,
    ImportReport,
    JobId,
    Operations,
    Source,
    SourceId,
    UploadId,
)
from workbench.errors import InputError, WorkbenchError
from workbench.settings import load_settings
from workbench.widgets.elements import DataTable, FileDrop
from workbench.widgets.panels.base import bar

_ROLES = (
    ("id", "Unique id", True),
    ("timestamp", "Time", True),
    ("body", "Text", True),
    ("subject", "Subject", False),
    ("thread_id", "Thread", False),
    ("sender", "Sender", False),
    ("recipients", "Recipients", False),
    ("language", "Language", False),
)
_DATES: tuple[tuple[str, bool | None], ...] = (
    ("as the column says", None),
    ("day first: 31/12/2026", True),
    ("month first: 12/31/2026", False),
)
_BAD_COLUMNS = [
    {"key": "row", "title": "Row", "kind": "number", "width": 90},
    {"key": "column", "title": "Column", "width": 160},
    {"key": "value", "title": "Value", "width": 280},
    {"key": "problem", "title": "Problem"},
]
NONE = ""
_UNSET = {True: "choose …", False: "none"}
_PIECE = 1 << 20
SAMPLE = Path(__file__).resolve().parents[3] / "data" / "sample" / "mailbox.csv"


class ImportBox:
    """The import part of a panel.

    Parameters
    ----------
    operations, source_id
        Where the messages go; ``offer`` lets the person choose among several sources.
    on_job
        Called with the import job.
    on_error
        Called with what went wrong.
    """

    def __init__(
        self,
        operations: Operations,
        source_id: SourceId,
        *,
        on_job: Callable[[JobId], object],
        on_error: Callable[[BaseException], object],
    ) -> None:
        self._operations = operations
        self._on_job = on_job
        self._on_error = on_error
        self._hashes: dict[str, hashlib._Hash] = {}
        self._pieces: dict[str, int] = {}
        self.preview: FilePreview | None = None
        self.drop = FileDrop(
            accept=[".csv", ".tsv", ".txt", ".jsonl"],
            prompt="Drop a CSV or JSONL file here, or choose one",
            max_bytes=_most_bytes(),
        )
        self.drop.on_start(self.begin)
        self.drop.on_piece(self.take_piece)
        self.drop.on_end(self.finish)
        self.columns = {
            role: _control(title + (" *" if required else ""), [(_UNSET[required], NONE)])
            for role, title, required in _ROLES
        }
        self.dates = _control("Dates are", list(_DATES))
        self.source = _control("Into", [(str(source_id), str(source_id))])
        self.source.layout.display = "none"
        self.table = DataTable(height=220, title="First rows")
        self.summary = ipw.HTML()
        self.consent = ipw.Checkbox(
            description="Charge these units", indent=False, layout=ipw.Layout(width="auto")
        )
        self.button = ipw.Button(description="Import", button_style="primary", disabled=True)
        self.button.on_click(lambda _: self.start())
        self.hint = ipw.HTML()
        for control in (self.consent, *self.columns.values()):
            control.observe(lambda _: self._check(), "value")
        self.result = ipw.HTML()
        self.bad_rows = DataTable(columns=_BAD_COLUMNS, height=220, title="Rows left out")
        self._outcome = ipw.VBox([self.result, self.bad_rows], layout=ipw.Layout(display="none"))
        fields = bar(self.source, *self.columns.values(), self.dates)
        fields.add_class("wb-fields")
        self._details = ipw.VBox(
            [self.summary, fields, self.table, bar(self.consent, self.button, self.hint)],
            layout=ipw.Layout(display="none"),
        )
        self.sample = ipw.Button(description="Try the sample mailbox", tooltip="3,600 synthetic messages")
        self.sample.on_click(lambda _: self.take_sample())
        self.sample.layout.display = None if SAMPLE.is_file() else "none"
        self.widget = ipw.VBox([self.drop, bar(self.sample), self._details, self._outcome])

    @property
    def source_id(self) -> SourceId:
        """The source that messages go to."""
        return SourceId(self.source.value)

    def offer(self, sources: Sequence[Source]) -> None:
        """Offer these sources; the choice is hidden while there is only one."""
        options = [(one.full_name, str(one.source_id)) for one in sources]
        if options and options != list(self.source.options):
            kept = self.source.value
            self.source.options = options
            self.source.value = kept if kept in dict(options).values() else options[0][1]
        self.source.layout.display = None if len(options) > 1 else "none"

    def begin(self, upload_id: str, name: str, n_bytes: int) -> None:
        """Open the upload."""
        self._hashes[upload_id], self._pieces[upload_id] = hashlib.sha256(), 0
        self._operations.begin_upload(self._id(upload_id), name, n_bytes)

    def take_piece(self, upload_id: str, index: int, piece: bytes) -> None:
        """Pass a piece on."""
        self._operations.upload_piece(self._id(upload_id), index, piece)
        self._hashes[upload_id].update(piece)
        self._pieces[upload_id] = index + 1

    def finish(self, upload_id: str, _name: str, _n_bytes: int) -> None:
        """Let the file be looked at and show what was found."""
        try:
            preview = self._operations.finish_upload(
                self._id(upload_id), self._pieces.pop(upload_id), self._hashes.pop(upload_id).hexdigest()
            )
        except WorkbenchError as error:
            self.drop.fail(upload_id, error)
            return
        self.show(preview)

    def show(self, preview: FilePreview) -> None:
        """Show a file and the guessed mapping."""
        self.preview = preview
        guess = preview.guess
        for role, _, required in _ROLES:
            control = self.columns[role]
            control.options = [(_UNSET[required], NONE), *((name, name) for name in preview.columns)]
            control.value = (getattr(guess, role) if guess else None) or NONE
        self.dates.value = guess.day_first if guess else None
        self.table.columns = [{"key": name, "title": name} for name in preview.columns]
        self.table.set_rows([dict(zip(preview.columns, row, strict=True)) for row in preview.rows])
        kind = f"{preview.encoding}, {'JSONL' if preview.kind == 'jsonl' else 'CSV'}"
        self.summary.value = f"<p>{preview.n_rows:,} rows, {preview.n_bytes:,} bytes, {kind}</p>"
        self.consent.description = (
            f"I agree that up to {preview.n_rows:,} units are charged (1 per new or changed text)"
        )
        self.consent.value = False
        self._outcome.layout.display = "none"
        self._details.layout.display = None
        self._check()

    def reopen(self) -> None:
        """Show the mapping again, after an import that could not be done with it."""
        self.consent.value = False
        self._details.layout.display = None

    def show_outcome(self, report: ImportReport) -> None:
        """Say what an import changed and charged, and which rows it left out and why."""
        n = report.counts
        left = f", <b>{report.n_bad_rows:,}</b> rows left out" if report.n_bad_rows else ""
        self.result.value = (
            f'<p class="wb-status" role="status">{html.escape(report.file_name)}: <b>{n.new:,}</b> new, '
            f"<b>{n.updated:,}</b> updated, <b>{n.unchanged:,}</b> unchanged{left}; <b>{n.units:,}</b> units charged</p>"
        )
        self.bad_rows.title = (
            "Rows left out"
            if report.n_bad_rows <= len(report.bad_rows)
            else f"Rows left out: the first {len(report.bad_rows):,} of {report.n_bad_rows:,}"
        )
        self.bad_rows.set_rows(
            [
                {"row": one.row, "column": one.column, "value": one.value, "problem": one.problem}
                for one in report.bad_rows
            ]
        )
        self.bad_rows.layout.display = None if report.bad_rows else "none"
        self._outcome.layout.display = None

    def _check(self) -> None:
        """Offer the import when the mapping is complete and the charge agreed; say what is missing."""
        missing = [title for role, title, required in _ROLES if required and not self.columns[role].value]
        used = [control.value for control in self.columns.values() if control.value]
        twice = sorted({name for name in used if used.count(name) > 1})
        said = f"Choose a column for: {', '.join(missing)}." if missing else ""
        if twice:
            said = f"{twice[0]!r} is chosen twice."
        self.hint.value = f'<span class="wb-status">{html.escape(said)}</span>'
        self.button.disabled = bool(said) or not self.consent.value

    def take_sample(self) -> None:
        """Hand the sample mailbox over as if it had been dropped; it is there in a checkout."""
        content, upload_id = SAMPLE.read_bytes(), secrets.token_hex(8)
        try:
            self.begin(upload_id, SAMPLE.name, len(content))
            for index, start in enumerate(range(0, len(content), _PIECE)):
                self.take_piece(upload_id, index, content[start : start + _PIECE])
            self.finish(upload_id, SAMPLE.name, len(content))
        except WorkbenchError as error:
            self._on_error(error)

    def mapping(self) -> ColumnMapping:
        """The mapping as chosen; columns that have no role become text properties unless the guess says number."""
        if self.preview is None:
            raise InputError("there is no file yet.", next_step="Drop a file first.")
        chosen: dict[str, Any] = {role: control.value or None for role, control in self.columns.items()}
        guessed = self.preview.guess.properties if self.preview.guess else {}
        left = [name for name in self.preview.columns if name not in chosen.values()]
        return ColumnMapping(
            **chosen,
            properties={name: guessed.get(name, "string") for name in left},
            day_first=self.dates.value,
        )

    def start(self) -> None:
        """Start the import."""
        try:
            if self.preview is None or not self.consent.value:
                raise InputError("nothing was agreed yet.", next_step="Drop a file and tick the box.")
            job_id = self._operations.start_import(
                self.source_id, self.preview.upload_id, self.mapping(), ImportOptions(on_bad_row="skip")
            )
        except WorkbenchError as error:
            self._on_error(error)
            return
        self._details.layout.display = "none"
        self._on_job(job_id)

    @staticmethod
    def _id(upload_id: str) -> UploadId:
        """Upload ids of the browser are not hex; their hash is."""
        return UploadId(hashlib.sha256(upload_id.encode()).hexdigest()[:32])


def _most_bytes() -> int:
    """The limit that the server keeps, told before anything is sent."""
    file = os.environ.get("WORKBENCH_FILE")
    return load_settings(Path(file) if file else None).import_max_bytes


def _control(title: str, options: Sequence[tuple[str, object]]) -> ipw.Dropdown:
    return ipw.Dropdown(description=title, options=options, style={"description_width": "84px"})
