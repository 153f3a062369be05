"""Exchange Web Services, as far as reading mail goes, in memory."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from tests.connect.services import Reply, Request, Service

PASSWORD = "exch4nge-pass"
SECRET = "4pp-secret"
_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">'
    '<s:Header><h:ServerVersionInfo MajorVersion="15" MinorVersion="1" MajorBuildNumber="2507" '
    'MinorBuildNumber="6" Version="V2017_07_11" '
    'xmlns:h="http://schemas.microsoft.com/exchange/services/2006/types"/></s:Header>'
    '<s:Body xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" '
    'xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types">'
)
_TAIL = "</s:Body></s:Envelope>"


@dataclass
class EwsMail:
    id: str
    content: bytes
    received: str
    tag: str = "Message"


@dataclass
class EwsFolder:
    id: str
    name: str
    parent: str = "top"
    kind: str = "IPF.Note"
    known_as: str = ""
    mails: list[EwsMail] = field(default_factory=list)


def respond(service: str, messages: str) -> bytes:
    return (
        f"{_HEAD}<m:{service}Response><m:ResponseMessages>{messages}</m:ResponseMessages></m:{service}Response>{_TAIL}"
    ).encode()


def success(service: str, content: str) -> str:
    return (
        f'<m:{service}ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>{content}'
        f"</m:{service}ResponseMessage>"
    )


def failure(service: str, code: str, extra: str = "") -> str:
    return (
        f'<m:{service}ResponseMessage ResponseClass="Error"><m:MessageText>No: {code}</m:MessageText>'
        f"<m:ResponseCode>{code}</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>{extra}"
        f"</m:{service}ResponseMessage>"
    )


class EwsServer(Service):
    """Knows a service user by password, and an application by numbered tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.inbox = EwsFolder("AAinbox", "Inbox", known_as="inbox")
        self.folders = [self.inbox, EwsFolder("AAcal", "Calendar", kind="IPF.Appointment")]
        self.n_tokens = 0
        self.calls_per_token = 10**9
        self._calls_left = 0

    def answer(self, request: Request) -> Reply:
        if request.path.endswith("/oauth2/v2.0/token"):
            if SECRET.encode() not in request.body:
                return Reply(b'{"error": "invalid_client"}', 401)
            self.n_tokens, self._calls_left = self.n_tokens + 1, self.calls_per_token
            return Reply(f'{{"access_token": "token-{self.n_tokens}"}}'.encode())
        given = request.headers.get("Authorization", "")
        basic = "Basic " + base64.b64encode(f"svc:{PASSWORD}".encode()).decode()
        if given == f"Bearer token-{self.n_tokens}" and self._calls_left > 0:
            self._calls_left -= 1
        elif given != basic:
            return Reply(b"", 401, {"WWW-Authenticate": 'Basic realm="x"'})
        text = request.body.decode()
        service = re.search(r"<s:Body><m:(\w+)", text)[1]  # type: ignore[index]
        return Reply(
            getattr(self, f"_{service.lower()}")(text), headers={"Content-Type": "text/xml; charset=utf-8"}
        )

    def _getfolder(self, text: str) -> bytes:
        known = {folder.known_as: folder for folder in self.folders}
        return respond(
            "GetFolder",
            "".join(
                success("GetFolder", f"<m:Folders>{_folder(known[name])}</m:Folders>")
                if name in known
                else failure("GetFolder", "ErrorFolderNotFound", "<m:Folders/>")
                for name in re.findall(r'<t:DistinguishedFolderId Id="(\w+)"', text)
            ),
        )

    def _findfolder(self, text: str) -> bytes:
        assert 'Traversal="Deep"' in text
        assert 'Id="msgfolderroot"' in text
        found = "".join(map(_folder, self.folders))
        return respond(
            "FindFolder",
            success(
                "FindFolder",
                f'<m:RootFolder TotalItemsInView="{len(self.folders)}" IncludesLastItemInRange="true" '
                f'IndexedPagingOffset="{len(self.folders)}"><t:Folders>{found}</t:Folders></m:RootFolder>',
            ),
        )

    def _syncfolderitems(self, text: str) -> bytes:
        wanted = re.search(r'<t:FolderId Id="([^"]+)"', text)[1]  # type: ignore[index]
        folder = next(f for f in self.folders if f.id == wanted)
        state = re.search(r"<m:SyncState>state-(\d+)<", text)
        size = int(re.search(r"<m:MaxChangesReturned>(\d+)<", text)[1])  # type: ignore[index]
        begin = int(state[1]) if state else 0
        mails = folder.mails[begin : begin + size]
        end = begin + len(mails)
        created = "".join(
            f'<t:Create><t:{mail.tag}><t:ItemId Id="{mail.id}" ChangeKey="ck"/><t:Size>{len(mail.content)}</t:Size>'
            f"<t:DateTimeReceived>{mail.received}</t:DateTimeReceived></t:{mail.tag}></t:Create>"
            for mail in mails
        )
        read = (
            '<t:ReadFlagChange><t:ItemId Id="x" ChangeKey="y"/><t:IsRead>true</t:IsRead></t:ReadFlagChange>'
        )
        gone = '<t:Delete><t:ItemId Id="x" ChangeKey="y"/></t:Delete>'
        last = str(end == len(folder.mails)).lower()
        return respond(
            "SyncFolderItems",
            success(
                "SyncFolderItems",
                f"<m:SyncState>state-{end}</m:SyncState><m:IncludesLastItemInRange>{last}"
                f"</m:IncludesLastItemInRange><m:Changes>{created}{read}{gone}</m:Changes>",
            ),
        )

    def _getitem(self, text: str) -> bytes:
        mails = {mail.id: mail for folder in self.folders for mail in folder.mails}
        return respond(
            "GetItem",
            "".join(
                success("GetItem", f"<m:Items>{_item(mails[name])}</m:Items>")
                if name in mails
                else failure("GetItem", "ErrorItemNotFound", "<m:Items/>")
                for name in re.findall(r'<t:ItemId Id="([^"]+)"', text)
            ),
        )


def _folder(folder: EwsFolder) -> str:
    return (
        f'<t:Folder><t:FolderId Id="{folder.id}" ChangeKey="ck"/><t:ParentFolderId Id="{folder.parent}" ChangeKey="ck"/>'
        f"<t:FolderClass>{folder.kind}</t:FolderClass><t:DisplayName>{escape(folder.name)}</t:DisplayName></t:Folder>"
    )


def _item(mail: EwsMail) -> str:
    return (
        f'<t:{mail.tag}><t:MimeContent CharacterSet="UTF-8">{base64.b64encode(mail.content).decode()}</t:MimeContent>'
        f'<t:ItemId Id="{mail.id}" ChangeKey="ck"/><t:Sensitivity>Private</t:Sensitivity>'
        f"<t:DateTimeReceived>{mail.received}</t:DateTimeReceived><t:Categories><t:String>Claims</t:String>"
        f"<t:String>Urgent</t:String></t:Categories><t:Importance>High</t:Importance>"
        f'<t:HasAttachments>true</t:HasAttachments><t:ConversationId Id="AAconv"/>'
        f"<t:ConversationTopic>Refund</t:ConversationTopic><t:IsRead>false</t:IsRead></t:{mail.tag}>"
    )
