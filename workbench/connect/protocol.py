"""What every connector offers: folders, and pages of what is new since a state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from workbench.domain.connections import FolderRole, Mailbox, MessageRecord
from workbench.domain.mail import FolderState, RawMail
from workbench.errors import JobCancelledError

Cancelled = Callable[[], bool]


@dataclass(frozen=True, kw_only=True)
class FetchLimits:
    """Bounds on what is held in memory and waited for.

    Attributes
    ----------
    page_size
        Mails or records in a page, at most.
    page_bytes
        Raw bytes in a page, at most; a single larger mail makes a page of its own.
    mail_bytes
        A larger mail is left out, and its page says so.
    timeout_s
        How long one answer of the server may keep silent.
    """

    page_size: int = 50
    page_bytes: int = 16 * 2**20
    mail_bytes: int = 150 * 2**20
    timeout_s: float = 60.0


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A folder of a mailbox: its path, outermost name first, and what it is for, None = nothing special."""

    path: tuple[str, ...]
    role: FolderRole | None = None


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some of what is new, and the state to store **in the same transaction**.

    Attributes
    ----------
    mails, records
        One of the two, according to the connection. What was read before may come again: a mail is
        recognised by its Message-ID, a record by its id.
    state
        The folder's state once this page is stored. ``last_synced_at`` is left to the caller, who has a clock.
    n_skipped
        Left out by start date and lists.
    n_gone
        Listed, but deleted or moved before they could be read.
    problems
        What could not be read, worded for a person.
    """

    state: FolderState
    mails: tuple[RawMail, ...] = ()
    records: tuple[MessageRecord, ...] = ()
    n_skipped: int = 0
    n_gone: int = 0
    problems: tuple[str, ...] = ()


class Connector(Protocol):
    """Reads from one connection; never writes, never waits out a failure, keeps nothing between calls."""

    def folders(self, mailbox: Mailbox) -> tuple[Folder, ...]:
        """All folders of a mailbox, wanted or not.

        Raises
        ------
        ConnectError
            The server cannot be reached, refuses, asks to wait, or answers nonsense.
        """
        ...

    def fetch(
        self, mailbox: Mailbox, states: Sequence[FolderState] = (), *, cancelled: Cancelled | None = None
    ) -> Iterator[Page]:
        """Pages of what is new, folder by folder; every wanted folder gives at least one page.

        Parameters
        ----------
        mailbox
            Which mail is wanted.
        states
            What was stored with earlier pages; folders without a state are read from the beginning.
        cancelled
            Asked before each exchange with the server.

        Raises
        ------
        ConnectError
            As for ``folders``. Pages handed out before stay valid: store them and come back later.
        JobCancelledError
            ``cancelled`` said yes.
        """
        ...


def stop_if(cancelled: Cancelled | None) -> None:
    """Raise `JobCancelledError` when ``cancelled`` says so."""
    if cancelled is not None and cancelled():
        raise JobCancelledError("reading the mailbox was cancelled; what was stored stays.")


def state_of(states: Sequence[FolderState], mailbox: str, path: tuple[str, ...]) -> FolderState:
    """The state of one folder, a fresh one if there is none."""
    for state in states:
        if state.mailbox == mailbox and state.folder == path:
            return state
    return FolderState(mailbox=mailbox, folder=path)
