"""Mailboxes and services that are read by themselves, in the hands of an analyst."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import workbench.domain as words
from workbench.domain import (
    AnyConnection,
    BucketTarget,
    Connection,
    IntegrationId,
    Mailbox,
    MailboxFolder,
    Operations,
    Secrets,
    Source,
)
from workbench.door.jobs import Job
from workbench.door.names import split_name
from workbench.door.show import table
from workbench.errors import DuplicateNameError, InputError, UnknownNameError, WorkbenchError

Path = str | Sequence[str]
_SHOWN_FOLDERS = 100
_TRIED = 5


class Integration:
    """One integration: how it stands, and what can be done with it.

    Parameters
    ----------
    operations
        Where it runs.
    integration_id
        Which it is.
    """

    def __init__(self, operations: Operations, integration_id: IntegrationId) -> None:
        self._operations = operations
        self.integration_id = integration_id

    @property
    def info(self) -> words.Integration:
        """How it stands now: each mailbox, each folder, the last error, the next try."""
        return self._operations.integration(self.integration_id)

    def set_secrets(self, secrets: Secrets) -> Integration:
        """Set the secrets in the place of all earlier ones; they are never shown."""
        self._operations.set_secrets(self.integration_id, secrets)
        return self

    def folders(self, mailbox: str | None = None) -> tuple[MailboxFolder, ...]:
        """Ask the server for the folders of a mailbox, and which are read: the test of a connection.

        Raises
        ------
        ConnectError
            The server cannot be reached, refuses, or makes no sense; the text names it and the next step.
        """
        return self._operations.mailbox_folders(self.integration_id, mailbox or self._only_mailbox())

    def sync(self, mailbox: str | None = None, *, progress: bool = True) -> dict[str, Any]:
        """Read what is new now and wait for it; returns counts (mails, new, known, units, problems …)."""
        return Job(self._operations, self._operations.start_sync(self.integration_id, mailbox)).wait(
            progress=progress
        )

    def resync(
        self, mailbox: str | None = None, *, since: datetime | None = None, folder: Path | None = None
    ) -> Integration:
        """Read a mailbox again from a date on (None = all of it), or one folder of it, as ``"Orders/2026"``.

        What is known already costs nothing; what was deleted here comes back as new.
        """
        self._operations.resync_mailbox(
            self.integration_id,
            mailbox or self._only_mailbox(),
            since,
            None if folder is None else _path(folder),
        )
        return self

    def pause(self, mailbox: str | None = None) -> Integration:
        """Stop reading a mailbox (None = all) at once, until it is resumed."""
        self._operations.enable_integration(self.integration_id, False, mailbox)
        return self

    def resume(self, mailbox: str | None = None) -> Integration:
        """Read again, whatever the reason it was stopped for."""
        self._operations.enable_integration(self.integration_id, True, mailbox)
        return self

    def delete(self, *, confirm: str) -> None:
        """Delete it with its secrets; ``confirm`` repeats its full name. Mail and messages stay."""
        self._operations.delete_integration(self.integration_id, confirm)

    def __repr__(self) -> str:
        info = self.info
        return f"<Integration {info.full_name}: {info.connection.kind}, {len(info.mailboxes)} mailboxes>"

    def _repr_html_(self) -> str:
        """For notebooks: one row per mailbox, and one per folder of the first of them."""
        info = self.info
        folders = [(one.mailbox.address, *folder_row(each)) for one in info.mailboxes for each in one.folders]
        more = len(folders) - _SHOWN_FOLDERS
        mailboxes = table(
            f"Integration {info.full_name} ({info.connection.host})",
            ("mailbox", "state", "folders", "messages", "last read (UTC)", "next try (UTC)", "last error"),
            [mailbox_row(info, one) for one in info.mailboxes],
            ""
            if info.secrets
            else "Nothing is read before its secret is set: .set_secrets(Secrets(password=…)).",
        )
        if not folders:
            return mailboxes
        return mailboxes + table(
            "Folders",
            ("mailbox", "folder", "state", "messages", "newest (UTC)", "last read (UTC)", "last error"),
            folders[:_SHOWN_FOLDERS],
            f"{more:,} more: .info.mailboxes has them all." if more > 0 else "",
        )

    def _only_mailbox(self) -> str:
        addresses = [one.mailbox.address for one in self.info.mailboxes]
        if len(addresses) != 1:
            raise InputError(
                f"integration {self.info.full_name!r} has {len(addresses)} mailboxes; which is meant?",
                next_step=f"Name one of: {', '.join(addresses[:10]) or 'none yet'}.",
            )
        return addresses[0]


class Integrating:
    """Integrations by name, ``project/name``. What ``Workspace`` offers beside its verbs."""

    operations: Operations

    def integrations(self) -> tuple[Integration, ...]:
        """All integrations, by name."""
        return tuple(
            Integration(self.operations, one.integration_id) for one in self.operations.integrations()
        )

    def integration(self, name: str) -> Integration:
        """One integration by ``project/name``.

        Raises
        ------
        UnknownNameError
            There is none of that name.
        """
        known = {one.full_name: one.integration_id for one in self.operations.integrations()}
        if name not in known:
            raise UnknownNameError("integration", name, known)
        return Integration(self.operations, known[name])

    def connect_mailbox(
        self,
        name: str,
        connection: Connection,
        *,
        into: str,
        address: str | Sequence[str] = "",
        secrets: Secrets | None = None,
        start_at: datetime | None = None,
        folders: Iterable[Path] = (),
        not_folders: Iterable[Path] = (),
        people: Iterable[str] = (),
        not_people: Iterable[str] = (),
        test: bool = False,
    ) -> Integration:
        """Let a mailbox, or several, be read into a source, from now on by itself.

        Parameters
        ----------
        name
            ``project/name`` of the integration; one that exists gets the mailbox added, or set up anew.
        connection
            How the server is reached.
        into
            ``project/name`` of the source, which is made when there is none. Mail is kept in the bucket that the
            source reads, or in a new one of the same name.
        address
            Of the mailbox, or of several that share all that follows; empty = the connection's user name.
        secrets
            None = those that are set already.
        start_at
            Only what was received from then on; None = everything.
        folders, not_folders
            Folders that are read with all below them (none = all but drafts, junk and trash), and that are not:
            ``"Orders/2026"`` or ``("Orders", "2026")``.
        people, not_people
            Only mail with one of these among sender and recipients (none = all mail), and never mail with one of
            those: ``"ann@buyer.example"``, or ``"buyer.example"`` for a whole domain.
        test
            Ask the server for the folders of new mailboxes first (of the first five), and keep nothing where it does
            not answer.

        Raises
        ------
        ConnectError
            With ``test``: the server cannot be reached, refuses, or makes no sense.
        """
        project, short = split_name("integration", name)
        told = (address,) if isinstance(address, str) else tuple(address)
        like = Mailbox(
            address="",
            start_at=start_at,
            folder_allow=tuple(map(_path, folders)),
            folder_deny=tuple(map(_path, not_folders)),
        )
        like = with_people(like, people, not_people)
        user_name = getattr(connection, "user_name", "")
        mailboxes = tuple(replace(like, address=one or user_name) for one in told)
        wrapped = AnyConnection.of(connection)
        if test:
            self._try(name, wrapped, mailboxes[:_TRIED], secrets or Secrets(), into)
        if wrapped.kind == "salesforce":
            source = self._reader(into, "ticket").source_id
            mailboxes = tuple(replace(one, source=source) for one in mailboxes)
        else:
            bucket = self._bucket_of(into)
            mailboxes = tuple(replace(one, bucket=bucket) for one in mailboxes)
        known = {one.full_name: one for one in self.operations.integrations()}
        if name in known:
            new = {one.address for one in mailboxes}
            others = [one.mailbox for one in known[name].mailboxes if one.mailbox.address not in new]
            made = self.operations.amend_integration(
                known[name].integration_id, connection=wrapped, mailboxes=(*others, *mailboxes)
            )
        else:
            made = self.operations.create_integration(project, short, wrapped, mailboxes)
        if secrets is not None:
            self.operations.set_secrets(made.integration_id, secrets)
        return Integration(self.operations, made.integration_id)

    def _try(
        self,
        name: str,
        connection: AnyConnection,
        mailboxes: Sequence[Mailbox],
        secrets: Secrets,
        into: str,
    ) -> None:
        """Set the connection up switched off, ask it for folders, and take it away again."""
        project, short = split_name("integration", name)
        if any(one.full_name == name for one in self.operations.integrations()):
            raise DuplicateNameError("integration", name)
        bucket, lent = BucketTarget(project=project, name=short), None
        trial = tuple(replace(one, bucket=bucket) for one in mailboxes)
        if connection.kind == "salesforce":
            is_new = all(one.full_name != into for one in self.operations.sources())
            source = self._reader(into, "ticket")
            trial = tuple(replace(one, source=source.source_id) for one in mailboxes)
            lent = source if is_new else None
        made = self.operations.create_integration(project, short, connection, trial, enabled=False)
        try:
            self.operations.set_secrets(made.integration_id, secrets)
            for one in trial:
                self._ask(made.integration_id, one.address, several=len(trial) > 1)
        finally:
            self.operations.delete_integration(made.integration_id, made.full_name)
            if lent is not None:
                self.operations.delete_source(lent.source_id, lent.full_name)

    def _ask(self, integration_id: IntegrationId, address: str, *, several: bool) -> None:
        """Ask for the folders of a mailbox; of several the error names the one that failed."""
        try:
            self.operations.mailbox_folders(integration_id, address)
        except WorkbenchError as error:
            if several:
                error.message = f"{address}: {error.message}"
            raise

    def _reader(self, name: str, kind: words.SourceKind) -> Source:
        project, short = split_name("source", name)
        for source in self.operations.sources(project):
            if source.name == short:
                return source
        return self.operations.create_source(project, short, kind=kind)

    def _bucket_of(self, source_name: str) -> BucketTarget:
        source = self._reader(source_name, "email")
        buckets = {one.bucket_id: one for one in self.operations.buckets()}
        if source.bucket_id is not None:
            read = buckets[source.bucket_id]
            return BucketTarget(project=read.project, name=read.name)
        bucket = next((one for one in buckets.values() if one.full_name == source.full_name), None)
        bucket = bucket or self.operations.create_bucket(source.project, source.name)
        Job(self.operations, self.operations.start_attach(source.source_id, bucket.bucket_id)).wait(
            progress=False
        )
        return BucketTarget(project=bucket.project, name=bucket.name)


def with_people(mailbox: Mailbox, people: Iterable[str], not_people: Iterable[str]) -> Mailbox:
    """A mailbox with other lists of whose mail is wanted: addresses, and domains, which have no ``@``."""
    wanted, unwanted = tuple(people), tuple(not_people)
    return replace(
        mailbox,
        participant_allow=tuple(one for one in wanted if "@" in one),
        participant_deny=tuple(one for one in unwanted if "@" in one),
        domain_allow=tuple(one for one in wanted if "@" not in one),
        domain_deny=tuple(one for one in unwanted if "@" not in one),
    )


def mailbox_row(info: words.Integration, one: words.MailboxStatus) -> tuple[str, ...]:
    """Mailbox, state, folders, messages, last read, next try and last error of one mailbox, in words."""
    n_done = sum(folder.up_to_date and not folder.error for folder in one.folders)
    return (
        one.mailbox.address,
        state_of(info, one),
        f"{n_done} of {len(one.folders)} up to date" if one.folders else "none read yet",
        f"{one.n_messages:,}",
        _moment(one.last_synced_at),
        _moment(one.next_try_at if info.enabled else None),
        one.error or next((folder.error for folder in one.folders if folder.error), ""),
    )


def folder_row(one: words.FolderStatus) -> tuple[str, ...]:
    """Folder, state, messages, newest mail, last read and last error of one folder, in words."""
    return (
        "/".join(one.path),
        "not readable" if one.error else "up to date" if one.up_to_date else "being read",
        f"{one.n_messages:,}",
        _moment(one.synced_until),
        _moment(one.last_synced_at),
        one.error,
    )


def state_of(info: words.Integration, one: words.MailboxStatus) -> str:
    """How a mailbox stands, in a word or two."""
    reason = info.disabled_reason if not info.enabled else one.mailbox.disabled_reason
    if reason is not None:
        return {"user": "paused", "quota": "stopped: quota", "sync_error": "stopped: error"}[reason]
    if not info.secrets:
        return "no secret yet"
    if one.error:
        return "will try again"
    return "up to date" if one.up_to_date else "being read"


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else "-"


def _path(given: Path) -> tuple[str, ...]:
    return tuple(given.split("/")) if isinstance(given, str) else tuple(given)
