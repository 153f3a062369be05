"""The connector for a connection."""

from __future__ import annotations

from workbench.connect.imap import ImapConnector
from workbench.connect.protocol import Connector, FetchLimits
from workbench.connect.secrets import Secrets
from workbench.domain.connections import Connection


def open_connector(
    connection: Connection, secrets: Secrets, *, limits: FetchLimits | None = None
) -> Connector:
    """Make the connector for a connection; the server is first spoken to when pages are asked for."""
    return ImapConnector(connection, secrets, limits)
