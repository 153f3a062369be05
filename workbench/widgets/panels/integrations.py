"""Integrations on the page of sources: mailboxes and services that are read by themselves, and how that goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from workbench.domain import Bucket, Connection, Integration, IntegrationId, JobId, Mailbox, Source
from workbench.door import Workspace
from workbench.errors import UnknownNameError
from workbench.widgets.panels.buckets import targets
from workbench.widgets.panels.catalog import counted, day
from workbench.widgets.panels.connecting import (
    KINDS,
    addresses_of,
    amended_mailbox,
    can_have_several,
    connection_of,
    edit_fields,
    lines,
    new_fields,
    secrets_of,
    settled,
    start_of,
    values_of,
    wrapped,
)
from workbench.widgets.panels.mailbox_rows import (
    addresses,
    first_problem,
    is_on,
    level_of,
    minute,
    new_mailboxes,
    progress_of,
    states,
    worst_of,
)
from workbench.widgets.panels.mailboxes import MailboxView
from workbench.widgets.panels.shelf import Shelf

if TYPE_CHECKING:
    from workbench.widgets.panels.sources import SourcesPanel

_TESTED = 5
"""Mailboxes that are tried at once, at most: each takes its time."""


class IntegrationShelf(Shelf):
    """Integrations as cards: create, test, read now, pause, amend, delete."""

    title = "Integrations"
    noun = "integration"
    about = "Mailboxes that are read by themselves"
    empty_title = "There is no integration yet."
    empty_text = "Connect a mailbox or a service: it is read by itself from then on."
    makes = "create_integration"
    needs: ClassVar[Mapping[str, str]] = {
        "mailboxes": "integration",
        "sync": "start_sync",
        "pause": "enable_integration",
        "resume": "enable_integration",
        "test": "mailbox_folders",
        "amend": "amend_integration",
        "delete": "delete_integration",
    }

    def __init__(self, panel: SourcesPanel) -> None:
        super().__init__(panel)
        self.known: dict[str, Integration] = {}
        self.mailboxes = MailboxView(self)

    def read(self) -> list[dict[str, Any]]:
        """Read the integrations again."""
        self.known = {str(one.integration_id): one for one in self.operations.integrations()}
        self.mailboxes.show()
        buckets = {one.full_name: one for one in self.operations.buckets()}
        sources = {one.source_id: one for one in self.operations.sources()}
        return [_card(one, buckets, sources.values()) for one in self.known.values()]

    def act(self, key: str, card_id: str) -> None:
        """Do what a card's button says."""
        if card_id not in self.known:
            names = [one.full_name for one in self.known.values()]
            raise UnknownNameError("integration", card_id, names)
        actions: dict[str, Callable[[Integration], None]] = {
            "mailboxes": self.mailboxes.open,
            "sync": self.sync,
            "pause": partial(self.switch, on=False),
            "resume": partial(self.switch, on=True),
            "test": self.test,
            "amend": self.amend,
            "delete": self.delete,
        }
        actions[key](self.known[card_id])

    # ---- setting up ------------------------------------------------------------------------------

    def new(self) -> None:
        """Ask what the new integration is."""
        projects = [one.name for one in self.operations.projects()]
        start = {
            "project": projects[0] if projects else "main",
            "kind": "imap",
            "test": True,
            "comments": True,
        }
        self._ask_new(start)

    def change(self, values: dict[str, Any]) -> None:
        """Another kind or way to sign in asks for other things; what was typed stays."""
        if self._editing is None:
            self._ask_new(values)
        else:
            self._ask_edit(self._editing, values)

    def create(self, values: dict[str, Any]) -> str:
        """Set it up; with the test nothing is kept where the server does not answer."""
        connection = connection_of(values)
        if can_have_several(connection):
            told = addresses_of(values)
        else:
            told = (values.get("user_name", "") or values.get("login_host", ""),)
        name = f"{values['project']}/{values['name']}"
        self.connect(name, connection, told, values)
        several = f" with {new_mailboxes(len(told))}" if len(told) > 1 else ""
        return f"{name} is created{several} and will be read by itself."

    def connect(
        self, name: str, connection: Connection, told: tuple[str, ...], values: dict[str, Any]
    ) -> None:
        """Have mailboxes read, all with what the form says."""
        Workspace(self.operations, address="").connect_mailbox(
            name,
            connection,
            into=values["into"],
            address=told,
            secrets=secrets_of(values),
            start_at=start_of(values),
            folders=lines(values, "folders"),
            not_folders=lines(values, "not_folders"),
            people=lines(values, "people"),
            not_people=lines(values, "not_people"),
            test=bool(values.get("test")),
        )

    def amend(self, found: Integration) -> None:
        """Ask what is to change."""
        self._ask_edit(found, values_of(found))

    def save_changes(self, found: Integration, values: dict[str, Any]) -> str:
        """Change it; secrets that were typed take the place of all earlier ones."""
        after = {**values_of(found), **values}
        boxes = [one.mailbox for one in found.mailboxes]
        if len(boxes) == 1:
            boxes = [amended_mailbox(boxes[0], after)]
        self.operations.amend_integration(
            found.integration_id, values.get("title") or found.name, wrapped(after, found), tuple(boxes)
        )
        secrets = secrets_of(values)
        if secrets is not None:
            self.operations.set_secrets(found.integration_id, secrets)
        return f"{found.full_name} is changed."

    # ---- what it does ----------------------------------------------------------------------------

    def sync(self, found: Integration, address: str | None = None) -> None:
        """Read what is new now, of one mailbox or all, as a job."""
        job_id = self.operations.start_sync(found.integration_id, address)
        self.panel.follow(
            job_id,
            then=partial(self._synced, job_id, address or found.full_name),
            otherwise=self.panel.refresh,
            can_resume=False,
        )

    def switch(self, found: Integration, *, on: bool) -> None:
        """Pause it, or have it read again."""
        self.operations.enable_integration(found.integration_id, on)
        self.panel.refresh()
        self.panel.tell(f"{found.full_name} is {'read again' if on else 'paused'}.")

    def test(self, found: Integration, only: tuple[Mailbox, ...] = ()) -> None:
        """Ask the server for the folders of each mailbox, of the first few where there are many."""
        boxes = only or tuple(one.mailbox for one in found.mailboxes)
        told = []
        for one in boxes[:_TESTED]:
            folders = self.operations.mailbox_folders(found.integration_id, one.address)
            n_read = sum(folder.wanted for folder in folders)
            told.append(f"{one.address}: {counted(len(folders), 'folder')}, {n_read:,} of them read")
        more = len(boxes) - _TESTED
        rest = f"The other {more:,} were not tried: test them under Mailboxes." if more > 0 else ""
        self.panel.tell(f"{found.connection.host} answers. {'; '.join(told)}.", rest)

    def delete(self, found: Integration) -> None:
        """Say what goes and what stays, and ask for the name."""
        self._editing = None
        self.ask(
            lambda _: self.remove(found.integration_id, found.full_name),
            title=f"Delete {found.title or found.full_name}",
            text=(
                "The connection, its secrets and what is known of its folders will be gone; nothing is read any more.\n"
                "Mail and messages that it brought stay."
            ),
            submit="Delete integration",
            confirm=found.full_name,
            danger=True,
            fields=[],
            values={},
        )

    def remove(self, integration_id: IntegrationId, full_name: str) -> str:
        """Delete it."""
        self.operations.delete_integration(integration_id, full_name)
        return f"{full_name} is deleted."

    # ---- inside ----------------------------------------------------------------------------------

    _editing: Integration | None = None

    def _ask_new(self, values: dict[str, Any]) -> None:
        self._editing = None
        after = settled(values)
        projects = [one.name for one in self.operations.projects()]
        sources = [one.full_name for one in self.operations.sources()]
        self.ask(
            self.create,
            title="New integration",
            submit="Create integration",
            fields=new_fields(after, projects, sources),
            values=after,
        )

    def _ask_edit(self, found: Integration, values: dict[str, Any]) -> None:
        self._editing = found
        after = settled(values)
        one_mailbox = len(found.mailboxes) == 1
        more = "" if one_mailbox else f" Its {len(found.mailboxes):,} mailboxes are edited under Mailboxes."
        self.ask(
            partial(self.save_changes, found),
            title=f"Edit {found.title or found.full_name}",
            text=f"{found.full_name}: {KINDS[found.connection.kind]}; the kind is fixed.{more}",
            submit="Save",
            fields=edit_fields(after, one_mailbox=one_mailbox),
            values=after,
        )

    def _synced(self, job_id: JobId, full_name: str) -> None:
        counts = msgspec.json.decode(self.operations.job(job_id).result, type=dict[str, Any])
        n_read = counts.get("mails", 0) + counts.get("records", 0)
        said = f"{full_name} is read: {n_read:,} fetched, {counted(counts.get('new', 0), 'new message')}, {counted(counts.get('units', 0), 'unit')}."
        self.panel.refresh()
        self.panel.tell(said, " ".join(counts.get("failed", ())))


def _card(found: Integration, buckets: dict[str, Bucket], sources: Iterable[Source]) -> dict[str, Any]:
    worst = worst_of(found)
    flows = targets(found)
    fed = [one.mailbox.source for one in found.mailboxes if one.mailbox.source]
    read_into = [
        one
        for one in sources
        if one.source_id in fed
        or (one.bucket_id and one.bucket_id in {buckets[name].bucket_id for name in flows if name in buckets})
    ]
    n_kept = sum(buckets[name].n_mails for name in flows if name in buckets)
    n_bad = sum(one.n_problems for one in found.mailboxes)
    folders = [folder for one in found.mailboxes for folder in one.folders]
    tried = max((one.tried_at for one in found.mailboxes if one.tried_at), default=None)
    upcoming = min((one.next_try_at for one in found.mailboxes if one.next_try_at), default=None)
    start = min((one.mailbox.start_at for one in found.mailboxes if one.mailbox.start_at), default=None)
    n_messages = sum(one.n_messages for one in read_into)
    figures = (
        [[n_kept, "mail kept" if n_kept == 1 else "mails kept"]] if flows else [[n_messages, "messages"]]
    )
    on, told = is_on(worst), states(found)
    return {
        "id": str(found.integration_id),
        "title": found.title or found.full_name,
        "name": found.full_name,
        "badge": {"text": worst[:1].upper() + worst[1:], "level": level_of(worst)},
        "figures": [*figures, *([[n_bad, "could not be read"]] if n_bad else [])],
        "facts": [
            ["Kind", KINDS[found.connection.kind]],
            ["Server", found.connection.host],
            ["Mailboxes", addresses(found)],
            *([["State", told]] if told else []),
            [
                "Into",
                ", ".join(one.title or one.full_name for one in read_into)
                or ", ".join(flows)
                or "nothing yet",
            ],
            ["Folders", progress_of(folders)],
            *([["From", day(start)]] if start else []),
            ["Last read", minute(tried) if tried else "never"],
            [
                "Next read",
                minute(upcoming) if upcoming and found.enabled and found.secrets else "not by itself",
            ],
        ],
        "problem": first_problem(found),
        "calm": worst in {"paused", "no mailbox"},
        "links": [],
        "actions": [
            {"key": "mailboxes", "title": "Mailboxes"},
            {"key": "sync", "title": "Sync now"},
            {"key": "pause", "title": "Pause"}
            if found.enabled and (on or len(found.mailboxes) > 1)
            else {"key": "resume", "title": "Resume"},
            {"key": "test", "title": "Test"},
            {"key": "amend", "title": "Edit", "icon": "pencil"},
            {"key": "delete", "title": "Delete", "icon": "trash"},
        ],
    }
