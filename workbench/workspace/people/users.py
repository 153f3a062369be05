"""Users: create, change, disable, delete. The history keeps their names."""

from __future__ import annotations

import re
from dataclasses import replace

from workbench.domain.ids import AssignmentId, UserId, check_name
from workbench.domain.people import Assignment, User
from workbench.errors import ConfirmationError, ConflictError, DuplicateNameError, InputError
from workbench.primitives import new_id
from workbench.store import Session
from workbench.workspace.catalog import check_texts
from workbench.workspace.context import Caller
from workbench.workspace.people.passwords import check_password, hasher_of
from workbench.workspace.people.standing import (
    administrators,
    is_owner,
    keep_an_administrator,
    keep_secrets,
    secrets_key,
)
from workbench.workspace.quota_checks import check_quota

FIRST_ROLES = ("service_admin", "project_admin", "model_trainer")
"""What the first user of a workspace is given, everywhere."""
_EMAIL = re.compile(r"[^\s@<>\"',;\x00-\x1f\x7f]+@[^\s@<>\"',;\x00-\x1f\x7f]+")
_LONGEST_EMAIL = 254
_LONGEST_NAME = 64


def users(caller: Caller) -> tuple[User, ...]:
    """Users, by name."""
    with caller.store.read() as session:
        return session.users.all()


def create_user(
    caller: Caller,
    name: str,
    email: str = "",
    title: str = "",
    password: str = "",
    roles: tuple[str, ...] | None = None,
    again: bool = False,  # noqa: FBT001, FBT002 - as the operation says
) -> User:
    """Create a user; from the first one on the workspace is guarded."""
    _check(name, email, title)
    if password:
        check_password(password, name=name, email=email)
    hashed = hasher_of(caller.settings).hash(password) if password else None
    user_id = UserId(caller.made_id("user"))
    with caller.store.write(messages=False) as session:
        there = session.users.find(user_id=user_id)
        if there is not None:
            return there
        is_first = not session.users.any()
        if session.users.was_deleted(name) and not again:
            raise InputError(
                f"user {name!r} was deleted, and what that one did stands under this name.",
                next_step="Choose another name, or say that it is the same person (again=True, --again).",
                details={"user": name},
            )
        made = add_user(caller, session, user_id=user_id, name=name, email=email, title=title)
        given = roles if roles is not None else FIRST_ROLES if is_first else ()
        for role in dict.fromkeys(given):
            _give(caller, session, made, role)
        if is_first and not administrators(session):
            raise InputError(
                f"{name!r} would be the first user and may not manage people.",
                next_step="Give the first user a role with 'tenant.manage', such as 'service_admin', or leave roles out.",
                details={"user": name},
            )
        if hashed is not None:
            keep_secrets(caller, made, password=hashed)
            session.users.note_password(user_id, must_change=not is_first, at=made.created_at)
        return session.users.get(name)


def amend_user(caller: Caller, name: str, email: str | None = None, title: str | None = None) -> User:
    """Change e-mail or title."""
    with caller.store.write(messages=False) as session:
        before = session.users.get(name)
        after = replace(
            before,
            email=before.email if email is None else email,
            title=before.title if title is None else title,
        )
        _check(before.name, after.email, after.title)
        if after.email.lower() != before.email.lower():
            _refuse_email(session, after.email)
        session.users.amend(after)
        caller.audit(session, "amend_user", before.name, user_id=before.user_id)
        return session.users.get(name)


def enable_user(caller: Caller, name: str, enabled: bool) -> User:  # noqa: FBT001 - as the operation says
    """Let a user sign in, or not any more."""
    at = caller.workspace.clock()
    with caller.store.write(messages=False) as session:
        before = session.users.get(name)
        session.users.amend(replace(before, disabled_at=None if enabled else before.disabled_at or at))
        if enabled:
            session.sign_ins.put(before.user_id, None)
        else:
            keep_an_administrator(session, f"disabling {before.name!r}")
            session.tokens.revoke(at, user_id=before.user_id, kind="session")
        action = "enable_user" if enabled else "disable_user"
        caller.audit(session, action, before.name, user_id=before.user_id)
        return session.users.get(name)


def delete_user(caller: Caller, name: str, confirm: str) -> User:
    """Delete a user with password, tokens and roles."""
    at = caller.workspace.clock()
    with caller.store.write(messages=False) as session:
        found = session.users.get(name)
        if confirm != found.name:
            raise ConfirmationError("user", found.name, confirm)
        is_last = len(session.users.all()) == 1
        session.roles.take_all("user", found.user_id)
        session.tokens.revoke(at, user_id=found.user_id)
        session.users.delete(found.user_id, at)
        if not is_last:
            keep_an_administrator(session, f"deleting {found.name!r}")
        elif not is_owner(caller):
            raise ConflictError(
                f"{found.name!r} is the last user; without users everybody who may open the file may do everything.",
                next_step="Who owns the file may do that: workbench users delete FILE NAME.",
                details={"user": found.name},
            )
        caller.store.secrets.put(secrets_key(found), {})
        caller.audit(session, "delete_user", found.name, user_id=found.user_id, guarded=not is_last)
    return found


def add_user(
    caller: Caller,
    session: Session,
    *,
    user_id: UserId,
    name: str,
    email: str,
    title: str,
    issuer: str = "",
    external_id: str = "",
) -> User:
    """Insert a user without roles and password, in an open session.

    Raises
    ------
    DuplicateNameError
        Name or e-mail is taken.
    LimitError
        There are as many as the quota allows.
    """
    if session.users.find(name=name) is not None:
        raise DuplicateNameError("user", name)
    _refuse_email(session, email)
    check_quota(caller, session, "users", len(session.users.all()) + 1, f"user {name}")
    made = User(
        user_id=user_id,
        name=name,
        email=email,
        title=title or name,
        created_at=caller.workspace.clock(),
        created_by=caller.actor,
        issuer=issuer,
        external_id=external_id,
    )
    session.users.add(made)
    caller.audit(session, "create_user", name, user_id=user_id, issuer=issuer)
    return made


def free_name(session: Session, wanted: str) -> str:
    """A name like ``wanted`` that nobody has or had."""
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", wanted).strip("-")[:_LONGEST_NAME] or "user"
    name, n = stem, 1
    while session.users.find(name=name) is not None or session.users.was_deleted(name):
        n += 1
        name = f"{stem}-{n}"
    return name


def _give(caller: Caller, session: Session, user: User, role: str) -> None:
    session.roles.get(role)
    given = Assignment(
        assignment_id=AssignmentId(new_id()),
        subject_kind="user",
        subject=user.name,
        role=role,
        given_by=caller.actor,
        given_at=caller.workspace.clock(),
    )
    session.roles.assign(given, user.user_id)
    caller.audit(session, "assign_role", user.name, role=role, project=None)


def _refuse_email(session: Session, email: str) -> None:
    if email and session.users.find(email=email) is not None:
        raise DuplicateNameError("user with the e-mail", email)


def _check(name: str, email: str, title: str) -> None:
    check_name("user", name)
    check_texts(f"user {name}", title, None)
    if email and (len(email) > _LONGEST_EMAIL or not _EMAIL.fullmatch(email)):
        raise InputError(
            f"{email[:300]!r} is no e-mail address.",
            next_step="Give one like ann@buyer.example, or leave it out.",
            details={"email": email[:300]},
        )
