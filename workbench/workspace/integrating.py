"""Integrations: set up, look at, pause, delete; their secrets go in and never come out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime

from workbench.connect import SyncStatus, next_status
from workbench.domain import (
    AnyConnection,
    Integration,
    IntegrationId,
    JobId,
    Mailbox,
    MailboxFolder,
    SecretName,
    Secrets,
    check_name,
)
from workbench.errors import ConfirmationError, DuplicateNameError, InputError, UnknownNameError
from workbench.store import Session, Standing
from workbench.workspace.catalog import check_texts, ensure_project
from workbench.workspace.context import Caller
from workbench.workspace.deleting import remove_integration
from workbench.workspace.jobs import ask_aside
from workbench.workspace.quota_checks import check_quota

_ASK_LIMIT_S = 60.0
_LONGEST_ADDRESS = 320


def integrations(caller: Caller, project: str | None = None) -> tuple[Integration, ...]:
    """Integrations with their status."""
    with caller.store.read() as session:
        found = session.integrations.list(project, counted=True)
    return tuple(_with_secrets(caller, one) for one in found if caller.may("integration.read", one.project))


def integration(caller: Caller, integration_id: IntegrationId) -> Integration:
    """One integration."""
    with caller.store.read() as session:
        return _with_secrets(caller, session.integrations.get(integration_id, counted=True))


def create_integration(
    caller: Caller,
    project: str,
    name: str,
    connection: AnyConnection,
    mailboxes: tuple[Mailbox, ...] = (),
    title: str = "",
    enabled: bool = True,  # noqa: FBT001, FBT002 - as the operation says
) -> Integration:
    """Set up a connection with its mailboxes."""
    full_name = f"{project}/{name}"
    check_name("integration", name)
    check_texts(f"integration {full_name}", title, None)
    integration_id = IntegrationId(caller.made_id("integration"))
    at = caller.workspace.clock()
    with caller.store.write() as session:
        ensure_project(caller, session, project)
        for there in session.integrations.list(project):
            if there.integration_id == integration_id:
                return there
            if there.name == name:
                raise DuplicateNameError("integration", full_name)
        n_there = len(session.integrations.list())
        check_quota(caller, session, "integrations", n_there + 1, f"integration {full_name}")
        _check_mailboxes(caller, session, full_name, connection, mailboxes)
        made = Integration(
            integration_id=integration_id,
            project=project,
            name=name,
            title=title or name,
            connection=connection,
            enabled=enabled,
            disabled_reason=None if enabled else "user",
            created_at=at,
        )
        session.integrations.add(made)
        session.integrations.set_mailboxes(integration_id, mailboxes, at=at)
        caller.audit(
            session,
            "create_integration",
            full_name,
            integration_id=integration_id,
            kind=connection.kind,
            host=connection.host,
            mailboxes=[mailbox.address for mailbox in mailboxes],
        )
    return _told(caller, integration_id)


def amend_integration(
    caller: Caller,
    integration_id: IntegrationId,
    title: str | None = None,
    connection: AnyConnection | None = None,
    mailboxes: tuple[Mailbox, ...] | None = None,
) -> Integration:
    """Change title, connection or mailboxes."""
    at = caller.workspace.clock()
    with caller.store.write() as session:
        before = session.integrations.get(integration_id)
        check_texts(f"integration {before.full_name}", title, None)
        after = replace(
            before,
            title=before.title if title is None else title,
            connection=connection or before.connection,
            updated_at=at,
        )
        if after.connection.kind != before.connection.kind:
            raise InputError(
                f"integration {before.full_name!r} is of kind {before.connection.kind!r}, not "
                f"{after.connection.kind!r}.",
                next_step="Create another integration; the kind of a connection is fixed.",
                details={"kind": before.connection.kind},
            )
        session.integrations.amend(after)
        if mailboxes is not None:
            _check_mailboxes(caller, session, before.full_name, after.connection, mailboxes)
            session.integrations.set_mailboxes(integration_id, mailboxes, at=at)
        caller.audit(
            session,
            "amend_integration",
            before.full_name,
            integration_id=integration_id,
            host=after.connection.host,
            mailboxes=None if mailboxes is None else [mailbox.address for mailbox in mailboxes],
        )
    return _told(caller, integration_id)


def set_secrets(caller: Caller, integration_id: IntegrationId, secrets: Secrets) -> Integration:
    """Set the secrets of a connection in the place of all earlier ones."""
    given = {name: value for name, value in asdict(secrets).items() if value}
    with caller.store.write() as session:
        found = session.integrations.get(integration_id)
        caller.store.secrets.put(integration_id, given)
        for status in found.mailboxes:
            if status.mailbox.disabled_reason != "user":
                _switch(caller, session, integration_id, status.mailbox.address, enabled=True)
        caller.audit(
            session, "set_secrets", found.full_name, integration_id=integration_id, names=sorted(given)
        )
    return _told(caller, integration_id)


def enable_integration(
    caller: Caller,
    integration_id: IntegrationId,
    enabled: bool,  # noqa: FBT001 - as the operation says
    mailbox: str | None = None,
) -> Integration:
    """Pause or resume."""
    with caller.store.write() as session:
        found = session.integrations.get(integration_id)
        if mailbox is not None:
            known_mailbox(found, mailbox)
            _switch(caller, session, integration_id, mailbox, enabled=enabled)
        else:
            reason = None if enabled else "user"
            session.integrations.amend(
                replace(found, enabled=enabled, disabled_reason=reason, updated_at=caller.workspace.clock())  # type: ignore[arg-type]
            )
            for status in found.mailboxes:
                if enabled and status.mailbox.disabled_reason != "user":
                    _switch(caller, session, integration_id, status.mailbox.address, enabled=True)
        action = "resume_integration" if enabled else "pause_integration"
        caller.audit(session, action, found.full_name, integration_id=integration_id, mailbox=mailbox)
    return _told(caller, integration_id)


def delete_integration(caller: Caller, integration_id: IntegrationId, confirm: str) -> Integration:
    """Delete an integration with its secrets; what it brought stays."""
    with caller.store.write() as session:
        found = session.integrations.get(integration_id)
        if confirm != found.full_name:
            raise ConfirmationError("integration", found.full_name, confirm)
        remove_integration(caller, session, found)
    caller.tell("integration", integration_id)
    return found


def mailbox_folders(caller: Caller, integration_id: IntegrationId, mailbox: str) -> tuple[MailboxFolder, ...]:
    """Ask the server, in a process of its own."""
    with caller.store.read() as session:
        found = session.integrations.get(integration_id)
    payload = {
        "connection": found.connection.only,
        "secrets": secrets_of(caller, found),
        "mailbox": known_mailbox(found, mailbox),
        "timeout_s": min(caller.settings.sync_timeout_s, _ASK_LIMIT_S / 3),
    }
    deadline = time.monotonic() + _ASK_LIMIT_S
    listed: tuple[MailboxFolder, ...] = ask_aside(
        "fetching:list_folders",
        payload,
        cancelled=lambda: time.monotonic() > deadline,
        cache_dir=caller.workspace.cache_dir,
    )
    return listed


def start_sync(caller: Caller, integration_id: IntegrationId, mailbox: str | None = None) -> JobId:
    """Queue reading what is new."""
    with caller.store.write() as session:
        found = session.integrations.get(integration_id)
        secrets_of(caller, found)
        asked = [status.mailbox for status in found.mailboxes]
        if mailbox is not None:
            asked = [known_mailbox(found, mailbox)]
        if not found.enabled or not any(one.enabled or one.disabled_reason == "quota" for one in asked):
            what = found.full_name if mailbox is None else f"{found.full_name}, mailbox {mailbox}"
            reasons = {one.disabled_reason for one in asked if not one.enabled}
            reason = found.disabled_reason or next(iter(reasons), None) or "it has no mailbox"
            raise InputError(
                f"integration {what} is not read: {reason}.",
                next_step="Resume it (enable_integration), after correcting what its status shows.",
                details={"reason": str(reason)},
            )
        caller.audit(session, "start_sync", found.full_name, integration_id=integration_id, mailbox=mailbox)
    return caller.submit("sync", {"integration_id": integration_id, "mailbox": mailbox})


def resync_mailbox(
    caller: Caller,
    integration_id: IntegrationId,
    mailbox: str,
    since: datetime | None = None,
    folder: tuple[str, ...] | None = None,
) -> Integration:
    """Forget how far a mailbox or a folder of it was read, and begin again."""
    with caller.store.write() as session:
        found = session.integrations.get(integration_id)
        before = known_mailbox(found, mailbox)
        if folder is not None:
            _check_folder(found, mailbox, folder, since)
        anew = before if folder is not None else replace(before, start_at=since)
        session.integrations.forget(integration_id, mailbox, folder)
        session.integrations.set_mailboxes(
            integration_id,
            [anew if one.mailbox.address == mailbox else one.mailbox for one in found.mailboxes],
            at=caller.workspace.clock(),
        )
        if anew.enabled:
            _switch(caller, session, integration_id, mailbox, enabled=True)
        caller.audit(
            session,
            "resync_mailbox",
            found.full_name,
            integration_id=integration_id,
            mailbox=mailbox,
            since=since,
            folder=None if folder is None else "/".join(folder),
        )
    return _told(caller, integration_id)


def known_mailbox(found: Integration, address: str) -> Mailbox:
    """A mailbox of an integration by address; ``UnknownNameError`` when it has none of that name."""
    known = {status.mailbox.address: status.mailbox for status in found.mailboxes}
    if address not in known:
        raise UnknownNameError("mailbox", address[:200], known)
    return known[address]


def _check_folder(found: Integration, address: str, folder: tuple[str, ...], since: datetime | None) -> None:
    """Refuse a folder that was never read, and a start date: that is its mailbox's."""
    status = next(one for one in found.mailboxes if one.mailbox.address == address)
    if folder not in {one.path for one in status.folders}:
        raise UnknownNameError(
            "folder", "/".join(folder)[:200], ("/".join(one.path) for one in status.folders)
        )
    if since is not None:
        raise InputError(
            f"folder {'/'.join(folder)[:200]!r} cannot have a start date of its own: {since.isoformat()}.",
            next_step="Leave 'since' out, or read the whole mailbox again from that time on.",
            details={"folder": "/".join(folder)[:200]},
        )


def secrets_of(caller: Caller, found: Integration) -> Secrets:
    """The secrets of a connection, on their way to a worker.

    Raises
    ------
    InputError
        The one that the connection needs is not set.
    """
    values = caller.store.secrets.get(found.integration_id)
    needed = found.connection.needed_secrets[0]
    if needed not in values:
        raise InputError(
            f"integration {found.full_name!r} has no secret {needed!r} yet.",
            next_step="Set it: ws.integration(NAME).set_secrets(...), or 'workbench integrations secret'.",
            details={"integration": found.full_name, "secret": needed},
        )
    return Secrets(**values)


def _switch(
    caller: Caller, session: Session, integration_id: IntegrationId, address: str, *, enabled: bool
) -> None:
    before = session.integrations.standing(integration_id, address)
    if before is None:
        return
    after = next_status(
        SyncStatus(enabled=before.enabled, disabled_reason=before.disabled_reason),
        "resumed" if enabled else "paused",
        seed=0,
    )
    session.integrations.set_standing(
        integration_id,
        address,
        Standing(enabled=after.enabled, disabled_reason=after.disabled_reason, n_failures=0, n_throttled=0),
        error=None,
        tried_at=None,
        next_try_at=caller.workspace.clock() if enabled else None,
    )


def _check_mailboxes(
    caller: Caller, session: Session, name: str, connection: AnyConnection, mailboxes: Sequence[Mailbox]
) -> None:
    check_quota(caller, session, "mailboxes_per_integration", len(mailboxes), f"integration {name}")
    addresses = [mailbox.address for mailbox in mailboxes]
    for mailbox in mailboxes:
        if (
            not mailbox.address.strip()
            or len(mailbox.address) > _LONGEST_ADDRESS
            or addresses.count(mailbox.address) > 1
        ):
            raise InputError(
                f"{mailbox.address[:_LONGEST_ADDRESS]!r} cannot be a mailbox of integration {name!r}.",
                next_step=f"Give each mailbox an address of its own, of at most {_LONGEST_ADDRESS} characters.",
                details={"mailbox": mailbox.address[:_LONGEST_ADDRESS]},
            )
        if connection.kind == "salesforce":
            if mailbox.source is None:
                raise InputError(
                    f"mailbox {mailbox.address!r} has no source for its records.",
                    next_step="Set 'source' to the id of a source.",
                    details={"mailbox": mailbox.address},
                )
            session.catalog.source(mailbox.source)
        elif mailbox.bucket is None:
            raise InputError(
                f"mailbox {mailbox.address!r} has no bucket for its mail.",
                next_step="Set 'bucket' to project and name of one; it is made when there is none.",
                details={"mailbox": mailbox.address},
            )
        else:
            check_name("bucket", mailbox.bucket.name)


def _with_secrets(caller: Caller, found: Integration) -> Integration:
    names: list[SecretName] = sorted(caller.store.secrets.get(found.integration_id))  # type: ignore[arg-type]
    return replace(found, secrets=tuple(names))


def _told(caller: Caller, integration_id: IntegrationId) -> Integration:
    caller.tell("integration", integration_id)
    return integration(caller, integration_id)
