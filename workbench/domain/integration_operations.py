"""The operations on integrations: connections to mailboxes, which are read again and again.

A part of ``Operations``, in a module of its own for its length.
"""

# ruff: noqa: FBT001, FBT002 - flags travel by name

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from workbench.domain.connections import Mailbox
from workbench.domain.ids import IntegrationId, JobId
from workbench.domain.integrations import AnyConnection, Integration, MailboxFolder
from workbench.domain.secrets import Secrets


class IntegrationOperations(Protocol):
    """Reading mailboxes and services, by themselves and on demand."""

    def integrations(self, project: str | None = None) -> tuple[Integration, ...]:
        """Integrations with the status of each mailbox and folder, by full name; None = of all projects."""
        ...

    def integration(self, integration_id: IntegrationId) -> Integration:
        """One integration as it stands now; ``UnknownNameError`` when there is none."""
        ...

    def create_integration(
        self,
        project: str,
        name: str,
        connection: AnyConnection,
        mailboxes: tuple[Mailbox, ...] = (),
        title: str = "",
        enabled: bool = True,
    ) -> Integration:
        """Set up a connection with its mailboxes; the project is created when it does not exist.

        Nothing is read before its secrets are set (``set_secrets``).
        """
        ...

    def amend_integration(
        self,
        integration_id: IntegrationId,
        title: str | None = None,
        connection: AnyConnection | None = None,
        mailboxes: tuple[Mailbox, ...] | None = None,
    ) -> Integration:
        """Change title, connection or the list of mailboxes; None = as it is.

        What was read of a mailbox that leaves the list is forgotten, its mail stays. The kind of connection is fixed.
        """
        ...

    def set_secrets(self, integration_id: IntegrationId, secrets: Secrets) -> Integration:
        """Set the secrets of a connection in the place of all earlier ones; no operation gives them back.

        Mailboxes that were stopped for their errors are tried again.
        """
        ...

    def enable_integration(
        self, integration_id: IntegrationId, enabled: bool, mailbox: str | None = None
    ) -> Integration:
        """Pause (False) or resume an integration, or one of its mailboxes by address.

        A pause takes effect at once: what is being fetched is not stored any more. Resuming lifts every reason.
        """
        ...

    def delete_integration(self, integration_id: IntegrationId, confirm: str) -> Integration:
        """Delete an integration with its secrets and what is known of its folders; ``confirm`` repeats the full name.

        Mail and messages that it brought stay.
        """
        ...

    def mailbox_folders(self, integration_id: IntegrationId, mailbox: str) -> tuple[MailboxFolder, ...]:
        """Ask the server for the folders of a mailbox, and which of them would be read.

        This is the test of a connection: a ``ConnectError`` names the host and what failed on the way there.
        """
        ...

    def start_sync(self, integration_id: IntegrationId, mailbox: str | None = None) -> JobId:
        """Read what is new now, of one mailbox or all that are enabled, without waiting for their next turn."""
        ...

    def resync_mailbox(
        self,
        integration_id: IntegrationId,
        mailbox: str,
        since: datetime | None = None,
        folder: tuple[str, ...] | None = None,
    ) -> Integration:
        """Read a mailbox again from ``since`` on (None = all of it), which becomes its start date.

        With ``folder`` only that one is read again, from the start date that its mailbox has. What is known already
        is recognised and costs nothing; what was deleted here comes back as new.
        """
        ...
