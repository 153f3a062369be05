"""Integrations: a connection, the mailboxes read by it, and how far each was read."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Literal

from workbench.domain.connections import (
    Connection,
    DisabledReason,
    EwsConnection,
    FolderRole,
    GraphConnection,
    ImapConnection,
    Mailbox,
    SalesforceConnection,
)
from workbench.domain.ids import IntegrationId
from workbench.errors import InputError

ConnectionKind = Literal["imap", "ews", "graph", "salesforce"]
SecretName = Literal["password", "token", "client_secret", "security_token"]


@dataclass(frozen=True, kw_only=True)
class AnyConnection:
    """A connection of any kind, as it travels and is stored: exactly one of the four is set.

    Raises
    ------
    InputError
        None is set, or more than one.
    """

    imap: ImapConnection | None = None
    ews: EwsConnection | None = None
    graph: GraphConnection | None = None
    salesforce: SalesforceConnection | None = None

    def __post_init__(self) -> None:
        """Refuse none and several."""
        given = self._given()
        if len(given) != 1:
            raise InputError(
                f"a connection is of one kind, {' and '.join(given) or 'none'} was given.",
                next_step="Set one of imap, ews, graph and salesforce.",
                details={"kinds": list(given)},
            )

    @classmethod
    def of(cls, connection: Connection) -> AnyConnection:
        """Wrap a connection."""
        kinds: dict[type, str] = {
            ImapConnection: "imap", EwsConnection: "ews", GraphConnection: "graph", SalesforceConnection: "salesforce",
        }  # fmt: skip
        return cls(**{kinds[type(connection)]: connection})  # type: ignore[arg-type]

    @property
    def kind(self) -> ConnectionKind:
        """Which it is."""
        (kind,) = self._given()
        return kind  # type: ignore[return-value]

    @property
    def only(self) -> Connection:
        """The connection itself."""
        found: Connection = getattr(self, self.kind)
        return found

    @property
    def host(self) -> str:
        """Where it leads, as people know it: host or address."""
        one = self.only
        if isinstance(one, ImapConnection):
            return f"{one.host}:{one.port}"
        return one.login_host if isinstance(one, SalesforceConnection) else one.endpoint

    @property
    def needed_secrets(self) -> tuple[SecretName, ...]:
        """What proves who we are there; the first one must be set."""
        one = self.only
        if isinstance(one, ImapConnection):
            return ("token",) if one.sign_in == "token" else ("password",)
        if isinstance(one, GraphConnection) or one.sign_in == "app":
            return ("client_secret",)
        return ("password", "security_token") if isinstance(one, SalesforceConnection) else ("password",)

    def _given(self) -> tuple[str, ...]:
        return tuple(one.name for one in fields(self) if getattr(self, one.name) is not None)


@dataclass(frozen=True, kw_only=True)
class MailboxFolder:
    """A folder that a mailbox has: its path, outermost name first, what it is for, and whether it is read."""

    path: tuple[str, ...]
    role: FolderRole | None = None
    wanted: bool = True


@dataclass(frozen=True, kw_only=True)
class FolderStatus:
    """How far one folder was read.

    Attributes
    ----------
    up_to_date
        False while older mail is still being fetched.
    synced_until
        Newest mail that was read, by the time its mailbox received it.
    last_synced_at
        When it was last looked at with success.
    error
        Why it could not be read the last time, empty = it could.
    n_messages
        Mails that are kept and were found in it, whoever brought them; of Salesforce, messages of its kind of record.
    """

    path: tuple[str, ...]
    up_to_date: bool = False
    synced_until: datetime | None = None
    last_synced_at: datetime | None = None
    error: str = ""
    n_messages: int = 0


@dataclass(frozen=True, kw_only=True)
class MailboxStatus:
    """A mailbox and how reading it goes.

    Attributes
    ----------
    mailbox
        As set up; ``enabled`` and ``disabled_reason`` as they are now.
    n_failures
        Failed attempts since the last success; being asked to wait does not count.
    error_code, error, next_step
        Of the last attempt, empty = it went well.
    tried_at, next_try_at
        None = never; ``next_try_at`` None = not before somebody resumes it.
    n_problems, problems
        Mails that could not be read since it was set up, and the newest of them, in words.
    """

    mailbox: Mailbox
    n_failures: int = 0
    error_code: str = ""
    error: str = ""
    next_step: str = ""
    tried_at: datetime | None = None
    next_try_at: datetime | None = None
    n_problems: int = 0
    problems: tuple[str, ...] = ()
    folders: tuple[FolderStatus, ...] = ()

    @property
    def up_to_date(self) -> bool:
        """Whether every folder that was seen is."""
        return bool(self.folders) and all(one.up_to_date and not one.error for one in self.folders)

    @property
    def n_messages(self) -> int:
        """Of all its folders; what lies in two of them counts in both."""
        return sum(one.n_messages for one in self.folders)

    @property
    def last_synced_at(self) -> datetime | None:
        """When a folder was last looked at with success, None = never."""
        return max((one.last_synced_at for one in self.folders if one.last_synced_at), default=None)


@dataclass(frozen=True, kw_only=True)
class Integration:
    """A connection with its mailboxes.

    Attributes
    ----------
    secrets
        Names of the secrets that are set; their values are shown to nobody.
    enabled, disabled_reason
        Whether any of its mailboxes is read; each has its own status beside it.
    """

    integration_id: IntegrationId
    project: str
    name: str
    title: str
    connection: AnyConnection
    enabled: bool = True
    disabled_reason: DisabledReason | None = None
    secrets: tuple[SecretName, ...] = ()
    mailboxes: tuple[MailboxStatus, ...] = field(default=())
    created_at: datetime
    updated_at: datetime | None = None

    @property
    def full_name(self) -> str:
        """``project/name``."""
        return f"{self.project}/{self.name}"
