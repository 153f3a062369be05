"""The operations on users, groups and roles.

A part of ``Operations``, in a module of its own for its length.
"""

# ruff: noqa: FBT001, FBT002 - flags travel by name

from __future__ import annotations

from typing import Protocol

from workbench.domain.ids import AssignmentId
from workbench.domain.people import Assignment, Group, SubjectKind, User
from workbench.domain.rights import Permission, Scope
from workbench.domain.roles import Role


class PeopleOperations(Protocol):
    """Who may do what."""

    # ---- users, groups, roles --------------------------------------------------------------------

    def users(self) -> tuple[User, ...]:
        """All users, by name."""
        ...

    def create_user(
        self,
        name: str,
        email: str = "",
        title: str = "",
        password: str = "",
        roles: tuple[str, ...] | None = None,
        again: bool = False,
    ) -> User:
        """Create a user; from the first one on the workspace is guarded: who calls must be recognised.

        ``password`` must be changed at the first sign-in (not that of the first user); empty = none. ``roles``
        are given for the whole workspace; None = none, for the first user service_admin, project_admin and
        model_trainer. The name of a deleted user is taken only ``again``. ``DuplicateNameError`` when name or
        e-mail is taken.
        """
        ...

    def amend_user(self, name: str, email: str | None = None, title: str | None = None) -> User:
        """Change e-mail or title; None = as it is."""
        ...

    def enable_user(self, name: str, enabled: bool) -> User:
        """Let a user sign in again, or not any more: sessions end, tokens count for nothing meanwhile.

        The last who may manage people stays enabled. Enabling ends a wait after failed sign-ins.
        """
        ...

    def delete_user(self, name: str, confirm: str) -> User:
        """Delete a user with password, tokens and roles; ``confirm`` repeats the name, which the history keeps.

        Of users who may manage people one must stay, but who owns the file may delete the last user of all: then
        the workspace is guarded no more.
        """
        ...

    def groups(self) -> tuple[Group, ...]:
        """All groups with their members, by name."""
        ...

    def create_group(self, name: str, title: str = "", members: tuple[str, ...] = ()) -> Group:
        """Create a group; ``DuplicateNameError`` when it exists."""
        ...

    def amend_group(
        self, name: str, title: str | None = None, members: tuple[str, ...] | None = None
    ) -> Group:
        """Change title or members (all of them); None = as it is."""
        ...

    def delete_group(self, name: str, confirm: str) -> Group:
        """Delete a group with the roles that it was given; ``confirm`` repeats its name."""
        ...

    def roles(self) -> tuple[Role, ...]:
        """The built-in roles, then those made here, with their permissions."""
        ...

    def create_role(
        self,
        name: str,
        permissions: tuple[Permission, ...],
        scope: Scope = "project",
        title: str = "",
        description: str = "",
    ) -> Role:
        """Make a role of permissions; one for projects holds no right of the tenant."""
        ...

    def amend_role(
        self,
        name: str,
        permissions: tuple[Permission, ...] | None = None,
        title: str | None = None,
        description: str | None = None,
    ) -> Role:
        """Change a role, for all who have it at once; None = as it is. Built-in ones are fixed."""
        ...

    def delete_role(self, name: str, confirm: str) -> Role:
        """Delete a role; ``NotEmptyError`` names those who still have it."""
        ...

    def role_assignments(self, project: str | None = None) -> tuple[Assignment, ...]:
        """Which roles were given to whom, in the order in which they were; None = in all projects and for all."""
        ...

    def assign_role(
        self, subject: str, role: str, project: str | None = None, subject_kind: SubjectKind = "user"
    ) -> Assignment:
        """Give a role to a user or group, in one project or (None) in the whole workspace."""
        ...

    def remove_role_assignment(self, assignment_id: AssignmentId) -> Assignment:
        """Take a role away again."""
        ...
