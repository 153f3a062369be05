"""From a cleaned message to the one string an encoder reads, and the hash that string is stored under."""

from __future__ import annotations

import re
import unicodedata

from workbench.primitives import hex_digest

MAX_CHARS = 8_000
"""Characters of a message that can matter: beyond the reach of 256 word pieces in any ordinary text."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def printable(text: str) -> str:
    """Replace lone surrogates, which no tokenizer accepts, by U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)


def message_text(subject: str, body: str) -> str:
    r"""Join subject and body as the encoders read them.

    Quotes and signatures are expected to be gone. Both parts are brought to Unicode NFC, runs of white
    space become one space, empty parts vanish, and the whole is cut at 8,000 characters.

    Examples
    --------
    >>> message_text("Lost  parcel", " It never\n came. ")
    'Lost parcel\nIt never came.'
    """
    # Cut before the costly steps too: a message may be many megabytes of blanks or pasted log.
    parts = (
        " ".join(unicodedata.normalize("NFC", printable(part[: 4 * MAX_CHARS])).split())
        for part in (subject, body)
    )
    return "\n".join(part for part in parts if part)[:MAX_CHARS]


def content_hash(subject: str, body: str) -> str:
    """Hash what an encoder would read of a message: 32 hex digits of a SHA-256.

    Messages that differ only in white space or Unicode composition share a hash and therefore a vector.

    Examples
    --------
    >>> content_hash("Hello", "a  b") == content_hash("Hello ", "a b")
    True
    """
    return hex_digest(message_text(subject, body))
