"""One colour per id, the same on every screen and in every export.

The palette was searched for, not drawn by hand: every colour keeps a contrast of at least 3:1 against a
white and against a near-black page, and any two stay apart in OKLab for normal sight (at least 0.11) and
for simulated protanopia, deuteranopia and tritanopia (at least 0.059; simulation matrices of Machado,
Oliveira and Fernandes, 2009, severity 1). Twelve colours cannot tell fifty labels apart: colour supports
the name beside it and never replaces it.
"""

from __future__ import annotations

import hashlib

PALETTE: tuple[str, ...] = (
    "#3160ea",
    "#16a59b",
    "#fc598f",
    "#7ea00d",
    "#7f5ebf",
    "#d5271a",
    "#658aba",
    "#ab7c56",
    "#ba2d9e",
    "#597312",
    "#a383e5",
    "#9c5570",
)
"""Twelve colour-blind-safe hues as ``#rrggbb``."""

NEUTRAL = "#7a828e"
"""Colour of what belongs to nothing: noise, no label, other."""


def colour_of(id: str) -> str:  # noqa: A002  the word of the vocabulary
    """Return the colour of an id as ``#rrggbb``.

    Parameters
    ----------
    id : str
        Id of a label, cluster or source. The empty string means nothing and gives `NEUTRAL`.

    Returns
    -------
    str
        One of `PALETTE`, the same in every process and on every machine.

    Examples
    --------
    >>> colour_of("0123456789abcdef") == colour_of("0123456789abcdef")
    True
    >>> colour_of("")
    '#7a828e'
    """
    if not id:
        return NEUTRAL
    digest = hashlib.blake2b(id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return PALETTE[int.from_bytes(digest, "big") % len(PALETTE)]
