"""What the automation behind a stream could not handle: read it, bring it to training, take the mark off."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import ipywidgets as ipw

from workbench import charts
from workbench.domain import ExceptionFilter, ExceptionTotal, MessageFilter, Stream, Uid
from workbench.errors import InputError, WorkbenchError
from workbench.widgets.elements import MessageList
from workbench.widgets.panels.catalog import counted
from workbench.widgets.panels.page import bar, empty, section
from workbench.widgets.panels.reading import Reader
from workbench.widgets.panels.rows import card_row, list_row
from workbench.widgets.panels.stream_part import StreamPart
from workbench.widgets.panels.stream_words import exception_row
from workbench.widgets.state import PanelState, short

if TYPE_CHECKING:
    from workbench.widgets.panels.streams import StreamsPanel

MOST = 1_024
"""Exceptions that are listed, and that one call takes off."""
MOST_LINKED = 200
"""Ticked messages that an address can name; what is beyond follows when these are done."""
_PAGE = 256
_ALL = ""


class StreamExceptionsView(StreamPart):
    """The exceptions of a stream."""

    def __init__(self, panel: StreamsPanel, stream: Stream) -> None:
        super().__init__(panel, stream)
        self._told: dict[str, dict[str, Any]] = {}
        self._settling = False
        self.names: dict[str, str] = {}
        self.link = ipw.HTML()
        self.type = ipw.Dropdown(
            description="Type", layout=ipw.Layout(width="280px"), style={"description_width": "initial"}
        )
        self.type.observe(self._type_chosen, "value")
        self.untag_button = ipw.Button(
            description="Take off …", tooltip="Take the exceptions off the messages"
        )
        self.untag_button.on_click(panel.guard(self.ask_untag))
        self.messages = MessageList(height=440, title="Exceptions", empty_text="No exception of this type.")
        self.messages.on_page(self.page)
        self.messages.on_open(panel.heard(self.read))
        self.messages.observe(lambda _: self.offer(), ["selected_ids", "excluded_ids", "all_selected"])
        self.reader = Reader()
        self.reader.on_close(lambda *_: self.reader.hide())
        self._controls = bar(self._back)
        title = f"Exceptions of {self._title}"
        self.widget = section(title, self._controls, self.words, self.messages, self.reader.widget)
        panel.address.observe(lambda _: self.offer(), "visitor")
        self.refresh()

    # ---- showing

    def _read_again(self) -> None:
        did, name = self._panel.dataset.dataset_id, self._stream.name
        try:
            totals = tuple(one for one in self._panel.operations.exception_totals(did) if one.stream == name)
            told = self._panel.operations.stream_exceptions(did, name, 0, MOST).to_pylist()
            self.names = {str(one.label_id): one.name for one in self._panel.operations.labels(did)}
        except WorkbenchError as error:
            self._show([], ())
            self.words.say(empty(error.message, error.next_step))
            return
        self._show(told, totals)

    def choose_type(self) -> None:
        """List the exceptions of one type."""
        self._untick()
        self.messages.reload(len(self.listed()))
        self.offer()

    def listed(self) -> list[Uid]:
        """Messages on the list, those tagged last first."""
        kind = self.type.value or _ALL
        return [Uid(uid) for uid, one in self._told.items() if kind in (_ALL, one["type"])]

    def chosen(self) -> list[Uid]:
        """Messages that are ticked; all on the list when none is."""
        ticked = [uid for uid in self.listed() if self.messages.is_selected(uid)]
        return ticked or self.listed()

    def page(self, offset: int, limit: int) -> list[dict[str, Any]]:
        """Rows for the list."""
        some = tuple(self.listed()[offset : offset + min(limit, _PAGE)])
        known = {
            one.uid: one
            for one in (
                self._panel.operations.get_messages(self._panel.dataset.dataset_id, some) if some else ()
            )
        }
        return [exception_row(self._told[uid], known.get(uid), self.names) for uid in some]

    def read(self, uid: str) -> None:
        """Show a whole message below the list."""
        found = self._panel.operations.get_messages(self._panel.dataset.dataset_id, (Uid(uid),))
        if not found:
            raise InputError("this message is gone.", next_step="Somebody deleted it.")
        self.reader.show(card_row(found[0]), list_row(found[0], self.names)["labels"])

    def offer(self) -> None:
        """The way to Annotate with exactly the chosen messages; a notebook has no other pages: there the call is told."""
        listed, panel = self.listed(), self._panel
        ticked = [uid for uid in listed if self.messages.is_selected(uid)]
        whole = len(ticked) in (0, len(listed))
        self.untag_button.description = "Take all off …" if whole else "Take off …"
        if not listed:
            self.link.value = ""
            return
        if whole:  # said as a condition: it also holds for those that do not fit on the list
            types = (self.type.value,) if self.type.value else ()
            where = MessageFilter(exceptions=ExceptionFilter(types=types, streams=(self._stream.name,)))
        else:
            where = MessageFilter(uids=tuple(ticked[:MOST_LINKED]))
        state = PanelState(dataset=panel.dataset.info.full_name, mode="recent", more=where)
        if not panel.address.visitor:
            call = html.escape(f"ds.exceptions({self._stream.name!r})")
            self.link.value = f'<p class="wb-status"><code>{call}</code></p>'
            return
        page = html.escape(state.link("annotate", panel.address.visitor))
        what = "Bring them to training" if whole else "Bring the ticked to training"
        self.link.value = f'<a class="wb-download" href="{page}">{what}</a>'

    # ---- doing

    def ask_untag(self) -> None:
        """Ask whether the chosen exceptions may go."""
        uids, panel, name = tuple(self.chosen()), self._panel, self._stream.name

        def untag(_values: Mapping[str, Any]) -> str:
            n = panel.operations.untag_exceptions(panel.dataset.dataset_id, name, uids)
            self._untick()
            return f"{counted(n, 'exception')} taken off."

        panel.questions.ask(
            untag,
            title=f"Take {counted(len(uids), 'exception')} off",
            text="The messages and their labels stay. Whoever acts on the stream may tag them again.",
            submit="Take off",
            danger=True,
            fields=[],
            values={},
        )

    # ---- inside

    def _show(self, told: list[dict[str, Any]], totals: tuple[ExceptionTotal, ...]) -> None:
        before = list(self._told)
        self._told = {str(one["uid"]): one for one in told}
        self._offer_types(totals)
        n = sum(one.n for one in totals)
        did = self._panel.dataset.dataset_id
        listed = " · ".join(f"{html.escape(short(one.type))} <b>{one.n:,}</b>" for one in totals)
        if n:
            more = (
                " Those tagged last are listed; the others follow as these are taken off."
                if n > len(told)
                else ""
            )
            figure = charts.stream_exceptions(totals, stream=self._stream.name, dataset_id=did)
            self.words.say(f'<p class="wb-status">{listed}.{more}</p>', figure)
        else:
            self.words.say(
                empty(
                    "No exception.",
                    "Whoever acts on the stream tags what it could not handle: ds.tag_exceptions, or the address "
                    "exceptions of the stream over HTTP.",
                )
            )
        self.messages.layout.display = None if told else "none"
        extra = [self.type, self.untag_button, self.link] if told else []
        if self._panel.refusal("untag_exceptions") and extra:
            extra.remove(self.untag_button)
        self._controls.children = (self._back, *extra)
        if list(self._told) != before:
            self._untick(keep=set(self._told))
            self.messages.reload(len(self.listed()))
        self.offer()

    def _type_chosen(self, _change: object) -> None:
        if not self._settling:
            self._panel.guard(self.choose_type)()

    def _offer_types(self, totals: tuple[ExceptionTotal, ...]) -> None:
        options = [("All", _ALL), *((short(one.type), one.type) for one in totals)]
        if options == list(self.type.options):
            return
        kept = self.type.value
        self._settling = True
        try:
            self.type.options = options
            self.type.value = kept if kept in [value for _, value in options] else _ALL
        finally:
            self._settling = False

    def _untick(self, keep: set[str] | None = None) -> None:
        with self.messages.hold_sync():
            ticked = [uid for uid in self.messages.selected_ids if keep and uid in keep]
            self.messages.all_selected, self.messages.selected_ids, self.messages.excluded_ids = (
                False,
                ticked,
                [],
            )


__all__ = ["MOST", "MOST_LINKED", "StreamExceptionsView"]
