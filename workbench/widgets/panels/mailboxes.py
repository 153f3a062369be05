"""The mailboxes of one integration on the page of sources: a table of them, and the folders of one."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as ipw

from workbench.domain import Integration, IntegrationId, Mailbox, MailboxStatus
from workbench.errors import UnknownNameError
from workbench.widgets.elements import CatalogCards, DataTable
from workbench.widgets.panels.connecting import (
    addresses_of,
    amended_mailbox,
    can_have_several,
    into_field,
    mailboxes_field,
    start_of,
    values_of_mailbox,
    wanted_fields,
)
from workbench.widgets.panels.mailbox_rows import (
    FOLDER_COLUMNS,
    MAILBOX_COLUMNS,
    folder_name,
    folder_record,
    mailbox_card,
    mailbox_record,
    new_mailboxes,
    states,
)
from workbench.widgets.panels.page import bar

if TYPE_CHECKING:
    from workbench.widgets.panels.integrations import IntegrationShelf

_AGAIN = (
    "What is known is recognised: no message is kept twice, and nothing is charged twice. "
    "What was deleted here comes back as new, and is charged as new."
)


class MailboxView:
    """What stands in the place of the cards while the mailboxes of an integration are looked at.

    Parameters
    ----------
    shelf
        The integrations; it has the form and the page.
    """

    def __init__(self, shelf: IntegrationShelf) -> None:
        self.shelf = shelf
        self.integration_id: IntegrationId | None = None
        self.address = ""
        self.title = ipw.HTML()
        self.back_button = ipw.Button(description="Back to integrations")
        self.add_button = ipw.Button(description="Add mailboxes")
        self.table = DataTable(title="Mailboxes", columns=MAILBOX_COLUMNS, height=340)
        self.cards = CatalogCards(title="Mailbox")
        self.folders = DataTable(
            title="Folders: open one to read it again", columns=FOLDER_COLUMNS, height=340
        )
        self._shown: tuple[list[dict[str, Any]], list[dict[str, Any]]] = ([], [])
        guard, heard = shelf.panel.guard, shelf.panel.heard
        self.back_button.on_click(guard(self.close))
        self.add_button.on_click(guard(self.add))
        self.table.on_open(heard(self.choose))
        self.cards.on_act(heard(self.act))
        self.folders.on_open(heard(self.ask_folder))
        head = bar(self.back_button, self.title, self.add_button)
        self.cards.layout.flex, self.folders.layout.flex = "1 1 360px", "2 1 420px"
        one = bar(self.cards, self.folders)
        one.layout.align_items = "flex-start"
        self.widget = ipw.VBox([head, self.table, one])
        self.widget.layout.display = "none"

    @property
    def found(self) -> Integration:
        """The integration on screen as it was read last."""
        return self.shelf.known[str(self.integration_id)]

    @property
    def status(self) -> MailboxStatus:
        """The mailbox on screen."""
        return self._mailbox(self.address)

    # ---- what is on screen -----------------------------------------------------------------------

    def open(self, found: Integration) -> None:
        """Show the mailboxes of an integration in the place of the cards."""
        self.integration_id = found.integration_id
        self.address = found.mailboxes[0].mailbox.address if len(found.mailboxes) == 1 else ""
        self.shelf.panel.show_instead(self.widget)
        self.shelf.panel.show_code(f"ws.integration({found.full_name!r})")
        self.show()

    def close(self) -> None:
        """Back to the cards."""
        self.integration_id = None
        self.shelf.panel.show_instead(None)
        self.shelf.panel.show_code("ws.integrations()")

    def show(self) -> None:
        """Bring it up to date with what was read of the integration; when that is gone, go back."""
        if self.integration_id is None:
            return
        if str(self.integration_id) not in self.shelf.known:
            self.close()
            return
        found = self.found
        name = html.escape(found.title or found.full_name)
        told = html.escape(states(found) or new_mailboxes(len(found.mailboxes)))
        self.title.value = f'<b dir="auto">{name}</b> <span class="wb-status">&nbsp;{told}</span>'
        if self.address not in {one.mailbox.address for one in found.mailboxes}:
            self.address = ""
        rows = [mailbox_record(found, one) for one in found.mailboxes]
        folders = [folder_record(one) for one in self.status.folders] if self.address else []
        before, self._shown = self._shown, (rows, folders)
        for element, old, new in zip((self.table, self.folders), before, self._shown, strict=True):
            if old != new:  # what has not changed keeps its place on screen
                element.set_rows(new)
        self.cards.cards = [mailbox_card(found, self.status)] if self.address else []
        self.cards.empty_title = "It has no mailbox." if not rows else "Open a mailbox to see its folders."
        self.cards.empty_text = "Add one or several." if not rows else ""
        self.table.layout.display = None if len(rows) > 1 else "none"
        reads_several = can_have_several(found.connection.only) or not rows
        self.add_button.layout.display = None if reads_several else "none"
        self.folders.layout.display = None if folders else "none"

    def choose(self, address: str) -> None:
        """Show another mailbox with its folders."""
        self.address = self._mailbox(address).mailbox.address
        self.show()

    # ---- one mailbox -----------------------------------------------------------------------------

    def act(self, key: str, address: str) -> None:
        """Do what a button of the mailbox says."""
        box = self._mailbox(address).mailbox
        actions: dict[str, Callable[[Mailbox], None]] = {
            "sync": lambda box: self.shelf.sync(self.found, box.address),
            "pause": partial(self.switch, on=False),
            "resume": partial(self.switch, on=True),
            "resync": self.ask_again,
            "test": lambda box: self.shelf.test(self.found, (box,)),
            "amend": self.amend,
            "remove": self.remove,
        }
        actions[key](box)

    def switch(self, box: Mailbox, *, on: bool) -> None:
        """Pause one mailbox, or have it read again."""
        self.shelf.operations.enable_integration(self.found.integration_id, on, box.address)
        self.shelf.panel.refresh()
        self.shelf.panel.tell(f"{box.address} is {'read again' if on else 'paused'}.")

    def ask_again(self, box: Mailbox) -> None:
        """Ask whether a whole mailbox is to be read again, and from which day on."""
        start = next(one for one in wanted_fields(self.found.connection.kind) if one["key"] == "start_at")
        self.shelf.ask(
            partial(self.read_again, box.address),
            title=f"Read {box.address} again",
            text=f"Every folder is fetched again from the beginning.\n{_AGAIN}",
            submit="Read again",
            fields=[{**start, "help": f"{start['help']} It becomes the mailbox's first day."}],
            values=values_of_mailbox(box),
        )

    def read_again(self, address: str, values: dict[str, Any]) -> str:
        """Read a mailbox again."""
        self.shelf.operations.resync_mailbox(self.found.integration_id, address, start_of(values))
        return f"{address} is read again."

    def ask_folder(self, shown: str) -> None:
        """Ask whether one folder is to be read again."""
        paths = {folder_name(one.path): one.path for one in self.status.folders}
        if shown not in paths:
            raise UnknownNameError("folder", shown, paths)
        self.shelf.ask(
            partial(self.read_folder_again, self.address, paths[shown]),
            title=f"Read {shown} again",
            text=f"This folder of {self.address} is fetched again from the beginning; the others go on.\n{_AGAIN}",
            submit="Read again",
            fields=[],
            values={},
        )

    def read_folder_again(self, address: str, path: tuple[str, ...], _values: dict[str, Any]) -> str:
        """Read a folder again."""
        self.shelf.operations.resync_mailbox(self.found.integration_id, address, folder=path)
        return f"{folder_name(path)} of {address} is read again."

    def amend(self, box: Mailbox) -> None:
        """Ask what is to change of a mailbox."""
        self.shelf.ask(
            partial(self.save, box.address),
            title=f"Edit {box.address}",
            text="What was read before stays. An earlier first day has the older mail read too.",
            submit="Save",
            fields=wanted_fields(self.found.connection.kind),
            values=values_of_mailbox(box),
        )

    def save(self, address: str, values: dict[str, Any]) -> str:
        """Change how a mailbox is read."""
        boxes = self._boxes()
        self._put([amended_mailbox(one, values) if one.address == address else one for one in boxes])
        return f"{address} is changed."

    def remove(self, box: Mailbox) -> None:
        """Say what goes and what stays, and ask for the address."""
        self.shelf.ask_to_delete(
            lambda _: self.take_out(box.address),
            title=box.address,
            full_name=box.address,
            text="It is not read any more, and what is known of its folders is forgotten.\nMail and messages that it brought stay.",
            submit="Remove mailbox",
        )

    def take_out(self, address: str) -> str:
        """Take a mailbox out of the integration."""
        self._put([one for one in self._boxes() if one.address != address])
        return f"{address} is read no more."

    # ---- several ---------------------------------------------------------------------------------

    def add(self) -> None:
        """Ask which mailboxes are to be read too."""
        kind = self.found.connection.kind
        sources = [one.full_name for one in self.shelf.operations.sources()]
        into = [] if self.found.mailboxes else [into_field(kind, sources)]
        self.shelf.ask(
            self.put_in,
            title=f"Add mailboxes to {self.found.title or self.found.full_name}",
            text="They share what is set here; each can be edited afterwards.",
            submit="Add mailboxes",
            fields=[mailboxes_field(), *into, *wanted_fields(kind)],
            values={},
        )

    def put_in(self, values: dict[str, Any]) -> str:
        """Read more mailboxes, into where the others flow."""
        boxes = self._boxes()
        new = addresses_of(values, known=[one.address for one in boxes])
        if boxes:
            like = boxes[0]
            made = [Mailbox(address=one, bucket=like.bucket, source=like.source) for one in new]
            self._put([*boxes, *(amended_mailbox(one, values) for one in made)])
        else:
            self.shelf.connect(self.found.full_name, self.found.connection.only, new, values)
        return f"{new_mailboxes(len(new))} will be read too."

    # ---- inside ----------------------------------------------------------------------------------

    def _mailbox(self, address: str) -> MailboxStatus:
        known = {one.mailbox.address: one for one in self.found.mailboxes}
        if address not in known:
            raise UnknownNameError("mailbox", address[:200], known)
        return known[address]

    def _boxes(self) -> list[Mailbox]:
        """As they are now, for others may have changed them since they were shown."""
        now = self.shelf.operations.integration(self.found.integration_id)
        return [one.mailbox for one in now.mailboxes]

    def _put(self, boxes: Sequence[Mailbox]) -> None:
        self.shelf.operations.amend_integration(self.found.integration_id, mailboxes=tuple(boxes))
