"""Judgements, and which messages to show next."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import pyarrow as pa

from workbench.domain import (
    DatasetId,
    Judgement,
    JudgementReceipt,
    LabelId,
    MessageFilter,
    ReviewBatch,
    ReviewEvent,
    ReviewMode,
    Uid,
    Verdict,
)
from workbench.errors import InputError, UnknownNameError
from workbench.workspace.context import Caller
from workbench.workspace.gathering import check_reviewed
from workbench.workspace.picking import needs, pick
from workbench.workspace.sensitive import check_conditions

MAX_JUDGEMENTS = 5_000
MAX_BATCH = 256
MAX_HISTORY = 1_000


def judge(
    caller: Caller, dataset_id: DatasetId, judgements: tuple[Judgement, ...]
) -> tuple[JudgementReceipt, ...]:
    """Store what people said; when this returns it is on disk."""
    if not 1 <= len(judgements) <= MAX_JUDGEMENTS:
        raise InputError(
            f"{len(judgements)} judgements were sent at once.", next_step=f"Send 1 to {MAX_JUDGEMENTS:,}."
        )
    if len(judgements) == 1:
        receipt = caller.workspace.judgements.judge(dataset_id, judgements[0], caller.actor)
        receipts: tuple[JudgementReceipt, ...] = (receipt,)
    else:
        with caller.store.write() as session:
            at = caller.workspace.clock()
            check_reviewed(
                session, dataset_id, judgements, settings=caller.settings, at=at, actor=caller.actor
            )
            receipts = session.reviews.judge(dataset_id, judgements, actor=caller.actor, at=at)
            caller.audit(session, "judge", dataset_id, dataset_id=dataset_id, n_messages=len(judgements))
    tell_judged(caller, dataset_id, receipts)
    return receipts


def tell_judged(caller: Caller, dataset_id: DatasetId, receipts: Sequence[JudgementReceipt]) -> None:
    """Let others hear of judgements that are stored."""
    caller.workspace.events.publish_all(
        "judgement",
        [(receipt.uid, _told(receipt)) for receipt in receipts],
        dataset_id=dataset_id,
        actor=caller.actor,
    )


def _told(receipt: JudgementReceipt) -> dict[str, object]:
    told: dict[str, object] = {
        "event_id": receipt.event_id,
        "assigned": list(receipt.assigned),
        "dismissed": list(receipt.dismissed),
        "reviewed": receipt.reviewed,
        "revision": receipt.revision,
        "at": receipt.reviewed_at.isoformat(),
    }
    return told | ({"sentiments": receipt.sentiments} if receipt.sentiments else {})


def keep_as_is(caller: Caller, dataset_id: DatasetId, verdict: Verdict) -> None:
    """Remember that a doubt was looked at."""
    with caller.store.write() as session:
        session.verdicts.add(dataset_id, verdict, actor=caller.actor, at=caller.workspace.clock())
        caller.audit(session, "keep_as_is", dataset_id, dataset_id=dataset_id, uid=verdict.uid)


def next_batch(
    caller: Caller,
    dataset_id: DatasetId,
    mode: ReviewMode,
    n: int = 20,
    label_id: LabelId | None = None,
    seed: int | None = None,
    where: MessageFilter | None = None,
) -> ReviewBatch:
    """Pick messages to review."""
    if not 1 <= n <= MAX_BATCH:
        raise InputError(f"a batch of {n} cannot be had.", next_step=f"Ask for 1 to {MAX_BATCH}.")
    with caller.store.read() as session:
        if where is not None:
            check_conditions(caller, session, dataset_id, where)
        known = {label.label_id: label.name for label in session.labels.all(dataset_id, counted=False)}
        if label_id is not None and label_id not in known:
            raise UnknownNameError("label", label_id, known)
        if label_id is None and mode in ("teach", "label", "check", "missed"):
            raise InputError(
                f"mode {mode!r} needs a label.", next_step="Pass label_id.", details={"mode": mode}
            )
    chosen = secrets.randbelow(2**31) if seed is None else seed
    # Before the read begins: what an index was made of is then never newer than what is read beside it.
    index = caller.workspace.picks.get(dataset_id, needs(mode, label_id))
    with caller.store.read() as session:
        batch = pick(
            caller.workspace,
            session,
            dataset_id,
            mode,
            n=n,
            label_id=label_id,
            seed=chosen,
            where=where,
            index=index,
        )
    caller.workspace.picks.settle()
    caller.workspace.on_screen.show(dataset_id, caller.actor, batch.uids)
    return batch


def review_events(caller: Caller, dataset_id: DatasetId) -> pa.Table:
    """Every review event."""
    with caller.store.read() as session:
        return session.reviews.events(dataset_id)


def review_history(
    caller: Caller, dataset_id: DatasetId, uid: Uid, n_most: int = 100
) -> tuple[ReviewEvent, ...]:
    """What was done to one message."""
    if not 1 <= n_most <= MAX_HISTORY:
        raise InputError(f"{n_most} events cannot be had.", next_step=f"Ask for 1 to {MAX_HISTORY:,}.")
    with caller.store.read() as session:
        if not session.messages.get(dataset_id, (uid,)):
            raise UnknownNameError("message", uid, ())
        return session.reviews.history(dataset_id, uid, n_most)
