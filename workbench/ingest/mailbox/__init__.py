"""Mailboxes and mail files to messages: read raw mail, parse it, rebuild threads, make batches."""

from __future__ import annotations

from workbench.ingest.mailbox.limits import DEFAULT_LIMITS, MailLimits
from workbench.ingest.mailbox.parsing import parse
from workbench.ingest.mailbox.threads import ThreadEntry, Threads, assign_threads, thread_keys

__all__ = [
    "DEFAULT_LIMITS",
    "MailLimits",
    "ThreadEntry",
    "Threads",
    "assign_threads",
    "parse",
    "thread_keys",
]
