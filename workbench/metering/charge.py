"""Outcome of a write to the ledger rows that charge it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa

from workbench.domain import LedgerEntry, MessageId, ProjectName, SourceId, make_uid
from workbench.errors import InputError, UnknownNameError
from workbench.metering.rules import DEFAULT_RATE, DEFAULT_RULES, REASONS, ChargeRule, find_rule

LEDGER_SCHEMA = pa.schema(
    [
        pa.field("entry_id", pa.string(), nullable=False),
        pa.field("at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("project", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("channel", pa.string(), nullable=False),
        pa.field("operation", pa.string(), nullable=False),
        pa.field("uid", pa.string(), nullable=False),
        pa.field("units", pa.int64(), nullable=False),
        pa.field("charged", pa.bool_(), nullable=False),
        pa.field("idempotency_key", pa.string(), nullable=False),
        pa.field("actor", pa.string(), nullable=False),
        pa.field("rate", pa.decimal128(12, 6), nullable=False),
        pa.field("corrects", pa.string()),
        pa.field("note", pa.string()),
    ]
)
"""One row per chargeable message. ``source`` is the source id; ``charged`` is False for rows recorded under
the no-charge switch, whose ``units`` say what would have been charged. ``rate`` is platform units per unit;
``corrects`` is filled in corrections only; ``note`` says why one was made, or that ``no_charge`` was asked for and not
heeded."""

_KEY_DIGITS = 32
_ENTRY_DIGITS = 16
_REPEATABLE = frozenset(("predicted",))


def charge(
    outcome: pa.Table,
    *,
    source_id: SourceId,
    project: ProjectName,
    channel: str,
    operation: str,
    at: datetime,
    actor: str,
    batch_id: str,
    rules: Mapping[str, ChargeRule] = DEFAULT_RULES,
    rate: Decimal = DEFAULT_RATE,
    no_charge: bool = False,
    note: str | None = None,
) -> pa.Table:
    """Ledger rows for what happened to a batch of messages.

    Parameters
    ----------
    outcome
        Columns ``message_id`` and ``reason`` (string), one row per message. Reasons: ``created``,
        ``text_modified``, ``predicted`` (charged by the rule); ``metadata_modified``, ``unchanged`` (free).
    at
        Aware time, written in UTC.
    batch_id
        Names this batch. The idempotency key hashes uid, batch id and reason: a retry of the same batch
        gives the same keys and entry ids, and a later change of the same message, in another batch, gives
        new ones even when the text returns to an earlier state.
    rules, rate
        Those in force at ``at``.
    no_charge
        Record the units, but as not charged.
    note
        What is to be known of each row.

    Returns
    -------
    pa.Table
        Schema ``LEDGER_SCHEMA``, in the order of ``outcome``; only rows that cost at least one unit. A
        message given to predict several times in one batch is charged each time.

    Raises
    ------
    UnknownNameError
        No rule for ``operation``, or a reason that is none of the five.
    InputError
        ``at`` has no zone, or a message is created or modified twice in one batch.
    """
    if at.tzinfo is None:
        raise InputError(f"the ledger time {at} has no zone.", next_step="Pass an aware time.")
    rule = find_rule(operation, rules)
    units = {str(reason): rule.units(reason) for reason in REASONS}
    ids, reasons = outcome["message_id"].to_pylist(), outcome["reason"].to_pylist()
    unknown = next((reason for reason in set(reasons) if reason not in units), None)
    if unknown is not None:
        raise UnknownNameError("charge reason", str(unknown), REASONS)
    costly = [place for place, reason in enumerate(reasons) if units[reason]]
    occurrences = _occurrences(
        [ids[place] for place in costly], [reasons[place] for place in costly], batch_id
    )
    uids = [make_uid(source_id, MessageId(ids[place])) for place in costly]
    amounts = [units[reasons[place]] for place in costly]
    tails = {
        kind: _framed(batch_id, *kind)
        for kind in {(reasons[p], o) for p, o in zip(costly, occurrences, strict=True)}
    }
    keys = [
        hashlib.sha256(_framed(uid) + tails[reasons[place], occurrence]).hexdigest()[:_KEY_DIGITS]
        for uid, place, occurrence in zip(uids, costly, occurrences, strict=True)
    ]
    n = len(uids)
    same: dict[str, object] = {
        "at": at.astimezone(UTC),
        "project": project,
        "source": source_id,
        "channel": channel,
        "operation": operation,
        "charged": not no_charge,
        "actor": actor,
        "rate": rate,
        "corrects": None,
        "note": note,
    }
    columns = {
        "entry_id": [key[:_ENTRY_DIGITS] for key in keys],
        "uid": uids,
        "units": amounts,
        "idempotency_key": keys,
    }
    arrays = [
        pa.repeat(pa.scalar(same[field.name], field.type), n)
        if field.name in same
        else pa.array(columns[field.name], field.type)
        for field in LEDGER_SCHEMA
    ]
    return pa.Table.from_arrays(arrays, schema=LEDGER_SCHEMA)


def correction(
    entry: LedgerEntry, *, entry_id: str, at: datetime, actor: str, channel: str, reason: str
) -> pa.Table:
    """The ledger row that takes an entry back: its units negative, all else that counts as in the entry.

    Its idempotency key follows from the entry alone, so that no entry can be taken back twice.

    Raises
    ------
    InputError
        The entry charged nothing, or is itself a correction.
    """
    if entry.corrects is not None or not entry.charged or entry.units <= 0:
        why = "it is itself a correction" if entry.corrects is not None else "it charged nothing"
        raise InputError(
            f"ledger entry {entry.entry_id!r} cannot be corrected: {why}.",
            next_step="Name an entry of ledger_table() that charged units.",
            details={"entry_id": entry.entry_id},
        )
    key = hashlib.sha256(_framed("correction", entry.entry_id)).hexdigest()[:_KEY_DIGITS]
    row = {
        "entry_id": entry_id,
        "at": at.astimezone(UTC),
        "project": entry.project,
        "source": entry.source,
        "channel": channel,
        "operation": entry.operation,
        "uid": entry.uid,
        "units": -entry.units,
        "charged": True,
        "idempotency_key": key,
        "actor": actor,
        "rate": entry.rate,
        "corrects": entry.entry_id,
        "note": reason,
    }
    return pa.Table.from_pylist([row], schema=LEDGER_SCHEMA)


def _framed(*parts: str) -> bytes:
    """Parts as ``hex_digest`` hashes them; framing once what all rows share saves most of the time."""
    return b"".join(
        piece for part in parts for piece in (len(part.encode()).to_bytes(8, "big"), part.encode())
    )


def _occurrences(ids: list[str], reasons: list[str], batch_id: str) -> list[str]:
    """How often each message was charged for the same reason before, within the batch."""
    pairs = list(zip(ids, reasons, strict=True))
    if len(set(pairs)) == len(pairs):
        return ["0"] * len(pairs)
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for message_id, reason in pairs:
        occurrence = seen[message_id, reason]
        if occurrence and reason not in _REPEATABLE:
            raise InputError(
                f"message {message_id!r} is {reason} twice in batch {batch_id!r}.",
                next_step="Give each message once per batch.",
                details={"message_id": message_id, "batch_id": batch_id},
            )
        seen[message_id, reason] += 1
        found.append(str(occurrence))
    return found
