"""Tokens that stand for users. Their secrets are kept as hashes only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workbench.domain.ids import TokenId, UserId
from workbench.domain.people import Token, TokenKind
from workbench.domain.rights import Permission
from workbench.errors import UnknownNameError
from workbench.store.cursor import Cursor


@dataclass(frozen=True, kw_only=True)
class Presented:
    """What a secret that somebody presented stands for."""

    token_id: TokenId
    user_id: UserId
    kind: TokenKind
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    projects: tuple[str, ...] | None
    permissions: tuple[Permission, ...] | None


class Tokens:
    """API tokens and sessions."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def all(self, user_id: UserId | None = None) -> tuple[Token, ...]:
        """All tokens of a user (None = of everybody), newest first."""
        return tuple(_token(row) for row in self._cursor.rows("token.list", user_id=user_id, token_id=None))

    def get(self, token_id: TokenId) -> Token:
        """One; ``UnknownNameError`` when there is none."""
        row = self._cursor.one("token.list", user_id=None, token_id=token_id)
        if row is None:
            raise UnknownNameError("token", token_id[:300])
        return _token(row)

    def find(self, token_id: TokenId) -> Token | None:
        """One, None when there is none."""
        row = self._cursor.one("token.list", user_id=None, token_id=token_id)
        return None if row is None else _token(row)

    def behind(self, secret_hash: str) -> Presented | None:
        """What a secret stands for, by its SHA-256; None when there is nothing."""
        row = self._cursor.one("token.behind", secret_hash=secret_hash)
        if row is None:
            return None
        token_id, user_id, kind, expires_at, last_used_at, revoked_at, projects, permissions, created_at = row
        return Presented(
            token_id=token_id,
            user_id=user_id,
            kind=kind,
            created_at=created_at,
            expires_at=expires_at,
            last_used_at=last_used_at,
            revoked_at=revoked_at,
            projects=None if projects is None else tuple(projects),
            permissions=None if permissions is None else tuple(permissions),
        )

    def made_or_used_since(self, since: datetime, n_most: int) -> frozenset[str]:
        """Hashes of the secrets of tokens that count and were made or used since; of more than ``n_most`` the latest."""
        rows = self._cursor.rows("token.made_or_used", since=since, limit=n_most)
        return frozenset(row[0] for row in rows)

    def add(self, token: Token, *, user_id: UserId, secret_hash: str) -> None:
        """Insert one."""
        self._cursor.execute(
            "token.add",
            token_id=token.token_id,
            user_id=user_id,
            kind=token.kind,
            title=token.title,
            secret_hash=secret_hash,
            prefix=token.prefix,
            created_at=token.created_at,
            created_by=token.created_by,
            expires_at=token.expires_at,
            projects=None if token.projects is None else list(token.projects),
            permissions=None if token.permissions is None else list(token.permissions),
        )

    def change_secret(self, token_id: TokenId, *, secret_hash: str, prefix: str) -> None:
        """Give a token another secret."""
        self._cursor.execute("token.resecret", token_id=token_id, secret_hash=secret_hash, prefix=prefix)

    def revoke(
        self,
        at: datetime,
        *,
        token_id: TokenId | None = None,
        user_id: UserId | None = None,
        kind: TokenKind | None = None,
        kept: str = "",
    ) -> None:
        """Revoke one token, or those of a user and kind, but the one with the id ``kept``."""
        self._cursor.execute("token.revoke", token_id=token_id, user_id=user_id, kind=kind, kept=kept, at=at)

    def forget_sessions(self, until: datetime) -> None:
        """Remove sessions that ended before a time."""
        self._cursor.execute("token.drop_sessions", until=until)


class TokenUses:
    """When tokens were used. Apart, since it changes what nobody may do."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def note(self, token_id: TokenId, at: datetime) -> None:
        """Note a use."""
        self._cursor.execute("token.used", token_id=token_id, at=at)


def _token(row: tuple[Any, ...]) -> Token:
    names = (
        "token_id", "user", "kind", "title", "prefix", "created_at", "created_by", "expires_at", "last_used_at",
        "revoked_at",
    )  # fmt: skip
    *about, projects, permissions = row
    return Token(
        **dict(zip(names, about, strict=True)),
        projects=None if projects is None else tuple(projects),
        permissions=None if permissions is None else tuple(permissions),
    )
