"""Exchange Online by Microsoft Graph."""

from __future__ import annotations

from workbench.connect.graph.fetch import GraphConnector

__all__ = ["GraphConnector"]
