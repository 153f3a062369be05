"""A shelf: one kind of thing on the page of sources, as cards and with the forms that make and change it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.charts import Figure
from workbench.domain import Operations
from workbench.widgets.panels.catalog import counted
from workbench.widgets.panels.questions import Action

if TYPE_CHECKING:
    from workbench.widgets.panels.sources import SourcesPanel


class Shelf:
    """Base of the shelves; they share the form and the cards of their page.

    Parameters
    ----------
    panel
        The page.
    """

    title: ClassVar[str]
    noun: ClassVar[str]
    about: ClassVar[str]
    empty_title: ClassVar[str]
    empty_text: ClassVar[str]
    makes: ClassVar[str]
    needs: ClassVar[Mapping[str, str]]
    """Operations that make one, and behind each action of a card."""

    def __init__(self, panel: SourcesPanel) -> None:
        self.panel = panel

    @property
    def operations(self) -> Operations:
        """What it works on."""
        return self.panel.operations

    def read(self) -> list[dict[str, Any]]:
        """Read everything again; the cards."""
        raise NotImplementedError

    def counts(self, cards: list[dict[str, Any]]) -> tuple[str, ...]:
        """What the header counts."""
        return (counted(len(cards), self.noun),)

    def figures(self) -> tuple[Figure, ...]:
        """Where its numbers come from; how many cards there are is counted on the screen."""
        return ()

    def act(self, key: str, card_id: str) -> None:
        """Do what a card's button says."""
        raise NotImplementedError

    def new(self) -> None:
        """Ask what the new one is."""
        raise NotImplementedError

    def change(self, values: dict[str, Any]) -> None:
        """A choice in the form changed."""

    def ask(self, action: Action, /, **form: Any) -> None:
        """Show a form whose button does ``action``."""
        self.panel.questions.ask(action, **form)

    def ask_to_delete(self, action: Action, /, *, title: str, full_name: str, **form: Any) -> None:
        """Show a form that wants the full name typed before its button does ``action``."""
        usual = {"danger": True, "fields": [], "values": {}}
        self.ask(action, title=f"Delete {title or full_name}", confirm=full_name, **{**usual, **form})
