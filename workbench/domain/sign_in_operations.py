"""The operations of signing in: passwords, one-time codes, sessions, tokens.

A part of ``Operations``, in a module of its own for its length. No answer but the first holds a secret.
"""

# ruff: noqa: FBT001, FBT002 - flags travel by name

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from workbench.domain.ids import TokenId
from workbench.domain.people import CodeSetup, MyRights, NewToken, SignedIn, Token, User
from workbench.domain.rights import Permission

SECRET_ARGUMENTS = frozenset({"password", "old", "code"})
"""Names of arguments that no list of processes, log or history may show."""


class SignInOperations(Protocol):
    """Who is there."""

    # ---- signing in, tokens ----------------------------------------------------------------------

    def sign_in(self, name: str, password: str, code: str = "") -> SignedIn:
        """Begin a session with name (or e-mail) and password, and a one-time or recovery code where one is asked for.

        ``AccessError`` whose ``details["reason"]`` is password, code-needed, code or locked: after failures in a row
        each try has to wait (``wait_s``).
        """
        ...

    def sign_in_external(self, provider: str, subject: str, email: str = "", name: str = "") -> SignedIn:
        """Begin a session for whom an identity provider vouches; only the server of the file's owner may.

        ``email`` must be one that the provider has checked: a user who was created with it, without a password, is
        bound to the provider. Others are refused, or become users without a role (setting ``external_users``).
        """
        ...

    def sign_out(self) -> None:
        """End the session of this call; with a token nothing happens."""
        ...

    def my_rights(self) -> MyRights:
        """Who the caller is, and what they may do where."""
        ...

    def set_password(self, password: str, old: str = "", user: str = "") -> User:
        """Change one's own password, given the old one; other sessions end.

        With the name of another user, an administrator sets one that must be changed at the next sign-in.
        """
        ...

    def begin_code(self) -> CodeSetup:
        """Make the secret of one-time codes for an authenticator app; ``confirm_code`` switches them on."""
        ...

    def confirm_code(self, code: str) -> tuple[str, ...]:
        """Ask the caller for one-time codes from now on, given the first; answers ten recovery codes, shown once."""
        ...

    def renew_recovery_codes(self, password: str) -> tuple[str, ...]:
        """Ten new recovery codes, shown once, in the place of all earlier ones."""
        ...

    def remove_code(self, password: str = "", user: str = "") -> User:
        """Ask for no one-time codes any more: one's own, given the password, or as an administrator another's."""
        ...

    def tokens(self, user: str = "", everybody: bool = False) -> tuple[Token, ...]:
        """API tokens and sessions, newest first, without secrets.

        One's own; an administrator sees those of a ``user``, and of ``everybody``.
        """
        ...

    def create_token(
        self,
        title: str,
        expires_at: datetime | None = None,
        projects: tuple[str, ...] | None = None,
        permissions: tuple[Permission, ...] | None = None,
        user: str = "",
    ) -> NewToken:
        """Make an API token; the answer holds its secret, which is kept nowhere.

        It may do what its user may, or less: only in ``projects``, only with ``permissions``. None as end = the
        longest that the setting ``token_days`` allows. An administrator makes one for another ``user``, a robot.
        """
        ...

    def revoke_token(self, token_id: TokenId) -> Token:
        """End a token or session at once: one's own, or as an administrator any."""
        ...
