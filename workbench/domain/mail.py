"""Mail as it crosses rooms: raw from a mailbox or a file, and read into its parts.

``connect`` and the file readers hand over ``RawMail``; ``ingest`` turns it into ``MailMessage``; the workspace
stores both. One raw mail is kept once per bucket, whatever number of mailboxes held it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from workbench.domain.messages import PropertyValue


@dataclass(frozen=True, kw_only=True)
class RawMail:
    """A mail as it was received.

    Attributes
    ----------
    content
        The whole RFC 5322 text with its MIME parts, bytes as received.
    mailbox
        Address or name of the mailbox (or file) it was found in.
    folder
        Path of its folder within the mailbox, outermost first.
    remote_id
        What the server calls it there; stable while it stays in its folder. Empty for files.
    received_at
        When the mailbox received it; None when not known.
    properties
        Facts of the mailbox that are not in the text, as user properties (``string:Importance`` …).
    """

    content: bytes
    mailbox: str
    folder: tuple[str, ...] = ()
    remote_id: str = ""
    received_at: datetime | None = None
    properties: dict[str, PropertyValue] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class MailAttachment:
    """A file that came with a mail.

    Attributes
    ----------
    content
        Its bytes; None where it was too large to be kept.
    content_hash
        SHA-256 of the content in hex.
    size
        In bytes; None = that of the content.
    """

    name: str
    content_type: str
    content: bytes | None
    content_hash: str
    inline: bool = False
    size: int | None = None


@dataclass(frozen=True, kw_only=True)
class MailMessage:
    """A mail read into its parts; all text is valid Unicode without control characters.

    Attributes
    ----------
    message_id
        Id within the source: the Internet Message-ID without brackets, UTF-8, hex-encoded; where a mail has none, hex of
        ``sha256:`` and a hash over sender, date, subject and body, so that the same mail gets the same id.
    body
        New text only: quoted history and signature are cut off. ``full_text`` is the whole text. A forwarded
        mail is new text to those who receive it, and stays. Texts have at most 65,536 characters each.
    sender, to, cc, bcc
        Addresses, domain in lower case; the bare text where a header holds no address.
    sender_name
        Name of the sender as displayed, empty when there is none; signatures are recognised by it.
    references
        Message-IDs (without brackets) this mail answers, oldest first, its direct parent last.
    sent_at
        The Date header in UTC; where unusable ``received_at``, then the newest ``Received`` header; None when
        none of them says.
    properties
        Derived properties (``string:Sender Domain``, ``string:Has Signature``, …) and the raw mail's own.
    problems
        What had to be repaired or left out, worded for a person; empty for a sound mail.
    """

    message_id: str
    subject: str
    body: str
    signature: str
    full_text: str
    sender: str | None
    sender_name: str = ""
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    sent_at: datetime | None = None
    references: tuple[str, ...] = ()
    attachments: tuple[MailAttachment, ...] = ()
    properties: dict[str, PropertyValue] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ThreadEntry:
    """What is remembered of a mail, or of an id that a mail named, to place later ones.

    Attributes
    ----------
    subject
        Without reply prefixes and list tags, folded; empty for a mail that was only named.
    sent_at
        UTC; None when unknown or only named.
    people
        Addresses of sender and recipients, folded.
    joins_by_subject
        A reply that names no mail: it looks for its thread by subject.
    """

    thread_id: str
    subject: str = ""
    sent_at: datetime | None = None
    people: frozenset[str] = frozenset()
    joins_by_subject: bool = False


@dataclass(frozen=True, kw_only=True)
class FolderState:
    """How far one folder of one mailbox has been read.

    Attributes
    ----------
    cursor
        The connector's own bookmark (IMAP UIDVALIDITY and UID, an Exchange sync token, a delta link, a
        time): text, opaque to everybody else, empty = from the beginning.
    up_to_date
        False while older mail is still being fetched.
    """

    mailbox: str
    folder: tuple[str, ...]
    cursor: str = ""
    up_to_date: bool = False
    synced_until: datetime | None = None
    last_synced_at: datetime | None = None
