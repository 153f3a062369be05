"""The connector for a connection."""

from __future__ import annotations

from workbench.connect.graph import GraphConnector
from workbench.connect.imap import ImapConnector
from workbench.connect.protocol import Connector, FetchLimits
from workbench.connect.secrets import Secrets
from workbench.domain.connections import Connection, GraphConnection, ImapConnection


def open_connector(
    connection: Connection, secrets: Secrets, *, limits: FetchLimits | None = None
) -> Connector:
    """Make the connector for a connection; the server is first spoken to when pages are asked for."""
    if isinstance(connection, ImapConnection):
        return ImapConnector(connection, secrets, limits)
    if isinstance(connection, GraphConnection):
        return GraphConnector(connection, secrets, limits)
    raise NotImplementedError
