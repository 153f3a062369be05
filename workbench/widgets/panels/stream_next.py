"""What a stream hands on next: a look that moves nothing, and the way back or ahead to a day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import ipywidgets as ipw

from workbench import charts
from workbench.domain import Stream, StreamItem
from workbench.errors import InputError, WorkbenchError
from workbench.widgets.elements import MessageList
from workbench.widgets.panels.page import bar, empty, section
from workbench.widgets.panels.reading import Reader
from workbench.widgets.panels.rows import card_row
from workbench.widgets.panels.stream_part import StreamPart
from workbench.widgets.panels.stream_words import ahead_html, item_row, read_moment

if TYPE_CHECKING:
    from workbench.widgets.panels.streams import StreamsPanel

SHOWN = 20
"""Messages that are looked at."""


class StreamNextView(StreamPart):
    """The next messages of a stream."""

    def __init__(self, panel: StreamsPanel, stream: Stream) -> None:
        super().__init__(panel, stream)
        self._items: dict[str, StreamItem] = {}
        self.messages = MessageList(
            selectable=False, height=440, title="Next messages", empty_text="Nothing waits."
        )
        self.messages.on_page(self.page)
        self.messages.on_open(panel.heard(self.read))
        self.reader = Reader()
        self.reader.on_close(lambda *_: self.reader.hide())
        look = ipw.Button(description="Look again", tooltip="Read what comes next once more")
        look.on_click(panel.guard(self.refresh))
        self.reset_button = ipw.Button(
            description="Go to a day …", tooltip="Start again from what was stored on a day"
        )
        self.reset_button.on_click(panel.guard(self.ask_reset))
        shown = bar(self._back, look, *([] if panel.refusal("reset_stream") else [self.reset_button]))
        title = f"What comes next in {self._title}"
        self.widget = section(title, shown, self.words, self.messages, self.reader.widget)
        self.refresh()

    def _read_again(self) -> None:
        did, name = self._panel.dataset.dataset_id, self._stream.name
        try:
            found = self._panel.operations.fetch_stream(did, name, SHOWN)
            status = self._panel.operations.stream_status(did, name)
        except WorkbenchError as error:
            self._show({})
            self.words.say(empty(error.message, error.next_step))
            return
        self._show({item.message.uid: item for item in found.items})
        self.words.say(
            ahead_html(found, status),
            charts.stream_ahead(found, stream=name, dataset_id=did, size=SHOWN),
            charts.streams_standing([status], dataset_id=did),
        )

    def page(self, offset: int, limit: int) -> list[dict[str, Any]]:
        """Rows for the list."""
        return [item_row(item) for item in list(self._items.values())[offset : offset + limit]]

    def read(self, uid: str) -> None:
        """Show a whole message below the list."""
        item = self._items.get(uid)
        if item is None:
            raise InputError("this message does not come next any more.", next_step="Look again.")
        self.reader.show(card_row(item.message), item_row(item)["labels"])

    def ask_reset(self) -> None:
        """Ask for the day to go to."""
        stream, panel = self._stream, self._panel

        def reset(values: Mapping[str, Any]) -> str:
            at = read_moment(str(values.get("to") or ""), "to")
            panel.operations.reset_stream(panel.dataset.dataset_id, stream.name, at)
            return f"The stream {stream.name!r} goes on with what was stored from {at:%d %b %Y} on."

        panel.questions.ask(
            reset,
            title=f"Go to a day in {self._title}",
            text="The stream goes on with the first message that was stored on that day (UTC) or later, whatever the time in the "
            "message. Going back hands on again what was taken already; going ahead passes over what waits. A consumer "
            "in the middle of its work is refused and fetches again.",
            submit="Go there",
            confirm=stream.name,
            danger=True,
            fields=[{"key": "to", "kind": "day", "title": "Stored from", "required": True}],
            values={"to": ""},
        )

    def _show(self, items: Mapping[str, StreamItem]) -> None:
        self.messages.layout.display = None if items else "none"
        if dict(items) != self._items:  # a message that somebody reads stays until it is closed
            self._items = dict(items)
            self.messages.reload(len(items))


__all__ = ["SHOWN", "StreamNextView"]
