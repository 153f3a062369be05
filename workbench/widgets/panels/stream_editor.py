"""A stream is put together: its name, its messages, its version, its thresholds, and what these lead to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import ipywidgets as ipw

from workbench import charts
from workbench.domain import LabelId, MessageFilter, Stream
from workbench.domain.streams import OFF
from workbench.errors import WorkbenchError
from workbench.widgets.panels.catalog import DESCRIPTION, TITLE
from workbench.widgets.panels.editing import Offers
from workbench.widgets.panels.filtering import FilterBar
from workbench.widgets.panels.model_cards import version_option
from workbench.widgets.panels.page import bar, section
from workbench.widgets.panels.stream_draft import (
    AUTOMATIC,
    StreamDraft,
    filter_state,
    read_version,
    with_times,
)
from workbench.widgets.panels.stream_outcome import StreamOutcome
from workbench.widgets.panels.stream_words import passing_html, problem_html

if TYPE_CHECKING:
    from workbench.widgets.panels.streams import StreamsPanel

_NARROW = {"description_width": "initial"}
_REST = [
    ("as kept with the version", "kept"),
    ("do not come", "off"),
    ("come, however improbable", "every"),
]
_KEEP, _NONE = "keep", "none"
_ALL = [
    ("choose …", _KEEP),
    *((words, name) for name, words in AUTOMATIC.items()),
    ("none of its own", _NONE),
]
_AS_REST, _OFF, _NUMBER = "rest", "off", "number"
_ONE = [
    *((words, name) for name, words in AUTOMATIC.items()),
    ("own number", _NUMBER),
    ("never", _OFF),
    ("as the rest", _AS_REST),
]


class StreamEditor:
    """A stream as it is to be, with what its thresholds lead to before it is saved.

    Parameters
    ----------
    panel
        The screen.
    stream
        The one that is changed; None = a new one.
    only_looking
        Whether nothing can be changed.
    """

    def __init__(self, panel: StreamsPanel, stream: Stream | None, *, only_looking: bool = False) -> None:
        self._panel, self._stream = panel, stream
        self._settling = False
        self._before = stream.settings.where if stream else MessageFilter()
        version = stream.settings.version if stream else max(panel.versions, default=None)
        operations, did = panel.operations, panel.dataset.dataset_id
        self.draft = StreamDraft.of(stream, read_version(operations, did, version))
        self._make_controls()
        self.passes, self.problem = panel.words(), panel.words()
        self.outcome = StreamOutcome(panel, stream, self.open_row)
        back = ipw.Button(description="All streams" if only_looking else "Cancel")
        back.on_click(panel.guard(panel.show_list))
        title = (stream.settings.title or stream.name) if stream else "New stream"
        if only_looking:
            self.widget = section(f"Thresholds of {title}", bar(back), *self.outcome.errors_part)
        else:
            self.widget = section(
                f"Change {title}" if stream else title,
                bar(self.name, self.title, self.description),
                ipw.HTML("<h4>Which messages</h4>"),
                self.filters.widget,
                self.passes,
                ipw.HTML("<h4>Which labels come with them</h4>"),
                bar(self.version, self.all, self.rest),
                *self.outcome.changes_part,
                *self.outcome.errors_part,
                self.thresholds,
                self.problem,
                bar(self.save_button, back),
            )
            self.count_passing()
        self.show()

    # ---- showing

    def refresh(self) -> None:
        """What others change does not touch what is being put together."""

    def show(self) -> None:
        """Show the draft, and begin to count what it leads to."""
        self._offer_labels()
        has_version = self.draft.facts.version is not None
        for one in (self.all, self.rest, self.thresholds):
            one.layout.display = None if has_version else "none"
        self.outcome.show(self.draft, self.where())

    def count_passing(self) -> None:
        """Say how many messages pass the filter."""
        where, did = self.where(), self._panel.dataset.dataset_id
        n = self._panel.operations.count_messages(did, where)
        self.passes.say(
            passing_html(n, is_new=self._stream is None),
            charts.stream_passing(n, dataset_id=did, where=where),
        )

    def where(self) -> MessageFilter:
        """The filter on screen."""
        state = self.filters.state(filter_state(self._before, self._panel.dataset.info.full_name))
        return with_times(self.filters.where(state), self._before)

    # ---- doing

    def choose_version(self) -> None:
        """Take another version; thresholds of the stream's own stay."""
        panel = self._panel
        facts = read_version(panel.operations, panel.dataset.dataset_id, self.version.value or None)
        self.draft = self.draft.with_version(facts)
        self._settled(lambda: setattr(self.rest, "value", self.draft.rest))
        self.show()

    def choose_all(self) -> None:
        """Give all labels the chosen threshold."""
        if self.all.value == _KEEP:
            return
        self.draft = self.draft.with_all("" if self.all.value == _NONE else self.all.value)
        self._settled(lambda: setattr(self.all, "value", _KEEP))
        self.show()

    def choose_rest(self) -> None:
        """Choose what becomes of labels without a threshold of their own."""
        self.draft = replace(self.draft, rest=self.rest.value)
        self.show()

    def choose_kind(self) -> None:
        """Ask for a number only where one is to be given."""
        self.number.layout.display = None if self.one.value == _NUMBER else "none"

    def open_row(self, name: str) -> None:
        """Turn to the label of a row."""
        found = next((one for one, known in self.draft.labels().items() if known == name), None)
        if found is not None:
            self.label.value = str(found)

    def set_label(self) -> None:
        """Give the chosen label the chosen threshold."""
        self.problem.say("")
        label_id = LabelId(self.label.value or "")
        kind, known = self.one.value, self.draft.facts.choices.get(label_id, {})
        if kind in AUTOMATIC and kind not in known:
            self._say_problem(
                f"'{AUTOMATIC[kind]}' is not known for this label.",
                "It has too few test messages: give a number of your own.",
            )
            return
        chosen = {_OFF: OFF, _NUMBER: self.number.value / 100, _AS_REST: None, **known}
        self.draft = self.draft.with_label(label_id, chosen[kind])
        self.show()

    def save(self) -> None:
        """Make or change the stream; what stands against it is said beside the button."""
        self.problem.say("")
        operations, did = self._panel.operations, self._panel.dataset.dataset_id
        name = self._stream.name if self._stream else self.name.value.strip()
        try:
            settings = self.draft.settings(
                self.where(), self.title.value.strip()[:TITLE], self.description.value.strip()[:DESCRIPTION]
            )
            if self._stream:
                operations.amend_stream(did, name, settings)
            else:
                operations.create_stream(did, name, settings)
        except WorkbenchError as error:
            self._say_problem(error.message, error.next_step)
            return
        self.outcome.stop()
        self._panel.show_list()
        self._panel.done(f"The stream {name!r} is {'changed' if self._stream else 'made'}.")

    # ---- inside

    def _make_controls(self) -> None:
        panel, stream = self._panel, self._stream
        settings = stream.settings if stream else None
        self.name = ipw.Text(
            value=stream.name if stream else "",
            description="Name",
            placeholder="letters, digits, - and _; fixed from here on",
            disabled=stream is not None,
            style=_NARROW,
        )
        self.title = ipw.Text(
            value=settings.title if settings else "",
            description="Title",
            placeholder="what people see",
            style=_NARROW,
        )
        self.description = ipw.Text(
            value=settings.description if settings else "", description="Description", style=_NARROW
        )
        for one in (self.name, self.title, self.description):
            one.add_class("wb-grow")
        state = filter_state(self._before, panel.dataset.info.full_name)
        self.filters = FilterBar(state, Offers(panel))
        operations, info = panel.operations, panel.dataset.info
        self.filters.offer_labels(operations.labels(panel.dataset.dataset_id))
        self.filters.offer_sources([one for one in operations.sources() if one.source_id in info.source_ids])
        self.filters.on_change(panel.guard(self._filter_changed))
        known = sorted(panel.versions.values(), key=lambda one: -one.version)
        chosen = self.draft.facts.version or 0
        self.version = ipw.Dropdown(
            options=[*((version_option(one), one.version) for one in known), ("none: no labels come", 0)],
            value=chosen if chosen in panel.versions else 0,
            description="Version",
            layout=ipw.Layout(width="330px"),
            style=_NARROW,
        )
        self.version.observe(self._chosen(self.choose_version), "value")
        self.all = ipw.Dropdown(
            options=_ALL, description="Set all labels", layout=ipw.Layout(width="240px"), style=_NARROW
        )
        self.all.observe(self._chosen(self.choose_all), "value")
        self.rest = ipw.Dropdown(
            options=_REST,
            value=self.draft.rest,
            description="Labels without a threshold",
            layout=ipw.Layout(width="400px"),
            style=_NARROW,
        )
        self.rest.observe(self._chosen(self.choose_rest), "value")
        self.label = ipw.Dropdown(description="Label", layout=ipw.Layout(width="300px"), style=_NARROW)
        self.one = ipw.Dropdown(
            options=_ONE,
            value="balanced",
            description="comes",
            layout=ipw.Layout(width="190px"),
            style=_NARROW,
        )
        self.one.observe(self._chosen(self.choose_kind), "value")
        self.number = ipw.BoundedFloatText(
            value=50.0,
            min=0.0,
            max=100.0,
            description="from %",
            layout=ipw.Layout(width="130px", display="none"),
            style=_NARROW,
        )
        set_button = ipw.Button(description="Set", tooltip="Set the threshold of this label")
        set_button.on_click(panel.guard(self.set_label))
        self.thresholds = bar(self.label, self.one, self.number, set_button)
        self.save_button = ipw.Button(
            description="Save changes" if stream else "Create stream", button_style="primary"
        )
        self.save_button.on_click(panel.guard(self.save))

    def _filter_changed(self) -> None:
        self.count_passing()
        self.show()

    def _offer_labels(self) -> None:
        options = [(name, str(one)) for one, name in self.draft.labels().items()]
        if options == list(self.label.options):
            return
        kept = self.label.value

        def offer() -> None:
            self.label.options = options
            known = [value for _, value in options]
            self.label.value = kept if kept in known else next(iter(known), None)

        self._settled(offer)

    def _chosen(self, action: Callable[[], None]) -> Callable[[object], None]:
        """A handler that does nothing while the editor itself sets its controls."""
        guarded = self._panel.guard(action)

        def handler(_change: object) -> None:
            if not self._settling:
                guarded()

        return handler

    def _settled(self, action: Callable[[], None]) -> None:
        """Set controls without telling anybody."""
        self._settling, before = True, self._settling
        try:
            action()
        finally:
            self._settling = before

    def _say_problem(self, title: str, next_step: str) -> None:
        self.problem.say(problem_html(title, next_step))


__all__ = ["StreamEditor"]
