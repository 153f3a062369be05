"""Roles, and who was given which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.domain.ids import AssignmentId, UserId
from workbench.domain.people import Assignment, SubjectKind
from workbench.domain.rights import Grants
from workbench.domain.roles import BUILT_IN_ROLES, Role, grants_of
from workbench.errors import UnknownNameError
from workbench.store.cursor import Cursor


class Roles:
    """Built-in roles, those that were made here, and assignments."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def all(self) -> Mapping[str, Role]:
        """Every role by name: the built-in ones first."""
        made = {
            name: Role(
                name=name,
                title=title,
                scope=scope,
                description=description,
                permissions=tuple(permissions or ()),
            )
            for name, title, scope, description, permissions in self._cursor.rows("role.list")
        }
        return {**BUILT_IN_ROLES, **made}

    def get(self, name: str) -> Role:
        """One; ``UnknownNameError`` when there is none."""
        known = self.all()
        if name not in known:
            raise UnknownNameError("role", name[:300], known)
        return known[name]

    def put(self, role: Role) -> None:
        """Insert a role, or write it anew."""
        self.drop(role.name)
        self._cursor.execute(
            "role.add", name=role.name, title=role.title, scope=role.scope, description=role.description
        )
        for position, permission in enumerate(role.permissions):
            self._cursor.execute(
                "role.add_permission", role=role.name, position=position, permission=permission
            )

    def drop(self, name: str) -> None:
        """Remove a role."""
        self._cursor.execute("role.drop_permissions", role=name)
        self._cursor.execute("role.drop", name=name)

    def assignments(self) -> tuple[Assignment, ...]:
        """All, in the order in which they were made."""
        return tuple(_assignment(row) for row in self._cursor.rows("role.assignments"))

    def assign(self, given: Assignment, subject: str) -> None:
        """Give a role; ``subject`` is the id of the user, or the name of the group."""
        self._cursor.execute(
            "role.assign",
            assignment_id=given.assignment_id,
            subject_kind=given.subject_kind,
            subject=subject,
            role=given.role,
            project=given.project,
            given_by=given.given_by,
            given_at=given.given_at,
        )

    def take_away(self, assignment_id: AssignmentId) -> None:
        """Take a role away again."""
        self._cursor.execute("role.drop_assignment", assignment_id=assignment_id)

    def take_all(self, subject_kind: SubjectKind, subject: str) -> None:
        """Take all roles of a user (by id) or group away."""
        self._cursor.execute("role.drop_subject", subject_kind=subject_kind, subject=subject)

    def forget_project(self, project: str) -> None:
        """Take all roles in a project away, so that another one of its name is not open to those who had them."""
        self._cursor.execute("role.drop_project", project=project)

    def grants(self, user_id: UserId | None = None) -> dict[UserId, Grants]:
        """What users (None = all who have a role) may do, by id."""
        roles = self.all()
        given: dict[UserId, list[tuple[Role, str | None]]] = {}
        for one, name, project in self._cursor.rows("role.held", user_id=user_id):
            given.setdefault(UserId(one), []).append((roles[name], project))
        return {one: grants_of(held) for one, held in given.items()}


def _assignment(row: tuple[Any, ...]) -> Assignment:
    names = ("assignment_id", "subject_kind", "subject", "role", "project", "given_by", "given_at")
    return Assignment(**dict(zip(names, row, strict=True)))
