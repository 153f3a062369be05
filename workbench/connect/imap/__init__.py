"""Mail from any IMAP server."""

from __future__ import annotations

from workbench.connect.imap.fetch import ImapConnector

__all__ = ["ImapConnector"]
