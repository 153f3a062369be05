"""Mail that is handed in for a source, without a bucket: read, made messages, and let go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from workbench.domain import LIMITS, MessageId, RawMail, SourceId, SyncedMails
from workbench.domain.mail import MailMessage
from workbench.errors import InputError
from workbench.ingest.mailbox import ReadMail, Threads, assign_threads, to_batch
from workbench.ingest.mailbox import compose_mail as compose_mail  # noqa: PLC0414 - what HTTP hands in apart
from workbench.store import prepare
from workbench.workspace.charges import tell_budgets
from workbench.workspace.context import Caller
from workbench.workspace.depositing import OPERATION
from workbench.workspace.importing import load_messages
from workbench.workspace.masking import look_ahead


def sync_mails(
    caller: Caller,
    source_id: SourceId,
    mails: tuple[RawMail, ...],
    message_ids: tuple[str, ...] = (),
    no_charge: bool = False,  # noqa: FBT001, FBT002 - as the operation says
) -> SyncedMails:
    """Store mails as messages of a source."""
    LIMITS["batch_mails"].check(len(mails), f"source {source_id}")
    if message_ids and len(message_ids) != len(mails):
        raise InputError(
            f"{len(message_ids)} ids were given for {len(mails)} mails.",
            next_step="Give one for each, or none.",
        )
    read = _read(caller, mails)
    threads = assign_threads(read)
    named = [
        replace(one, message_id=given or one.message_id)
        for one, given in zip(read, message_ids or [""] * len(read), strict=True)
    ]
    placed = {one.message_id: threads.entries[was.message_id] for one, was in zip(named, read, strict=True)}
    batch = to_batch(named, Threads(entries=placed), undated_at=caller.workspace.clock())
    prepared = prepare(source_id, batch, attachment_max_bytes=caller.settings.attachment_max_bytes)
    found = look_ahead(caller, source_id, prepared)
    with caller.store.write() as session:
        source = session.catalog.bare_source(source_id)
        counts = load_messages(
            caller,
            session,
            source_id,
            prepared,
            operation=OPERATION,
            batch_id=caller.made_id(f"mails {source_id}"),
            no_charge=no_charge,
            found=found,
        )
        if counts.new or counts.updated:
            told = {"new": counts.new, "updated": counts.updated, "units": counts.units}
            caller.audit(
                session, "put_messages", source_id, source_id=source_id, n_messages=len(mails), **told
            )
    caller.tell("import", source_id, new=counts.new, updated=counts.updated)
    warnings = tell_budgets(caller, {source.project: counts.units})
    return SyncedMails(
        counts=replace(counts, warnings=warnings),
        message_ids=tuple(MessageId(one.message_id) for one in named),
    )


def _read(caller: Caller, mails: Sequence[RawMail]) -> list[MailMessage]:
    return [_message(number, one) for number, one in enumerate(caller.workspace.mail.read(mails))]


def _message(number: int, one: ReadMail) -> MailMessage:
    if one.message is None or one.problem:
        raise InputError(
            f"mail {number} cannot be a message: {one.problem}",
            next_step="Leave it out, and send the others again.",
            details={"number": number},
        )
    return one.message
