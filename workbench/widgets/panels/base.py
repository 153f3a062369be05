"""What every panel of a dataset has."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import ClassVar

import ipywidgets as ipw

from workbench import charts
from workbench.domain import Dataset as DatasetInfo
from workbench.domain import DatasetId, DatasetStatus, EventPage, JobState, SourceId
from workbench.door import Dataset
from workbench.widgets.panels.figures import Row, Said, chart_of, draw, fill, rows_of
from workbench.widgets.panels.page import Page, bar, empty, section
from workbench.widgets.state import PanelState
from workbench.widgets.status import newest_work, status_html

__all__ = ["Panel", "Row", "Said", "bar", "chart_of", "draw", "empty", "fill", "rows_of", "section"]

_NEWS_OF_COUNTS = {"judgement", "model", "import", "taxonomy"}


class Panel(Page):
    """Base of the panels that are about one dataset.

    Parameters
    ----------
    dataset
        What it is about.
    state
        What it shows at first; None = as usual.
    """

    name: ClassVar[str] = "Panel"
    gated: ClassVar[Mapping[str, str]] = {}
    """Controls that are dimmed for who may not do what they do: attribute (dots lead further) to operation."""

    def __init__(self, dataset: Dataset, *, state: PanelState | None = None) -> None:
        self.dataset = dataset
        self._info = dataset.info
        self._work: JobState | None = None
        self._projects: tuple[str, ...] = ()
        self._projects_of: tuple[SourceId, ...] = ()
        self._model = DatasetStatus(dataset_id=dataset.dataset_id, state="idle")
        self.work_button = ipw.Button(layout=ipw.Layout(width="auto"))
        self.work_button.on_click(self.guard(self.stop_or_retry))
        self.chooser = ipw.Dropdown(tooltip="Dataset", layout=ipw.Layout(width="240px"))
        super().__init__(
            dataset.operations, state=(state or PanelState()).with_(dataset=self._info.full_name)
        )

    # ---- for subclasses --------------------------------------------------------------------------

    def restart(self) -> None:
        """Another dataset was chosen: show it from the beginning."""
        self.refresh()

    def show_again(self, state: PanelState) -> None:
        """Show an earlier state of the same dataset; panels that do make each change a step of the history."""

    # ---- public ----------------------------------------------------------------------------------

    def return_to(self, query: str) -> None:
        """Show what an earlier address of the page said."""
        state = PanelState.from_query(query)
        wanted = (one.dataset_id for one in self.operations.datasets() if one.full_name == state.dataset)
        dataset_id = next(wanted, self.dataset.dataset_id)
        if dataset_id != self.dataset.dataset_id:
            self.choose(dataset_id)
            self.show_datasets()
        self.show_again(state)

    def header(self) -> list[ipw.Widget]:
        """Nothing yet: what the header offers depends on what is there, see ``show_header``."""
        return []

    def show_header(self) -> None:
        """Offer to cancel or try again while there is work, and a choice of datasets while there are several."""
        shown = {
            self.work_button: self._model.job_id is not None,
            self.chooser: len(self.chooser.options) > 1,
        }
        # A page has few widgets: what is not offered is not there at all.
        children = (
            self._status,
            *(one for one, there in shown.items() if there),
            *(one for one in self.head.children[1:] if one not in shown),
        )
        if children != self.head.children:
            self.head.children = children

    def refusal(self, operation: str) -> str:
        """Why an operation on the dataset would be refused to the visitor; empty when it would not."""
        return self.offering.refusal(operation, self._info.project, self._source_projects())

    def dim(self) -> None:
        """Dim what the visitor may not do with the dataset."""
        sources = self._source_projects()
        for path, operation in self.gated.items():
            self.offering.only_for(attrgetter(path)(self), operation, self._info.project, sources)

    def begin(self) -> None:
        """Show status and the choice of datasets."""
        self.dim()
        self.show_datasets()
        if type(self).show_again is not Panel.show_again:
            self.address.on_return(self.heard(self.return_to))
        self.chooser.observe(self.guard(lambda: self.choose(self.chooser.value)), "value")
        self._find_work()
        self.show_status(self._info)

    def listens_to(self) -> DatasetId | None:
        """Its dataset."""
        return self.dataset.dataset_id

    def choose(self, dataset_id: str) -> None:
        """Turn to another dataset of the workspace."""
        if dataset_id == self.dataset.dataset_id:
            return
        self.dataset = Dataset(self.operations, DatasetId(dataset_id))
        info = self._info = self.dataset.info
        self.dim()
        self.show_state(PanelState(dataset=info.full_name))
        self._find_work()
        self.show_status(info)
        self.restart()

    def show_datasets(self) -> None:
        """Offer the datasets of the workspace."""
        known = self.operations.datasets()
        self.chooser.options = [(one.title or one.full_name, str(one.dataset_id)) for one in known]
        self.chooser.value = str(self.dataset.dataset_id)
        self.show_header()

    def show_status(self, info: DatasetInfo) -> None:
        """Write the header."""
        model = self._model
        self._status.say(status_html(info, model, self._work), charts.dataset_counts(info, model))
        at_work = model.state not in ("idle", "failed")
        self.work_button.description = "Cancel" if at_work else "Try again"
        self.work_button.tooltip = f"Stop {model.state}" if at_work else model.next_step
        self.show_header()

    def stop_or_retry(self) -> None:
        """Cancel what the model is doing, or queue again what failed."""
        job_id = self._model.job_id
        if job_id is not None and self._model.state == "failed":
            self.operations.resume_job(job_id)
        elif job_id is not None:
            self.operations.cancel_job(job_id)
        self.count_again()

    def count_again(self) -> None:
        """Write the header from what is stored now."""
        self._find_work()
        self.show_status(self.dataset.info)

    def take_news(self, page: EventPage) -> None:
        """As every screen; the counts are read once per page of news."""
        super().take_news(page)
        topics = {event.topic for event in page.events}
        if page.missed:
            return
        if topics & _NEWS_OF_COUNTS:
            self._quietly(self.count_again)
        elif "job" in topics:
            self._quietly(self._find_work)
            self._quietly(lambda: self.show_status(self.dataset.info))

    # ---- inside ----------------------------------------------------------------------------------

    def _source_projects(self) -> tuple[str, ...]:
        """Projects of the dataset's sources that the visitor sees; one that is not seen is no project to hold a right in."""
        if self.offering.unbounded:
            return ()
        if self._projects_of != self._info.source_ids:
            seen = {one.source_id: one.project for one in self.operations.sources()}
            self._projects = tuple({seen.get(source_id, "") for source_id in self._info.source_ids})
            self._projects_of = self._info.source_ids
        return self._projects

    def _find_work(self) -> None:
        """Learn what is running on the dataset."""
        self._work = newest_work(self.operations.jobs(self.dataset.dataset_id))
        self._model = self.operations.dataset_status(self.dataset.dataset_id)
