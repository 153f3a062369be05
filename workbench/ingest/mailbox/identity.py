"""Ids of mails, the ids they refer to, and subjects without the words that replies add."""

from __future__ import annotations

import re
from datetime import datetime

from workbench.primitives import hex_digest

_ID = re.compile(r"<([^<>\s]{1,900})>")
_ID_BYTES = 500
"""An id is hex-encoded, and 1,024 characters are the most a message id may have."""
_PREFIX = re.compile(
    r"(?:re|aw|antw|antwort|fwd?|wg|wtr|tr|rv|res|enc|sv|vs|vl|i|r|rif|doorst|ref)(?:\s{0,2}[\[(]\d{1,3}[\])]|\^\d{1,3})?\s{0,3}[:：]\s*",
    re.IGNORECASE,
)
_FORWARD = re.compile(r"(?:fwd?|wg|tr|rv|enc|doorst|i|vl)\s{0,3}[:：]|\[fwd:", re.IGNORECASE)
_TAG = re.compile(r"\[[^\[\]\d]{1,40}\]\s*")
"""The name of a mailing list. A tag with digits is kept: it tells one ticket from another."""
_MAX_PREFIXES = 50


def bare_ids(text: str) -> list[str]:
    """Message-IDs in a header, without brackets, in order; a header of one bare token counts as one."""
    found = _ID.findall(text)
    if not found and text.strip() and " " not in text.strip():
        found = [text.strip(" <>\t")[:900]]
    return [name for name in found if name]


def message_id_of(internet_id: str) -> str:
    """The id within the source of the mail with that Message-ID (without brackets): its UTF-8 in hex.

    An id too long for the store becomes hex of ``sha256:`` and its hash.
    """
    raw = internet_id.encode("utf-8", "replace")
    if len(raw) > _ID_BYTES:
        raw = f"sha256:{hex_digest(raw, n_digits=64)}".encode()
    return raw.hex()


def made_up_id(*, sender: str | None, sent_at: datetime | None, subject: str, text: str) -> str:
    """The id of a mail without a Message-ID: the same mail gets the same one in every mailbox."""
    when = sent_at.isoformat() if sent_at else ""
    return f"sha256:{hex_digest(sender or '', when, subject, text, n_digits=64)}".encode().hex()


def bare_subject(subject: str) -> tuple[str, bool]:
    """The subject without ``Re:``, ``AW:``, ``Fwd:`` … and list tags, folded; and whether it had any prefix."""
    text, replied = subject.strip(), False
    for _ in range(_MAX_PREFIXES):
        prefix = _PREFIX.match(text)
        if prefix:
            text, replied = text[prefix.end() :], True
            continue
        tag = _TAG.match(text)
        if tag and text[tag.end() :].strip():
            text = text[tag.end() :]
            continue
        break
    return " ".join(text.split()).casefold(), replied


def is_forward(subject: str) -> bool:
    """Whether the outermost prefix of the subject says that the mail was forwarded."""
    text = subject.strip()
    for _ in range(_MAX_PREFIXES):
        tag = _TAG.match(text)
        if tag is None or _FORWARD.match(text):
            break
        text = text[tag.end() :]
    return _FORWARD.match(text) is not None
