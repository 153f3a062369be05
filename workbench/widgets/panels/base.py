"""What every panel has: a header, a place for news, running work, and ears for what others do."""

from __future__ import annotations

import contextlib
import html
import json
import threading
import time
from collections.abc import Callable
from typing import ClassVar

import ipywidgets as ipw

from workbench.charts import Display
from workbench.domain import Dataset as DatasetInfo
from workbench.domain import Event, JobId, JobState
from workbench.door import Dataset, Job
from workbench.errors import ConnectionLostError, WorkbenchError
from workbench.widgets.elements import Chart, CodePeek, JobProgress, Notice
from workbench.widgets.state import PanelState

_WAIT_S = 15.0
_PAUSE_S = 2.0


class Panel:
    """Base of all panels.

    Parameters
    ----------
    dataset
        What it is about.
    state
        What it shows at first; None = as usual.
    """

    name: ClassVar[str] = "Panel"

    def __init__(self, dataset: Dataset, *, state: PanelState | None = None) -> None:
        self.dataset = dataset
        self.operations = dataset.operations
        info = dataset.info
        self.state = (state or PanelState()).with_(dataset=info.full_name)
        self.notice = Notice()
        self.progress = JobProgress(layout=ipw.Layout(display="none"))
        self.progress.on_cancel(self.cancel_job)
        self.progress.on_resume(self.resume_job)
        self.code = CodePeek()
        self._status = ipw.HTML()
        self._job_id: JobId | None = None
        self._stop = threading.Event()
        self._body = self.build()
        self._body.add_class("wb-panel-body")
        header = ipw.HBox([self._status, self.code])
        header.add_class("wb-panel-header")
        self.widget = ipw.VBox([header, self.notice, self.progress, self._body])
        self.widget.add_class("wb-panel")
        self.show_status(info)
        self._ears = threading.Thread(target=self._listen, name=f"{self.name}-news", daemon=True)
        self._ears.start()

    # ---- for subclasses --------------------------------------------------------------------------

    def build(self) -> ipw.Widget:
        """Make the body; called once."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Read everything again and show it."""
        raise NotImplementedError

    def hear(self, event: Event) -> None:
        """Something happened; called in a thread of the panel."""

    # ---- public ----------------------------------------------------------------------------------

    def close(self) -> None:
        """Stop listening."""
        self._stop.set()

    def show_status(self, info: DatasetInfo) -> None:
        """Write the header."""
        parts = [
            f"<b>{info.n_messages:,}</b> messages",
            f"<b>{info.n_reviewed:,}</b> reviewed",
            f"<b>{info.n_labels}</b> labels",
            f"model version <b>{info.model_version}</b>" if info.model_version else "no model yet",
        ]
        if info.rating is not None:
            parts.append(f"rating <b>{info.rating:.0f}</b>")
        self._status.value = (
            f'<h2 class="wb-title">{html.escape(info.title)}</h2>'
            f'<p class="wb-status" role="status">{" · ".join(parts)}</p>'
        )

    def guard(self, action: Callable[[], None]) -> Callable[..., None]:
        """Turn an action into a handler that shows its errors in the panel."""

        def handler(*_: object) -> None:
            try:
                self.notice.clear()
                action()
            except WorkbenchError as error:
                self.notice.show_error(error)

        return handler

    def follow(self, job_id: JobId, *, then: Callable[[], None] | None = None) -> None:
        """Show a job until it has finished, then call ``then`` and refresh the header."""
        self._job_id = job_id
        self.progress.layout.display = None
        threading.Thread(target=self._follow, args=(job_id, then), daemon=True).start()

    def cancel_job(self) -> None:
        """Cancel the job on screen."""
        if self._job_id is not None:
            self.operations.cancel_job(self._job_id)

    def resume_job(self) -> None:
        """Queue the job on screen again."""
        if self._job_id is not None:
            self.follow(self.operations.resume_job(self._job_id), then=self.refresh)

    # ---- inside ----------------------------------------------------------------------------------

    def _follow(self, job_id: JobId, then: Callable[[], None] | None) -> None:
        job = Job(self.operations, job_id)
        after = 0
        while not self._stop.is_set():
            try:
                state = job.state
                self.show_job(state)
                if state.finished:
                    break
                after = self.operations.wait_events(after, 0.4 if after else 0.0).last_seq
            except ConnectionLostError as error:
                self.notice.show_error(error)
                time.sleep(_PAUSE_S)
        else:
            return
        try:
            self.show_status(self.dataset.info)
            if state.status == "done":
                self.progress.layout.display = "none"
                if then is not None:
                    then()
        except WorkbenchError as error:
            self.notice.show_error(error)

    def show_job(self, state: JobState) -> None:
        """Bring the progress element in line with a job."""
        with self.progress.hold_sync():
            self.progress.kind = {"import": "Import", "embed": "Embed", "train": "Train"}.get(
                state.kind, state.kind.capitalize()
            )
            self.progress.stage, self.progress.state = state.stage, state.status
            self.progress.done, self.progress.total = float(state.done), float(state.total)
            self.progress.unit = state.unit
            self.progress.eta_s = -1.0 if state.eta_s is None else state.eta_s
            self.progress.error, self.progress.next_step = state.error, state.next_step
            self.progress.resumable = state.status in ("failed", "cancelled", "interrupted")
            self.progress.cancellable = not state.finished

    def _listen(self) -> None:
        after, lost = 0, False
        while not self._stop.is_set():
            try:
                page = self.operations.wait_events(after, _WAIT_S if after else 0.0, self.dataset.dataset_id)
                if lost:
                    lost = False
                    self.notice.clear()
                    self.refresh()
            except WorkbenchError as error:
                lost = True
                self.notice.show_error(error)
                self._stop.wait(_PAUSE_S)
                continue
            after = page.last_seq
            with contextlib.suppress(WorkbenchError):
                for event in page.events:
                    self.hear(event)
                if {event.topic for event in page.events} & {"judgement", "model", "import", "taxonomy"}:
                    self.show_status(self.dataset.info)


def chart_of(display: Display, *, height: int = 320) -> Chart:
    """An element that draws a display and can show its numbers."""
    element = Chart(height=height)
    draw(element, display)
    return element


def draw(element: Chart, display: Display | None) -> None:
    """Show another display in an element; None empties it."""
    if display is None:
        element.spec, element.rows = "", []
        return
    with element.hold_sync():
        element.spec = json.dumps(display.spec(), default=str)
        element.rows = [
            {
                key: value if isinstance(value, (int, float, str, bool, type(None))) else str(value)
                for key, value in row.items()
            }
            for row in display.frame().to_dicts()
        ]
        element.aria_label = f"{display.title}. {display.caption}"


def section(title: str, *children: ipw.Widget) -> ipw.VBox:
    """A titled part of a panel."""
    box = ipw.VBox([ipw.HTML(f'<h3 class="wb-section-title">{html.escape(title)}</h3>'), *children])
    box.add_class("wb-section")
    return box


def bar(*children: ipw.Widget) -> ipw.HBox:
    """A row of controls that wraps on narrow screens."""
    box = ipw.HBox(children)
    box.add_class("wb-bar")
    return box
