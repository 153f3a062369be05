"""Secrets on their way to a server: handed in, used, never shown."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

_SHOWN = 200
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\u200a\u2010-\u2027\u2030-\u2065\u2070-\ud7ff]+")
"""Control characters, and what turns the direction of writing."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Secrets:
    """What proves who we are; empty = not needed.

    Attributes
    ----------
    password
        Of the user the connection names.
    token
        An OAuth access token (IMAP).
    client_secret
        Of the application the connection names.
    security_token
        Salesforce's addition to a user's password.
    """

    password: str = ""
    token: str = ""
    client_secret: str = ""
    security_token: str = ""

    def __repr__(self) -> str:
        given = [field.name for field in fields(self) if getattr(self, field.name)]
        return f"Secrets({', '.join(f'{name}=…' for name in given)})"

    def clean(self, text: str, *more: str) -> str:
        """Make text of a server fit to be shown: no secret (``more`` names further ones), one short line."""
        for secret in (*(getattr(self, field.name) for field in fields(self)), *more):
            if secret:
                text = text.replace(secret, "…")
        text = _UNPRINTABLE.sub(" ", text).strip()
        return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
