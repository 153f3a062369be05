"""A line to ask in words: the sentence becomes the filter of the bar, which the person sees and corrects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

import ipywidgets as ipw

from workbench.domain import MessageFilter, SentenceReading
from workbench.errors import WorkbenchError
from workbench.widgets.state import PanelState

if TYPE_CHECKING:
    from workbench.widgets.panels.editing import OfDataset


class Bar(Protocol):
    """The filter bar it sits in."""

    def show(self, state: PanelState) -> None:
        """Set the controls."""

    def change(self, more: MessageFilter) -> None:
        """Set what no control shows, and tell."""


class AskLine:
    """A text field; what was not understood is told in the banner of the panel.

    Parameters
    ----------
    bar
        Whose conditions a sentence replaces.
    panel
        Whose dataset has the names that a sentence may say.
    """

    def __init__(self, bar: Bar, panel: OfDataset) -> None:
        self._bar, self._panel = bar, panel
        self.sentence = ipw.Text(
            placeholder="Or ask in words and press Enter, e.g. unreviewed mails about refunds from last week",
            tooltip="A sentence; it takes the place of the whole filter",
            continuous_update=False,
        )
        self.sentence.add_class("wb-whole-line")
        self.sentence.observe(lambda _: self.ask(), "value")

    def ask(self) -> None:
        """Read the sentence, show its filter in the bar, and tell what is not in it; nothing when it is blank."""
        sentence = self.sentence.value.strip()
        notice = self._panel.notice
        notice.clear()
        if not sentence:
            return
        try:
            read = self._panel.operations.read_sentence(self._panel.dataset.dataset_id, sentence)
            if read.where != MessageFilter():
                state = state_of(read.where)
                self._bar.show(state)
                self._bar.change(state.more)
        except WorkbenchError as error:
            notice.show_error(error)
            return
        if notice.title:
            return  # the filter could not be carried out, and says why
        if remarks := remarks_of(read):
            with notice.hold_sync():
                notice.level, notice.title = "info", remarks[0]
                notice.text, notice.next_step = " ".join(remarks[1:]), ""


def remarks_of(read: SentenceReading) -> list[str]:
    """What to tell of a sentence beside its filter."""
    by_model = [one.text for one in read.understood if one.by == "model"]
    found = [f"Not understood, so not in the filter: {_quoted(one.text for one in read.left)}."] * bool(
        read.left
    )
    found += [f"Read by the language model, look twice: {_quoted(by_model)}."] * bool(by_model)
    if read.where == MessageFilter():
        found.append("No condition was found; the filter stays as it was.")
    if read.problem:
        found.append(read.problem[:1].upper() + read.problem[1:])
    return found


def _quoted(pieces: Iterable[str]) -> str:
    return ", ".join(f"“{one}”" for one in pieces)


def state_of(where: MessageFilter) -> PanelState:
    """A filter of whole days for the bar: words, days and reviewed or not in its controls, the rest beside them."""
    return PanelState(
        text=where.text,
        since=where.since.date().isoformat() if where.since else "",
        until=(where.until - timedelta(days=1)).date().isoformat() if where.until else "",
        review={None: "", True: "yes", False: "no"}[where.reviewed],
        more=replace(where, text="", since=None, until=None, reviewed=None),
    )
