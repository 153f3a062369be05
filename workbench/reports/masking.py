"""Light masking of personal data in quoted examples. It lowers the risk; it is no anonymisation."""

from __future__ import annotations

import re

from workbench.charts.words import plain

_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+")
_NUMBER = re.compile(r"(?<![\w.])\+?\(?\d(?:[\s().\-/]{0,2}\d){5,}(?!\w)|\d{6,}|\w*\d{5,}\w*")
_LONGEST_WORD = 40


def masked(text: str) -> str:
    """``text`` with e-mail addresses, phone numbers and long runs of digits replaced by ``…``."""
    return _NUMBER.sub("…", _ADDRESS.sub("…", text))


def quoted(text: str, limit: int = 220) -> str:
    """One line of at most ``limit`` characters to quote: masked, cleaned, very long words cut.

    The line still has to be escaped where it is shown.
    """
    line = plain(masked(plain(text, limit * 8)), limit * 4)
    words = (w if len(w) <= _LONGEST_WORD else w[: _LONGEST_WORD - 1] + "…" for w in line.split(" "))
    return plain(" ".join(words), limit)
