"""The audit log: who did what to which object when, how to ask for it, what its check found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

import pyarrow as pa

from workbench.errors import InputError

AuditOutcome = Literal["done", "refused"]
MOST_EVENTS = 1_000
"""Most events of one page."""


@dataclass(frozen=True, kw_only=True)
class AuditEvent:
    """One event.

    Attributes
    ----------
    seq
        Its place in the log, from 1 without a gap.
    event_id
        16 hex digits; empty for an event that was written before events had one.
    at
        When, UTC.
    actor, channel
        Who, and how they came: ``python``, ``panel``, ``cli``, ``http``; empty = not known.
    type
        One of ``EVENT_TYPES``.
    outcome
        ``refused``: it was asked for and not done.
    object
        What it was done to, by the name or id that it had then.
    project, dataset_id, source_id, stream_id, user_id
        What is affected; empty = none, or not known.
    details
        JSON: settings and counts, never the text of a message and never a secret.
    hash
        SHA-256 over the event and the hash of the one before, 64 hex digits.
    """

    seq: int
    event_id: str
    at: datetime
    actor: str
    channel: str
    type: str
    outcome: AuditOutcome
    object: str
    project: str
    dataset_id: str
    source_id: str
    stream_id: str
    user_id: str
    details: str
    hash: str


@dataclass(frozen=True, kw_only=True)
class AuditQuery:
    """Which events: all conditions hold together; one of the values of each; empty = any.

    Attributes
    ----------
    since, until
        Bounds on the time, aware; ``since`` inclusive, ``until`` exclusive.
    object
        A part of the object's name, capitals or not.
    limit
        Most events of one page, 1 to 1,000.
    """

    since: datetime | None = None
    until: datetime | None = None
    actors: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    outcome: AuditOutcome | None = None
    object: str = ""
    projects: tuple[str, ...] = ()
    dataset_ids: tuple[str, ...] = ()
    source_ids: tuple[str, ...] = ()
    user_ids: tuple[str, ...] = ()
    limit: int = 200

    def __post_init__(self) -> None:
        """Refuse what no event can fit."""
        for bound in (self.since, self.until):
            if bound is not None and bound.tzinfo is None:
                raise InputError(
                    f"the time {bound.isoformat()} of an audit query has no time zone.",
                    next_step="Pass an aware datetime, e.g. with tzinfo=UTC.",
                )
        if not 1 <= self.limit <= MOST_EVENTS:
            raise InputError(
                f"a page of {self.limit:,} audit events cannot be had.",
                next_step=f"Ask for 1 to {MOST_EVENTS:,}; the continuation leads to the next page.",
            )


@dataclass(frozen=True, kw_only=True)
class AuditPage:
    """Events, newest first, and the names of what they are about.

    Attributes
    ----------
    datasets, sources, users
        Id to name, also of what is gone since; an id whose name nothing tells any more is missing.
    continuation
        Pass it with the same query for the next page; empty = there is none.
    """

    events: tuple[AuditEvent, ...]
    datasets: dict[str, str]
    sources: dict[str, str]
    users: dict[str, str]
    continuation: str = ""


@dataclass(frozen=True, kw_only=True)
class AuditHead:
    """The newest event: keep it elsewhere, and a log that was cut off or written anew cannot pass for this one."""

    seq: int
    hash: str

    def __str__(self) -> str:
        """``<number>:<hash>``, as it is passed to the check."""
        return f"{self.seq}:{self.hash}"


@dataclass(frozen=True, kw_only=True)
class AuditCheck:
    """What the check of the audit log found.

    Attributes
    ----------
    n_events
        Events in the log.
    first_bad
        Number of the first event that does not fit, or of the first that is missing at the end; None = all fit.
    problem
        What is wrong with it; empty = nothing.
    head
        The newest event.
    kept_beside
        Whether a head beside the file was there to compare with.
    """

    n_events: int
    first_bad: int | None
    problem: str
    head: AuditHead
    kept_beside: bool

    @property
    def intact(self) -> bool:
        """Whether nothing was found."""
        return self.first_bad is None


class AuditOperations(Protocol):
    """The audit log."""

    # ---- audit -----------------------------------------------------------------------------------

    def audit_table(self) -> pa.Table:
        """The audit log: seq, at, actor, action, object, details, previous_hash, hash, then the typed columns."""
        ...

    def audit_events(self, query: AuditQuery, continuation: str = "") -> AuditPage:
        """Events that fit, newest first, page by page, with the names of what they are about.

        ``InputError`` for a continuation that did not come with this query.
        """
        ...

    def audit_head(self) -> AuditHead:
        """The newest event's number and hash; 0 and zeros of an empty log."""
        ...

    def verify_audit(self, head: str = "") -> AuditCheck:
        """Compute every hash again, and compare the end with the head beside the file and with ``head``.

        ``head`` is ``<number>:<hash>`` as ``audit_head`` told it at some time; empty = none.
        """
        ...
