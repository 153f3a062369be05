"""A shelf: one kind of thing on the page of sources, as cards and with the forms that make and change it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.domain import Operations

if TYPE_CHECKING:
    from workbench.widgets.panels.sources import SourcesPanel

Action = Callable[[dict[str, Any]], str]
"""Does what a form asks for and says that it is done."""


class Shelf:
    """Base of the shelves; they share the form and the cards of their page.

    Parameters
    ----------
    panel
        The page.
    """

    title: ClassVar[str]
    noun: ClassVar[str]
    empty_title: ClassVar[str]
    empty_text: ClassVar[str]

    def __init__(self, panel: SourcesPanel) -> None:
        self.panel = panel
        self._action: Action | None = None

    @property
    def operations(self) -> Operations:
        """What it works on."""
        return self.panel.operations

    def read(self) -> list[dict[str, Any]]:
        """Read everything again; the cards."""
        raise NotImplementedError

    def act(self, key: str, card_id: str) -> None:
        """Do what a card's button says."""
        raise NotImplementedError

    def new(self) -> None:
        """Ask what the new one is."""
        raise NotImplementedError

    def change(self, values: dict[str, Any]) -> None:
        """A choice in the form changed."""

    def ask(self, action: Action, **form: Any) -> None:
        """Show a form whose button does ``action``."""
        self._action = action
        self.panel.form.ask(**form)

    def save(self, values: dict[str, Any]) -> None:
        """Do what the form is for; its errors appear in it."""
        if self._action is None:
            return
        said = self._action(values)
        self.panel.form.close_form()
        self.panel.refresh()
        self.panel.tell(said)
