"""Models: the versions kept, what each is for, which of two is better, and the way back."""

from __future__ import annotations

import html
import json
from typing import ClassVar

import ipywidgets as ipw

from workbench import charts
from workbench.domain import EventPage, JobId, ModelVersion, VersionComparison
from workbench.errors import UnknownNameError, WorkbenchError
from workbench.widgets.elements import CatalogCards, Chart, DataTable, Form
from workbench.widgets.panels.base import Panel, bar, draw, empty, fill, section
from workbench.widgets.panels.model_cards import (
    NEEDS,
    compared_columns,
    in_order,
    only_words,
    version_card,
    version_option,
)
from workbench.widgets.panels.model_questions import ModelQuestions
from workbench.widgets.state import PanelState

_NARROW = {"description_width": "initial"}
_LEAST_HEIGHT, _ROW_HEIGHT = 170, 26
_LEAST_HISTORY, _HISTORY_HEIGHT = 2, 300


class ModelsPanel(Panel):
    """The model versions of a dataset.

    Parameters
    ----------
    dataset, state
        See ``Panel``; ``state.version`` and ``state.against`` choose the two that are compared.
    """

    name: ClassVar[str] = "Models"

    def build(self) -> ipw.Widget:
        """Make the body."""
        self.versions: dict[str, ModelVersion] = {}
        self.comparison: VersionComparison | None = None
        self._shown: tuple[int | None, int | None, int | None] = (None, None, None)
        self.about = self.words()
        self.form = Form()
        self.questions = ModelQuestions(self)
        self.form.on_submit(self.questions.save)
        self.cards = CatalogCards(
            title="Model versions",
            empty_title="No model version yet.",
            empty_text="Review some messages in Annotate, then train: each training makes a version.",
        )
        self.cards.on_act(self.heard(self.act))
        self.first, self.second = (
            ipw.Dropdown(description=words, layout=ipw.Layout(width="300px"), style=_NARROW)
            for words in ("Compare", "with")
        )
        self.verdict = self.words()
        self.chart = Chart(height=_LEAST_HEIGHT)
        self.table = DataTable(columns=compared_columns("", ""), height=420, title="Labels compared")
        self.compared = ipw.VBox([self.chart, self.table], layout=ipw.Layout(display="none"))
        self.history = Chart(height=_HISTORY_HEIGHT)
        self.history_part = section("", self.history)
        self.compare_part = section(
            "Which is better", bar(self.first, self.second), self.verdict, self.compared
        )
        self.refresh()
        for choice in (self.first, self.second):
            choice.observe(self._unless_settling(self.choose_pair), "value")
        return ipw.VBox([self.about, self.form, self.cards, self.history_part, self.compare_part])

    # ---- showing

    def refresh(self) -> None:
        """Read the versions again; an open form stays as it is."""
        found = in_order(self.operations.model_versions(self.dataset.dataset_id))
        self.versions = {str(one.version): one for one in found}
        newest = max((one.version for one in found), default=0)
        name = self.dataset.info.full_name
        cards = [version_card(one, newest=newest, dataset=name) for one in found]
        self.cards.cards = self.offering.offered(cards, NEEDS, name.partition("/")[0])
        did = str(self.dataset.dataset_id)
        self.about.say(
            '<p class="wb-status">Each training makes a version, and the newest predicts. Pinned versions stay and '
            f"predict the same for ever; of the others the last {self.n_kept()} stay, with their weights alone.</p>"
            if found
            else "",
            *([charts.model_versions(found, dataset_id=did)] if found else []),
        )
        told = sum(one.mean_average_precision is not None for one in found) >= _LEAST_HISTORY
        self.history_part.layout.display = None if told else "none"
        draw(self.history, charts.version_history(found) if told else None)
        self._offer(found)
        self.show_state(self.state)
        self.show_comparison(newest=newest)

    def show_comparison(self, *, newest: int | None = None) -> None:
        """Compare the two versions that are chosen; what stands in the way is said in their place.

        Nothing is computed again for the same two while ``newest``, the newest version, is the same.
        """
        pair = (self.first.value, self.second.value, newest)
        if newest is not None and pair == self._shown:
            return
        self._shown = pair if newest is not None else (*pair[:2], self._shown[2])
        found, problem = None, ""
        if pair[0] and pair[1] and pair[0] != pair[1]:
            try:
                found = self.operations.compare_versions(self.dataset.dataset_id, pair[0], pair[1])
            except WorkbenchError as error:
                problem = empty(error.message, error.next_step)
        self.comparison = found
        if found is not None:
            self.verdict.say(_verdict_html(found), charts.version_verdict(found))
        else:
            self.verdict.say(problem)
        self.compared.layout.display = None if found else "none"
        draw(self.chart, charts.version_changes(found) if found else None)
        if found is not None:
            self.chart.height = _LEAST_HEIGHT + _ROW_HEIGHT * (
                min(len(found.labels), charts.SHOWN_CHANGES) + 1
            )
            self.table.columns = compared_columns(str(found.first), str(found.second))
        fill(self.table, charts.labels_compared(found) if found else None)
        self.code.code = self._code()

    def choose_pair(self) -> None:
        """Compare the two that the person chose."""
        first, second = self.first.value or 0, self.second.value or 0
        self.show_state(self.state.with_(against=first, version=second))
        self.show_comparison()

    def restart(self) -> None:
        """Another dataset."""
        self.form.close_form()
        self._shown = (None, None, None)
        self.refresh()

    def take_news(self, page: EventPage) -> None:
        """As every screen; the versions are read once per page of news about models and streams."""
        super().take_news(page)
        if not page.missed and any(event.topic in ("model", "stream") for event in page.events):
            self._quietly(self.refresh)

    # ---- doing

    def act(self, key: str, version: str) -> None:
        """Do what a card's button says."""
        if version not in self.versions:
            self.refresh()
            raise UnknownNameError("model version", version, self.versions)
        one = self.versions[version]
        did, ops, number = self.dataset.dataset_id, self.operations, one.version
        if key == "compare":
            self.compare_with(number)
        elif key == "star":
            ops.star_version(did, number, not one.starred)
            self.done(f"Version {number} {'is starred' if not one.starred else 'has no star now'}.")
        elif key == "pin":
            ops.pin_version(did, number)
            self.done(f"Version {number} is pinned.")
        elif key == "predict":
            self.follow(ops.start_predict(did, number), then=self.refresh)
        elif key == "verify":
            job_id = ops.start_verify(did, number)
            self.follow(job_id, then=lambda: self.tell_rebuilt(job_id))
        else:
            asked = self.questions
            asking = {
                "tag": asked.tag,
                "describe": asked.describe,
                "unpin": asked.unpin,
                "delete": asked.delete,
                "rollback": asked.rollback,
            }
            asking[key](one)

    def compare_with(self, version: int) -> None:
        """Compare a version with the newest, the newest with the one before."""
        known = sorted(one.version for one in self.versions.values() if one.validated)
        older = version if version != known[-1] else next(iter(known[-2:-1]), version)
        if older == known[-1]:
            self.tell(f"Version {version} is the only one that was validated.", "Train another one.")
            return
        self.show_state(self.state.with_(against=older, version=known[-1]))
        self._offer(list(self.versions.values()))
        self.show_comparison()
        self.tell(f"Version {older} is compared with version {known[-1]} below the cards.")

    def done(self, said: str) -> None:
        """Show what has come of it."""
        self.refresh()
        self.tell(said)

    def tell_back(self, job_id: JobId) -> None:
        """Say what going back made."""
        found = json.loads(self.operations.job(job_id).result)
        aside = f" {found['set_aside']:,} messages are set aside." if found.get("set_aside") else ""
        self.done(f"Version {found['version']} predicts as version {found['rolled_back_from']} did.{aside}")

    def tell_rebuilt(self, job_id: JobId) -> None:
        """Say whether a version came out the same."""
        found = json.loads(self.operations.job(job_id).result)
        largest = found["largest_difference"]
        same = (
            "bit for bit the same"
            if found["identical"]
            else f"probabilities differ by at most {largest:.1e}"
            if found["rebuilt"]
            else f"another model, probabilities differ by up to {largest:.2g}"
        )
        self.tell(
            f"Trained again, version {found['version']} is {same}.",
            f"Other than then: {', '.join(found['differs'])}." if found["differs"] else "",
        )

    def n_kept(self) -> int:
        """How many unpinned versions stay besides the newest."""
        return int(self.operations.health().get("versions_kept", 5))

    # ---- inside

    def _offer(self, found: list[ModelVersion]) -> None:
        """Fill the two choices: the newest with the one before, unless the address says otherwise."""
        tested = [one for one in in_order(found) if one.validated]
        options = [(version_option(one), one.version) for one in tested]
        known = sorted((number for _, number in options), reverse=True)
        second = self.state.version if self.state.version in known else next(iter(known), None)
        others = [number for number in known if number != second]
        first = self.state.against if self.state.against in known else next(iter(others), second)
        self._settling = True
        try:
            for choice, value in ((self.first, first), (self.second, second)):
                choice.options = options
                choice.value = value
        finally:
            self._settling = False
        self.compare_part.layout.display = None if len(known) > 1 else "none"

    def _code(self) -> str:
        if self.comparison is None:
            return self.state.code("ds.versions()")
        pair = f"{self.comparison.first}, {self.comparison.second}"
        lines = f"ds.versions()\ncharts.version_changes(ds.compare_versions({pair}))"
        return self.state.code(lines)

    def show_again(self, state: PanelState) -> None:
        """Show an earlier pair again."""
        self.state = state
        self.refresh()


def _verdict_html(found: VersionComparison) -> str:
    overall = found.overall
    words = html.escape(charts.precision_change_words(overall))
    clear = {
        True: "better" if (overall.difference or 0) > 0 else "worse",
        False: "not clearly better or worse",
    }[charts.is_clear(overall)]
    said = (
        f"Version {found.second} is <b>{clear}</b> than version {found.first}: mean average precision {words}"
    )
    if overall.difference is None:
        said = "No label has examples enough in both to compare the mean"
    only = [only_words(found.only_first, found.first), only_words(found.only_second, found.second)]
    more = "".join(f'<p class="wb-status">{html.escape(text)}</p>' for text in only if text)
    return (
        f'<p class="wb-headline" role="status">{said}.</p><p class="wb-status">{found.n:,} messages are in the test part '
        "of both; each version is judged by what it said of them before it learned from them, against what people say "
        f"now.</p>{more}"
    )
