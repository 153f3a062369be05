"""Integrations: how mailboxes are reached, whether they are read, and how far."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from workbench.domain import (
    AnyConnection,
    DisabledReason,
    FolderState,
    FolderStatus,
    Integration,
    IntegrationId,
    Mailbox,
    MailboxStatus,
)
from workbench.errors import UnknownNameError, WorkbenchError
from workbench.store.cursor import Cursor

_SHOWN_PROBLEMS = 20
_PATH = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Whether a mailbox is read; ``is_on`` is the switch of its integration."""

    enabled: bool
    disabled_reason: DisabledReason | None
    n_failures: int
    n_throttled: int
    is_on: bool = True


class Integrations:
    """The integrations of the workspace. Secrets are not here."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def add(self, integration: Integration) -> None:
        """Insert one, without its mailboxes."""
        self._cursor.execute(
            "integration.add",
            integration_id=integration.integration_id,
            project=integration.project,
            name=integration.name,
            title=integration.title,
            connection=_json(integration.connection),
            enabled=integration.enabled,
            disabled_reason=integration.disabled_reason,
            created_at=integration.created_at,
        )

    def list(
        self,
        project: str | None = None,
        integration_id: IntegrationId | None = None,
        *,
        counted: bool = False,
    ) -> tuple[Integration, ...]:
        """All, of a project or by id, by full name, with mailboxes and folders.

        ``counted`` asks for the messages of each folder too, which takes some 0.1 s for a million mails.
        """
        rows = self._cursor.rows("integration.list", project=project, integration_id=integration_id)
        numbers = self._numbers(integration_id) if counted and rows else {}
        folders: dict[tuple[str, str], list[FolderStatus]] = {}
        for owner, address, path, _, *how_far in self._cursor.rows(
            "integration.folders", integration_id=integration_id, address=None
        ):
            n_messages = numbers.get((owner, address, path), 0)
            folders.setdefault((owner, address), []).append(_folder((path, *how_far), n_messages))
        mailboxes: dict[str, list[MailboxStatus]] = {}
        for owner, *row in self._cursor.rows("integration.mailboxes", integration_id=integration_id):
            found = _mailbox(row)
            theirs = tuple(folders.get((owner, found.mailbox.address), ()))
            mailboxes.setdefault(owner, []).append(replace(found, folders=theirs))
        return tuple(_integration(row, tuple(mailboxes.get(row[0], ()))) for row in rows)

    def _numbers(self, integration_id: IntegrationId | None) -> dict[tuple[str, str, str], int]:
        """Messages by integration, mailbox and folder (its path as it is stored)."""
        return {
            (owner, address, folder): n
            for name in ("integration.n_mails", "integration.n_records")
            for owner, address, folder, n in self._cursor.rows(name, integration_id=integration_id)
        }

    def get(self, integration_id: IntegrationId, *, counted: bool = False) -> Integration:
        """One; ``UnknownNameError`` when there is none."""
        found = self.list(integration_id=integration_id, counted=counted)
        if not found:
            raise UnknownNameError("integration", integration_id, (one.integration_id for one in self.list()))
        return found[0]

    def amend(self, integration: Integration) -> None:
        """Write title, connection and switch."""
        self._cursor.execute(
            "integration.amend",
            integration_id=integration.integration_id,
            title=integration.title,
            connection=_json(integration.connection),
            enabled=integration.enabled,
            disabled_reason=integration.disabled_reason,
            updated_at=integration.updated_at,
        )

    def set_mailboxes(
        self, integration_id: IntegrationId, mailboxes: Sequence[Mailbox], *, at: datetime
    ) -> None:
        """Make these its mailboxes; those that stay keep their status, of the others nothing is left."""
        kept = {mailbox.address for mailbox in mailboxes}
        for _, *row in self._cursor.rows("integration.mailboxes", integration_id=integration_id):
            address = _mailbox(row).mailbox.address
            if address not in kept:
                self.forget(integration_id, address)
                self._cursor.execute(
                    "integration.drop_mailboxes", integration_id=integration_id, address=address
                )
        for position, mailbox in enumerate(mailboxes):
            self._cursor.execute(
                "integration.put_mailbox",
                integration_id=integration_id,
                address=mailbox.address,
                position=position,
                configuration=_json(replace(mailbox, enabled=True, disabled_reason=None)),
                enabled=mailbox.enabled,
                disabled_reason=None if mailbox.enabled else "user",
                next_try_at=at if mailbox.enabled else None,
            )

    def standing(self, integration_id: IntegrationId, address: str) -> Standing | None:
        """Whether a mailbox is read, None when it is gone."""
        row = self._cursor.one("integration.mailbox_status", integration_id=integration_id, address=address)
        if row is None:
            return None
        enabled, reason, n_failures, n_throttled, is_on = row
        return Standing(
            enabled=enabled,
            disabled_reason=reason,
            n_failures=n_failures,
            n_throttled=n_throttled,
            is_on=is_on,
        )

    def set_standing(
        self,
        integration_id: IntegrationId,
        address: str,
        standing: Standing,
        *,
        error: WorkbenchError | None,
        tried_at: datetime | None,
        next_try_at: datetime | None,
    ) -> None:
        """Write what became of an attempt, or of a switch (``tried_at`` None)."""
        self._cursor.execute(
            "integration.set_status",
            integration_id=integration_id,
            address=address,
            enabled=standing.enabled,
            disabled_reason=standing.disabled_reason,
            n_failures=standing.n_failures,
            n_throttled=standing.n_throttled,
            error_code=error.code if error else "",
            error=error.message if error else "",
            next_step=error.next_step if error else "",
            tried_at=tried_at,
            next_try_at=next_try_at,
        )

    def note_problems(self, integration_id: IntegrationId, address: str, problems: Iterable[str]) -> None:
        """Count mails that could not be read, and keep the newest in words."""
        new = list(problems)
        known: tuple[str, ...] = ()
        for _, *row in self._cursor.rows("integration.mailboxes", integration_id=integration_id):
            found = _mailbox(row)
            if found.mailbox.address == address:
                known = found.problems
        shown = [text[:500] for text in (*known, *new)][-_SHOWN_PROBLEMS:]
        self._cursor.execute(
            "integration.note_problems",
            integration_id=integration_id,
            address=address,
            n_problems=len(new),
            problems=_json(shown),
        )

    def due(self, at: datetime) -> tuple[tuple[IntegrationId, str], ...]:
        """Mailboxes whose turn has come, longest waiting first."""
        return tuple(
            (IntegrationId(one), address) for one, address in self._cursor.rows("integration.due", at=at)
        )

    def any(self) -> bool:
        """Whether there is one."""
        ((n,),) = self._cursor.rows("integration.any")
        return bool(n)

    def states(self, integration_id: IntegrationId, address: str) -> tuple[FolderState, ...]:
        """How far each folder was read, with the connector's bookmarks."""
        rows = self._cursor.rows("integration.folders", integration_id=integration_id, address=address)
        return tuple(
            FolderState(
                mailbox=address,
                folder=msgspec.json.decode(folder, type=_PATH),
                cursor=cursor,
                up_to_date=up_to_date,
                synced_until=until,
                last_synced_at=last,
            )
            for _, _, folder, cursor, up_to_date, until, last, _ in rows
        )

    def put_states(
        self, integration_id: IntegrationId, states: Iterable[FolderState], *, at: datetime
    ) -> None:
        """Write how far folders were read, in the transaction of what was read."""
        for state in states:
            self._cursor.execute(
                "integration.put_folder",
                integration_id=integration_id,
                address=state.mailbox,
                folder=_json(state.folder),
                cursor=state.cursor,
                up_to_date=state.up_to_date,
                synced_until=state.synced_until,
                last_synced_at=at,
            )

    def fail_folder(
        self, integration_id: IntegrationId, address: str, path: tuple[str, ...], error: str
    ) -> None:
        """Write why a folder could not be read."""
        self._cursor.execute(
            "integration.fail_folder",
            integration_id=integration_id,
            address=address,
            folder=_json(path),
            error=error,
        )

    def forget(
        self, integration_id: IntegrationId, address: str | None = None, folder: tuple[str, ...] | None = None
    ) -> None:
        """Forget how far a mailbox (None = every one), or one folder of it, was read."""
        self._cursor.execute(
            "integration.drop_folders",
            integration_id=integration_id,
            address=address,
            folder=None if folder is None else _json(folder),
        )

    def drop(self, integration_id: IntegrationId) -> None:
        """Remove an integration and all that is known of its mailboxes."""
        self.forget(integration_id)
        self._cursor.execute("integration.drop_mailboxes", integration_id=integration_id, address=None)
        self._cursor.execute("integration.drop", integration_id=integration_id)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _folder(row: Sequence[Any], n_messages: int) -> FolderStatus:
    path, up_to_date, until, last, error = row
    return FolderStatus(
        path=msgspec.json.decode(path, type=_PATH),
        up_to_date=up_to_date,
        synced_until=until,
        last_synced_at=last,
        error=error,
        n_messages=n_messages,
    )


def _mailbox(row: Sequence[Any]) -> MailboxStatus:
    configuration, enabled, reason, n_failures, code, error, step, tried_at, next_try_at, n, problems = row
    mailbox = msgspec.json.decode(configuration, type=Mailbox)
    return MailboxStatus(
        mailbox=replace(mailbox, enabled=enabled, disabled_reason=reason),
        n_failures=n_failures,
        error_code=code,
        error=error,
        next_step=step,
        tried_at=tried_at,
        next_try_at=next_try_at,
        n_problems=n,
        problems=msgspec.json.decode(problems, type=tuple[str, ...]),
    )


def _integration(row: Sequence[Any], mailboxes: tuple[MailboxStatus, ...]) -> Integration:
    integration_id, project, name, title, connection, enabled, reason, created_at, updated_at = row
    return Integration(
        integration_id=integration_id,
        project=project,
        name=name,
        title=title,
        connection=msgspec.json.decode(connection, type=AnyConnection),
        enabled=enabled,
        disabled_reason=reason,
        mailboxes=mailboxes,
        created_at=created_at,
        updated_at=updated_at,
    )
