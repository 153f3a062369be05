"""Signing in and out, and what one may do. Nothing secret reaches the audit log or an error."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from workbench.domain.ids import TokenId, UserId
from workbench.domain.people import MyRights, SignedIn, Token, User
from workbench.errors import AccessError, InputError, SignInError
from workbench.primitives import new_id
from workbench.store import Attempts, Session
from workbench.workspace.context import Caller
from workbench.workspace.people.codes import step_of, without_recovery
from workbench.workspace.people.passwords import hasher_of
from workbench.workspace.people.pausing import failed, refuse_locked, stranger, undone
from workbench.workspace.people.recognising import secret_hash
from workbench.workspace.people.standing import (
    as_now,
    is_owner,
    keep_secrets,
    kind_of,
    secrets_of,
)
from workbench.workspace.people.users import add_user, free_name

_SALT = secrets.token_hex(16)
_SESSIONS_KEPT = timedelta(days=30)
SESSION_PREFIX = "wbs_"
_NOBODY = "nobody"
"""No id of a user."""
_STRANGER = "unknown user"
"""Their name is not written down: people type passwords into the wrong box."""


def sign_in(caller: Caller, name: str, password: str, code: str = "") -> SignedIn:
    """Begin a session with name and password."""
    with caller.store.read() as session:
        user = session.users.find(name=name) or (session.users.find(email=name) if "@" in name else None)
    before, tried = _begin_try(caller, user, name)
    held = secrets_of(caller, user) if user is not None and user.disabled_at is None else {}
    hashed = held.get("password")
    hasher = hasher_of(caller.settings)
    if not hasher.fits(password, hashed) or user is None or hashed is None:
        _fail(caller, user, tried, "password")
        raise _wrong()
    fresh = hasher.hash(password) if hasher.is_weak(hashed) else None
    with caller.store.write(messages=False) as session:
        now = as_now(session, user)
        still = now.disabled_at is None and secrets_of(caller, user).get("password") == hashed
        second = _second_factor(caller, session, now, code) if still else "password"
        if second == "needed":
            session.sign_ins.put(user.user_id, undone(before, tried))
        if not second:
            if fresh is not None:
                keep_secrets(caller, now, password=fresh)
            return _begin(caller, session, now, "sign_in")
    if second == "needed":
        raise SignInError(
            f"user {user.name!r} signs in with a one-time code besides the password.",
            next_step="Give the code that the app shows, or a recovery code.",
            details={"reason": "code-needed"},
        )
    _fail(caller, user, tried, second)
    if second == "password":
        raise _wrong()
    raise SignInError(
        "the one-time code is wrong, or was used before.",
        next_step="Wait for the next code, check the clock of the phone, or give a recovery code.",
        details={"reason": "code"},
    )


def sign_in_external(
    caller: Caller, provider: str, subject: str, email: str = "", name: str = ""
) -> SignedIn:
    """Begin a session for somebody for whom an identity provider vouches."""
    if not is_owner(caller):
        raise AccessError(
            f"{caller.actor!r} may not vouch for others.",
            next_step="Only the server that the owner of the file started does.",
            details={"reason": "operator"},
        )
    if not provider or not subject:
        raise InputError(
            f"provider {provider[:300]!r} named nobody.",
            next_step="Give its address and the subject it vouches for.",
        )
    with caller.store.write(messages=False) as session:
        user = _vouched(caller, session, provider, subject, email, name)
        if user is not None and user.disabled_at is None:
            return _begin(caller, session, user, "sign_in", provider=provider)
    _note_stranger(caller, "external", provider=provider)
    raise SignInError(
        f"{(email or subject)[:300]!r} has no account here, or it is disabled.",
        next_step="Ask an administrator to create a user with this e-mail and without a password, or to enable it.",
        details={"reason": "external"},
    )


def sign_out(caller: Caller) -> None:
    """End the session of this call."""
    with caller.store.read() as session:
        if kind_of(caller, session) != "session":
            return
    with caller.store.write(messages=False) as session:
        session.tokens.revoke(caller.workspace.clock(), token_id=TokenId(caller.credential_id))
        caller.audit(session, "sign_out", caller.actor, token_id=caller.credential_id)


def my_rights(caller: Caller) -> MyRights:
    """Who asks and what they may do."""
    with caller.store.read() as session:
        guarded, kind = session.users.any(), kind_of(caller, session)
        user = session.users.find(name=caller.actor) if kind == "session" else None
    return MyRights(
        name=caller.actor,
        kind=kind,
        guarded=guarded,
        everywhere=tuple(sorted(caller.grants.everywhere)),
        projects={project: tuple(sorted(held)) for project, held in sorted(caller.grants.projects.items())},
        must_change_password=user is not None and user.must_change_password,
    )


def check_own_password(caller: Caller, user: User, password: str) -> None:
    """Refuse a wrong password of somebody who is signed in; counts as a failed sign-in.

    Raises
    ------
    SignInError
        It is wrong, or there were too many wrong ones.
    """
    before, tried = _begin_try(caller, user, user.name)
    if not hasher_of(caller.settings).fits(password, secrets_of(caller, user).get("password")):
        _fail(caller, user, tried, "password")
        raise SignInError(
            f"the present password of user {user.name!r} is wrong.",
            next_step="Try again, or ask an administrator to set a new one.",
            details={"reason": "password"},
        )
    with caller.store.write(messages=False) as session:
        session.sign_ins.put(user.user_id, undone(before, tried))


def _begin_try(caller: Caller, user: User | None, name: str) -> tuple[Attempts | None, Attempts]:
    """Count a try before it is looked at, so that many at once are no more than as many."""
    key = user.user_id if user is not None else stranger(name, _SALT)
    at = caller.workspace.clock()
    with caller.store.read() as session:  # who has to wait anyway makes nobody wait who writes
        refuse_locked(session.sign_ins.attempts(key), at, "a password")
    with caller.store.write(messages=False) as session:
        before = session.sign_ins.attempts(key)
        refuse_locked(before, at, "a password")
        tried = failed(before, at, caller.settings)
        session.sign_ins.put(key, tried)
    return before, tried


def _wrong() -> SignInError:
    return SignInError(
        "name or password is wrong, or the account is disabled.",
        next_step="Try again, or ask an administrator to set a new password.",
        details={"reason": "password"},
    )


def _fail(caller: Caller, user: User | None, tried: Attempts, reason: str) -> None:
    if user is None:
        if not _note_stranger(caller, reason, until=tried.locked_until, n_failures=tried.n_failures):
            # Nothing to write; but the answer must take as long as that to a name that is known.
            with caller.store.write(messages=False) as session:
                session.sign_ins.put(_NOBODY, tried)
        return
    with caller.store.write(messages=False) as session:
        caller.audit(session, "sign_in_failed", user.name, reason=reason, n_failures=tried.n_failures)
        if tried.locked_until is not None:
            caller.audit(session, "sign_in_locked", user.name, until=tried.locked_until)


def _note_stranger(caller: Caller, reason: str, *, until: datetime | None = None, **details: object) -> bool:
    """Record, or count, a sign-in that failed because nobody is called so; whether it was recorded."""

    def write(session: Session) -> None:
        caller.audit(session, "sign_in_failed", _STRANGER, reason=reason, **details)
        if until is not None:
            caller.audit(session, "sign_in_locked", _STRANGER, until=until)

    # There are as many unknown names as anybody likes to make up: the waits of each bound nothing.
    return caller.workspace.refusals.note(
        "sign_in_failed", reason, write, actor=caller.actor, channel=caller.channel, outcome="done"
    )


def _second_factor(caller: Caller, session: Session, user: User, code: str) -> str:
    """Empty when the code is right or none is asked for, else ``needed`` or ``code``."""
    if not user.has_code:
        return ""
    if not code.strip():
        return "needed"
    held = secrets_of(caller, user)
    step = step_of(
        code, held.get("code", ""), at=caller.workspace.clock(), after=session.users.code_step(user.user_id)
    )
    if step is not None:
        session.users.use_code(user.user_id, step)
        return ""
    left = without_recovery(held.get("recovery", ""), code)
    if left is None:
        return "code"
    keep_secrets(caller, user, recovery=left)
    replace(caller, actor=user.name).audit(session, "use_recovery_code", user.name, n_left=len(left.split()))
    return ""


def _begin(caller: Caller, session: Session, user: User, action: str, **details: object) -> SignedIn:
    at = caller.workspace.clock()
    secret = SESSION_PREFIX + secrets.token_urlsafe(32)
    ends = at + timedelta(seconds=caller.settings.session_max_s)
    token = Token(
        token_id=TokenId(new_id()),
        user=user.name,
        kind="session",
        title=caller.channel,
        prefix=SESSION_PREFIX,
        created_at=at,
        created_by=user.name,
        expires_at=ends,
    )
    session.tokens.forget_sessions(at - _SESSIONS_KEPT)
    session.tokens.add(token, user_id=user.user_id, secret_hash=secret_hash(secret))
    session.sign_ins.note_success(user.user_id, at)
    # The server asks in their place; who signed in is who did it.
    themselves = replace(caller, actor=user.name)
    themselves.audit(session, action, user.name, token_id=token.token_id, **details)
    return SignedIn(
        session_token=secret,
        username=user.name,
        expires_at=ends,
        must_change_password=user.must_change_password,
    )


def _vouched(
    caller: Caller, session: Session, provider: str, subject: str, email: str, name: str
) -> User | None:
    """The user whom a provider vouches for; bound to it, or made, where that is allowed."""
    known = session.users.find(external=(provider, subject))
    if known is not None:
        return known
    by_email = session.users.find(email=email) if email else None
    if by_email is not None:
        if by_email.issuer or by_email.has_password:
            return None  # an e-mail that the provider did not check must not open somebody's account
        bound = replace(by_email, issuer=provider, external_id=subject)
        session.users.amend(bound)
        caller.audit(session, "bind_user", bound.name, provider=provider)
        return bound
    if caller.settings.external_users != "any":
        return None
    return add_user(
        caller,
        session,
        user_id=UserId(new_id()),
        name=free_name(session, name or email.partition("@")[0]),
        email=email,
        title=name,
        issuer=provider,
        external_id=subject,
    )
