"""People over HTTP: who asks, who has an account, and what they may do in which project.

The interface gives single permissions where the workbench gives roles: a set of permissions that no role has becomes a
role of its own, made when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from workbench.api.addresses import ID
from workbench.api.endpoint import Asked, Endpoint, Nothing
from workbench.api.envelope import Ok
from workbench.api.shapes.times import Moment
from workbench.domain import (
    RIGHTS,
    Grants,
    Operations,
    Permission,
    Role,
    Scope,
    User,
    grants_of,
    with_included,
)
from workbench.errors import AccessError, DuplicateNameError, InputError, UnknownNameError
from workbench.primitives import hex_digest

UserName = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{1,64}$")]
Address = Annotated[
    str, msgspec.Meta(max_length=254, pattern=r"^([A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,189})?$")
]
Permissions = list[str]
_BY_WIRE: Mapping[str, Permission] = {right.wire: right.name for right in RIGHTS.values() if right.wire}
_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
"""When the person came to be whose workspace has no accounts."""


class ShownUser(msgspec.Struct, kw_only=True):
    """A person as clients read it; permissions are those held, with what they include."""

    id: str
    username: str
    display_name: str
    email: str
    created: Moment
    global_permissions: Permissions
    organisation_permissions: dict[str, Permissions]
    sso_global_permissions: Permissions = []
    verified: bool = True


class OneUser(Ok, kw_only=True):
    """One."""

    user: ShownUser


class Users(Ok, kw_only=True):
    """Everybody with an account."""

    users: list[ShownUser]


class KnownUser(msgspec.Struct, kw_only=True):
    """What everybody may know of somebody."""

    username: str
    email: str
    last_login_at: Moment | None


class KnownUsers(Ok, kw_only=True):
    """Everybody, in short."""

    users: list[KnownUser]


class Refreshed(Ok, kw_only=True):
    """Permissions are always as they are now."""

    permissions_refreshed: bool = True


class UserToCreate(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A person to create."""

    username: UserName
    email: Address
    global_permissions: Permissions = []
    organisation_permissions: dict[str, Permissions] = {}


class NewUser(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Somebody new."""

    user: UserToCreate


class UserToChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Permissions in the place of those there were; left out = as they are."""

    organisation_permissions: dict[str, Permissions] | None = None
    global_permissions: Permissions | None = None


class ChangedUser(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What to change."""

    user: UserToChange


def _me(asked: Asked) -> OneUser:
    mine = asked.operations.my_rights()
    grants = Grants(
        everywhere=frozenset(mine.everywhere),
        projects={project: frozenset(held) for project, held in mine.projects.items()},
    )
    known = {one.name: one for one in asked.operations.users()} if mine.guarded else {}
    return OneUser(user=_shown(asked.operations, mine.name, known.get(mine.name), grants))


def _refresh(asked: Asked) -> Refreshed:
    asked.operations.whoami()
    return Refreshed()


def _all(asked: Asked) -> Users:
    there = asked.operations
    held = _held(there)
    return Users(users=[_shown(there, one.name, one, held.get(one.name, Grants())) for one in there.users()])


def _in_short(asked: Asked) -> KnownUsers:
    return KnownUsers(
        users=[
            KnownUser(username=one.name, email=one.email, last_login_at=one.last_sign_in_at)
            for one in asked.operations.users()
        ]
    )


def _one(asked: Asked) -> OneUser:
    user = _named(asked)
    grants = _held(asked.operations).get(user.name, Grants())
    return OneUser(user=_shown(asked.operations, user.name, user, grants))


def _create(asked: Asked) -> OneUser:
    there, wanted = asked.operations, asked.body.user
    _permissions(wanted.global_permissions, "tenant")
    _check_projects(there, wanted.organisation_permissions)
    if not there.my_rights().guarded:
        # From the first account on the token that asks here opens nothing, and nobody would have another one.
        raise AccessError(
            f"{wanted.username!r} would be the first account, which ends the workspace's own token and this server.",
            next_step="Make an administrator ('workbench users add FILE NAME --admin') and a token for them "
            "('workbench tokens add FILE NAME TITLE'), start the server again, and use that token.",
        )
    user = _made(there, wanted)
    _give(there, user.name, None, wanted.global_permissions)
    for project, listed in wanted.organisation_permissions.items():
        _give(there, user.name, project, listed)
    grants = _held(there).get(user.name, Grants())
    return OneUser(user=_shown(there, user.name, user, grants))


def _made(there: Operations, wanted: UserToCreate) -> User:
    """A new user, or the one who was made by the same request before: clients send again what had no answer."""
    try:
        return there.create_user(wanted.username, wanted.email, roles=())
    except DuplicateNameError:
        asked = Grants(
            everywhere=with_included(_permissions(wanted.global_permissions, "tenant")),
            projects={
                project: with_included(_permissions(listed, "project"))
                for project, listed in wanted.organisation_permissions.items()
                if listed
            },
        )
        for one in there.users():
            same = (one.name, one.email) == (wanted.username, wanted.email)
            if same and _held(there).get(one.name, Grants()) in (Grants(), asked):
                return one
        raise


def _change(asked: Asked) -> OneUser:
    there, wanted, user = asked.operations, asked.body.user, _named(asked)
    projects = wanted.organisation_permissions
    _permissions(wanted.global_permissions or (), "tenant")
    _check_projects(there, projects or {})
    if wanted.global_permissions is not None:
        _replace(there, user.name, {None: wanted.global_permissions})
    if projects is not None:
        given = {one.project for one in there.role_assignments() if one.subject == user.name and one.project}
        _replace(there, user.name, {**{project: [] for project in given}, **projects})
    return _one(asked)


def _delete(asked: Asked) -> Ok:
    user = _named(asked)
    asked.operations.delete_user(user.name, user.name)
    return Ok()


def _welcome(asked: Asked) -> Ok:
    _named(asked)
    return Ok()


def _named(asked: Asked) -> User:
    wanted = asked.path["user_id"]
    for one in asked.operations.users():
        if one.user_id == wanted:
            return one
    raise UnknownNameError("user", wanted, ())


def _held(there: Operations) -> dict[str, Grants]:
    """What each person holds, by name: by roles of their own and of their groups."""
    roles = {role.name: role for role in there.roles()}
    groups = {group.name: group.members for group in there.groups()}
    given: dict[str, list[tuple[Role, str | None]]] = {}
    for one in there.role_assignments():
        names = (one.subject,) if one.subject_kind == "user" else groups.get(one.subject, ())
        for name in names:
            given.setdefault(name, []).append((roles[one.role], one.project))
    return {name: grants_of(held) for name, held in given.items()}


def _shown(there: Operations, name: str, user: User | None, grants: Grants) -> ShownUser:
    everywhere = [right for right in RIGHTS.values() if right.name in grants.everywhere and right.wire]
    anywhere = [right.wire for right in everywhere if right.scope == "project"]
    projects = {one.name for one in there.projects()} if anywhere else set()
    return ShownUser(
        id=str(user.user_id) if user else own_id(name),
        username=name,
        display_name=(user.title if user else "") or name,
        email=(user.email if user else "") or f"{name}@localhost",
        created=user.created_at if user else _ALWAYS,
        global_permissions=[right.wire for right in everywhere if right.scope == "tenant"],
        organisation_permissions={
            project: sorted({*anywhere, *_wires(grants.projects.get(project, ()))})
            for project in sorted(projects | set(grants.projects))
        },
    )


def own_id(name: str) -> str:
    """What stands for the id of somebody without an account."""
    return hex_digest(name, n_digits=16)


def _wires(permissions: Iterable[Permission]) -> list[str]:
    return [RIGHTS[name].wire for name in permissions if RIGHTS[name].wire]


def _permissions(listed: Iterable[str], scope: Scope) -> frozenset[Permission]:
    found = set()
    for wire in listed:
        if wire not in _BY_WIRE:
            raise UnknownNameError("permission", wire, _BY_WIRE)
        if scope == "project" and RIGHTS[_BY_WIRE[wire]].scope == "tenant":
            raise InputError(
                f"{wire!r} is no permission of a project.", next_step="Give it in 'global_permissions'."
            )
        found.add(_BY_WIRE[wire])
    return frozenset(found)


def _check_projects(there: Operations, wanted: Mapping[str, Permissions]) -> None:
    """Refuse what cannot be given before anything is."""
    known = {one.name for one in there.projects()}
    for project, listed in wanted.items():
        if _permissions(listed, "project") and project not in known:
            raise UnknownNameError("project", project, known)


def _give(there: Operations, name: str, project: str | None, listed: Permissions) -> None:
    wanted = _permissions(listed, "tenant" if project is None else "project")
    if not wanted:
        return
    scope: Scope = "tenant" if project is None else "project"
    for role in there.roles():
        if role.grants == with_included(wanted) and scope in (role.scope, "tenant"):
            break
    else:
        made = f"permissions_{hex_digest(scope, *sorted(wanted), n_digits=8)}"
        words = ", ".join(RIGHTS[one].title for one in sorted(wanted))
        role = there.create_role(made, tuple(sorted(wanted)), scope, words[:128])
    there.assign_role(name, role.name, project)


def _replace(there: Operations, name: str, wanted: Mapping[str | None, Permissions]) -> None:
    """Give first, then take: who changes their own permissions must not lock themselves out half-way."""
    before = [one for one in there.role_assignments() if one.subject == name and one.subject_kind == "user"]
    for project, listed in wanted.items():
        _give(there, name, project, listed)
    kept = _roles_for(there, wanted)
    for one in before:
        if one.project in wanted and (one.project, one.role) not in kept:
            there.remove_role_assignment(one.assignment_id)


def _roles_for(there: Operations, wanted: Mapping[str | None, Permissions]) -> set[tuple[str | None, str]]:
    roles = there.roles()
    return {
        (project, role.name)
        for project, listed in wanted.items()
        for role in roles
        if listed
        and role.grants == with_included(_permissions(listed, "tenant" if project is None else "project"))
    }


_USERS = "/api/_private/users"
_USER = f"{_USERS}/{{user_id}}"
_IDS = {"user_id": ID}

ENDPOINTS = (
    Endpoint(method="GET", path="/auth/user", summary="Who asks", handle=_me, reply=OneUser),
    Endpoint(
        method="POST",
        path="/auth/refresh-user-permissions",
        summary="Read the permissions of whoever asks again",
        handle=_refresh,
        reply=Refreshed,
        body=Nothing,
    ),
    Endpoint(method="GET", path=_USERS, summary="People with their permissions", handle=_all, reply=Users),
    Endpoint(method="PUT", path=_USERS, summary="Create a user", handle=_create, reply=OneUser, body=NewUser),
    Endpoint(method="GET", path="/api/v1/users", summary="People", handle=_in_short, reply=KnownUsers),
    Endpoint(method="GET", path=_USER, summary="One user", handle=_one, reply=OneUser, names=_IDS),
    Endpoint(
        method="POST",
        path=_USER,
        summary="Change the permissions of a user",
        handle=_change,
        reply=OneUser,
        body=ChangedUser,
        names=_IDS,
    ),
    Endpoint(method="DELETE", path=_USER, summary="Delete a user", handle=_delete, names=_IDS),
    Endpoint(
        method="POST",
        path=f"{_USER}/welcome-email",
        summary="Taken, and nothing is sent: there is no mail server here",
        handle=_welcome,
        body=Nothing,
        names=_IDS,
    ),
)
