"""What every screen has: a header, a place for news, running work, and ears for what others do."""

from __future__ import annotations

import asyncio
import html
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import ipywidgets as ipw

from workbench.charts import Figure
from workbench.domain import DatasetId, Event, EventPage, JobId, JobState, Operations
from workbench.door import Job
from workbench.errors import ConnectionLostError, WorkbenchError
from workbench.widgets.elements import (
    Chart,
    ClusterGrid,
    CodePeek,
    DataTable,
    JobProgress,
    Notice,
    TaxonomyTree,
)
from workbench.widgets.panels.address import Address
from workbench.widgets.panels.figures import Said, calls_of, figures_in
from workbench.widgets.panels.offering import Offering
from workbench.widgets.state import PanelState

_WAIT_S = 15.0
_PAUSE_S = 2.0
_SETTLE_S = 0.2
"""Keys in a list choose letter by letter: what was passed on the way is not worth fetching."""
_GATHER_S = 0.3
"""While several people annotate, news come in bursts: one reading of the counts per burst, not per judgement."""


class Page:
    """Base of all screens.

    Parameters
    ----------
    operations
        What it works on.
    state
        What it shows at first; None = as usual.
    """

    name: ClassVar[str] = "Page"

    def __init__(self, operations: Operations, *, state: PanelState | None = None) -> None:
        self.operations = operations
        self.offering = Offering(operations)
        self.state = state or PanelState()
        self.notice = Notice()
        self.address = Address()
        self.progress = JobProgress(layout=ipw.Layout(display="none"))
        self.progress.on_cancel(self.guard(self.cancel_job))
        self.progress.on_dismiss(lambda: setattr(self.progress.layout, "display", "none"))
        self.progress.on_resume(self.guard(self.resume_job))
        self.code = CodePeek()
        self.code.on_open(
            self.list_calls
        )  # parts of the screen may have come and gone since something was said
        self._status = self.words()
        self._job_id: JobId | None = None
        self._afterwards: tuple[Callable[[], None] | None, Callable[[], None] | None] = (None, None)
        self._can_resume = True
        self._lost = False
        self._settling = False
        self._stop = threading.Event()
        self._body = self.build()
        self._body.add_class("wb-panel-body")
        self.head = ipw.HBox([self._status, *self.header(), self.code, self.address])
        self.head.add_class("wb-panel-header")
        self.widget = ipw.VBox([_style(), self.head, self.notice, self.progress, self._body])
        self.widget.add_class("wb-panel")
        self.begin()
        self.list_calls()
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

    def header(self) -> list[ipw.Widget]:
        """What stands in the header beside the title."""
        return []

    def begin(self) -> None:
        """Called once, when the screen is put together."""

    def hear(self, event: Event) -> None:
        """Something happened; called in a thread of the screen."""

    def listens_to(self) -> DatasetId | None:
        """The dataset whose news it wants; None = all news."""
        return None

    def count_again(self) -> None:
        """Bring the header up to date: work has ended."""

    # ---- public ----------------------------------------------------------------------------------

    def close(self) -> None:
        """Stop listening."""
        self._stop.set()

    def tell(self, title: str, next_step: str = "") -> None:
        """Say that something was done."""
        with self.notice.hold_sync():
            self.notice.level, self.notice.title = "success", title
            self.notice.text, self.notice.next_step = "", next_step

    def words(self) -> Said:
        """A place for words with numbers; their calls stand behind the button Code."""
        return Said(self.list_calls)

    def figure_of(self, element: ClusterGrid | TaxonomyTree, figure: Figure | None) -> None:
        """Say which figure the numbers of an element come from; its call stands behind the button Code, too."""
        element.figure = figure
        self.list_calls()

    def figures(self) -> tuple[Figure, ...]:
        """All figures that are on the screen now, each with its frame and the call behind it, from top to bottom."""
        return tuple(figure for _, figure in figures_in(self.widget))

    def list_calls(self) -> None:
        """Write the calls of the numbers in words behind the button Code; pictures and tables have their own."""
        if hasattr(self, "widget"):
            found = figures_in(self.widget)
            said = [one for place, one in found if not isinstance(place, (Chart, DataTable))]
            self.code.figures = calls_of(said)

    def show_state(self, state: PanelState) -> None:
        """Keep a state and write it into the address of the page."""
        self.state = state
        self.address.query = state.to_query()

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

    def _settled(self, action: Callable[[], None]) -> Callable[[object], None]:
        """As ``_unless_settling``, once the person has chosen for good; at once where nobody can be waited for."""
        handler = self._unless_settling(action)
        waiting: list[asyncio.TimerHandle] = []

        def later(change: object) -> None:
            if self._settling:
                return
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:  # no kernel that goes on with other things meanwhile
                handler(change)
                return
            while waiting:
                waiting.pop().cancel()
            waiting.append(loop.call_later(_SETTLE_S, handler, change))

        return later

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
        can_resume: bool = True,
    ) -> None:
        """Show a job until it has finished, call ``then`` when it is done and ``otherwise`` when not.

        ``can_resume`` says whether 'Resume' is offered for one that has not been done.
        """
        self._job_id, self._afterwards, self._can_resume = job_id, (then, otherwise), can_resume
        self.progress.layout.display = None
        threading.Thread(target=self._follow, args=(job_id, then, otherwise), daemon=True).start()

    def cancel_job(self) -> None:
        """Cancel the job on screen."""
        if self._job_id is not None:
            self.operations.cancel_job(self._job_id)

    def resume_job(self) -> None:
        """Queue the job on screen again."""
        if self._job_id is not None:
            then, otherwise = self._afterwards
            self.follow(
                self.operations.resume_job(self._job_id), then=then or self.refresh, otherwise=otherwise
            )

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
        self._quietly(self.count_again)
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
            self.progress.resumable = self._can_resume and state.status in (
                "failed",
                "cancelled",
                "interrupted",
            )
            self.progress.cancellable = not state.finished

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
                page = self.operations.wait_events(after, _WAIT_S if after else 0.0, self.listens_to())
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
        """Bring the screen up to date: event by event, or all again when some were missed or the server was away."""
        if self.missed_news(page):
            return
        for event in page.events:
            self._quietly(partial(self.hear, event))

    def missed_news(self, page: EventPage) -> bool:
        """Read everything again when news were missed or the server was away; whether that was so."""
        if not (self._lost or page.missed):
            return False
        if self._lost:
            self._lost = False
            self.notice.clear()
        self._quietly(self.refresh)
        self._quietly(self.count_again)
        return True


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


def pair(one: ipw.Widget, other: ipw.Widget) -> ipw.HBox:
    """Two things side by side, below one another where the page is narrow."""
    box = ipw.HBox([one, other])
    box.add_class("wb-columns")
    return box
