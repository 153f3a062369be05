"""Pages of new mail from Exchange Web Services."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from workbench.connect.collecting import Collector
from workbench.connect.ews.session import Changes, EwsSession
from workbench.connect.ews.wording import FolderGoneError, StaleStateError
from workbench.connect.failures import protocol_broken
from workbench.connect.protocol import Cancelled, FetchLimits, Folder, Page, state_of
from workbench.connect.wanted import (
    are_people_wanted,
    has_people_lists,
    is_folder_wanted,
    is_time_wanted,
    reaches_back,
    read_participants,
)
from workbench.domain.connections import EwsConnection, Mailbox
from workbench.domain.mail import FolderState, RawMail
from workbench.domain.messages import PropertyValue
from workbench.domain.secrets import Secrets


class _Cursor(msgspec.Struct, frozen=True):
    """The server's sync state, for which folder, begun with which start date."""

    sync_state: str
    folder_id: str
    start: str = ""


class EwsConnector:
    """Reads mailboxes of an Exchange server by folder synchronisation; a `Connector`.

    The server decides the order. Only mail that arrives in a folder is asked for, not later changes to it.
    """

    def __init__(
        self, connection: EwsConnection, secrets: Secrets, limits: FetchLimits | None = None
    ) -> None:
        self._connection, self._secrets, self._limits = connection, secrets, limits or FetchLimits()

    def folders(self, mailbox: Mailbox) -> tuple[Folder, ...]:
        """All folders of the mailbox that hold mail."""
        with EwsSession(self._connection, self._secrets, mailbox.address, self._limits) as session:
            return tuple(folder for folder, _ in session.folders())

    def fetch(
        self, mailbox: Mailbox, states: Sequence[FolderState] = (), *, cancelled: Cancelled | None = None
    ) -> Iterator[Page]:
        """Pages of what is new; see `Connector.fetch`."""
        with EwsSession(self._connection, self._secrets, mailbox.address, self._limits, cancelled) as session:
            for folder, folder_id in session.folders():
                if is_folder_wanted(mailbox, folder):
                    state = state_of(states, mailbox.address, folder.path)
                    yield from _read_folder(session, folder_id, mailbox, state, self._limits)


def _read_folder(
    session: EwsSession, folder_id: str, mailbox: Mailbox, state: FolderState, limits: FetchLimits
) -> Iterator[Page]:
    start = "" if mailbox.start_at is None else mailbox.start_at.isoformat()
    sync_state = _resume(state.cursor, folder_id, mailbox)
    while True:
        try:
            changes = session.changes(folder_id, sync_state)
        except StaleStateError:
            if not sync_state:
                raise protocol_broken(session.host, "it does not accept an empty state") from None
            sync_state = ""
            continue
        except FolderGoneError:
            yield Page(state=state, problems=(f"folder {'/'.join(state.folder)!r} cannot be opened",))
            return
        cursor = msgspec.json.encode(
            _Cursor(sync_state=changes.sync_state, folder_id=folder_id, start=start)
        ).decode()
        after = replace(state, cursor=cursor, up_to_date=changes.is_last)
        for page in _pages(session, mailbox, changes, state, after, limits):
            state = page.state
            yield page
        if changes.is_last:
            return
        sync_state = changes.sync_state


def _resume(text: str, folder_id: str, mailbox: Mailbox) -> str:
    try:
        cursor = msgspec.json.decode(text.encode(), type=_Cursor) if text else None
    except msgspec.DecodeError:
        return ""
    if cursor is None or cursor.folder_id != folder_id:  # another folder has taken its path
        return ""
    return "" if reaches_back(cursor.start, mailbox.start_at) else cursor.sync_state


def _pages(
    session: EwsSession,
    mailbox: Mailbox,
    changes: Changes,
    before: FolderState,
    after: FolderState,
    limits: FetchLimits,
) -> Iterator[Page]:
    """The mails of one answer; where they run over the bytes of a page, the state stays until the last."""
    collector = Collector(limits)
    batch: list[tuple[str, str]] = []
    n_bytes = 0
    for item in changes.created:
        if not is_time_wanted(mailbox, item.datetime_received):
            collector.n_skipped += 1
        elif (item.size or 0) > limits.mail_bytes:
            collector.leave_out(item.id)
        else:
            if batch and n_bytes + (item.size or 0) > limits.page_bytes:
                yield from _take(session, mailbox, batch, collector, before)
                batch, n_bytes = [], 0
            batch.append((item.id, item.changekey))
            n_bytes += item.size or 0
    yield from _take(session, mailbox, batch, collector, before)
    yield collector.page(after)


def _take(
    session: EwsSession,
    mailbox: Mailbox,
    batch: Sequence[tuple[str, str]],
    collector: Collector,
    before: FolderState,
) -> Iterator[Page]:
    """Fetch a batch into the collector, and hand out pages that are full."""
    for item in session.mails(batch) if batch else []:
        if isinstance(item, Exception):
            collector.note(f"mail cannot be read: the server calls it damaged ({type(item).__name__})")
            continue
        if item is None or not item.mime_content:
            collector.n_gone += 1
            continue
        head = item.mime_content.partition(b"\r\n\r\n")[0]
        if has_people_lists(mailbox) and not are_people_wanted(mailbox, read_participants(head)):
            collector.n_skipped += 1
            continue
        mail = RawMail(
            content=item.mime_content,
            mailbox=mailbox.address,
            folder=before.folder,
            remote_id=item.id,
            received_at=_plain(item.datetime_received),
            properties=_properties(item),
        )
        if collector.is_full(mail):
            yield collector.page(before)
        collector.add(mail)


def _plain(moment: datetime | None) -> datetime | None:
    """The library's own kind of time as an ordinary one, which any process can read."""
    return None if moment is None else datetime.fromtimestamp(moment.timestamp(), UTC)


def _properties(item: Any) -> dict[str, PropertyValue]:
    found: dict[str, PropertyValue] = {}
    texts = {
        "Importance": item.importance,
        "Sensitivity": item.sensitivity,
        "Categories": "; ".join(item.categories or ()),
        "Conversation ID": item.conversation_id.id if item.conversation_id else "",
        "Conversation Topic": getattr(item, "conversation_topic", None),
    }
    found |= {f"string:{name}": str(text) for name, text in texts.items() if text}
    for name, value in (("Is Read", item.is_read), ("Has Attachments", item.has_attachments)):
        if value is not None:
            found[f"string:{name}"] = "Yes" if value else "No"
    return found
