"""API tokens: shown once, kept as hashes, revoked at any time. Sessions are listed and ended beside them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from workbench.domain.ids import TokenId, UserId
from workbench.domain.people import NewToken, Token, User, narrowed
from workbench.domain.rights import Grants, Permission
from workbench.errors import AccessError, InputError, UnknownNameError
from workbench.store import Session
from workbench.workspace.catalog import check_texts
from workbench.workspace.context import Caller
from workbench.workspace.people.recognising import secret_hash
from workbench.workspace.people.standing import account_of, check_sign_in, is_administrator, need_sign_in

TOKEN_PREFIX = "wbt_"  # noqa: S105 - says what it is to those who search texts for secrets
_SHOWN = 4
_MAKING = "making a token"


def tokens(caller: Caller, user: str = "", everybody: bool = False) -> tuple[Token, ...]:  # noqa: FBT001, FBT002 - as the operation says
    """Tokens and sessions, newest first."""
    with caller.store.read() as session:
        if not everybody:
            return session.tokens.all(account_of(caller, session, user).user_id)
        if not is_administrator(caller):
            raise AccessError(
                f"{caller.actor!r} may not see everybody's tokens.",
                next_step="Ask an administrator for the permission 'tenant.manage'.",
                details={"permission": "tenant.manage"},
            )
        return session.tokens.all()


def create_token(
    caller: Caller,
    title: str,
    expires_at: datetime | None = None,
    projects: tuple[str, ...] | None = None,
    permissions: tuple[Permission, ...] | None = None,
    user: str = "",
) -> NewToken:
    """Make an API token; its secret is in this answer and nowhere else."""
    check_sign_in(caller, _MAKING)
    check_texts(f"token {title[:80]}", title, None)
    at = caller.workspace.clock()
    ends = _end(title, expires_at, at, caller.settings.token_days)
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token_id = TokenId(caller.made_id("token"))
    prefix = secret[: len(TOKEN_PREFIX) + _SHOWN]
    with caller.store.write(messages=False) as session:
        need_sign_in(caller, session, _MAKING)
        owner = account_of(caller, session, user)
        if session.tokens.find(token_id) is not None:
            # The same call again: its first answer was lost, so nobody knows the first secret.
            session.tokens.change_secret(token_id, secret_hash=secret_hash(secret), prefix=prefix)
            return NewToken(token=session.tokens.get(token_id), secret=secret)
        _check_narrowing(session, owner, projects, permissions)
        made = Token(
            token_id=token_id,
            user=owner.name,
            title=title,
            prefix=prefix,
            created_at=at,
            created_by=caller.actor,
            expires_at=ends,
            projects=projects,
            permissions=permissions,
        )
        session.tokens.add(made, user_id=owner.user_id, secret_hash=secret_hash(secret))
        caller.audit(
            session,
            "create_token",
            owner.name,
            token_id=token_id,
            title=title,
            expires_at=ends,
            projects=projects,
            permissions=permissions,
        )
    return NewToken(token=made, secret=secret)


def revoke_token(caller: Caller, token_id: TokenId) -> Token:
    """End a token or a session at once; of one that has been ended before nothing is written."""
    at = caller.workspace.clock()
    with caller.store.read() as session:
        found = _own_or_managed(caller, session, token_id)
    if found.revoked_at is not None:
        return found
    with caller.store.write(messages=False) as session:
        found = _own_or_managed(caller, session, token_id)
        if found.revoked_at is not None:
            return found
        session.tokens.revoke(at, token_id=token_id)
        caller.audit(
            session, "revoke_token", found.user, token_id=token_id, kind=found.kind, title=found.title
        )
        return session.tokens.get(token_id)


def _own_or_managed(caller: Caller, session: Session, token_id: TokenId) -> Token:
    found = session.tokens.find(token_id)
    if found is None or (found.user != caller.actor and not is_administrator(caller)):
        # Whether others have a token of this id is theirs to know.
        raise UnknownNameError("token", token_id[:300])
    return found


def _end(title: str, expires_at: datetime | None, at: datetime, most_days: int) -> datetime | None:
    latest = at + timedelta(days=most_days) if most_days else None
    if expires_at is None:
        return latest
    if expires_at.tzinfo is None or expires_at <= at or (latest is not None and expires_at > latest):
        until = f"at most {most_days} days from now" if most_days else "in the future"
        raise InputError(
            f"token {title[:80]!r} cannot end at {expires_at.isoformat()}.",
            next_step=f"Give a time with its zone that lies {until} (setting 'token_days').",
            details={"expires_at": expires_at.isoformat(), "most_days": most_days},
        )
    return expires_at


def _check_narrowing(
    session: Session,
    owner: User,
    projects: Iterable[str] | None,
    permissions: Iterable[Permission] | None,
) -> None:
    """Refuse a token for what its user may not do: it would look as if it could."""
    known = [one.name for one in session.catalog.projects()]
    for project in projects or ():
        if project not in known:
            raise UnknownNameError("project", project[:300], known)
    held = narrowed(_grants(session, owner.user_id), projects=projects)
    for name in permissions or ():
        narrowed(held, permissions=[name])
        if not held.may_somewhere(name):
            raise AccessError(
                f"user {owner.name!r} does not have the permission {name!r} that the token is to have.",
                next_step="Leave it out, or ask an administrator for a role that gives it.",
                details={"permission": name, "user": owner.name},
            )


def _grants(session: Session, user_id: UserId) -> Grants:
    return session.roles.grants(user_id).get(user_id, Grants())
