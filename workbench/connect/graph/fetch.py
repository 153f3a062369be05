"""Pages of new mail from Microsoft Graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from urllib.parse import quote

import msgspec

from workbench.connect.collecting import Collector
from workbench.connect.graph.session import FolderGoneError, GraphSession, StaleLinkError
from workbench.connect.graph.shapes import SELECTED, GraphCursor, GraphMessage, MessageList
from workbench.connect.protocol import Cancelled, FetchLimits, Folder, Page, state_of
from workbench.connect.wanted import are_people_wanted, is_folder_wanted, is_time_wanted, reaches_back
from workbench.domain.connections import GraphConnection, Mailbox
from workbench.domain.mail import FolderState, RawMail
from workbench.domain.secrets import Secrets


class GraphConnector:
    """Reads mailboxes of Exchange Online by delta links; a `Connector`.

    The server decides the order. Only mail that arrives in a folder is asked for, not later changes to it.
    """

    def __init__(
        self, connection: GraphConnection, secrets: Secrets, limits: FetchLimits | None = None
    ) -> None:
        self._connection, self._secrets, self._limits = connection, secrets, limits or FetchLimits()

    def folders(self, mailbox: Mailbox) -> tuple[Folder, ...]:
        """All folders of the mailbox."""
        with GraphSession(self._connection, self._secrets, self._limits) as session:
            return tuple(folder for folder, _ in session.folders(mailbox.address))

    def fetch(
        self, mailbox: Mailbox, states: Sequence[FolderState] = (), *, cancelled: Cancelled | None = None
    ) -> Iterator[Page]:
        """Pages of what is new; see `Connector.fetch`."""
        with GraphSession(self._connection, self._secrets, self._limits, cancelled) as session:
            for folder, folder_id in list(session.folders(mailbox.address)):
                if is_folder_wanted(mailbox, folder):
                    state = state_of(states, mailbox.address, folder.path)
                    yield from _read_folder(session, folder_id, mailbox, state, self._limits)


def _read_folder(
    session: GraphSession, folder_id: str, mailbox: Mailbox, state: FolderState, limits: FetchLimits
) -> Iterator[Page]:
    begin = (
        f"{session.endpoint}/users/{quote(mailbox.address, safe='@')}/mailFolders/{quote(folder_id, safe='')}"
        f"/messages/delta?changeType=created&$select={SELECTED}"
    )
    start = "" if mailbox.start_at is None else mailbox.start_at.isoformat()
    link, is_stored = _resume(state.cursor, folder_id, mailbox.start_at) or begin, bool(state.cursor)
    while True:
        try:
            changes = session.changes(link)
        except StaleLinkError:
            if not is_stored:
                raise session.never_ending() from None
            link, is_stored = begin, False
            continue
        except FolderGoneError:
            yield Page(state=state, problems=(f"folder {'/'.join(state.folder)!r} cannot be opened",))
            return
        onward = changes.next_link or changes.delta_link or ""
        cursor = msgspec.json.encode(GraphCursor(link=onward, folder_id=folder_id, start=start)).decode()
        after = replace(state, cursor=cursor, up_to_date=changes.next_link is None)
        for page in _pages(session, mailbox, changes, state, after, limits):
            state = page.state
            yield page
        if changes.next_link is None:
            return
        link = onward


def _resume(text: str, folder_id: str, start_at: datetime | None) -> str | None:
    try:
        cursor = msgspec.json.decode(text.encode(), type=GraphCursor) if text else None
    except msgspec.DecodeError:
        return None
    if cursor is None or cursor.folder_id != folder_id:  # another folder has taken its path
        return None
    return None if reaches_back(cursor.start, start_at) else cursor.link


def _pages(
    session: GraphSession,
    mailbox: Mailbox,
    changes: MessageList,
    before: FolderState,
    after: FolderState,
    limits: FetchLimits,
) -> Iterator[Page]:
    """The mails of one answer; where they run over the bytes of a page, the state stays until the last."""
    collector = Collector(limits)
    for message in changes.value:
        if message.removed is not None:
            continue
        if not (
            is_time_wanted(mailbox, message.received_date_time)
            and are_people_wanted(mailbox, message.participants())
        ):
            collector.n_skipped += 1
            continue
        answer = session.mime(mailbox.address, message.id)
        if answer.status == HTTPStatus.NOT_FOUND:
            collector.n_gone += 1
        elif answer.status >= HTTPStatus.BAD_REQUEST:
            collector.note(f"mail {message.id[:80]!r} cannot be read: the server calls it damaged")
        elif answer.body is None:
            collector.leave_out(message.id)
        else:
            mail = _mail(answer.body, mailbox, before, message)
            if collector.is_full(mail):
                yield collector.page(before)
            collector.add(mail)
    yield collector.page(after)


def _mail(content: bytes, mailbox: Mailbox, state: FolderState, message: GraphMessage) -> RawMail:
    return RawMail(
        content=content,
        mailbox=mailbox.address,
        folder=state.folder,
        remote_id=message.id,
        received_at=message.received_date_time,
        properties=message.properties(),
    )
