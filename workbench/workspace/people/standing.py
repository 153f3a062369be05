"""Who asks, seen from the use cases about people, and the rule that somebody must be able to let others in."""

from __future__ import annotations

from dataclasses import replace

from workbench.domain.ids import TokenId
from workbench.domain.people import User
from workbench.domain.principals import PrincipalKind
from workbench.domain.rights import Grants
from workbench.errors import AccessError, ConflictError, UnknownNameError
from workbench.store import Session
from workbench.workspace.context import Caller


def is_owner(caller: Caller) -> bool:
    """Whether it is the person whose file it is, or the server they started: they show no token of a user."""
    return not caller.credential_id


def kind_of(caller: Caller, session: Session) -> PrincipalKind:
    """How the caller was recognised."""
    if is_owner(caller):
        return "operator" if session.users.any() else "local"
    token = session.tokens.find(TokenId(caller.credential_id))
    return "token" if token is None or token.kind == "api" else "session"


def is_administrator(caller: Caller) -> bool:
    """Whether the caller may manage people."""
    return caller.may("tenant.manage")


def refuse_token(caller: Caller, session: Session, what: str) -> None:
    """Refuse what nobody may do with an API token: a token that leaks must not beget another.

    Raises
    ------
    AccessError
        The caller came with an API token.
    """
    if kind_of(caller, session) == "token":
        raise AccessError(
            f"{caller.actor!r} came with a token, and {what} needs a sign-in.",
            next_step="Sign in with name and password and do it there.",
            details={"reason": "token"},
        )


def need_sign_in(caller: Caller, session: Session, what: str) -> None:
    """As ``refuse_token``; and whoever must change the password does that first.

    Raises
    ------
    AccessError
        The caller came with an API token, or with a password that somebody else set.
    """
    refuse_token(caller, session, what)
    user = session.users.find(name=caller.actor)
    if not is_owner(caller) and user is not None and user.must_change_password:
        raise AccessError(
            f"{caller.actor!r} must change the password before {what}.",
            next_step="Set a password of your own first.",
            details={"reason": "password-change"},
        )


def check_sign_in(caller: Caller, what: str) -> None:
    """As ``need_sign_in``, before a write begins: who is refused makes nobody wait who writes."""
    with caller.store.read() as session:
        need_sign_in(caller, session, what)


def account_of(caller: Caller, session: Session, user: str = "") -> User:
    """The user of a name; empty = the caller. Others than the caller need the right to manage people.

    Raises
    ------
    UnknownNameError
        There is no such user, or the caller has no account.
    AccessError
        It is somebody else, and the caller is no administrator.
    """
    name = user or caller.actor
    if name.lower() != caller.actor.lower() and not is_administrator(caller):
        raise AccessError(
            f"{caller.actor!r} may not act for user {name[:300]!r}.",
            next_step="Ask an administrator for the permission 'tenant.manage'.",
            details={"permission": "tenant.manage"},
        )
    found = session.users.find(name=name)
    if found is None:
        raise UnknownNameError("user", name[:300], (one.name for one in session.users.all()))
    return found


def administrators(session: Session) -> tuple[str, ...]:
    """Names of the users who can manage people now."""
    grants = session.roles.grants()
    return tuple(
        one.name
        for one in session.users.all()
        if one.disabled_at is None and grants.get(one.user_id, Grants()).may("tenant.manage")
    )


def keep_an_administrator(session: Session, what: str) -> None:
    """Refuse what would leave users and nobody who can manage them; call it after the change, in its transaction.

    Raises
    ------
    ConflictError
        Nobody is left.
    """
    if session.users.any() and not administrators(session):
        raise ConflictError(
            f"{what} would leave nobody who may manage people ('tenant.manage').",
            next_step="Give another user the role 'service_admin' first.",
            details={"permission": "tenant.manage"},
        )


def keep_secrets(caller: Caller, user: User, **values: str | None) -> None:
    """Set, or with None remove, secrets of a user; call it inside the transaction of what it belongs to."""
    key = secrets_key(user)
    kept = {**caller.store.secrets.get(key), **values}
    caller.store.secrets.put(key, {name: value for name, value in kept.items() if value})


def secrets_of(caller: Caller, user: User) -> dict[str, str]:
    """Hash of the password, secret of the codes, hashes of recovery codes; on their way to a comparison."""
    return caller.store.secrets.get(secrets_key(user))


def secrets_key(user: User) -> str:
    """Under what the secrets of a user are kept."""
    return f"user-{user.user_id}"


def as_now(session: Session, user: User) -> User:
    """A user as they are now; when deleted meanwhile, as they were, disabled."""
    return session.users.find(user_id=user.user_id) or replace(user, disabled_at=user.created_at)
