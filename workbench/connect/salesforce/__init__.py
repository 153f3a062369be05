"""Cases and comments from Salesforce, through simple-salesforce; imported only when opened."""

from __future__ import annotations

from workbench.connect.salesforce.fetch import SalesforceConnector

__all__ = ["SalesforceConnector"]
