"""Calls to an Exchange server: folders, changes of a folder, mails."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

import exchangelib
from exchangelib import services
from exchangelib.fields import FieldPath
from exchangelib.folders import (
    DeletedItems,
    Drafts,
    Inbox,
    JunkEmail,
    MsgFolderRoot,
    Root,
    SentItems,
)
from exchangelib.folders import (
    Folder as EwsFolder,
)
from exchangelib.items import MeetingCancellation, MeetingMessage, MeetingRequest, MeetingResponse, Message
from exchangelib.properties import DistinguishedFolderId, FolderId
from exchangelib.util import MNS

from workbench.connect.adapter import BoundedAdapter
from workbench.connect.ews.account import Bearer, make_auth, open_account
from workbench.connect.ews.wording import worded
from workbench.connect.failures import protocol_broken
from workbench.connect.hosts import check_address
from workbench.connect.protocol import Cancelled, FetchLimits, Folder
from workbench.connect.web import JSON_BYTES, host_of
from workbench.domain.connections import EwsConnection, FolderRole
from workbench.domain.secrets import Secrets

T = TypeVar("T")
_ROLES: dict[type, FolderRole] = {
    Inbox: "inbox", SentItems: "sent", Drafts: "drafts", JunkEmail: "junk", DeletedItems: "trash",
}  # fmt: skip
_MAILS = (Message, MeetingMessage, MeetingRequest, MeetingResponse, MeetingCancellation)
_HEAD_FIELDS = ("datetime_received", "size")
_MAIL_FIELDS = (
    "mime_content", "datetime_received", "importance", "sensitivity", "categories", "is_read", "has_attachments",
    "conversation_id", "conversation_topic",
)  # fmt: skip
_DEEPEST = 64


@dataclass(frozen=True, kw_only=True)
class Changes:
    """One page of a folder's changes; ``is_last`` when there are no more for now."""

    created: tuple[Any, ...]
    sync_state: str
    is_last: bool


class EwsSession:
    """An account opened from ``with`` to its end; nothing of it stays in the library's caches."""

    def __init__(
        self,
        connection: EwsConnection,
        secrets: Secrets,
        mailbox: str,
        limits: FetchLimits,
        cancelled: Cancelled | None = None,
    ) -> None:
        self._connection, self._secrets, self._limits = connection, secrets, limits
        self._cancelled = cancelled
        self._endpoint = check_address(connection.endpoint, allow_plain=connection.allow_plain)
        self.host = host_of(self._endpoint)
        # The library logs whole requests and answers, tokens among them.
        logging.getLogger("exchangelib").setLevel(logging.CRITICAL)
        self._adapter = BoundedAdapter(
            secrets,
            ca_file=connection.ca_file,
            timeout_s=limits.timeout_s,
            max_bytes=2 * (limits.page_bytes + limits.mail_bytes) + JSON_BYTES,
            cancelled=cancelled,
        )
        self._auth = make_auth(connection, secrets, limits, cancelled)
        self._account = open_account(connection, mailbox, self._adapter, self._auth)
        self._root = Root(account=self._account)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._account.protocol.close()
        self._adapter.close()

    def folders(self) -> tuple[tuple[Folder, str], ...]:
        """Folders that hold mail, with their ids."""
        fields = _paths(EwsFolder, ("name", "folder_class", "parent_folder_id"))
        known = [kind(root=self._root, _distinguished_id=self._distinguished(kind)) for kind in _ROLES]
        answers = self._call(
            lambda: list(
                services.GetFolder(account=self._account).call(
                    folders=known, additional_fields=fields, shape="IdOnly"
                )
            )
        )
        roles = {
            answer.id: role
            for answer, role in zip(answers, _ROLES.values(), strict=False)
            if hasattr(answer, "id")
        }
        top = MsgFolderRoot(root=self._root, _distinguished_id=self._distinguished(MsgFolderRoot))
        found = self._call(
            lambda: list(
                services.FindFolder(account=self._account).call(
                    folders=[top], additional_fields=fields, restriction=None, shape="IdOnly", depth="Deep",
                    max_items=None, offset=0,
                )
            )
        )  # fmt: skip
        by_id = {folder.id: folder for folder in found if hasattr(folder, "id")}
        return tuple(
            (Folder(path=self._path(folder, by_id), role=roles.get(folder_id)), folder_id)
            for folder_id, folder in by_id.items()
            if (folder.folder_class or "IPF.Note").startswith("IPF.Note")
        )

    def _path(self, folder: Any, by_id: dict[str, Any]) -> tuple[str, ...]:
        path: tuple[str, ...] = ()
        while folder is not None:
            path = (folder.name or "?", *path)
            parent = folder.parent_folder_id
            folder = by_id.get(parent.id) if parent is not None else None
            if len(path) > _DEEPEST:
                raise protocol_broken(self.host, "the folders go round in circles")
        return path

    def changes(self, folder_id: str, sync_state: str) -> Changes:
        """What arrived in a folder since a state, one page of it.

        Raises
        ------
        StaleStateError
            The server no longer knows the state: begin again.
        """
        service = _SyncFolderItems(account=self._account)
        found = self._call(
            lambda: list(
                service.call(
                    folder=FolderId(id=folder_id), shape="IdOnly",
                    additional_fields=_paths(Message, _HEAD_FIELDS), sync_state=sync_state or None,
                    ignore=None, max_changes_returned=self._limits.page_size, sync_scope=None,
                )
            )
        )  # fmt: skip
        if not service.sync_state:
            raise protocol_broken(self.host, "changes come without a state")
        if service.sync_state == sync_state and not service.includes_last_item_in_range:
            raise protocol_broken(self.host, "changes go round in circles")
        created = tuple(
            item for kind, item in found if kind == "create" and isinstance(item, _MAILS) and item.id
        )
        return Changes(
            created=created,
            sync_state=service.sync_state,
            is_last=bool(service.includes_last_item_in_range),
        )

    def mails(self, ids: Sequence[tuple[str, str]]) -> list[Any]:
        """Mails with their MIME text, in order; None for one that is gone, an exception for a damaged one."""
        answers = self._call(
            lambda: list(
                services.GetItem(account=self._account).call(
                    items=ids, additional_fields=_paths(Message, _MAIL_FIELDS), shape="IdOnly"
                )
            )
        )
        gone = exchangelib.errors.ErrorItemNotFound
        return [None if isinstance(answer, gone) else answer for answer in answers]

    def _call(self, function: Callable[[], T]) -> T:
        """Call, and once more with a new token where an application's has expired."""
        who = self._connection.user_name or self._connection.client_id
        if isinstance(self._auth, Bearer) and self._auth.is_used:
            with (
                suppress(exchangelib.errors.UnauthorizedError),
                worded(self.host, who, self._secrets, renew=True),
            ):
                return function()
            self._auth.forget()
        with worded(self.host, who, self._secrets):
            return function()

    def _distinguished(self, kind: Any) -> DistinguishedFolderId:
        mailbox = exchangelib.Mailbox(email_address=self._account.primary_smtp_address)
        return DistinguishedFolderId(id=kind.DISTINGUISHED_FOLDER_ID, mailbox=mailbox)


class _SyncFolderItems(services.SyncFolderItems):  # type: ignore[misc]  # an untyped library
    """The library's call, which looks for a state even in an answer that only holds an error."""

    def _get_element_container(self, message: Any, name: str | None = None) -> Any:
        if message.find(f"{{{MNS}}}SyncState") is None:
            return services.common.EWSAccountService._get_element_container(self, message, name)  # noqa: SLF001
        return super()._get_element_container(message, name)


def _paths(kind: Any, names: Iterable[str]) -> set[FieldPath]:
    return {FieldPath(field=kind.get_field_by_fieldname(name)) for name in names}
