"""Mailboxes and mail files to messages: read raw mail, parse it, rebuild threads, make batches."""

from __future__ import annotations

from workbench.domain.mail import ThreadEntry
from workbench.ingest.mailbox.batch import to_batch
from workbench.ingest.mailbox.compose import compose_mail
from workbench.ingest.mailbox.kinds import MailboxKind, find_mailbox_kind
from workbench.ingest.mailbox.limits import DEFAULT_LIMITS, MailLimits
from workbench.ingest.mailbox.parsing import parse
from workbench.ingest.mailbox.readers import UNPACKED_BYTES, read_mailbox
from workbench.ingest.mailbox.reading import ReadMail, read_mail
from workbench.ingest.mailbox.threads import SUBJECT_DAYS, Threads, assign_threads, thread_keys, thread_spans

__all__ = [
    "DEFAULT_LIMITS",
    "SUBJECT_DAYS",
    "UNPACKED_BYTES",
    "MailLimits",
    "MailboxKind",
    "ReadMail",
    "ThreadEntry",
    "Threads",
    "assign_threads",
    "compose_mail",
    "find_mailbox_kind",
    "parse",
    "read_mail",
    "read_mailbox",
    "thread_keys",
    "thread_spans",
    "to_batch",
]
