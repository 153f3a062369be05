"""Exchange by its Web Services, through exchangelib; imported only when such a connection is opened."""

from __future__ import annotations

from workbench.connect.ews.fetch import EwsConnector

__all__ = ["EwsConnector"]
