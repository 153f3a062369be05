"""Streams: what other systems are handed on, how far they are, and what they could not handle."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import ClassVar, Protocol

import ipywidgets as ipw

from workbench import charts
from workbench.domain import Event, EventPage, ModelVersion, Stream
from workbench.errors import UnknownNameError, WorkbenchError
from workbench.primitives import utc_now
from workbench.widgets.elements import CatalogCards, Form
from workbench.widgets.panels.base import Panel, bar, rows_of
from workbench.widgets.panels.questions import Questions
from workbench.widgets.panels.stream_cards import NEEDS, Watched, stream_card
from workbench.widgets.panels.stream_editor import StreamEditor
from workbench.widgets.panels.stream_exceptions import StreamExceptionsView
from workbench.widgets.panels.stream_next import StreamNextView
from workbench.widgets.panels.stream_webhook import StreamWebhookView
from workbench.widgets.panels.stream_words import nothing_html, standing_html
from workbench.widgets.state import PanelState

_NEWS = {"stream", "import", "model", "catalog"}


class Opened(Protocol):
    """What is open of one stream, in the place of the list."""

    widget: ipw.Widget

    def refresh(self) -> None:
        """Read again what others may have changed."""
        ...


class StreamsPanel(Panel):
    """The streams of a dataset.

    Parameters
    ----------
    dataset, state
        See ``Panel``.
    """

    name: ClassVar[str] = "Streams"
    gated: ClassVar[Mapping[str, str]] = {"new_button": "create_stream"}

    def build(self) -> ipw.Widget:
        """Make the body."""
        self.reading = threading.RLock()
        """Held from reading to showing: what was read before must not be shown after what was read since."""
        self.streams: dict[str, Stream] = {}
        self.versions: dict[int, ModelVersion] = {}
        self.opened: Opened | None = None
        self.headline = self.words()
        self.new_button = ipw.Button(
            description="New stream", button_style="primary", tooltip="Hand messages on to another system"
        )
        self.new_button.on_click(self.guard(lambda: self.edit(None)))
        self.cards = CatalogCards(title="Streams", empty_title="", empty_text="")
        self.cards.on_act(self.heard(self.act))
        self.form = Form()
        self.questions = Questions(self.form, self.done)
        self.form.on_submit(self.questions.save)
        self.body = ipw.VBox()
        self._list = (self.headline, bar(self.new_button), self.cards)
        self.refresh()
        return self.body

    # ---- showing

    def refresh(self) -> None:
        """Read the streams again; what is open stays open and is brought up to date."""
        with self.reading:
            self._read_again()

    def _read_again(self) -> None:
        refused = self.refusal("streams")
        did = self.dataset.dataset_id
        found = () if refused else self.operations.streams(did)
        self.streams = {one.name: one for one in found}
        self.versions = {} if refused else {one.version: one for one in self.operations.model_versions(did)}
        watched = [self._watch(one) for one in found]
        told = [one.status for one in watched if one.status]
        now = utc_now()
        cards = [stream_card(one, self.versions, now) for one in watched]
        self.cards.cards = [self._offered(card) for card in cards]
        self.cards.layout.display = None if cards else "none"
        if refused:
            self.headline.say(f'<p class="wb-empty"><b>Streams are not shown to you.</b><br>{refused}</p>')
        elif not found:
            self.headline.say(
                nothing_html(has_version=bool(self.versions), may_make=not self.refusal("create_stream"))
            )
        else:
            total = charts.streams_total(told, dataset_id=did)
            (row,) = rows_of(total)
            self.headline.say(standing_html(row), total, charts.streams_standing(told, dataset_id=did))
        if self.opened is None:
            self.show_list()
        else:
            self.opened.refresh()
        self.show_state(self.state)

    def show_list(self) -> None:
        """Show all streams, and nothing of a single one."""
        with self.reading:
            self.opened = None
            self.code.code = self.state.code(
                "ds.streams()\n[ds.stream_status(name) for name in ds.streams()['name']]"
            )
            self.body.children = (self.form, *self._list)

    def open(self, part: Opened, call: str) -> None:
        """Show a part about one stream in the place of the list; ``call`` gives the same in Python."""
        with self.reading:  # news that are being read would bring the list back
            self.form.close_form()
            self.opened = part
            self.code.code = self.state.code(call)
            self.body.children = (self.form, part.widget)
        self.list_calls()

    def restart(self) -> None:
        """Another dataset: its list."""
        self.form.close_form()
        self.opened = None
        self.refresh()

    def take_news(self, page: EventPage) -> None:
        """As every screen. Consumers advance without a word, so lag is read again at each pause of the news, too."""
        super().take_news(page)
        if not page.missed and (not page.events or any(map(is_news, page.events))):
            self._quietly(self.refresh)

    # ---- doing

    def act(self, key: str, name: str) -> None:
        """Do what a card's button says."""
        if name not in self.streams:
            self.refresh()
            raise UnknownNameError("stream", name[:300], self.streams)
        stream = self.streams[name]
        if key == "next":
            self.open(StreamNextView(self, stream), f"ds.fetch_stream({name!r}, 20)")
        elif key == "exceptions":
            self.open(StreamExceptionsView(self, stream), f"ds.exceptions({name!r})")
        elif key == "webhook":
            self.open(StreamWebhookView(self, stream), f"ds.stream_status({name!r}).webhook")
        elif key == "look":
            self.edit(stream, only_looking=True)
        elif key == "change":
            self.edit(stream)
        elif key == "delete":
            self.ask_delete(stream)

    def edit(self, stream: Stream | None, *, only_looking: bool = False) -> None:
        """Open a stream to change or look at; None = a new one."""
        call = f"ds.stream_errors({stream.name!r})" if stream else "ds.create_stream(…)"
        self.open(StreamEditor(self, stream, only_looking=only_looking), call)

    def ask_delete(self, stream: Stream) -> None:
        """Ask whether a stream may go."""

        def delete(_values: Mapping[str, object]) -> str:
            self.operations.delete_stream(self.dataset.dataset_id, stream.name)
            return f"The stream {stream.name!r} is gone."

        held = f" Version {stream.settings.version} stays pinned." if stream.settings.version else ""
        self.questions.ask(
            delete,
            title=f"Delete the stream {stream.settings.title or stream.name}",
            text="Who consumes it is refused from then on. Its place, its exceptions and its counts go; the messages stay."
            + held,
            submit="Delete stream",
            confirm=stream.name,
            danger=True,
            fields=[],
            values={},
        )

    def done(self, said: str) -> None:
        """Show what has come of it."""
        self.refresh()
        self.tell(said)

    # ---- inside

    def _watch(self, stream: Stream) -> Watched:
        try:
            status = self.operations.stream_status(self.dataset.dataset_id, stream.name)
        except WorkbenchError as error:
            return Watched(stream=stream, problem=(error.message, error.next_step))
        return Watched(stream=stream, status=status)

    def _offered(self, card: dict[str, object]) -> dict[str, object]:
        """A card with the actions that would not be refused; who may change a stream looks at its thresholds there."""
        actions = card["actions"]
        assert isinstance(actions, list)
        refused = {key for key, operation in NEEDS.items() if self.refusal(operation)}
        left_out = refused if "change" in refused else refused | {"look"}
        return card | {"actions": [one for one in actions if one["key"] not in left_out]}

    def show_again(self, state: PanelState) -> None:
        """Show an earlier state again: the list."""
        self.state = state
        self.show_list()


def is_news(event: Event) -> bool:
    """Whether something changed; that a look at a queue found predictions missing is none, or looking would go on for ever."""
    return event.topic in _NEWS and '"awaits_predictions"' not in event.payload


__all__ = ["Opened", "StreamsPanel", "is_news"]
