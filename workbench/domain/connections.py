"""Connections to where messages live: how each is reached, which mail is wanted, what a record looks like.

Configuration only: no secret is part of any type here, so that all of it may be stored, shown and exported.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from workbench.domain.ids import SourceId
from workbench.domain.messages import PropertyValue
from workbench.errors import InputError

__all__ = [
    "BucketTarget",
    "Connection",
    "DisabledReason",
    "EwsConnection",
    "FetchOrder",
    "FolderRole",
    "GraphConnection",
    "ImapConnection",
    "Mailbox",
    "MessageRecord",
    "SalesforceConnection",
]

DisabledReason = Literal["user", "quota", "sync_error"]
FolderRole = Literal["all", "archive", "drafts", "flagged", "inbox", "junk", "sent", "trash"]
FetchOrder = Literal["newest", "oldest"]


@dataclass(frozen=True, kw_only=True)
class ImapConnection:
    """An IMAP server and the account to read there.

    Attributes
    ----------
    security
        ``tls`` from the first byte, ``starttls`` upgraded before signing in, ``plain`` not encrypted.
    sign_in
        ``password``, or ``token`` for an OAuth access token (XOAUTH2).
    access
        ``own`` reads what the user sees; ``delegate`` signs the user in in the name of each mailbox's address, which
        the server must allow (SASL authorization identity; with a token the address it is used for).
    allow_plain
        Permit ``plain`` to a host that is not this machine.
    ca_file
        PEM file of authorities to trust instead of the system's; empty = the system's.
    """

    host: str
    user_name: str
    port: int = 993
    security: Literal["tls", "starttls", "plain"] = "tls"
    sign_in: Literal["password", "token"] = "password"
    access: Literal["own", "delegate"] = "own"
    allow_plain: bool = False
    ca_file: str = ""


@dataclass(frozen=True, kw_only=True)
class EwsConnection:
    """An Exchange server spoken to by Exchange Web Services.

    Attributes
    ----------
    endpoint
        Full address, such as ``https://mail.example.com/EWS/Exchange.asmx``.
    sign_in
        ``basic`` or ``ntlm`` with ``user_name`` (a service user); ``app`` with ``tenant_id`` and ``client_id``
        (an Azure application, tokens from ``authority``).
    access
        ``delegate`` for a service user with rights on the mailbox, ``impersonation`` for an application or
        a user with that role.
    build
        Version of the server, such as ``15.1.2507.6``: the calls it understands. Exchange 2016 by default.
    allow_plain, ca_file
        As for IMAP.
    """

    endpoint: str
    sign_in: Literal["basic", "ntlm", "app"] = "basic"
    access: Literal["delegate", "impersonation"] = "delegate"
    user_name: str = ""
    tenant_id: str = ""
    client_id: str = ""
    authority: str = "https://login.microsoftonline.com"
    build: str = "15.1.2507.6"
    allow_plain: bool = False
    ca_file: str = ""


@dataclass(frozen=True, kw_only=True)
class GraphConnection:
    """Exchange Online by Microsoft Graph, as an Azure application; other clouds have other addresses.

    Attributes
    ----------
    user_name
        A service user whom other clients name; kept and shown, not used: the application has rights of its own.
    """

    tenant_id: str
    client_id: str
    endpoint: str = "https://graph.microsoft.com/v1.0"
    authority: str = "https://login.microsoftonline.com"
    allow_plain: bool = False
    ca_file: str = ""
    user_name: str = ""


@dataclass(frozen=True, kw_only=True)
class SalesforceConnection:
    """A Salesforce organisation.

    Attributes
    ----------
    login_host
        ``login.salesforce.com``, ``test.salesforce.com`` or the own domain ``<name>.my.salesforce.com``.
    sign_in
        ``app``: client credentials of a connected app (needs the own domain); ``password``: a user's
        password and security token.
    comments
        Read case comments too, not only cases.
    ca_file
        As for IMAP.
    """

    login_host: str
    sign_in: Literal["app", "password"] = "app"
    user_name: str = ""
    client_id: str = ""
    api_version: str = "62.0"
    comments: bool = True
    ca_file: str = ""


Connection = ImapConnection | EwsConnection | GraphConnection | SalesforceConnection


@dataclass(frozen=True, kw_only=True)
class BucketTarget:
    """The bucket a mailbox flows into; made when it does not exist yet."""

    project: str
    name: str
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """One mailbox of a connection, and which of its mail is wanted.

    Lists that are empty do not restrict; a deny list is stronger than an allow list. Upper and lower case
    count the same everywhere.

    Attributes
    ----------
    address
        Address of the mailbox; the name it is stored under.
    start_at
        Only what the mailbox received at or after this time; None = everything.
    folder_allow, folder_deny
        Paths of folders, outermost name first; each stands for the folder and all below it.
    skipped_roles
        Kinds of folder that are left out unless ``folder_allow`` names them.
    participant_allow, participant_deny
        Addresses: mail is wanted if any of sender and recipients is (not) listed.
    domain_allow, domain_deny
        The same by domain; a domain stands for its subdomains too.
    bucket, source
        Where it flows: mail into a bucket, records (Salesforce) into a source.
    order
        Where to begin with mail that is there already; only IMAP lets the reader choose.
    """

    address: str
    enabled: bool = True
    disabled_reason: DisabledReason | None = None
    bucket: BucketTarget | None = None
    source: SourceId | None = None
    start_at: datetime | None = None
    folder_allow: tuple[tuple[str, ...], ...] = ()
    folder_deny: tuple[tuple[str, ...], ...] = ()
    skipped_roles: tuple[FolderRole, ...] = ("all", "drafts", "junk", "trash")
    participant_allow: tuple[str, ...] = ()
    participant_deny: tuple[str, ...] = ()
    domain_allow: tuple[str, ...] = ()
    domain_deny: tuple[str, ...] = ()
    order: FetchOrder = "newest"

    def __post_init__(self) -> None:
        """Refuse a start without a time zone: it would mean another moment on another machine."""
        if self.start_at is not None and self.start_at.utcoffset() is None:
            raise InputError(
                f"the start date {self.start_at.isoformat()!r} of mailbox {self.address!r} has no time zone.",
                next_step="Give it one, for example '+00:00'.",
            )


@dataclass(frozen=True, kw_only=True)
class MessageRecord:
    """A message that was never a mail: a case, or a comment on one.

    Attributes
    ----------
    message_id
        The record's own id, the same at every reading; a changed record comes again under it.
    thread_id
        Id of the case for the case and all its comments.
    recipients
        Addresses it was written to, as far as they are known; a case does not say.
    created_at, changed_at
        When it was written, and when anybody last touched it.
    """

    message_id: str
    thread_id: str
    subject: str
    body: str
    sender: str | None
    created_at: datetime
    changed_at: datetime
    recipients: tuple[str, ...] = ()
    properties: dict[str, PropertyValue] = field(default_factory=dict)
