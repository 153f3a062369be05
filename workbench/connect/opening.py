"""The connector for a connection."""

from __future__ import annotations

from workbench.connect.graph import GraphConnector
from workbench.connect.imap import ImapConnector
from workbench.connect.protocol import Connector, FetchLimits
from workbench.domain.connections import Connection, EwsConnection, GraphConnection, ImapConnection
from workbench.domain.secrets import Secrets
from workbench.errors import MissingExtraError

_INSTALL = "pip install 'workbench-comms[connect]'"


def open_connector(
    connection: Connection, secrets: Secrets, *, limits: FetchLimits | None = None
) -> Connector:
    """Make the connector for a connection; the server is first spoken to when pages are asked for.

    Raises
    ------
    MissingExtraError
        The library for this kind of connection is not installed.
    """
    if isinstance(connection, ImapConnection):
        return ImapConnector(connection, secrets, limits)
    if isinstance(connection, GraphConnection):
        return GraphConnector(connection, secrets, limits)
    if isinstance(connection, EwsConnection):
        try:
            from workbench.connect.ews import EwsConnector  # noqa: PLC0415  # an extra, and slow to load
        except ModuleNotFoundError as error:
            raise MissingExtraError("exchangelib, which speaks to Exchange,", _INSTALL) from error
        return EwsConnector(connection, secrets, limits)
    try:
        from workbench.connect.salesforce import SalesforceConnector  # noqa: PLC0415  # as above
    except ModuleNotFoundError as error:
        raise MissingExtraError("simple-salesforce, which speaks to Salesforce,", _INSTALL) from error
    return SalesforceConnector(connection, secrets, limits)
