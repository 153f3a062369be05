"""Reading mailboxes: what is new is fetched in a worker, and stored here together with how far it was read."""

from __future__ import annotations

import logging
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from workbench.connect import Happening, Page, SyncStatus, next_status, what_happened
from workbench.domain import (
    BucketId,
    BucketTarget,
    FolderState,
    Integration,
    IntegrationId,
    Mailbox,
    MessageId,
    MessagePart,
    MessageRecord,
    NewMessage,
    PartText,
    SourceId,
    SyncCounts,
    message_batch,
)
from workbench.errors import (
    JobCancelledError,
    LimitError,
    RemoteProtocolError,
    ThrottledError,
    WorkbenchError,
)
from workbench.primitives import hex_digest, new_id
from workbench.store import Session, Standing, prepare
from workbench.workspace.buckets import make_bucket
from workbench.workspace.charges import tell_budgets
from workbench.workspace.context import Caller, Workspace
from workbench.workspace.depositing import deposit
from workbench.workspace.importing import load_messages
from workbench.workspace.integrating import known_mailbox, secrets_of
from workbench.workspace.jobs import JobRun
from workbench.workspace.work.fetching import FailedFolder

log = logging.getLogger(__name__)
CHANNEL = "integration"
JOBS_KEPT = 20
_QUOTA_RETRY = timedelta(hours=1)
_QUOTAS = ("messages", "messages_per_source", "budget")
_LOOK_EVERY_S = 0.5
_SHOWN = 100


class _Stopped(Exception):  # noqa: N818 - no error: somebody paused the mailbox, or had it read anew
    """What was fetched is not wanted any more."""


@dataclass(frozen=True, kw_only=True)
class _Turn:
    """One mailbox's turn: what it reads, and what becomes of it."""

    caller: Caller
    integration: Integration
    mailbox: Mailbox
    cursors: dict[tuple[str, ...], str]
    waiting: dict[tuple[str, ...], FolderState] = field(default_factory=dict)
    tally: Counter[str] = field(default_factory=Counter)
    failed: list[FailedFolder] = field(default_factory=list)
    seen: set[tuple[str, ...]] = field(default_factory=set)

    @property
    def key(self) -> tuple[IntegrationId, str]:
        """Integration and address."""
        return self.integration.integration_id, self.mailbox.address


def run_sync(workspace: Workspace, run: JobRun, parameters: dict[str, Any]) -> object:
    """The job: one mailbox or all of an integration until up to date, or a slice of every mailbox that is due."""
    caller = Caller(workspace=workspace, actor=parameters["actor"], channel=CHANNEL)
    with workspace.store.write() as session:
        session.jobs.prune("sync", JOBS_KEPT)
    asked = parameters.get("integration_id")
    turns = _asked(workspace, asked, parameters.get("mailbox")) if asked else due(workspace)
    tally, failures = Counter[str](), list[WorkbenchError]()
    n_turns = len(turns)
    while turns:
        integration_id, address = turns.pop(0)
        run.stage(f"reading {address[:100]}", unit="mails")
        more, error = _take_turn(caller, run, integration_id, address, tally)
        if error is not None:
            failures.append(error)
        elif more and asked:
            turns.append((integration_id, address))
    if failures and len(failures) == n_turns:
        raise failures[0]
    return {**tally, "mailboxes": n_turns, "failed": [error.message for error in failures]}


def due(workspace: Workspace) -> list[tuple[IntegrationId, str]]:
    """Mailboxes whose turn has come and whose secrets are set."""
    with workspace.store.read() as session:
        found = session.integrations.due(workspace.clock())
    return [key for key in found if workspace.store.secrets.get(key[0])]


def _asked(
    workspace: Workspace, integration_id: IntegrationId, address: str | None
) -> list[tuple[IntegrationId, str]]:
    with workspace.store.read() as session:
        found = session.integrations.get(integration_id)
    if address is not None:
        return [(integration_id, known_mailbox(found, address).address)]
    read = (one.mailbox for one in found.mailboxes)
    return [(integration_id, one.address) for one in read if one.enabled or one.disabled_reason == "quota"]


def _take_turn(
    caller: Caller, run: JobRun, integration_id: IntegrationId, address: str, tally: Counter[str]
) -> tuple[bool, WorkbenchError | None]:
    """Read one mailbox for a slice of time; whether there is more, and what went wrong."""
    workspace = caller.workspace
    with workspace.store.read() as session:
        if not _is_read(session, integration_id, address):
            return False, None
        found = session.integrations.get(integration_id)
        states = session.integrations.states(integration_id, address)
    turn = _Turn(
        caller=caller,
        integration=found,
        mailbox=known_mailbox(found, address),
        cursors={state.folder: state.cursor for state in states},
        tally=tally,
    )
    more, error = False, None
    try:
        more = _read(turn, run, states)
    except _Stopped:
        return False, None
    except JobCancelledError:
        if run.cancelled():
            raise
        return False, None
    except WorkbenchError as caught:
        error = caught
    except Exception as unexpected:  # noqa: BLE001  one mailbox must not keep the others from being read
        error = _unforeseen(address, unexpected)
    if error is None and turn.failed and not turn.seen:
        error = RemoteProtocolError(
            f"no folder of {address!r} could be read: {turn.failed[0].error}",
            next_step="See the status of each folder.",
        )
    if not _record(turn, error, more=more):
        return False, None
    return more, error


def _unforeseen(address: str, caught: Exception) -> WorkbenchError:
    """What nobody foresaw, as the error of its mailbox; its text stays out, for it may quote mail."""
    where = traceback.extract_tb(caught.__traceback__)[-1]
    name, place = type(caught).__name__, f"{Path(where.filename).name}:{where.lineno}"
    log.error("reading a mailbox failed unexpectedly: %s at %s", name, place)
    return WorkbenchError(
        f"mailbox {address[:_SHOWN]!r} could not be read: {name}, which was not foreseen, at {place}.",
        next_step="It is tried again by itself; the other mailboxes are read. If it stays, report this text.",
        details={"mailbox": address[:_SHOWN], "exception": name, "place": place},
    )


def _read(turn: _Turn, run: JobRun, states: tuple[FolderState, ...]) -> bool:
    settings = turn.caller.settings
    payload = {
        "connection": turn.integration.connection.only,
        "secrets": secrets_of(turn.caller, turn.integration),
        "mailbox": turn.mailbox,
        "states": states,
        "limit_s": settings.sync_slice_s,
        "timeout_s": settings.sync_timeout_s,
    }
    more = False
    stopped = _stopped(turn, run)
    with closing(run.work_items("fetching:fetch_mailbox", payload, cancelled=stopped)) as items:
        for kind, item in items:
            if kind == "result":
                more = item
            elif isinstance(item, FailedFolder):
                turn.failed.append(item)
            else:
                _store(turn, item)
                run.progress(turn.tally["mails"] + turn.tally["records"])
    with turn.caller.store.write() as session:
        _also(turn)(session)
    return more


def _stopped(turn: _Turn, run: JobRun) -> Callable[[], bool]:
    """Whether the job was cancelled or the mailbox paused; looked up twice a second at most."""
    looked_at, answer = 0.0, False

    def ask() -> bool:
        nonlocal looked_at, answer
        if not answer and time.monotonic() - looked_at > _LOOK_EVERY_S:
            looked_at = time.monotonic()
            with turn.caller.store.read() as session:
                answer = not _is_read(session, *turn.key)
        return answer or run.cancelled()

    return ask


def _is_read(session: Session, integration_id: IntegrationId, address: str) -> bool:
    standing = session.integrations.standing(integration_id, address)
    if standing is None or not standing.is_on:
        return False
    return standing.enabled or standing.disabled_reason == "quota"


def _store(turn: _Turn, page: Page) -> None:
    """Store a page and, in its transaction, how far the folder was read with it."""
    turn.waiting[page.state.folder] = page.state
    turn.seen.add(page.state.folder)
    problems = list(page.problems)
    if page.mails:
        report = deposit(
            turn.caller,
            _bucket(turn),
            page.mails,
            actor=turn.caller.actor,
            channel=turn.caller.channel,
            also=_also(turn),
        )
        problems += [f"{one.place}: {one.problem}" for one in report.problems]
        turn.tally["mails"] += len(page.mails)
        turn.tally["stored"] += report.n_stored
        turn.tally["known"] += report.n_known
        _count(turn, report.counts)
    elif page.records and turn.mailbox.source is not None:
        _count(turn, _load_records(turn, turn.mailbox.source, page.records))
        turn.tally["records"] += len(page.records)
    if problems:
        turn.tally["problems"] += len(problems)
        with turn.caller.store.write() as session:
            session.integrations.note_problems(*turn.key, problems)


def _also(turn: _Turn) -> Callable[[Session], None]:
    def write(session: Session) -> None:
        """Write how far the folders were read, unless the mailbox was paused or is to be read anew."""
        now = {state.folder: state.cursor for state in session.integrations.states(*turn.key)}
        if not _is_read(session, *turn.key) or any(
            now.get(path, "") != turn.cursors.get(path, "") for path in turn.waiting
        ):
            raise _Stopped
        states = list(turn.waiting.values())
        session.integrations.put_states(turn.key[0], states, at=turn.caller.workspace.clock())
        for one in turn.failed:
            session.integrations.fail_folder(*turn.key, one.path, one.error)
        turn.cursors.update({state.folder: state.cursor for state in states})
        turn.waiting.clear()

    return write


def _bucket(turn: _Turn) -> BucketId:
    target = turn.mailbox.bucket or BucketTarget(project=turn.integration.project, name="mail")
    caller = turn.caller
    with caller.store.read() as session:
        for bucket in session.buckets.all(target.project):
            if bucket.name == target.name:
                return bucket.bucket_id
    with caller.store.write() as session:
        if not _is_read(
            session, *turn.key
        ):  # paused so that the bucket could be deleted: it must not come back
            raise _Stopped
        made = make_bucket(caller, session, target.project, target.name, target.title)
    caller.tell("catalog", made.bucket_id)
    return made.bucket_id


def _load_records(turn: _Turn, source_id: SourceId, records: tuple[MessageRecord, ...]) -> SyncCounts:
    caller = turn.caller
    batch = message_batch([_message(record) for record in records])
    prepared = prepare(source_id, batch, attachment_max_bytes=caller.settings.attachment_max_bytes)
    with caller.store.write() as session:
        project = session.catalog.source(source_id).project
        counts = load_messages(caller, session, source_id, prepared, operation="sync", batch_id=new_id())
        _also(turn)(session)
    if counts.new or counts.updated:
        caller.tell("import", source_id, new=counts.new, updated=counts.updated)
    tell_budgets(caller, {project: counts.units})
    return counts


def _message(record: MessageRecord) -> NewMessage:
    part = MessagePart(
        body=PartText(text=record.body),
        subject=PartText(text=record.subject) if record.subject else None,
        sender=record.sender,
        to=record.recipients,
        sent_at=record.created_at,
    )
    return NewMessage(
        message_id=MessageId(record.message_id),
        timestamp=record.created_at,
        parts=(part,),
        thread_id=record.thread_id,
        properties=record.properties,
    )


def _count(turn: _Turn, counts: SyncCounts) -> None:
    for name in ("new", "updated", "unchanged", "units"):
        turn.tally[name] += getattr(counts, name)


def _record(turn: _Turn, error: WorkbenchError | None, *, more: bool) -> bool:
    """Write what became of the turn, and when the next one is.

    False = nothing: the mailbox is gone, or it was paused meanwhile and what went wrong may come of that (its
    bucket was deleted then, say).
    """
    workspace = turn.caller.workspace
    now = workspace.clock()
    with workspace.store.write() as session:
        before = session.integrations.standing(*turn.key)
        if before is None or (error is not None and not _is_read(session, *turn.key)):
            return False
        status = SyncStatus(
            enabled=before.enabled,
            disabled_reason=before.disabled_reason,
            n_failures=before.n_failures,
            n_throttled=before.n_throttled,
        )
        seed = int(hex_digest(*turn.key, n_digits=8), 16)
        happening = _happening(error)
        if happening != "quota_spent":
            status = next_status(status, "quota_freed", seed=seed)
        wait_s = error.retry_after_s if isinstance(error, ThrottledError) else None
        status = next_status(status, happening, seed=seed, retry_after_s=wait_s)
        next_try_at = now + timedelta(seconds=status.wait_s)
        if error is None and not more and not _is_read_anew(session, turn):
            next_try_at = now + timedelta(seconds=workspace.settings.sync_interval_s)
        if status.disabled_reason == "quota":
            next_try_at = now + _QUOTA_RETRY
        session.integrations.set_standing(
            *turn.key,
            Standing(
                enabled=status.enabled,
                disabled_reason=status.disabled_reason,
                n_failures=status.n_failures,
                n_throttled=status.n_throttled,
            ),
            error=error,
            tried_at=now,
            next_try_at=next_try_at if status.enabled or status.disabled_reason == "quota" else None,
        )
    turn.caller.tell("sync", turn.key[0], mailbox=turn.key[1], failed=error is not None)
    return True


def _is_read_anew(session: Session, turn: _Turn) -> bool:
    """Whether somebody had a folder read again after the turn had stored its last page: it is due at once."""
    now = {state.folder: state.cursor for state in session.integrations.states(*turn.key)}
    return any(now.get(path, "") != cursor for path, cursor in turn.cursors.items())


def _happening(error: WorkbenchError | None) -> Happening:
    if error is None:
        return "succeeded"
    if isinstance(error, LimitError) and error.details.get("limit") in _QUOTAS:
        return "quota_spent"
    return what_happened(error)
