"""Content hashes and random ids."""

from __future__ import annotations

import hashlib
import secrets


def hex_digest(*parts: str | bytes, n_digits: int = 32) -> str:
    """SHA-256 over length-prefixed parts, as the first ``n_digits`` (1-64) hex digits.

    The prefix keeps ``("ab", "c")`` and ``("a", "bc")`` apart. Lone surrogates hash as ``?``.
    """
    digest = hashlib.sha256()
    for part in parts:
        raw = part if isinstance(part, bytes) else part.encode("utf-8", "replace")
        digest.update(len(raw).to_bytes(8, "big"))
        digest.update(raw)
    return digest.hexdigest()[:n_digits]


def new_id() -> str:
    """A fresh random id: 16 hex digits (64 bits)."""
    return secrets.token_hex(8)


def unit_interval(text: str) -> float:
    """Map ``text`` to a fixed number in [0, 1): the first 8 bytes of its SHA-256 over 2**64."""
    raw = hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8]
    return int.from_bytes(raw, "big") / 2**64
