"""Mails that programs hand into a bucket under names of their own, and the bookmarks of such programs."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from workbench.domain import LIMITS, BucketId, BucketSyncState, DepositReport, Email, EmailPage, RawMail
from workbench.errors import AccessError, ConflictError, InputError
from workbench.ingest.mailbox import ReadMail
from workbench.primitives import new_id
from workbench.store import Session
from workbench.workspace.auditing import record_read
from workbench.workspace.context import Caller
from workbench.workspace.depositing import store_mails
from workbench.workspace.reading import MAX_PAGE
from workbench.workspace.sensitive import PERMISSION, hidden_from
from workbench.workspace.unmasking import check_unmasked

_MOST_ID = 1_024


def put_emails(
    caller: Caller,
    bucket_id: BucketId,
    emails: tuple[Email, ...],
    no_charge: bool = False,  # noqa: FBT001, FBT002 - as the operation says
) -> DepositReport:
    """Bring mails into a bucket."""
    LIMITS["batch_mails"].check(len(emails), f"bucket {bucket_id}")
    for one in emails:
        if not 1 <= len(one.email_id) <= _MOST_ID:
            raise InputError(
                f"{one.email_id[:100]!r} cannot be the id of a mail.",
                next_step=f"Use 1 to {_MOST_ID:,} characters.",
            )
    with caller.store.read() as session:
        full_name = session.buckets.bare(bucket_id).full_name
        _refuse_changed(session, bucket_id, emails)
    read = caller.workspace.mail.read([_raw(one) for one in emails])
    named = [(_message_id(email, one), email) for email, one in zip(emails, read, strict=True)]

    def also(session: Session) -> None:
        _refuse_changed(session, bucket_id, emails)
        ids = {one.email_id for one in emails}
        is_new = bool(ids - session.emails.known(bucket_id, ids).keys())
        session.emails.put(bucket_id, named)
        if is_new:
            caller.audit(session, "put_emails", full_name, bucket_id=bucket_id, n_mails=len(emails))

    return store_mails(caller, bucket_id, read, batch_id=new_id(), also=also, no_charge=no_charge)


def emails(
    caller: Caller,
    bucket_id: BucketId,
    after: int = 0,
    limit: int = 64,
    email_ids: tuple[str, ...] | None = None,
) -> EmailPage:
    """The next mails, or those of some ids."""
    if not (1 <= limit <= MAX_PAGE and after >= 0) or len(email_ids or ()) > MAX_PAGE:
        raise InputError(
            f"a page of {limit} mails after {after} cannot be had.",
            next_step=f"Use after >= 0, and a limit or a number of ids of 1-{MAX_PAGE}.",
        )
    with caller.store.read() as session:
        bucket = session.buckets.bare(bucket_id)
        hidden = hidden_from(caller, session)
        for source_id in bucket.source_ids:
            if hidden.get(source_id):
                raise AccessError(
                    f"{caller.actor!r} may not read original mail: it holds what a source hides.",
                    next_step=f"Ask an administrator for the permission {PERMISSION!r}.",
                    details={"permission": PERMISSION},
                )
            check_unmasked(caller, session, source_id, "read the original mail")
        if email_ids is not None:
            found = session.emails.some(bucket_id, email_ids)
        else:
            found = session.emails.page(bucket_id, after, limit)
    record_read(caller, "download_mails", bucket.full_name, bucket_id=bucket_id, n_mails=len(found.emails))
    return found


def bucket_sync_state(caller: Caller, bucket_id: BucketId) -> BucketSyncState | None:
    """The bookmark."""
    with caller.store.read() as session:
        session.buckets.bare(bucket_id)
        return session.emails.sync_state(bucket_id)


def set_bucket_sync_state(caller: Caller, bucket_id: BucketId, state: BucketSyncState) -> BucketSyncState:
    """Set the bookmark."""
    kept = replace(state, last_synced_at=state.last_synced_at or caller.workspace.clock())
    with caller.store.write(messages=False) as session:
        full_name = session.buckets.bare(bucket_id).full_name
        session.emails.put_sync_state(bucket_id, kept)
        caller.audit(session, "set_bucket_sync_state", full_name, bucket_id=bucket_id)
    return kept


def _raw(email: Email) -> RawMail:
    return RawMail(
        content=email.content,
        mailbox=email.mailbox,
        folder=email.folder,
        remote_id=email.email_id,
        received_at=email.received_at,
    )


def _message_id(email: Email, read: ReadMail) -> str:
    if read.message is None:
        raise InputError(
            f"mail {email.email_id[:100]!r} cannot be read: {read.problem}",
            next_step="Leave it out, and send the others again.",
            details={"email_id": email.email_id[:1024]},
        )
    return read.message.message_id


def _refuse_changed(session: Session, bucket_id: BucketId, emails: Sequence[Email]) -> None:
    """Refuse ids that stand for another mail, in the bucket or twice among these."""
    known = session.emails.known(bucket_id, {one.email_id for one in emails})
    for one in emails:
        found = hashlib.sha256(one.content).hexdigest()
        if known.setdefault(one.email_id, found) != found:
            raise ConflictError(
                f"mail {one.email_id[:100]!r} is there already with another content.",
                next_step="Hand it in under another id.",
                details={"email_id": one.email_id[:1024]},
            )
