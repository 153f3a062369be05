"""Outcome of a write to the ledger rows that charge it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime

import pyarrow as pa

from workbench.domain import MessageId, ProjectName, SourceId, make_uid
from workbench.errors import InputError, UnknownNameError
from workbench.metering.rules import DEFAULT_RULES, REASONS, ChargeRule, find_rule
from workbench.primitives import hex_digest

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
    ]
)
"""One row per chargeable message. ``source`` is the source id; ``charged`` is False for rows recorded under
the no-charge switch, whose ``units`` say what would have been charged."""

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
    no_charge: bool = False,
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
    no_charge
        Record the units, but as not charged.

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
    seen: Counter[tuple[str, str]] = Counter()
    uids: list[str] = []
    amounts: list[int] = []
    keys: list[str] = []
    ids, reasons = outcome["message_id"].to_pylist(), outcome["reason"].to_pylist()
    for message_id, reason in zip(ids, reasons, strict=True):
        if reason not in units:
            raise UnknownNameError("charge reason", str(reason), REASONS)
        if units[reason] == 0:
            continue
        uid = make_uid(source_id, MessageId(message_id))
        occurrence = seen[uid, reason]
        seen[uid, reason] += 1
        if occurrence and reason not in _REPEATABLE:
            raise InputError(
                f"message {message_id!r} is {reason} twice in batch {batch_id!r}.",
                next_step="Give each message once per batch.",
                details={"message_id": message_id, "batch_id": batch_id},
            )
        uids.append(uid)
        amounts.append(units[reason])
        keys.append(hex_digest(uid, batch_id, reason, str(occurrence)))
    n = len(uids)
    columns = {
        "entry_id": [hex_digest("ledger", key, n_digits=16) for key in keys],
        "at": [at.astimezone(UTC)] * n,
        "project": [project] * n,
        "source": [source_id] * n,
        "channel": [channel] * n,
        "operation": [operation] * n,
        "uid": uids,
        "units": amounts,
        "charged": [not no_charge] * n,
        "idempotency_key": keys,
        "actor": [actor] * n,
    }
    return pa.table(columns, schema=LEDGER_SCHEMA)
