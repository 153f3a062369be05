"""Searching and checking the audit log, and recording what changes nothing: reads that take data out, refusals."""

from __future__ import annotations

import hmac

import msgspec
import pyarrow as pa

from workbench.domain import AuditCheck, AuditHead, AuditPage, AuditQuery
from workbench.errors import ConflictError, InputError
from workbench.primitives import hex_digest
from workbench.store import Session, kept_head
from workbench.workspace.context import Caller
from workbench.workspace.recording import record

_DIGITS = 16


def audit_table(caller: Caller) -> pa.Table:
    """The audit log."""
    caller.workspace.refusals.write_counted()
    with caller.store.read() as session:
        return session.audit.table()


def audit_events(caller: Caller, query: AuditQuery, continuation: str = "") -> AuditPage:
    """One page, newest first."""
    before = _position(query, continuation)
    if before is None:
        caller.workspace.refusals.write_counted()
    with caller.store.read() as session:
        found = session.audit.page(query, before, query.limit + 1)
        shown = found[: query.limit]
        names = session.audit.names(shown)
    return AuditPage(
        events=shown,
        datasets=names["dataset"],
        sources=names["source"],
        users=names["user"],
        continuation=_continuation(query, shown[-1].seq) if len(found) > len(shown) else "",
    )


def audit_head(caller: Caller) -> AuditHead:
    """The newest event."""
    caller.workspace.refusals.write_counted()
    with caller.store.read() as session:
        return session.audit.head()


def verify_audit(caller: Caller, head: str = "") -> AuditCheck:
    """Check the chain, then its end."""
    elsewhere = _parsed_head(head) if head else None
    caller.workspace.refusals.write_counted()
    # Before the read begins: what is written meanwhile makes the log longer than the head, never shorter.
    beside = kept_head(caller.store.path)
    with caller.store.read() as session:
        newest = session.audit.head()
        bad, problem = session.audit.verify(), ""
        if bad is not None:
            problem = f"event {bad:,} was changed, removed, inserted or moved"
        for kept, where in ((beside, "beside the file"), (elsewhere, "given")):
            if bad is None and kept is not None:
                bad, problem = _compared(session, newest, kept, where)
    return AuditCheck(
        n_events=newest.seq,
        first_bad=bad,
        problem=problem,
        head=newest,
        kept_beside=beside is not None,
    )


def record_read(caller: Caller, event_type: str, subject: str, **details: object) -> None:
    """Record a read that takes data out; of a published copy, which nobody can write, nothing is recorded."""
    if caller.store.read_only:
        return
    with caller.store.write(messages=False) as session:
        caller.audit(session, event_type, subject, **details)


def record_refused(caller: Caller, operation: str, permission: str) -> None:
    """Record an attempt that was refused, or count it; ``permission`` is what lacks, empty where it is none."""
    at = caller.workspace.clock()

    def write(session: Session) -> None:
        record(
            session,
            "refused",
            operation,
            actor=caller.actor,
            channel=caller.channel,
            at=at,
            details={"operation": operation, "permission": permission},
            outcome="refused",
        )

    caller.workspace.refusals.note("refused", operation, write, actor=caller.actor, channel=caller.channel)


def _compared(session: Session, newest: AuditHead, kept: AuditHead, where: str) -> tuple[int | None, str]:
    if kept.seq > newest.seq:
        gone = f"the head {where} says {kept.seq:,} events, there are {newest.seq:,}"
        return newest.seq + 1, f"{gone}: the end was cut off, or the file is an older copy"
    if kept.seq and session.audit.hash_at(kept.seq) != kept.hash:
        return (
            kept.seq,
            f"event {kept.seq:,} is another one than the head {where} says: the log was written anew",
        )
    return None, ""


def _parsed_head(text: str) -> AuditHead:
    seq, _, found = text.strip().partition(":")
    if not (seq.isascii() and seq.isdigit() and len(seq) <= _DIGITS and len(found) == 64):  # noqa: PLR2004
        raise InputError(
            f"{text[:100]!r} is no head of an audit log.",
            next_step="Pass what 'workbench audit head' printed: <number>:<64 hex digits>.",
        )
    return AuditHead(seq=int(seq), hash=found.lower())


def _continuation(query: AuditQuery, seq: int) -> str:
    return f"{seq}.{_fingerprint(query, seq)}"


def _position(query: AuditQuery, continuation: str) -> int | None:
    """Where a continuation goes on; it says nothing but a place in the answer to its own query."""
    if not continuation:
        return None
    seq, _, found = continuation.partition(".")
    is_number = seq.isascii() and seq.isdigit() and len(seq) <= _DIGITS
    if not is_number or not hmac.compare_digest(found.encode(), _fingerprint(query, int(seq)).encode()):
        raise ConflictError(
            f"the continuation {continuation[:100]!r} does not belong to this audit query.",
            next_step="Pass the one that came with the page before, with the same query; leave it out to begin.",
        )
    return int(seq)


def _fingerprint(query: AuditQuery, seq: int) -> str:
    return hex_digest(msgspec.json.encode(query).decode(), str(seq), n_digits=_DIGITS)
