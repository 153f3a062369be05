"""What the gate asks of the owner: who somebody is, and whether that still holds."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Admission(Protocol):
    """The owner's answer to a sign-in that succeeded."""

    @property
    def session_token(self) -> str:
        """Secret by which the owner knows the session; never shown, logged or sent to a browser."""
        ...

    @property
    def username(self) -> str:
        """Name of the account: letters, digits, ``-`` and ``_``."""
        ...

    @property
    def expires_at(self) -> datetime:
        """When the session ends at the latest, aware UTC."""
        ...

    @property
    def must_change_password(self) -> bool:
        """Whether nothing but a new password is possible until it is set."""
        ...


class Door(Protocol):
    """The owner, as the gate sees it. Every method may wait for the owner: call it from a thread."""

    def sign_in(self, name: str, password: str, code: str) -> Admission:
        """Sign in with a password, and with a one-time code where the account asks for one.

        Raises
        ------
        AccessError
            Name, password or code is wrong, or the account is locked or disabled.
        """
        ...

    def sign_in_external(self, provider: str, subject: str, email: str, name: str) -> Admission:
        """Sign in somebody for whom an identity provider has vouched.

        Raises
        ------
        AccessError
            No account belongs to this identity, or it is disabled.
        """
        ...

    def sign_out(self, token: str) -> None:
        """End a session. One that has ended already is no error."""
        ...

    def set_password(self, token: str, old: str, new: str) -> None:
        """Change the password of the account whose session this is; the session goes on.

        Raises
        ------
        WorkbenchError
            The old one is wrong, or the new one will not do.
        """
        ...

    def still_in(self, token: str) -> bool:
        """Whether the owner still knows the session of this token."""
        ...
