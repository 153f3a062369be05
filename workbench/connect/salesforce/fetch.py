"""Pages of changed cases and comments from Salesforce."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from workbench.connect.failures import protocol_broken
from workbench.connect.protocol import Cancelled, FetchLimits, Folder, Page, state_of
from workbench.connect.salesforce.queries import CASES, COMMENTS, OVERLAP, Cursor, Question, read_record
from workbench.connect.salesforce.session import SalesforceSession
from workbench.connect.wanted import are_people_wanted, is_folder_wanted, reaches_back
from workbench.domain.connections import Mailbox, MessageRecord, SalesforceConnection
from workbench.domain.mail import FolderState
from workbench.domain.secrets import Secrets

_LOWEST_ID = "0" * 15


class SalesforceConnector:
    """Reads cases and comments in the order of their last change; a `Connector`.

    A changed record comes again under its id. The mailbox's address is only a name here; its start date counts
    by when a record was created, and ``Case`` and ``CaseComment`` are the folders.
    """

    def __init__(
        self, connection: SalesforceConnection, secrets: Secrets, limits: FetchLimits | None = None
    ) -> None:
        self._connection, self._secrets, self._limits = connection, secrets, limits or FetchLimits()

    def folders(self, mailbox: Mailbox) -> tuple[Folder, ...]:  # noqa: ARG002  # the same for every mailbox
        """The kinds of record that can be read, seen by asking for one of each."""
        with SalesforceSession(self._connection, self._secrets, self._limits) as session:
            for question in self._questions():
                session.rows(question.write(None, None, 1))
        return tuple(Folder(path=question.path) for question in self._questions())

    def fetch(
        self, mailbox: Mailbox, states: Sequence[FolderState] = (), *, cancelled: Cancelled | None = None
    ) -> Iterator[Page]:
        """Pages of what is new or changed; see `Connector.fetch`."""
        with SalesforceSession(self._connection, self._secrets, self._limits, cancelled) as session:
            for question in self._questions():
                if is_folder_wanted(mailbox, Folder(path=question.path)):
                    state = state_of(states, mailbox.address, question.path)
                    yield from _read(session, question, mailbox, state, self._limits.page_size)

    def _questions(self) -> tuple[Question, ...]:
        return (CASES, COMMENTS) if self._connection.comments else (CASES,)


def _read(
    session: SalesforceSession, question: Question, mailbox: Mailbox, state: FolderState, page_size: int
) -> Iterator[Page]:
    start = "" if mailbox.start_at is None else mailbox.start_at.isoformat()
    cursor = Cursor.read(state.cursor)
    if cursor is not None and reaches_back(cursor.start, mailbox.start_at):
        cursor = None
    if cursor is not None and state.up_to_date:
        cursor = Cursor(changed_at=cursor.changed_at - OVERLAP, id=_LOWEST_ID)
    while True:
        rows, is_whole = session.rows(question.write(cursor, mailbox.start_at, page_size))
        try:
            records = [read_record(question, row) for row in rows]
        except ValueError:
            raise protocol_broken(session.host, "a record has no proper id or time") from None
        is_last = is_whole and len(rows) < page_size
        if records:
            last = Cursor(changed_at=records[-1].changed_at, id=records[-1].message_id, start=start)
            if cursor is not None and (last.changed_at < cursor.changed_at or last.id == cursor.id):
                raise protocol_broken(session.host, "records go round in circles")
            cursor = last
            until = max(last.changed_at, state.synced_until or last.changed_at)
            state = replace(state, cursor=cursor.write(), synced_until=until)
        elif not is_last:
            raise protocol_broken(session.host, "more is promised, nothing given")
        state = replace(state, up_to_date=is_last)
        wanted = tuple(record for record in records if _is_wanted(mailbox, record))
        yield Page(state=state, records=wanted, n_skipped=len(records) - len(wanted))
        if is_last:
            return


def _is_wanted(mailbox: Mailbox, record: MessageRecord) -> bool:
    return are_people_wanted(mailbox, (record.sender or "",))
