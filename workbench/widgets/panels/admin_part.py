"""What every tab of the Admin page has: widgets made when it is shown, one form for all, and tables that open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import ipywidgets as ipw

from workbench.domain import Operations
from workbench.errors import UnknownNameError
from workbench.widgets.elements import CatalogCards, DataTable
from workbench.widgets.panels.figures import fill
from workbench.widgets.panels.questions import Action

if TYPE_CHECKING:
    from workbench.charts import Figure
    from workbench.widgets.panels.admin import AdminPanel

Thing = TypeVar("Thing")
"""What a listing lists."""


class AdminPart:
    """Base of the tabs.

    Parameters
    ----------
    page
        The page; it has the form and the sheet for secrets.

    Attributes
    ----------
    key, title
        ``state.part`` of the tab, and its caption.
    needs
        Operation that must not be refused for the tab to be there; empty = it is for everybody.
    call
        The Python line that gives what it lists.
    news
        Topics of events after which it is read again.
    """

    key: ClassVar[str]
    title: ClassVar[str]
    needs: ClassVar[str]
    call: ClassVar[str]
    news: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, page: AdminPanel) -> None:
        self.page = page
        self.widget = self.build()
        self.refresh()

    @property
    def operations(self) -> Operations:
        """What it works on."""
        return self.page.operations

    def build(self) -> ipw.Widget:
        """Make its widgets."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Read everything again and show it."""
        raise NotImplementedError

    def button(
        self, words: str, action: Callable[[], None], operation: str, *, first: bool = False
    ) -> ipw.Button:
        """A button for an operation, dimmed where that would be refused."""
        made = ipw.Button(description=words, button_style="primary" if first else "")
        made.on_click(self.page.guard(action))
        if operation:
            self.page.offering.only_for(made, operation)
        return made

    def ask(self, action: Action, /, **form: Any) -> None:
        """Show the page's form; its button does ``action``."""
        self.page.questions.ask(action, **{"fields": [], "values": {}, **form})

    def close(self) -> None:
        """Take its widgets off the page and out of the kernel."""
        _close(self.widget)


class Listing(Generic[Thing]):
    """A table of things, and below it the one that was opened, with what can be done to it.

    Parameters
    ----------
    part
        The tab it stands on.
    title, noun
        Of the table, and of one thing.
    columns
        Of the table; the first holds the key of a thing.
    row, card
        A thing as a row of the table, and as a card (without id); without ``row`` a figure gives the rows.
    act
        Does what a button of the card says.
    """

    def __init__(
        self,
        part: AdminPart,
        *,
        title: str,
        noun: str,
        columns: list[dict[str, Any]],
        card: Callable[[Thing], dict[str, Any]],
        act: Callable[[str, Thing], None],
        row: Callable[[Thing], dict[str, Any]] | None = None,
        height: int = 360,
    ) -> None:
        self._noun, self._row, self._card, self._act = noun, row, card, act
        self.known: Mapping[str, Thing] = {}
        self.chosen = ""
        self.table = DataTable(title=title, columns=columns, height=height)
        self.cards = CatalogCards(title=noun.capitalize())
        self.table.on_open(part.page.heard(self.choose))
        self.cards.on_act(part.page.heard(self.act))
        self.cards.add_class("wb-one-card")
        self.cards.layout.display = "none"
        self.widget = ipw.VBox([self.table, self.cards])

    def show(self, known: Mapping[str, Thing], figure: Figure | None = None) -> None:
        """List other things; the one that was opened stays open while it is there.

        Where the table has numbers ``figure`` gives them, a row for each thing in their order.
        """
        self.known = known
        if self._row is None:
            fill(self.table, figure)
        else:
            self.table.set_rows([self._row(one) for one in known.values()])
        self._show_card()

    def choose(self, key: str) -> None:
        """Open one; the open one is closed again.

        Raises
        ------
        UnknownNameError
            It is gone.
        """
        self.chosen = "" if key == self.chosen else key
        self._show_card()
        if self.chosen != key and key not in self.known:
            raise UnknownNameError(self._noun, key, self.known)

    def act(self, action: str, key: str) -> None:
        """Do what a button of the card says.

        Raises
        ------
        UnknownNameError
            It is gone.
        """
        if key not in self.known:
            raise UnknownNameError(self._noun, key, self.known)
        self._act(action, self.known[key])

    def _show_card(self) -> None:
        if self.chosen not in self.known:
            self.chosen = ""
        self.cards.cards = (
            [{"id": self.chosen, "links": [], **self._card(self.known[self.chosen])}] if self.chosen else []
        )
        self.cards.layout.display = None if self.chosen else "none"


def facts(found: Mapping[str, str]) -> list[list[str]]:
    """Facts of a card by their names; those without a value are left out."""
    return [[name, text] for name, text in found.items() if text]


def _close(widget: ipw.Widget) -> None:
    for child in getattr(widget, "children", ()):
        _close(child)
    widget.close()
