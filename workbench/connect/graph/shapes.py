"""Graph's JSON, as far as it is read here, and what it says of a mail."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from workbench.domain.connections import FolderRole
from workbench.domain.messages import PropertyValue

_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
WELL_KNOWN: dict[str, FolderRole] = {
    "inbox": "inbox", "sentitems": "sent", "drafts": "drafts", "junkemail": "junk", "deleteditems": "trash",
    "archive": "archive",
}  # fmt: skip
SELECTED = (
    "receivedDateTime,internetMessageId,from,sender,toRecipients,ccRecipients,bccRecipients,importance,"
    "categories,conversationId,isRead,hasAttachments"
)


class EmailAddress(msgspec.Struct):
    """An address."""

    address: str | None = None


class Recipient(msgspec.Struct, rename="camel"):
    """A person a mail came from or went to."""

    email_address: EmailAddress = msgspec.field(default_factory=EmailAddress)


class GraphMessage(msgspec.Struct, rename="camel"):
    """A mail in a delta answer; ``removed`` is set when it left the folder."""

    id: _Id
    removed: dict[str, str] | None = msgspec.field(default=None, name="@removed")
    received_date_time: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    from_: Recipient | None = msgspec.field(default=None, name="from")
    sender: Recipient | None = None
    to_recipients: list[Recipient] = msgspec.field(default_factory=list)
    cc_recipients: list[Recipient] = msgspec.field(default_factory=list)
    bcc_recipients: list[Recipient] = msgspec.field(default_factory=list)
    importance: str = ""
    categories: list[str] = msgspec.field(default_factory=list)
    conversation_id: str | None = None
    is_read: bool | None = None
    has_attachments: bool | None = None

    def participants(self) -> list[str]:
        """Every address in it."""
        people = [self.from_, self.sender, *self.to_recipients, *self.cc_recipients, *self.bcc_recipients]
        return [person.email_address.address or "" for person in people if person is not None]

    def properties(self) -> dict[str, PropertyValue]:
        """Facts of the mailbox that the mail's text does not hold."""
        found: dict[str, PropertyValue] = {}
        if self.importance:
            found["string:Importance"] = self.importance.capitalize()
        if self.categories:
            found["string:Categories"] = "; ".join(self.categories)
        if self.conversation_id:
            found["string:Conversation ID"] = self.conversation_id
        for name, value in (("Is Read", self.is_read), ("Has Attachments", self.has_attachments)):
            if value is not None:
                found[f"string:{name}"] = "Yes" if value else "No"
        return found


class MessageList(msgspec.Struct):
    """A delta answer: some mails, and where to go on."""

    value: list[GraphMessage]
    next_link: str | None = msgspec.field(default=None, name="@odata.nextLink")
    delta_link: str | None = msgspec.field(default=None, name="@odata.deltaLink")


class GraphFolder(msgspec.Struct, rename="camel"):
    """A folder."""

    id: _Id
    display_name: str = ""
    child_folder_count: int = 0


class FolderList(msgspec.Struct):
    """Some folders, and where to go on."""

    value: list[GraphFolder]
    next_link: str | None = msgspec.field(default=None, name="@odata.nextLink")


class _Error(msgspec.Struct):
    code: str = ""


class ErrorAnswer(msgspec.Struct):
    """Why a request failed."""

    error: _Error = msgspec.field(default_factory=_Error)


class GraphCursor(msgspec.Struct, frozen=True):
    """Where a folder's reading goes on: a link of the server's, for which folder, begun with which start date."""

    link: str
    folder_id: str
    start: str = ""
    kind: Literal["graph"] = "graph"
