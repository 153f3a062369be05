"""Microsoft Graph and its authority, as far as reading mail goes, in memory."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from tests.connect.services import Reply, Request, Service

SECRET = "gr4ph-secret"


@dataclass
class StoredMail:
    id: str
    content: bytes
    received: str
    sender: str = "ann@buyer.example"


@dataclass
class StoredFolder:
    id: str
    name: str
    mails: list[StoredMail] = field(default_factory=list)
    children: list[StoredFolder] = field(default_factory=list)


class GraphServer(Service):
    """Tokens are numbered; ``calls_per_token`` calls later one has expired. Delta tokens count mails."""

    def __init__(self) -> None:
        super().__init__()
        self.inbox = StoredFolder("AAinbox=", "Inbox")
        self.folders = [self.inbox]
        self.known = {"inbox": self.inbox}
        self.calls_per_token = 10**9
        self.n_tokens = 0
        self._calls_left = 0

    def answer(self, request: Request) -> Reply:
        if request.path.endswith("/oauth2/v2.0/token"):
            return self._token(request)
        if request.headers["Authorization"] != f"Bearer token-{self.n_tokens}" or self._calls_left <= 0:
            return _json({"error": {"code": "InvalidAuthenticationToken", "message": "expired"}}, 401)
        self._calls_left -= 1
        path = unquote(request.path)
        match = re.fullmatch(r"/v1\.0/users/([^/]+)/(.*)", path)
        if match is None or match[1] != "care@shop.example":
            return _json({"error": {"code": "ErrorInvalidUser", "message": "no such user"}}, 404)
        return self._mailbox(match[2], request)

    def _token(self, request: Request) -> Reply:
        form = dict(part.split("=", 1) for part in request.body.decode().split("&"))
        if form.get("client_secret") != SECRET:
            text = f"AADSTS7000215: Invalid client secret provided: {form.get('client_secret')}"
            return _json({"error": "invalid_client", "error_description": text}, 401)
        assert form["grant_type"] == "client_credentials"
        assert unquote(form["scope"]) == f"{self.base}/.default"
        self.n_tokens += 1
        self._calls_left = self.calls_per_token
        return _json({"token_type": "Bearer", "expires_in": 3599, "access_token": f"token-{self.n_tokens}"})

    def _mailbox(self, path: str, request: Request) -> Reply:
        if path == "mailFolders":
            return _json({"value": [_folder(f) for f in self.folders]})
        if match := re.fullmatch(r"mailFolders/([^/]+)", path):
            folder = self.known.get(match[1])
            return _json(_folder(folder)) if folder else _json({"error": {"code": "ErrorItemNotFound"}}, 404)
        if match := re.fullmatch(r"mailFolders/(.+)/childFolders", path):
            return _json({"value": [_folder(f) for f in self._find(match[1]).children]})
        if match := re.fullmatch(r"mailFolders/(.+)/messages/delta", path):
            return self._delta(self._find(match[1]), request)
        if match := re.fullmatch(r"messages/(.+)/\$value", path):
            for mail in self.mails():
                if mail.id == match[1]:
                    return Reply(mail.content, headers={"Content-Type": "text/plain"})
        return _json({"error": {"code": "ErrorItemNotFound"}}, 404)

    def _delta(self, folder: StoredFolder, request: Request) -> Reply:
        size = int(re.search(r"odata\.maxpagesize=(\d+)", request.headers["Prefer"])[1])  # type: ignore[index]
        token = request.query.get("$skiptoken") or request.query.get("$deltatoken")
        if token is None:
            assert request.query["changeType"] == "created"
            assert "$filter" not in request.query
        begin = int(token or 0)
        mails = folder.mails[begin : begin + size]
        end = begin + len(mails)
        more = end < len(folder.mails)
        name = "skip" if more else "delta"
        link = f"{self.base}{request.path}?${name}token={end}"
        return _json(
            {"value": [_message(m) for m in mails], f"@odata.{'nextLink' if more else 'deltaLink'}": link}
        )

    def _find(self, folder_id: str) -> StoredFolder:
        return next(f for f in self.all_folders() if f.id == folder_id)

    def all_folders(self) -> list[StoredFolder]:
        found: dict[str, StoredFolder] = {}
        waiting = list(self.folders)
        while waiting:
            folder = waiting.pop()
            if folder.id not in found:
                found[folder.id] = folder
                waiting += folder.children
        return list(found.values())

    def mails(self) -> list[StoredMail]:
        return [mail for folder in self.all_folders() for mail in folder.mails]


def _folder(folder: StoredFolder) -> dict[str, object]:
    return {"id": folder.id, "displayName": folder.name, "childFolderCount": len(folder.children)}


def _message(mail: StoredMail) -> dict[str, object]:
    return {
        "@odata.etag": "W/x", "id": mail.id, "receivedDateTime": mail.received, "importance": "high",
        "from": {"emailAddress": {"name": "Ann", "address": mail.sender}},
        "toRecipients": [{"emailAddress": {"address": "care@shop.example"}}], "ccRecipients": [],
        "bccRecipients": [], "categories": ["Claims", "Urgent"], "conversationId": "AAconv", "isRead": False,
        "hasAttachments": True,
    }  # fmt: skip


def _json(value: object, status: int = 200, **headers: str) -> Reply:
    return Reply(json.dumps(value).encode(), status, {"Content-Type": "application/json", **headers})
