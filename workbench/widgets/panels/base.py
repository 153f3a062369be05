"""What every panel has: a header, a place for news, running work, and ears for what others do."""

from __future__ import annotations

import html
import json
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import ipywidgets as ipw

from workbench.charts import Display
from workbench.domain import Dataset as DatasetInfo
from workbench.domain import DatasetId, Event, EventPage, JobId, JobState
from workbench.door import Dataset, Job
from workbench.errors import ConnectionLostError, WorkbenchError
from workbench.widgets.elements import Chart, CodePeek, JobProgress, Notice
from workbench.widgets.panels.address import Address
from workbench.widgets.state import PanelState
from workbench.widgets.status import newest_work, status_html

_WAIT_S = 15.0
_PAUSE_S = 2.0
_GATHER_S = 0.3
"""While several people annotate, news come in bursts: one reading of the counts per burst, not per judgement."""
_NEWS_OF_COUNTS = {"judgement", "model", "import", "taxonomy"}


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
        self.address = Address()
        self.progress = JobProgress(layout=ipw.Layout(display="none"))
        self.progress.on_cancel(self.guard(self.cancel_job))
        self.progress.on_dismiss(lambda: setattr(self.progress.layout, "display", "none"))
        self.progress.on_resume(self.guard(self.resume_job))
        self.code = CodePeek()
        self._status = ipw.HTML()
        self.chooser = ipw.Dropdown(tooltip="Dataset", layout=ipw.Layout(width="240px"))
        self._job_id: JobId | None = None
        self._work: JobState | None = None
        self._lost = False
        self._settling = False
        self._stop = threading.Event()
        self._body = self.build()
        self._body.add_class("wb-panel-body")
        header = ipw.HBox([self._status, self.chooser, self.code, self.address])
        header.add_class("wb-panel-header")
        self.widget = ipw.VBox([_style(), header, self.notice, self.progress, self._body])
        self.widget.add_class("wb-panel")
        self.show_datasets()
        self.chooser.observe(self.guard(lambda: self.choose(self.chooser.value)), "value")
        self._find_work()
        self.show_status(info)
        self._ears = threading.Thread(target=self._listen, name=f"{self.name}-news", daemon=True)
        self._ears.start()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """A panel at the end of a cell shows itself."""
        return self.widget._repr_mimebundle_(**kwargs)

    # ---- for subclasses --------------------------------------------------------------------------

    def build(self) -> ipw.Widget:
        """Make the body; called once."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Read everything again and show it."""
        raise NotImplementedError

    def hear(self, event: Event) -> None:
        """Something happened; called in a thread of the panel."""

    def restart(self) -> None:
        """Another dataset was chosen: show it from the beginning."""
        self.refresh()

    # ---- public ----------------------------------------------------------------------------------

    def close(self) -> None:
        """Stop listening."""
        self._stop.set()

    def choose(self, dataset_id: str) -> None:
        """Turn to another dataset of the workspace."""
        if dataset_id == self.dataset.dataset_id:
            return
        self.dataset = Dataset(self.operations, DatasetId(dataset_id))
        info = self.dataset.info
        self.show_state(PanelState(dataset=info.full_name))
        self._find_work()
        self.show_status(info)
        self.restart()

    def show_datasets(self) -> None:
        """Offer the datasets of the workspace; the choice is hidden while there is only one."""
        known = self.operations.datasets()
        self.chooser.options = [(one.title or one.full_name, str(one.dataset_id)) for one in known]
        self.chooser.value = str(self.dataset.dataset_id)
        self.chooser.layout.display = None if len(known) > 1 else "none"

    def show_state(self, state: PanelState) -> None:
        """Keep a state and write it into the address of the page."""
        self.state = state
        self.address.query = state.to_query()

    def show_status(self, info: DatasetInfo) -> None:
        """Write the header."""
        self._status.value = status_html(info, self._work)

    def guard(self, action: Callable[[], None]) -> Callable[..., None]:
        """Turn an action into a handler that shows its errors in the panel; what it is called with is dropped."""
        heard = self.heard(lambda *_: action())
        return lambda *_: heard()

    def heard(self, action: Callable[..., object]) -> Callable[..., None]:
        """As ``guard``, for what an element tells: the action gets what the handler is called with."""

        def handler(*told: object) -> None:
            try:
                self.notice.clear()
                action(*told)
            except Exception as error:  # noqa: BLE001 - a failure must reach the screen, never be swallowed
                self.notice.show_error(error)

        return handler

    def _unless_settling(self, action: Callable[[], None]) -> Callable[[object], None]:
        """A handler that does nothing while the panel itself sets its controls."""
        guarded = self.guard(action)

        def handler(_change: object) -> None:
            if not self._settling:
                guarded()

        return handler

    def aside(self, button: ipw.Button, action: Callable[[], None], *, busy: str) -> Callable[..., None]:
        """Turn an action that takes long into a handler: done in a thread, the button says ``busy`` until then."""
        usual = button.description

        def work() -> None:
            try:
                self.guard(action)()
            finally:
                button.description, button.disabled = usual, False

        def handler(*_: object) -> None:
            button.description, button.disabled = busy, True
            threading.Thread(target=work, name=f"{self.name}-work", daemon=True).start()

        return handler

    def follow(
        self,
        job_id: JobId,
        *,
        then: Callable[[], None] | None = None,
        otherwise: Callable[[], None] | None = None,
    ) -> None:
        """Show a job until it has finished, call ``then`` when it is done and ``otherwise`` when not."""
        self._job_id = job_id
        self.progress.layout.display = None
        threading.Thread(target=self._follow, args=(job_id, then, otherwise), daemon=True).start()

    def cancel_job(self) -> None:
        """Cancel the job on screen."""
        if self._job_id is not None:
            self.operations.cancel_job(self._job_id)

    def resume_job(self) -> None:
        """Queue the job on screen again."""
        if self._job_id is not None:
            self.follow(self.operations.resume_job(self._job_id), then=self.refresh)

    # ---- inside ----------------------------------------------------------------------------------

    def _follow(
        self, job_id: JobId, then: Callable[[], None] | None, otherwise: Callable[[], None] | None
    ) -> None:
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
                self._stop.wait(_PAUSE_S)
            except WorkbenchError as error:
                self.notice.show_error(error)
                return
        else:
            return
        self._quietly(self._count_again)
        if state.status == "done":
            self.progress.layout.display = "none"
        after_it = then if state.status == "done" else otherwise
        if after_it is not None:
            self._quietly(after_it)

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

    def _find_work(self) -> None:
        """Learn what is running on the dataset."""
        self._work = newest_work(self.operations.jobs(self.dataset.dataset_id))

    def _count_again(self) -> None:
        self._find_work()
        self.show_status(self.dataset.info)

    def _quietly(self, action: Callable[[], None]) -> None:
        """Do something in a thread of the panel; what fails is shown, the thread goes on."""
        try:
            action()
        except Exception as error:  # noqa: BLE001 - as in guard
            self.notice.show_error(error)

    def _listen(self) -> None:
        after = 0
        while not self._stop.is_set():
            try:
                page = self.operations.wait_events(after, _WAIT_S if after else 0.0, self.dataset.dataset_id)
            except WorkbenchError as error:
                self._lost = True
                self.notice.show_error(error)
                self._stop.wait(_PAUSE_S)
                continue
            if self._stop.is_set():
                return
            after = page.last_seq
            self.take_news(page)
            self._stop.wait(_GATHER_S)

    def take_news(self, page: EventPage) -> None:
        """Bring the panel up to date: event by event, or all again when some were missed or the server was away."""
        if self._lost or page.missed:
            if self._lost:
                self._lost = False
                self.notice.clear()
            self._quietly(self.refresh)
            self._quietly(self._count_again)
            return
        for event in page.events:
            self._quietly(partial(self.hear, event))
        topics = {event.topic for event in page.events}
        if topics & _NEWS_OF_COUNTS:
            self._quietly(self._count_again)
        elif "job" in topics:
            self._quietly(self._find_work)
            self._quietly(lambda: self.show_status(self.dataset.info))


def chart_of(display: Display, *, height: int = 320) -> Chart:
    """An element that draws a display and can show its numbers."""
    element = Chart(height=height)
    draw(element, display)
    return element


def draw(element: Chart, display: Display | None) -> None:
    """Show another display in an element; None empties it."""
    if display is None:
        element.spec, element.dark_spec, element.rows = "", "", []
        return
    with element.hold_sync():
        element.spec = json.dumps(display.spec(), default=str)
        element.dark_spec = json.dumps(display.spec(dark=True), default=str)
        element.rows = [
            {
                key: value if isinstance(value, (int, float, str, bool, type(None))) else str(value)
                for key, value in row.items()
            }
            for row in display.frame().to_dicts()
        ]
        element.aria_label = f"{display.title}. {display.caption}"


def _style() -> ipw.HTML:
    """The panels' sheet; each panel brings it along, wherever it is shown."""
    sheet = ipw.HTML(f"<style>{Path(__file__).with_name('panel.css').read_text('utf-8')}</style>")
    sheet.add_class("wb-sheet")
    return sheet


def empty(found: str, next_step: str) -> str:
    """HTML for a place where there is nothing yet: what is so, and what to do."""
    return f'<p class="wb-empty"><b>{html.escape(found)}</b><br>{html.escape(next_step)}</p>'


def section(title: str, *children: ipw.Widget) -> ipw.VBox:
    """A part of a panel; ``title`` empty = what is inside says what it is."""
    head = [ipw.HTML(f'<h3 class="wb-section-title">{html.escape(title)}</h3>')] if title else []
    box = ipw.VBox([*head, *children])
    box.add_class("wb-section")
    return box


def bar(*children: ipw.Widget) -> ipw.HBox:
    """A row of controls that wraps on narrow screens."""
    box = ipw.HBox(children)
    box.add_class("wb-bar")
    return box
