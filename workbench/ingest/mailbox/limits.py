"""How much of one mail is read. Whatever lies beyond a limit is left out, and the mail says so."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class MailLimits:
    """Bounds on one mail; the defaults let every mail through that Exchange or Gmail would deliver.

    Attributes
    ----------
    mail_bytes
        Size of the raw mail. Larger ones are refused with ``InputError``.
    header_bytes
        Header block of the mail, and of each of its parts; the rest of a longer one is not read.
    depth
        Parts within parts. Deeper ones stay undivided, as one attachment.
    parts
        Number of parts; later ones are left out.
    decoded_bytes
        All decoded parts together; attachments past it are left out.
    html_bytes
        HTML text that is read; the rest is left out.
    text_characters
        Subject, body, signature and full text each.
    attachments
        Attachments kept.
    addresses
        Addresses in each of To, Cc and Bcc.
    references
        Message-IDs of ancestors; of a longer list the first and the last ones are kept, half each.
    """

    mail_bytes: int = 157_286_400
    header_bytes: int = 65_536
    depth: int = 30
    parts: int = 1_000
    decoded_bytes: int = 268_435_456
    html_bytes: int = 33_554_432
    text_characters: int = 65_536
    attachments: int = 128
    addresses: int = 2_048
    references: int = 200


DEFAULT_LIMITS = MailLimits()
