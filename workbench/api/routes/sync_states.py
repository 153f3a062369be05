"""How far the folders of mailboxes were read into a bucket, over HTTP; deleted, a folder is read again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import msgspec

from workbench.api.endpoint import Asked, Endpoint
from workbench.api.envelope import Ok
from workbench.api.shapes.names import find_bucket
from workbench.api.shapes.times import Moment
from workbench.domain import FolderStatus, Integration
from workbench.errors import UnknownNameError
from workbench.primitives import hex_digest


class KeyedSyncState(msgspec.Struct, kw_only=True):
    """How far one folder was read; its ``folder_id`` is the key."""

    mailbox_name: str
    folder_id: str
    folder_path: list[str]
    status: Literal["IN_PROGRESS", "UP_TO_DATE"]
    synced_until: Moment | None
    last_synced_at: Moment


class KeyedSyncStates(Ok, kw_only=True):
    """Of every folder."""

    keyed_sync_states: list[KeyedSyncState]


class OneKeyedSyncState(Ok, kw_only=True):
    """One."""

    keyed_sync_state: KeyedSyncState


class MailboxNamed(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A mailbox by its address."""

    mailbox_name: str


class KeyedSyncStateIds(Ok, kw_only=True):
    """The keys of the folders of a mailbox."""

    keyed_sync_state_ids: list[str]


@dataclass(frozen=True, kw_only=True)
class _Folder:
    integration: Integration
    mailbox: str
    status: FolderStatus

    @property
    def key(self) -> str:
        """Follows from where it is."""
        return hex_digest(self.integration.integration_id, self.mailbox, *self.status.path, n_digits=16)


def _folders(asked: Asked) -> Iterator[_Folder]:
    bucket = find_bucket(asked)
    for integration in asked.operations.integrations():
        for one in integration.mailboxes:
            target = one.mailbox.bucket
            if target is None or (target.project, target.name) != (bucket.project, bucket.name):
                continue
            for status in one.folders:
                yield _Folder(integration=integration, mailbox=one.mailbox.address, status=status)


def _listed(asked: Asked) -> KeyedSyncStates:
    return KeyedSyncStates(keyed_sync_states=[_shown(one) for one in _folders(asked)])


def _ids(asked: Asked) -> KeyedSyncStateIds:
    named = asked.body.mailbox_name.casefold()
    return KeyedSyncStateIds(
        keyed_sync_state_ids=[one.key for one in _folders(asked) if one.mailbox.casefold() == named]
    )


def _one(asked: Asked) -> OneKeyedSyncState:
    return OneKeyedSyncState(keyed_sync_state=_shown(_find(asked)))


def _delete(asked: Asked) -> Ok:
    found = _find(asked)
    asked.operations.resync_mailbox(found.integration.integration_id, found.mailbox, folder=found.status.path)
    return Ok()


def _find(asked: Asked) -> _Folder:
    key = asked.path["key"]
    for one in _folders(asked):
        if one.key == key:
            return one
    raise UnknownNameError("keyed sync state", key[:100], ())


def _shown(folder: _Folder) -> KeyedSyncState:
    status = folder.status
    return KeyedSyncState(
        mailbox_name=folder.mailbox,
        folder_id=folder.key,
        folder_path=list(status.path),
        status="UP_TO_DATE" if status.up_to_date else "IN_PROGRESS",
        synced_until=status.synced_until,
        last_synced_at=status.last_synced_at or folder.integration.created_at,
    )


_BUCKET = "/api/_private/buckets/{bucket}"
_KEY = {"key": "^[0-9a-f]{16}$"}

ENDPOINTS = (
    Endpoint(
        method="GET",
        path=f"{_BUCKET}/keyed-sync-states",
        summary="How far folders were read into a bucket",
        handle=_listed,
        reply=KeyedSyncStates,
    ),
    Endpoint(
        method="POST",
        path=f"{_BUCKET}/keyed-sync-state-ids",
        summary="Keys of the folders of a mailbox",
        handle=_ids,
        reply=KeyedSyncStateIds,
        body=MailboxNamed,
    ),
    Endpoint(
        method="GET",
        path=f"{_BUCKET}/keyed-sync-state/{{key}}",
        summary="How far one folder was read",
        handle=_one,
        reply=OneKeyedSyncState,
        names=_KEY,
    ),
    Endpoint(
        method="DELETE",
        path=f"{_BUCKET}/keyed-sync-state/{{key}}",
        summary="Read a folder again",
        handle=_delete,
        names=_KEY,
    ),
)
