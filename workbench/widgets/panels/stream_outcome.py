"""What a draft of a stream leads to: errors to expect of its thresholds, and what another version changes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import ipywidgets as ipw

from workbench import charts
from workbench.charts import LabelErrors
from workbench.domain import ExpectedErrors, LabelId, MessageFilter, Stream
from workbench.errors import ModelError, TooFewAnnotationsError, UnknownNameError, WorkbenchError
from workbench.widgets.elements import DataTable
from workbench.widgets.panels.figures import Row, fill, rows_of
from workbench.widgets.panels.stream_draft import LabelRow, StreamDraft
from workbench.widgets.panels.stream_words import (
    CHANGE_COLUMNS,
    ERROR_COLUMNS,
    change_html,
    change_words,
    error_words,
    errors_html,
    problem_html,
)

if TYPE_CHECKING:
    from workbench.widgets.panels.streams import StreamsPanel

_HEAD, _ROW, _MOST, _MOST_CHANGES = 124, 32, 420, 260
"""Heights in CSS pixels: of a table without rows, of a row, and the greatest of each table."""


class StreamOutcome:
    """Counted in a thread: a version may have hundreds of labels.

    Parameters
    ----------
    panel
        The screen.
    stream
        The stream that is changed; None = a new one.
    open_row
        Called with the name of a label whose row is opened.
    """

    def __init__(self, panel: StreamsPanel, stream: Stream | None, open_row: Callable[[str], None]) -> None:
        self._panel, self._stream = panel, stream
        self._turn = 0
        self._known: dict[tuple[LabelId, float, int, MessageFilter], ExpectedErrors | None] = {}
        self.change_words, self.error_words = panel.words(), panel.words()
        self.changes = DataTable(
            columns=CHANGE_COLUMNS,
            height=_MOST_CHANGES,
            title="What the other version changes",
            layout=ipw.Layout(display="none"),
        )
        self.errors = DataTable(
            columns=ERROR_COLUMNS,
            height=_MOST,
            title="Errors to expect in a week",
            layout=ipw.Layout(display="none"),
        )
        self.errors.on_open(panel.heard(open_row))
        self.changes_part = (self.change_words, self.changes)
        self.errors_part = (self.error_words, self.errors)

    def show(self, draft: StreamDraft, where: MessageFilter) -> None:
        """Begin to count what a draft leads to; what was asked before is dropped."""
        self._turn += 1
        self.error_words.say('<p class="wb-status" role="status">Counting what to expect …</p>')
        threading.Thread(
            target=self._count, args=(self._turn, draft, where), name="stream-errors", daemon=True
        ).start()

    def stop(self) -> None:
        """Drop what is being counted."""
        self._turn += 1

    def _count(self, turn: int, draft: StreamDraft, where: MessageFilter) -> None:
        try:
            self._compare(turn, draft.facts.version)
            self._expect(turn, draft, where)
        except WorkbenchError as error:
            if turn == self._turn:
                self.error_words.say(problem_html(error.message, error.next_step))
        except Exception as error:  # noqa: BLE001 - a failure must reach the screen, never be lost in a thread
            self._panel.notice.show_error(error)

    def _expect(self, turn: int, draft: StreamDraft, where: MessageFilter) -> None:
        """Fill the table of errors to expect."""
        rows, version = draft.rows(), draft.facts.version
        coming, found = [row for row in rows if row.counts], []
        for row in coming:
            if turn != self._turn:
                return
            found.append((row.name, row.threshold, self._expected(row, version or 0, where)))
        if turn == self._turn:
            self._show(draft, found, where)

    def _show(self, draft: StreamDraft, found: list[LabelErrors], where: MessageFilter) -> None:
        version = draft.facts.version
        self.errors.layout.display = None if found else "none"
        if version is None:
            fill(self.errors, None)
            self.error_words.say('<p class="wb-status">Messages come without labels.</p>')
            return
        did, rows = self._panel.dataset.dataset_id, draft.rows()
        figure = charts.stream_errors_expected(found, dataset_id=did, version=version, where=where)
        why = {row.name: row.why for row in rows}

        def words(row: Row) -> dict[str, str]:
            return error_words(row, why[row["label"]])

        self.errors.height = min(_MOST, _HEAD + _ROW * len(found))
        fill(self.errors, figure, words=words)
        silent = [row.name for row in rows if not row.counts]
        told = errors_html(rows_of(figure), silent, every=draft.rest == "every")
        self.error_words.say(told, figure)

    def _expected(self, row: LabelRow, version: int, where: MessageFilter) -> ExpectedErrors | None:
        key = (row.label_id, row.threshold, version, where)
        if key not in self._known:
            did = self._panel.dataset.dataset_id
            try:
                told = self._panel.operations.expected_errors(
                    did, row.label_id, row.threshold, version, where
                )
            except (TooFewAnnotationsError, ModelError, UnknownNameError):
                told = None
            self._known[key] = told
        return self._known[key]

    def _compare(self, turn: int, version: int | None) -> None:
        """Say what another version changes, where the stream holds one."""
        stream = self._stream
        held = stream.settings.version if stream else None
        if stream is None or held is None or version is None or held == version:
            self.changes.layout.display = "none"
            fill(self.changes, None)
            self.change_words.say("")
            return
        did = self._panel.dataset.dataset_id
        found = self._panel.operations.compare_stream(did, stream.name, version)
        if turn != self._turn:
            return
        self.changes.layout.display = None if found.labels else "none"
        self.changes.height = min(_MOST_CHANGES, _HEAD + _ROW * len(found.labels))
        fill(self.changes, charts.stream_changes(found, dataset_id=did), words=change_words)
        self.change_words.say(change_html(found), charts.stream_change(found, dataset_id=did))


__all__ = ["StreamOutcome"]
