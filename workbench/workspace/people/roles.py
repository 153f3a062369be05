"""Roles, and who is given which: a role counts in one project, or in the whole workspace."""

from __future__ import annotations

from workbench.domain.ids import AssignmentId, check_name
from workbench.domain.people import Assignment, SubjectKind
from workbench.domain.rights import Permission, Scope
from workbench.domain.roles import Role, check_role
from workbench.errors import (
    ConfirmationError,
    DuplicateNameError,
    InputError,
    NotEmptyError,
    UnknownNameError,
)
from workbench.store import Session
from workbench.workspace.catalog import check_texts
from workbench.workspace.context import Caller
from workbench.workspace.people.standing import keep_an_administrator

_SHOWN = 10


def roles(caller: Caller) -> tuple[Role, ...]:
    """Built-in roles, then those made here."""
    with caller.store.read() as session:
        return tuple(session.roles.all().values())


def create_role(
    caller: Caller,
    name: str,
    permissions: tuple[Permission, ...],
    scope: Scope = "project",
    title: str = "",
    description: str = "",
) -> Role:
    """Make a role."""
    check_name("role", name)
    made = _checked(name, permissions, scope, title or name, description)
    with caller.store.write(messages=False) as session:
        if name in session.roles.all():
            raise DuplicateNameError("role", name)
        session.roles.put(made)
        caller.audit(session, "create_role", name, permissions=list(permissions), scope=scope)
    return made


def amend_role(
    caller: Caller,
    name: str,
    permissions: tuple[Permission, ...] | None = None,
    title: str | None = None,
    description: str | None = None,
) -> Role:
    """Change a role; whoever has it may do what it says from now on."""
    with caller.store.write(messages=False) as session:
        before = _own(session, name)
        after = _checked(
            name,
            before.permissions if permissions is None else permissions,
            before.scope,
            before.title if title is None else title,
            before.description if description is None else description,
        )
        session.roles.put(after)
        keep_an_administrator(session, f"changing role {name!r}")
        caller.audit(
            session, "amend_role", name, before=list(before.permissions), permissions=list(after.permissions)
        )
    return after


def delete_role(caller: Caller, name: str, confirm: str) -> Role:
    """Delete a role that nobody has."""
    with caller.store.write(messages=False) as session:
        found = _own(session, name)
        if confirm != name:
            raise ConfirmationError("role", name, confirm)
        holders = [one.subject for one in session.roles.assignments() if one.role == name]
        if holders:
            listed = ", ".join(dict.fromkeys(holders[:_SHOWN])) + (" …" if len(holders) > _SHOWN else "")
            raise NotEmptyError(
                f"role {name!r} is still given to {listed}.",
                next_step="Take it away from them first (remove_role_assignment).",
                details={"role": name, "subjects": holders[:100]},
            )
        session.roles.drop(name)
        caller.audit(session, "delete_role", name)
    return found


def role_assignments(caller: Caller, project: str | None = None) -> tuple[Assignment, ...]:
    """Which roles were given to whom."""
    with caller.store.read() as session:
        found = session.roles.assignments()
    return tuple(one for one in found if project is None or one.project == project)


def assign_role(
    caller: Caller, subject: str, role: str, project: str | None = None, subject_kind: SubjectKind = "user"
) -> Assignment:
    """Give a role to a user or group; given already, nothing changes."""
    at = caller.workspace.clock()
    with caller.store.write(messages=False) as session:
        given = session.roles.get(role)
        if given.scope == "tenant" and project is not None:
            raise InputError(
                f"role {role!r} is one of the tenant and cannot be given in project {project!r} alone.",
                next_step="Give it without a project, or choose a role of projects.",
                details={"role": role, "project": project},
            )
        known = [one.name for one in session.catalog.projects()]
        if project is not None and project not in known:
            raise UnknownNameError("project", project[:300], known)
        if subject_kind == "user":
            user = session.users.get(subject)
            key, name = str(user.user_id), user.name
        else:
            key = name = session.users.group(subject).name
        for there in session.roles.assignments():
            if (there.subject_kind, there.subject, there.role, there.project) == (
                subject_kind,
                name,
                role,
                project,
            ):
                return there
        made = Assignment(
            assignment_id=AssignmentId(caller.made_id("assignment")),
            subject_kind=subject_kind,
            subject=name,
            role=role,
            project=project,
            given_by=caller.actor,
            given_at=at,
        )
        session.roles.assign(made, key)
        caller.audit(session, "assign_role", name, kind=subject_kind, role=role, project=project)
    return made


def remove_role_assignment(caller: Caller, assignment_id: AssignmentId) -> Assignment:
    """Take a role away again."""
    with caller.store.write(messages=False) as session:
        known = {one.assignment_id: one for one in session.roles.assignments()}
        if assignment_id not in known:
            raise UnknownNameError("assignment", assignment_id[:300], known)
        found = known[assignment_id]
        session.roles.take_away(assignment_id)
        keep_an_administrator(session, f"taking role {found.role!r} from {found.subject!r}")
        caller.audit(
            session,
            "remove_role_assignment",
            found.subject,
            kind=found.subject_kind,
            role=found.role,
            project=found.project,
        )
    return found


def _own(session: Session, name: str) -> Role:
    found = session.roles.get(name)
    if found.built_in:
        raise InputError(
            f"role {name!r} is built in and stays as it is.",
            next_step="Make a role of your own (create_role) with the permissions that you need.",
            details={"role": name},
        )
    return found


def _checked(
    name: str, permissions: tuple[Permission, ...], scope: Scope, title: str, description: str
) -> Role:
    check_texts(f"role {name}", title, description)
    made = Role(
        name=name,
        title=title,
        scope=scope,
        permissions=tuple(dict.fromkeys(permissions)),
        description=description,
    )
    check_role(made)
    return made
