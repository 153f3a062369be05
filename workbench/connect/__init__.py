"""Mailboxes and services to pages of raw mail or records: pure fetchers that never see the store or a clock."""

from __future__ import annotations

from workbench.connect.opening import open_connector
from workbench.connect.protocol import Cancelled, Connector, FetchLimits, Folder, Page
from workbench.connect.pushing import Push, Pushed, PushTarget, allows, is_public, new_secret, signature
from workbench.connect.rules import Happening, SyncStatus, backoff, next_status, what_happened
from workbench.connect.wanted import are_people_wanted, is_folder_wanted

__all__ = [
    "Cancelled",
    "Connector",
    "FetchLimits",
    "Folder",
    "Happening",
    "Page",
    "Push",
    "PushTarget",
    "Pushed",
    "SyncStatus",
    "allows",
    "are_people_wanted",
    "backoff",
    "is_folder_wanted",
    "is_public",
    "new_secret",
    "next_status",
    "open_connector",
    "signature",
    "what_happened",
]
