r"""Text that every later room can store: no lone surrogates, no control characters, one line ending.

The rules are fixed, so that the same file read twice gives the same rows:

- ``\\r\\n``, a lone ``\\r``, vertical tab, form feed and NEL become ``\\n``;
- other control characters (C0, DEL, C1) are dropped; tab stays;
- a lone surrogate (possible in JSON escapes only) becomes U+FFFD.

A NUL is no text at all: it marks a damaged file and is reported as a row error before this runs.
"""

from __future__ import annotations

import re

_NEEDS_WORK = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_ASCII_NEEDS_WORK = re.compile("[\x00-\x08\x0b-\x1f\x7f]")  # a smaller set is searched faster
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85]")
_DROP = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_SURROGATES = re.compile("[\ud800-\udfff]")

SHOWN_CHARACTERS = 200
"""Characters of an offending value that an error repeats."""


def sanitise(text: str) -> str:
    """Return ``text`` as it is stored; applying it again changes nothing."""
    if (_ASCII_NEEDS_WORK if text.isascii() else _NEEDS_WORK).search(text) is None:
        return text
    text = _LINE_ENDS.sub("\n", text)
    return _SURROGATES.sub("�", _DROP.sub("", text))


def storable(text: str) -> str:
    """``text`` as it is; only a lone surrogate, which nothing can store, becomes U+FFFD."""
    return _SURROGATES.sub("�", text)


def shown(value: str) -> str:
    """An offending value as an error repeats it: sanitised, at most 200 characters."""
    head = value[: SHOWN_CHARACTERS + 1].replace("\0", "␀")
    text = sanitise(head)
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"
