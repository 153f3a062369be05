"""Mailboxes and mail files to messages: read raw mail, parse it, rebuild threads, make batches."""

from __future__ import annotations

from workbench.ingest.mailbox.batch import to_batch
from workbench.ingest.mailbox.compose import compose_mail
from workbench.ingest.mailbox.kinds import MailboxKind, find_mailbox_kind
from workbench.ingest.mailbox.limits import DEFAULT_LIMITS, MailLimits
from workbench.ingest.mailbox.parsing import parse
from workbench.ingest.mailbox.readers import UNPACKED_BYTES, read_mailbox
from workbench.ingest.mailbox.threads import ThreadEntry, Threads, assign_threads, thread_keys

__all__ = [
    "DEFAULT_LIMITS",
    "UNPACKED_BYTES",
    "MailLimits",
    "MailboxKind",
    "ThreadEntry",
    "Threads",
    "assign_threads",
    "compose_mail",
    "find_mailbox_kind",
    "parse",
    "read_mailbox",
    "thread_keys",
    "to_batch",
]
