"""Signed-in calls to Graph: one token, fetched again once when it has expired."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from http import HTTPStatus
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import quote

import msgspec

from workbench.connect.failures import protocol_broken, refused
from workbench.connect.graph.shapes import WELL_KNOWN, ErrorAnswer, FolderList, GraphFolder, MessageList
from workbench.connect.hosts import check_address, origin
from workbench.connect.protocol import Cancelled, FetchLimits, Folder
from workbench.connect.tokens import microsoft_token
from workbench.connect.web import JSON_BYTES, Answer, Web, check_status, host_of
from workbench.domain.connections import FolderRole, GraphConnection
from workbench.domain.secrets import Secrets
from workbench.errors import RemoteProtocolError

T = TypeVar("T")
_MOST_FOLDERS = 20_000
_DEEPEST = 64
_CODE = re.compile(r"\w{1,60}")
_STALE = {"syncStateNotFound", "syncStateInvalid", "resyncRequired", "SyncStateNotFound", "SyncStateInvalid"}
_DAMAGED = {
    "ErrorMimeContentConversionFailed",
    "ErrorContentConversionFailed",
    "ErrorCorruptData",
    "ErrorItemCorrupt",
}
_RIGHTS = "Grant the application the permission Mail.Read with administrator consent, for this mailbox too."


class StaleLinkError(Exception):
    """The server no longer knows where we were."""


class FolderGoneError(Exception):
    """The folder was deleted since it was listed."""


class GraphSession:
    """A line and a token from ``with`` to its end."""

    def __init__(
        self,
        connection: GraphConnection,
        secrets: Secrets,
        limits: FetchLimits,
        cancelled: Cancelled | None = None,
    ) -> None:
        self._connection, self._secrets, self._limits = connection, secrets, limits
        self.endpoint = check_address(connection.endpoint, allow_plain=connection.allow_plain)
        self.host = host_of(self.endpoint)
        self._web = Web(secrets, ca_file=connection.ca_file, timeout_s=limits.timeout_s, cancelled=cancelled)
        self._token = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._web.__exit__(kind, error, trace)

    def folders(self, mailbox: str) -> Iterator[tuple[Folder, str]]:
        """Every folder with its id, parents first."""
        base = f"{self.endpoint}/users/{quote(mailbox, safe='@')}/mailFolders"
        roles: dict[str, FolderRole] = {}
        for name, role in WELL_KNOWN.items():
            answer = self._get(f"{base}/{name}?$select=id,displayName", self._limits.page_bytes)
            if answer.status == HTTPStatus.OK:
                roles[self._decode(answer, GraphFolder).id] = role
        waiting: list[tuple[str, tuple[str, ...]]] = [(base, ())]
        seen: set[str] = set()
        while waiting:
            address, above = waiting.pop()
            for folder in self._children(f"{address}?$top=100&$select=id,displayName,childFolderCount"):
                path = (*above, folder.display_name or "?")
                if folder.id in seen or len(path) > _DEEPEST or len(seen) >= _MOST_FOLDERS:
                    raise protocol_broken(self.host, "the folders go round in circles or never end")
                seen.add(folder.id)
                if folder.child_folder_count:
                    waiting.append((f"{base}/{quote(folder.id, safe='')}/childFolders", path))
                yield Folder(path=path, role=roles.get(folder.id)), folder.id

    def _children(self, link: str | None) -> Iterator[GraphFolder]:
        pages = 0
        while link:
            answer = self._get(link, JSON_BYTES)
            self._insist(answer)
            found = self._decode(answer, FolderList)
            yield from found.value
            link = self._own(found.next_link) if found.next_link else None
            pages += 1
            if pages > _MOST_FOLDERS:
                raise protocol_broken(self.host, "the list of folders never ends")

    def changes(self, link: str) -> MessageList:
        """One page of a folder's changes.

        Raises
        ------
        StaleLinkError
            The link has expired: begin again.
        FolderGoneError
            There is nothing to read any more.
        """
        answer = self._get(self._own(link), JSON_BYTES)
        if answer.status == HTTPStatus.NOT_FOUND:
            raise FolderGoneError
        if answer.status == HTTPStatus.GONE or self._code(answer) in _STALE:
            raise StaleLinkError
        self._insist(answer)
        found = self._decode(answer, MessageList)
        for onward in (found.next_link, found.delta_link):
            if onward:
                self._own(onward)
        if bool(found.next_link) == bool(found.delta_link) or found.next_link == link:
            raise protocol_broken(self.host, "a page of changes does not say where it goes on")
        return found

    def never_ending(self) -> RemoteProtocolError:
        """The error for a server that forgets at once what it has just said."""
        return protocol_broken(self.host, "it does not know the link it gave")

    def mime(self, mailbox: str, message_id: str) -> Answer:
        """A mail as it was received; no body when it is too long.

        Status 404 says that it is gone, another from 400 on that the server cannot give it.
        """
        address = (
            f"{self.endpoint}/users/{quote(mailbox, safe='@')}/messages/{quote(message_id, safe='')}/$value"
        )
        answer = self._get(address, self._limits.mail_bytes, tolerated=_DAMAGED)
        if answer.status != HTTPStatus.NOT_FOUND and self._code(answer) not in _DAMAGED:
            self._insist(answer)
        return answer

    def _get(self, url: str, max_bytes: int, tolerated: Container[str] = ()) -> Answer:
        fresh = not self._token
        answer = self._send(url, max_bytes)
        if answer.status == HTTPStatus.UNAUTHORIZED and not fresh:
            self._token = ""
            answer = self._send(url, max_bytes)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            raise refused(self.host, self._connection.client_id, self._code(answer), next_step=_RIGHTS)
        if self._code(answer) not in tolerated:
            check_status(answer, self.host)
        return answer

    def _send(self, url: str, max_bytes: int) -> Answer:
        if not self._token:
            scheme, name, port = origin(self.endpoint)
            usual = {"https": 443, "http": 80}[scheme] == port
            self._token = microsoft_token(
                self._web,
                self._secrets,
                authority=self._connection.authority,
                tenant_id=self._connection.tenant_id,
                client_id=self._connection.client_id,
                scope=f"{scheme}://{name}{'' if usual else f':{port}'}/.default",
                allow_plain=self._connection.allow_plain,
            )
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Prefer": f'odata.maxpagesize={self._limits.page_size}, IdType="ImmutableId"',
        }
        return self._web.get(url, headers, max_bytes)

    def _insist(self, answer: Answer) -> None:
        code = self._code(answer)
        if answer.status == HTTPStatus.FORBIDDEN:
            raise refused(self.host, self._connection.client_id, code, next_step=_RIGHTS)
        if answer.status == HTTPStatus.NOT_FOUND:
            step = "Check the address of the mailbox and that it is an Exchange Online mailbox."
            raise refused(self.host, self._connection.client_id, code or "no such mailbox", next_step=step)
        if answer.status != HTTPStatus.OK:
            raise protocol_broken(self.host, f"status {answer.status} {code}".strip())

    def _code(self, answer: Answer) -> str:
        if answer.status < HTTPStatus.BAD_REQUEST:
            return ""
        try:
            code = msgspec.json.decode(answer.body or b"", type=ErrorAnswer).error.code
        except (msgspec.DecodeError, UnicodeDecodeError):
            return ""
        return code if _CODE.fullmatch(code) else ""

    def _own(self, link: str) -> str:
        """Refuse a link to another host: it would get the token."""
        if origin(link) != origin(self.endpoint):
            raise protocol_broken(self.host, "a link leads to another host")
        return link

    def _decode(self, answer: Answer, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(answer.body or b"", type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise protocol_broken(self.host, "it is not the JSON expected there") from None
