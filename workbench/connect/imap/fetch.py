"""Pages of new mail from IMAP folders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from workbench.connect.imap.answers import Head
from workbench.connect.imap.cursor import ImapCursor, resume
from workbench.connect.imap.names import ListedFolder
from workbench.connect.imap.session import ImapSession
from workbench.connect.protocol import Cancelled, FetchLimits, Folder, Page, state_of
from workbench.connect.wanted import are_people_wanted, has_people_lists, is_folder_wanted, is_time_wanted
from workbench.domain.connections import ImapConnection, Mailbox
from workbench.domain.mail import FolderState, RawMail
from workbench.domain.secrets import Secrets

_STUCK = "mail {} cannot be read: the server lists it but does not give it"


class ImapConnector:
    """Reads an IMAP account; a `Connector`.

    Folders are opened with EXAMINE and mail is read with BODY.PEEK, so that nothing on the server changes, not
    even what counts as read. New mail comes first, then older mail in the mailbox's order.
    """

    def __init__(
        self, connection: ImapConnection, secrets: Secrets, limits: FetchLimits | None = None
    ) -> None:
        self._connection, self._secrets, self._limits = connection, secrets, limits or FetchLimits()

    def folders(self, mailbox: Mailbox) -> tuple[Folder, ...]:
        """All folders of the account."""
        with self._session(mailbox) as session:
            return tuple(listed.folder for listed in session.list_folders())

    def fetch(
        self, mailbox: Mailbox, states: Sequence[FolderState] = (), *, cancelled: Cancelled | None = None
    ) -> Iterator[Page]:
        """Pages of what is new; see `Connector.fetch`."""
        with self._session(mailbox, cancelled) as session:
            for listed in session.list_folders():
                if is_folder_wanted(mailbox, listed.folder):
                    state = state_of(states, mailbox.address, listed.folder.path)
                    yield from _read_folder(session, listed, mailbox, state, self._limits)

    def _session(self, mailbox: Mailbox, cancelled: Cancelled | None = None) -> ImapSession:
        return ImapSession(self._connection, self._secrets, self._limits, cancelled, address=mailbox.address)


@dataclass
class _Run:
    """Mails that make one page."""

    heads: list[Head] = field(default_factory=list)
    n_bytes: int = 0
    n_skipped: int = 0
    n_gone: int = 0
    problems: list[str] = field(default_factory=list)
    last_uid: int = 0


def _read_folder(
    session: ImapSession, listed: ListedFolder, mailbox: Mailbox, state: FolderState, limits: FetchLimits
) -> Iterator[Page]:
    examined = session.examine(listed.raw)
    if examined is None:
        yield Page(state=state, problems=(f"folder {'/'.join(listed.folder.path)!r} cannot be opened",))
        return
    cursor = resume(
        state.cursor,
        validity=examined.validity,
        next_uid=examined.next_uid,
        start_at=mailbox.start_at,
        order=mailbox.order,
    )
    if not (cursor.is_backfilled and cursor.high + 1 >= examined.next_uid):
        above = cursor.high if cursor.is_backfilled else 0
        uids = session.uids(examined, above=above, start_at=mailbox.start_at)
        newer = uids[np.searchsorted(uids, cursor.high, "right") :]
        for run in _runs(session, newer, mailbox, limits):
            cursor = replace(cursor, high=run.last_uid)
            state = _advance(state, cursor, run, up_to_date=False)
            yield _page(session, run, listed, mailbox, state)
        cursor = replace(cursor, high=max(cursor.high, examined.next_uid - 1))
        older = uids[: np.searchsorted(uids, cursor.low)][::-1]
        for run in _runs(session, older, mailbox, limits):
            cursor = replace(cursor, low=run.last_uid)
            state = _advance(state, cursor, run, up_to_date=False)
            yield _page(session, run, listed, mailbox, state)
    cursor = replace(cursor, low=1)
    yield Page(state=_advance(state, cursor, _Run(), up_to_date=True))


def _runs(
    session: ImapSession, uids: NDArray[np.int64], mailbox: Mailbox, limits: FetchLimits
) -> Iterator[_Run]:
    """Look at the heads of a page's worth of mails at a time, and cut again where the bytes run over."""
    for begin in range(0, len(uids), limits.page_size):
        chunk: list[int] = uids[begin : begin + limits.page_size].tolist()
        heads, stuck = session.heads(chunk)
        run = _Run(problems=[_STUCK.format(uid) for uid in stuck])
        for uid in chunk:
            head = heads.get(uid)
            if head is None:
                run.n_gone += uid not in stuck
            elif not _is_wanted(mailbox, head):
                run.n_skipped += 1
            elif head.n_bytes > limits.mail_bytes:
                run.problems.append(
                    f"mail {uid} has {head.n_bytes} bytes, more than {limits.mail_bytes}: left out"
                )
            else:
                if run.heads and run.n_bytes + head.n_bytes > limits.page_bytes:
                    yield run
                    run = _Run()
                run.heads.append(head)
                run.n_bytes += head.n_bytes
            run.last_uid = uid
        yield run


def _is_wanted(mailbox: Mailbox, head: Head) -> bool:
    return is_time_wanted(mailbox, head.received_at) and (
        not has_people_lists(mailbox) or are_people_wanted(mailbox, head.participants)
    )


def _advance(state: FolderState, cursor: ImapCursor, run: _Run, *, up_to_date: bool) -> FolderState:
    times = [head.received_at for head in run.heads if head.received_at is not None]
    if state.synced_until is not None:
        times.append(state.synced_until)
    return replace(state, cursor=cursor.write(), up_to_date=up_to_date, synced_until=max(times, default=None))


def _page(
    session: ImapSession, run: _Run, listed: ListedFolder, mailbox: Mailbox, state: FolderState
) -> Page:
    bodies, stuck = session.bodies([head.uid for head in run.heads]) if run.heads else ({}, [])
    mails = [
        RawMail(
            content=bodies[head.uid],
            mailbox=mailbox.address,
            folder=listed.folder.path,
            remote_id=str(head.uid),
            received_at=head.received_at,
            properties={"string:Is Read": "Yes" if head.is_read else "No"},
        )
        for head in run.heads
        if head.uid in bodies
    ]
    return Page(
        state=state,
        mails=tuple(mails),
        n_skipped=run.n_skipped,
        n_gone=run.n_gone + len(run.heads) - len(mails) - len(stuck),
        problems=(*run.problems, *(_STUCK.format(uid) for uid in stuck)),
    )
