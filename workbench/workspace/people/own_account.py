"""Passwords and one-time codes: everybody's own; an administrator may set a new start."""

from __future__ import annotations

from workbench.domain.people import CodeSetup, User
from workbench.errors import AccessError, InputError
from workbench.store import Session
from workbench.workspace.context import Caller
from workbench.workspace.people.codes import new_recovery_codes, new_secret, recovery_hash, setup_of, step_of
from workbench.workspace.people.passwords import check_password, hasher_of
from workbench.workspace.people.signing_in import check_own_password
from workbench.workspace.people.standing import (
    account_of,
    as_now,
    check_sign_in,
    is_owner,
    keep_secrets,
    need_sign_in,
    refuse_token,
    secrets_of,
)

_CODES = "changing how one signs in"


def set_password(caller: Caller, password: str, old: str = "", user: str = "") -> User:
    """Set one's own password, or somebody's first one."""
    with caller.store.read() as session:
        found = account_of(caller, session, user)
        is_own = found.name == caller.actor and not (is_owner(caller) and user and not old)
        if is_own:
            refuse_token(caller, session, "a new password")
    if is_own and not found.has_password:
        raise AccessError(
            f"user {found.name!r} has no password yet.",
            next_step="Ask an administrator to set the first one.",
            details={"user": found.name},
        )
    check_password(password, name=found.name, email=found.email)
    if is_own:
        check_own_password(caller, found, old)
    hashed = hasher_of(caller.settings).hash(password)
    at = caller.workspace.clock()
    with caller.store.write(messages=False) as session:
        now = _still(session, found)
        keep_secrets(caller, now, password=hashed)
        session.users.note_password(now.user_id, must_change=not is_own, at=at)
        session.sign_ins.put(now.user_id, None)
        kept = caller.credential_id if is_own else ""
        session.tokens.revoke(at, user_id=now.user_id, kind="session", kept=kept)
        caller.audit(session, "set_password", now.name, user_id=now.user_id, by_owner=is_own)
        return session.users.get(now.name)


def begin_code(caller: Caller) -> CodeSetup:
    """Make a secret for the caller's app; nothing is asked for before ``confirm_code``."""
    check_sign_in(caller, _CODES)
    secret = new_secret()
    with caller.store.write(messages=False) as session:
        found = account_of(caller, session)
        need_sign_in(caller, session, _CODES)
        if found.has_code:
            raise InputError(
                f"user {found.name!r} has one-time codes already.",
                next_step="Remove them first (remove_code), then set up others.",
                details={"user": found.name},
            )
        keep_secrets(caller, found, code_draft=secret)
    return setup_of(secret, user=found.name, workspace=f"Workbench {caller.workspace.path.stem}")


def confirm_code(caller: Caller, code: str) -> tuple[str, ...]:
    """Ask for codes from now on; the recovery codes that this answers are shown once."""
    check_sign_in(caller, _CODES)
    at = caller.workspace.clock()
    recovery = new_recovery_codes()
    with caller.store.write(messages=False) as session:
        found = account_of(caller, session)
        need_sign_in(caller, session, _CODES)
        draft = secrets_of(caller, found).get("code_draft")
        step = None if draft is None else step_of(code, draft, at=at, after=0)
        if draft is None or step is None:
            raise InputError(
                "the one-time code does not fit what was set up.",
                next_step="Scan the picture again, give the code the app shows now, and check the phone's clock.",
                details={"user": found.name},
            )
        hashes = " ".join(map(recovery_hash, recovery))
        keep_secrets(caller, found, code=draft, code_draft=None, recovery=hashes)
        session.users.note_code(found.user_id, has_code=True)
        session.users.use_code(found.user_id, step)
        session.tokens.revoke(at, user_id=found.user_id, kind="session", kept=caller.credential_id)
        caller.audit(session, "confirm_code", found.name, user_id=found.user_id)
    return recovery


def renew_recovery_codes(caller: Caller, password: str) -> tuple[str, ...]:
    """Ten new recovery codes in the place of all earlier ones."""
    with caller.store.read() as session:
        found = account_of(caller, session)
        need_sign_in(caller, session, _CODES)
    check_own_password(caller, found, password)
    recovery = new_recovery_codes()
    with caller.store.write(messages=False) as session:
        now = _still(session, found)
        if not now.has_code:
            raise InputError(
                f"user {now.name!r} has no one-time codes that could be recovered.",
                next_step="Set them up first (begin_code, confirm_code).",
                details={"user": now.name},
            )
        keep_secrets(caller, now, recovery=" ".join(map(recovery_hash, recovery)))
        caller.audit(session, "renew_recovery_codes", now.name, user_id=now.user_id)
    return recovery


def remove_code(caller: Caller, password: str = "", user: str = "") -> User:
    """Ask for no one-time codes any more."""
    with caller.store.read() as session:
        found = account_of(caller, session, user)
        is_own = found.name == caller.actor and not (is_owner(caller) and user)
        if is_own:
            need_sign_in(caller, session, _CODES)
    if is_own:
        check_own_password(caller, found, password)
    with caller.store.write(messages=False) as session:
        now = _still(session, found)
        keep_secrets(caller, now, code=None, code_draft=None, recovery=None)
        session.users.note_code(now.user_id, has_code=False)
        caller.audit(session, "remove_code", now.name, user_id=now.user_id)
        return session.users.get(now.name)


def _still(session: Session, user: User) -> User:
    now = as_now(session, user)
    return session.users.get(now.name)
