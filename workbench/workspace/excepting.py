"""Exceptions of streams: tagged, taken off, listed and counted."""

from __future__ import annotations

import pyarrow as pa

from workbench.domain import (
    LIMITS,
    DatasetId,
    ExceptionTotal,
    Stream,
    StreamException,
    TagCounts,
    Uid,
)
from workbench.errors import AccessError, InputError
from workbench.store import Session
from workbench.workspace.context import Caller
from workbench.workspace.sensitive import check_conditions

_MOST_ROWS = 65_536


def tag_exceptions(
    caller: Caller, dataset_id: DatasetId, name: str, exceptions: tuple[StreamException, ...]
) -> TagCounts:
    """Tag messages that could not be handled."""
    LIMITS["exceptions_per_call"].check(len(exceptions), f"stream {name[:300]!r}")
    seen: set[Uid] = set()
    for one in exceptions:
        if one.uid in seen:
            raise InputError(
                f"the message {one.uid[:300]!r} is named twice.",
                next_step="Name each message once: it has one exception in a stream.",
                details={"uid": one.uid[:300]},
            )
        seen.add(one.uid)
    with caller.store.write() as session:
        known, full_name = _stream(caller, session, dataset_id, name)
        at = caller.workspace.clock()
        counts = session.exceptions.tag(known, exceptions, actor=caller.actor, at=at)
        if counts.new or counts.updated:
            caller.audit(
                session, "tag_exceptions", full_name, stream=name, new=counts.new, updated=counts.updated
            )
    if counts.new or counts.updated:
        _tell(caller, known)
    return counts


def untag_exceptions(caller: Caller, dataset_id: DatasetId, name: str, uids: tuple[Uid, ...]) -> int:
    """Take exceptions off messages."""
    LIMITS["exceptions_per_call"].check(len(uids), f"stream {name[:300]!r}")
    with caller.store.write() as session:
        known, full_name = _stream(caller, session, dataset_id, name)
        n = session.exceptions.untag(known.stream_id, tuple(dict.fromkeys(uids)))
        if n:
            caller.audit(session, "untag_exceptions", full_name, stream=name, n=n)
    if n:
        _tell(caller, known)
    return n


def stream_exceptions(
    caller: Caller, dataset_id: DatasetId, name: str, after: int = 0, n_rows: int = 1_024
) -> pa.Table:
    """Some of a stream."""
    if after < 0 or not 1 <= n_rows <= _MOST_ROWS:
        raise InputError(
            f"{n_rows:,} exceptions after the first {after:,} cannot be given.",
            next_step=f"Ask for 1 to {_MOST_ROWS:,} after 0 or more.",
            details={"after": after, "n_rows": n_rows},
        )
    with caller.store.read() as session:
        known, _ = _stream(caller, session, dataset_id, name)
        return session.exceptions.piece(known.stream_id, after, n_rows)


def exception_totals(caller: Caller, dataset_id: DatasetId) -> tuple[ExceptionTotal, ...]:
    """By stream and type."""
    with caller.store.read() as session:
        dataset_id = session.catalog.find_dataset(dataset_id).dataset_id
        refused = refused_streams(caller, session, dataset_id)
        return tuple(one for one in session.exceptions.totals(dataset_id) if one.stream not in refused)


def refused_streams(caller: Caller, session: Session, dataset_id: DatasetId) -> frozenset[str]:
    """Names of the streams whose messages the caller may not know."""
    refused = set()
    for one in session.streams.all(dataset_id):
        try:
            check_conditions(caller, session, dataset_id, one.settings.where)
        except AccessError:
            refused.add(one.name)
    return frozenset(refused)


def _stream(caller: Caller, session: Session, dataset_id: DatasetId, name: str) -> tuple[Stream, str]:
    """A stream that the caller may ask, and the name of its dataset."""
    dataset = session.catalog.find_dataset(dataset_id)
    known = session.streams.get(dataset.dataset_id, name)
    check_conditions(caller, session, dataset.dataset_id, known.settings.where)
    return known, dataset.full_name


def _tell(caller: Caller, one: Stream) -> None:
    caller.tell("stream", one.stream_id, dataset_id=one.dataset_id)
