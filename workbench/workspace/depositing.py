"""Mail into a bucket: kept once as received, placed in threads, made messages of every source that reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from workbench.domain import LIMITS, BucketId, DepositReport, JobId, MailProblem, SourceId, SyncCounts
from workbench.domain.mail import MailMessage, RawMail
from workbench.ingest.mailbox import (
    SUBJECT_DAYS,
    ReadMail,
    Threads,
    assign_threads,
    thread_keys,
    thread_spans,
    to_batch,
)
from workbench.metering import find_rule
from workbench.primitives import hex_digest, new_id
from workbench.store import Session, prepare
from workbench.workspace.charges import rules_at, tell_budgets
from workbench.workspace.context import Caller, Workspace
from workbench.workspace.importing import foresee_messages, load_messages

_SEEN_DIGITS = 16
OPERATION = "sync_raw_mails"
"""By whose rules mail is charged, whatever way it came."""


def deposit(
    workspace: Workspace | Caller,
    bucket_id: BucketId,
    mails: Sequence[RawMail],
    *,
    actor: str,
    channel: str,
    also: Callable[[Session], None] | None = None,
) -> DepositReport:
    """Bring mails (at most 4,096) into a bucket, in one transaction; again, nothing changes and nothing is charged.

    They are read in a worker process before the transaction begins. A mail that the bucket has, by its message
    id, is kept as it came first; only where it was found is added. One that cannot be read, or has no text, is
    a problem in the report and does not keep the others from coming in.

    Parameters
    ----------
    also
        Runs in the same transaction after all else: what it writes is there if and only if the mails are.

    Raises
    ------
    UnknownNameError
        There is no such bucket.
    LimitError
        There are too many mails at once, or too many messages for the quotas; nothing was stored.
    """
    home = workspace.workspace if isinstance(workspace, Caller) else workspace
    LIMITS["batch_mails"].check(len(mails), f"bucket {bucket_id}")
    with home.store.read() as session:
        session.buckets.get(bucket_id)
    caller = Caller(workspace=home, actor=actor, channel=channel)
    return store_mails(caller, bucket_id, home.mail.read(mails), batch_id=new_id(), also=also)


def store_mails(
    caller: Caller,
    bucket_id: BucketId,
    mails: Sequence[ReadMail],
    *,
    batch_id: str,
    also: Callable[[Session], None] | None = None,
    no_charge: bool = False,
    job_id: JobId | None = None,
) -> DepositReport:
    """Store mails that were read, in one transaction, and tell who listens; ``job_id`` may have reserved units."""
    units: Counter[str] = Counter()
    with caller.store.write() as session:
        report, source_ids = _store(
            caller, session, bucket_id, mails, batch_id, units, no_charge=no_charge, job_id=job_id
        )
        if also is not None:
            also(session)
    if report.counts.new or report.counts.updated:
        for source_id in source_ids:
            caller.tell("import", source_id, new=report.counts.new, updated=report.counts.updated)
    return replace(report, counts=replace(report.counts, warnings=tell_budgets(caller, units)))


def foresee_mails(
    caller: Caller, bucket_id: BucketId | None, mails: Sequence[ReadMail], seen: set[str], units: Counter[str]
) -> DepositReport:
    """What ``store_mails`` would answer now, threads that merge aside; changes nothing.

    Parameters
    ----------
    bucket_id
        None = a new bucket, which one new source reads.
    seen
        Hashes of the mails foreseen before, which would be there by then; those of these mails are added.
    units
        Units by project; those of these mails are added.
    """
    with caller.store.read() as session:
        if bucket_id is None:
            return _foresee_new(caller, session, mails, seen)
        bucket = session.buckets.get(bucket_id)
        known = session.mails.known(bucket_id, _message_ids(mails))
        sorted_out = _sort_out(mails, known | _again(mails, seen))
        batch = to_batch(
            sorted_out.messages, assign_threads(sorted_out.messages), undated_at=caller.workspace.clock()
        )
        counts = SyncCounts(unchanged=sorted_out.n_known_messages * len(bucket.source_ids))
        for source_id in bucket.source_ids:
            prepared = prepare(source_id, batch, attachment_max_bytes=caller.settings.attachment_max_bytes)
            foreseen = foresee_messages(caller, session, source_id, prepared, operation=OPERATION)
            units[session.catalog.source(source_id).project] += foreseen.units
            counts = add_counts(counts, foreseen)
    return sorted_out.report(counts)


def _foresee_new(
    caller: Caller, session: Session, mails: Sequence[ReadMail], seen: set[str]
) -> DepositReport:
    sorted_out = _sort_out(mails, _again(mails, seen))
    n_new = len(sorted_out.messages)
    rules, _ = rules_at(caller, session, caller.workspace.clock())
    units = n_new * find_rule(OPERATION, rules).units("created")
    return sorted_out.report(SyncCounts(new=n_new, unchanged=sorted_out.n_known_messages, units=units))


def _again(mails: Sequence[ReadMail], seen: set[str]) -> dict[str, str]:
    """Those of the mails that were seen before, with their problems; all are seen from here on."""
    found = {one.message.message_id: one.problem for one in mails if one.message is not None}
    hashes = {message_id: hex_digest(message_id, n_digits=_SEEN_DIGITS) for message_id in found}
    again = {message_id: found[message_id] for message_id, key in hashes.items() if key in seen}
    seen.update(hashes.values())
    return again


def _message_ids(mails: Sequence[ReadMail]) -> set[str]:
    return {one.message.message_id for one in mails if one.message is not None}


def _store(
    caller: Caller,
    session: Session,
    bucket_id: BucketId,
    mails: Sequence[ReadMail],
    batch_id: str,
    units: Counter[str],
    *,
    no_charge: bool,
    job_id: JobId | None,
) -> tuple[DepositReport, tuple[SourceId, ...]]:
    bucket = session.buckets.get(bucket_id)
    at = caller.workspace.clock()
    sorted_out = _sort_out(mails, session.mails.known(bucket_id, _message_ids(mails)))
    new = sorted_out.new
    session.mails.add(bucket_id, [(key, one.raw, one.problem) for key, one in new.items()], at=at)
    session.mails.found(bucket_id, sorted_out.readable, at=at)
    threads = _place(session, bucket_id, [one.message for one in new.values() if one.message is not None])
    n_moved = session.mails.put_threads(bucket_id, threads.entries, threads.merges, at=at)
    n_known = sorted_out.n_known_messages * len(bucket.source_ids) - n_moved
    counts = SyncCounts(updated=n_moved, unchanged=max(n_known, 0))
    batch = to_batch(sorted_out.messages, threads, undated_at=at)
    for source_id in bucket.source_ids if batch.num_rows else ():
        prepared = prepare(source_id, batch, attachment_max_bytes=caller.settings.attachment_max_bytes)
        loaded = load_messages(
            caller,
            session,
            source_id,
            prepared,
            operation=OPERATION,
            batch_id=batch_id,
            no_charge=no_charge,
            job_id=job_id,
        )
        units[session.catalog.source(source_id).project] += loaded.units
        counts = add_counts(counts, loaded)
    return sorted_out.report(counts), bucket.source_ids


def _place(session: Session, bucket_id: BucketId, mails: Sequence[MailMessage]) -> Threads:
    """Threads of new mails, after those that the bucket has."""
    ids, _ = thread_keys(mails)
    known = session.mails.threads(bucket_id, ids, thread_spans(mails), days=SUBJECT_DAYS)
    return assign_threads(mails, known)


@dataclass(frozen=True, kw_only=True)
class _SortedOut:
    """Mails by what becomes of them.

    Attributes
    ----------
    new
        Those that the bucket does not have, by message id.
    readable
        (message id, mail) of each, as often as it came.
    n_known_messages
        Mails that came again and are messages.
    """

    new: dict[str, ReadMail]
    readable: list[tuple[str, RawMail]]
    n_known_messages: int
    problems: tuple[MailProblem, ...]

    @property
    def messages(self) -> list[MailMessage]:
        """What the new ones say, those without a problem."""
        return [one.message for one in self.new.values() if one.message is not None and not one.problem]

    def report(self, counts: SyncCounts) -> DepositReport:
        """With what the messages did."""
        return DepositReport(
            n_stored=len(self.new),
            n_known=len(self.readable) - len(self.new),
            counts=counts,
            problems=self.problems,
        )


def _sort_out(mails: Sequence[ReadMail], known: Mapping[str, str]) -> _SortedOut:
    """``known`` are the mails that are there, each with why it is no message."""
    readable = [(one.message.message_id, one) for one in mails if one.message is not None]
    new: dict[str, ReadMail] = {}
    problems: dict[str, MailProblem] = {}
    n_known_messages = 0
    for number, one in enumerate(mails):
        if one.message is None:
            problems[f" {number}"] = MailProblem(message_id="", place=place_of(one.raw), problem=one.problem)
            continue
        key = one.message.message_id
        first = new.get(key)
        problem = known.get(key, one.problem if first is None else first.problem)
        if problem:
            problems.setdefault(
                key, MailProblem(message_id=key, place=place_of(one.raw), problem=problem, kept=True)
            )
        if first is not None or key in known:
            n_known_messages += not problem
        else:
            new[key] = one
    return _SortedOut(
        new=new,
        readable=[(key, one.raw) for key, one in readable],
        n_known_messages=n_known_messages,
        problems=tuple(problems.values()),
    )


def place_of(raw: RawMail) -> str:
    """Where a mail was found, in words."""
    return " / ".join(part for part in (raw.mailbox, *raw.folder, raw.remote_id) if part)[:500]


def add_counts(one: SyncCounts, other: SyncCounts) -> SyncCounts:
    """Both together; the later warnings stand for both."""
    mine, theirs = asdict(one), asdict(other)
    before, after = mine.pop("warnings"), theirs.pop("warnings")
    return SyncCounts(**{name: n + theirs[name] for name, n in mine.items()}, warnings=after or before)
