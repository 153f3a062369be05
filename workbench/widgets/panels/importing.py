"""Bringing a file in: drop, look, map columns, agree to the charge, load."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets as ipw

from workbench.domain import (
    ColumnMapping,
    FilePreview,
    ImportOptions,
    JobId,
    Operations,
    SourceId,
    UploadId,
)
from workbench.errors import InputError, WorkbenchError
from workbench.widgets.elements import DataTable, FileDrop
from workbench.widgets.panels.base import bar

_ROLES = (
    ("id", "Unique id", True),
    ("timestamp", "Time", True),
    ("body", "Text", True),
    ("subject", "Subject", False),
    ("thread_id", "Thread", False),
    ("sender", "Sender", False),
)
NONE = ""
_PIECE = 1 << 20
SAMPLE = Path(__file__).resolve().parents[3] / "data" / "sample" / "mailbox.csv"


class ImportBox:
    """The import part of a panel.

    Parameters
    ----------
    operations, source_id
        Where the messages go.
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
        self.source_id = source_id
        self._on_job = on_job
        self._on_error = on_error
        self._hashes: dict[str, hashlib._Hash] = {}
        self._pieces: dict[str, int] = {}
        self.preview: FilePreview | None = None
        self.drop = FileDrop(
            accept=[".csv", ".tsv", ".txt", ".jsonl"], prompt="Drop a CSV or JSONL file here, or choose one"
        )
        self.drop.on_start(self.begin)
        self.drop.on_piece(self.take_piece)
        self.drop.on_end(self.finish)
        self.columns = {
            role: ipw.Dropdown(description=title, options=[NONE], style={"description_width": "80px"})
            for role, title, _ in _ROLES
        }
        self.table = DataTable(height=220, title="First rows")
        self.summary = ipw.HTML()
        self.consent = ipw.Checkbox(description="Charge these units", indent=False)
        self.button = ipw.Button(description="Import", button_style="primary", disabled=True)
        self.button.on_click(lambda _: self.start())
        self.consent.observe(lambda change: setattr(self.button, "disabled", not change["new"]), "value")
        self._details = ipw.VBox(
            [self.summary, bar(*self.columns.values()), self.table, bar(self.consent, self.button)],
            layout=ipw.Layout(display="none"),
        )
        self.sample = ipw.Button(description="Try the sample mailbox", tooltip="3,600 synthetic messages")
        self.sample.on_click(lambda _: self.take_sample())
        self.sample.layout.display = None if SAMPLE.is_file() else "none"
        self.widget = ipw.VBox([self.drop, bar(self.sample), self._details])

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
            control.options = [*([] if required else [NONE]), *preview.columns]
            chosen = getattr(guess, role) if guess else None
            control.value = chosen or (preview.columns[0] if required else NONE)
        self.table.columns = [{"key": name, "title": name} for name in preview.columns]
        self.table.set_rows([dict(zip(preview.columns, row, strict=True)) for row in preview.rows])
        kind = f"{preview.encoding}, {'JSONL' if preview.kind == 'jsonl' else 'CSV'}"
        self.summary.value = f"<p>{preview.n_rows:,} rows, {preview.n_bytes:,} bytes, {kind}</p>"
        self.consent.description = (
            f"I agree that up to {preview.n_rows:,} units are charged (1 per new or changed text)"
        )
        self.consent.value = False
        self._details.layout.display = None

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
        return ColumnMapping(**chosen, properties={name: guessed.get(name, "string") for name in left})

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
