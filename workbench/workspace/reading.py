"""Finding and reading messages."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from workbench.domain import (
    DatasetId,
    Message,
    MessageFilter,
    MessageOrder,
    MessagePage,
    Permission,
    ThreadLetter,
    Uid,
)
from workbench.errors import AccessError, InputError, UnknownMessageError
from workbench.workspace.auditing import record_read
from workbench.workspace.context import Caller
from workbench.workspace.sensitive import (
    PERMISSION,
    check_conditions,
    hidden_from,
    table_without_hidden,
    without_hidden,
)
from workbench.workspace.unmasking import check_unmasked, masked_from

MAX_PAGE = 256
MAX_SQL_ROWS = 1_000_000
MAX_UIDS = 1_000_000
LETTERS = 8
"""Most messages shown before another one of its thread, and after it."""

_TABLES_OF: dict[Permission, tuple[str, ...]] = {
    "audit.read": ("audit_event",),
    "usage.read": ("ledger", "budget", "reservation", "measure"),
}
"""Tables that SQL reads only with a permission of the whole workspace."""


def count_messages(caller: Caller, dataset_id: DatasetId, where: MessageFilter) -> int:
    """How many pass."""
    with caller.store.read() as session:
        check_conditions(caller, session, dataset_id, where)
        return session.messages.count(dataset_id, where)


def find_messages(
    caller: Caller,
    dataset_id: DatasetId,
    where: MessageFilter,
    order: MessageOrder = "recent",
    offset: int = 0,
    limit: int = 20,
    seed: int = 0,
) -> MessagePage:
    """One page."""
    if not (1 <= limit <= MAX_PAGE and offset >= 0):
        raise InputError(
            f"a page of {limit} from {offset} cannot be had.",
            next_step=f"Use offset >= 0 and limit 1-{MAX_PAGE}.",
        )
    with caller.store.read() as session:
        check_conditions(caller, session, dataset_id, where)
        page = session.messages.page(dataset_id, where, order, offset, limit, seed)
        return replace(page, messages=without_hidden(page.messages, hidden_from(caller, session)))


def get_messages(caller: Caller, dataset_id: DatasetId, uids: tuple[Uid, ...]) -> tuple[Message, ...]:
    """These messages."""
    _check_number(uids)
    with caller.store.read() as session:
        return without_hidden(session.messages.get(dataset_id, uids), hidden_from(caller, session))


def attachment_content(caller: Caller, dataset_id: DatasetId, uid: Uid, position: int) -> bytes:
    """The bytes of an attachment."""
    with caller.store.read() as session:
        found = session.messages.get(dataset_id, (uid,))
        if not found:
            raise UnknownMessageError(uid)
        check_unmasked(caller, session, found[0].source_id, "read what came with its messages")
        content = session.attachments.content(uid, position)
    about = {"dataset_id": dataset_id, "source_id": found[0].source_id, "uid": uid, "position": position}
    record_read(caller, "download_attachment", dataset_id, **about)
    return content


def raw_mail(caller: Caller, dataset_id: DatasetId, uid: Uid) -> bytes:
    """The mail that a message came as."""
    with caller.store.read() as session:
        found = session.messages.get(dataset_id, (uid,))
        if not found:
            raise UnknownMessageError(uid)
        if hidden_from(caller, session).get(found[0].source_id):
            raise AccessError(
                f"{caller.actor!r} may not read the original mail: it holds what its source hides.",
                next_step=f"Ask an administrator for the permission {PERMISSION!r}.",
                details={"permission": PERMISSION},
            )
        check_unmasked(caller, session, found[0].source_id, "read the original mail")
        source = session.catalog.source(found[0].source_id)
        content = source.bucket_id and session.mails.content(source.bucket_id, found[0].message_id)
    if not content:
        raise InputError(
            f"there is no original mail of message {uid[:200]!r}.",
            next_step="Messages have one while their source reads the bucket of mail that they came from.",
            details={"uid": uid[:1100]},
        )
    about = {"dataset_id": dataset_id, "source_id": found[0].source_id, "uid": uid}
    record_read(caller, "download_mail", dataset_id, **about)
    return content


def thread(caller: Caller, dataset_id: DatasetId, thread_id: str) -> tuple[Message, ...]:
    """A thread, oldest first."""
    with caller.store.read() as session:
        found = session.messages.thread(dataset_id, thread_id)[:MAX_PAGE]
        return without_hidden(found, hidden_from(caller, session))


def thread_letters(caller: Caller, dataset_id: DatasetId, uids: tuple[Uid, ...]) -> tuple[ThreadLetter, ...]:
    """What stands beside messages in their threads."""
    _check_number(uids)
    with caller.store.read() as session:
        return session.messages.letters(dataset_id, uids, LETTERS)


def message_uids(
    caller: Caller, dataset_id: DatasetId, where: MessageFilter, n_most: int = MAX_UIDS
) -> pa.Table:
    """Which messages pass."""
    if not 1 <= n_most <= MAX_UIDS:
        raise InputError(
            f"{n_most:,} messages cannot be named at once.",
            next_step=f"Use n_most 1-{MAX_UIDS:,}.",
            details={"n_most": n_most, "most": MAX_UIDS},
        )
    with caller.store.read() as session:
        check_conditions(caller, session, dataset_id, where)
        # All are sorted in a sixth of the time that the database takes for the first of them.
        return session.messages.passing(dataset_id, where).slice(0, n_most)


def messages_table(
    caller: Caller, dataset_id: DatasetId, where: MessageFilter, n_most: int = 1_000_000
) -> pa.Table:
    """All that pass, as a table."""
    with caller.store.read() as session:
        check_conditions(caller, session, dataset_id, where)
        found = session.messages.table(dataset_id, where, n_most)
        shown = table_without_hidden(found, hidden_from(caller, session))
    record_read(caller, "export", dataset_id, dataset_id=dataset_id, n_messages=shown.num_rows)
    return shown


def sql(caller: Caller, query: str, limit: int = 100_000) -> pa.Table:
    """An analyst's SELECT."""
    if caller.may("audit.read"):
        caller.workspace.refusals.write_counted()
    with caller.store.write() as session:
        caller.audit(session, "sql", query[:500])
        hidden = {
            **dict.fromkeys(masked_from(caller, session), frozenset[str]()),
            **hidden_from(caller, session),
        }
    closed = {
        table for permission, tables in _TABLES_OF.items() if not caller.may(permission) for table in tables
    }
    return caller.store.sql(
        query,
        limit=min(limit, MAX_SQL_ROWS),
        limit_s=caller.settings.query_limit_s,
        hidden=hidden,
        closed=frozenset(closed),
    )


def _check_number(uids: tuple[Uid, ...]) -> None:
    if len(uids) > 2 * MAX_PAGE:
        raise InputError(
            f"{len(uids)} messages were asked for at once.", next_step=f"Ask for at most {2 * MAX_PAGE}."
        )
