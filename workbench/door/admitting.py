"""People: users, groups, roles, tokens. What ``Workspace`` offers beside its verbs."""

from __future__ import annotations

import getpass
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from workbench.domain import Operations, Permission, Role
from workbench.domain.ids import AssignmentId, TokenId
from workbench.domain.people import Assignment, Group, MyRights, NewToken, SubjectKind, Token, User
from workbench.domain.rights import Scope
from workbench.errors import InputError


class Admitting:
    """Who may do what. A password is asked for without echo and stands in no cell."""

    operations: Operations

    def my_rights(self) -> MyRights:
        """Who this is, and what they may do where."""
        return self.operations.my_rights()

    # ---- users

    def users(self) -> tuple[User, ...]:
        """All users, by name."""
        return self.operations.users()

    def create_user(
        self,
        name: str,
        *,
        email: str = "",
        title: str = "",
        roles: Iterable[str] | None = None,
        ask_password: bool = False,
        again: bool = False,
    ) -> User:
        """Create a user; from the first one on the workspace asks who calls.

        Parameters
        ----------
        roles
            Given for the whole workspace; None = none, and for the first user those of an administrator.
        ask_password
            Ask for a first password now. Without one the user signs in by a provider, or not yet.
        again
            Take the name of a user who was deleted: it is the same person.

        Raises
        ------
        DuplicateNameError
            Name or e-mail is taken.
        """
        password = ask_twice(f"first password of {name}: ") if ask_password else ""
        given = None if roles is None else tuple(roles)
        return self.operations.create_user(name, email, title, password, given, again)

    def amend_user(self, name: str, *, email: str | None = None, title: str | None = None) -> User:
        """Change e-mail or title."""
        return self.operations.amend_user(name, email, title)

    def enable_user(self, name: str) -> User:
        """Let a user sign in again; ends a wait after failed sign-ins."""
        return self.operations.enable_user(name, True)

    def disable_user(self, name: str) -> User:
        """Let a user sign in no more; sessions end at once."""
        return self.operations.enable_user(name, False)

    def delete_user(self, name: str, *, confirm: str) -> User:
        """Delete a user with password, tokens and roles; the history keeps the name."""
        return self.operations.delete_user(name, confirm)

    def set_password(self, user: str = "") -> User:
        """Change one's own password, or set another user's first one; both are asked for."""
        old = "" if user else getpass.getpass("present password: ")
        return self.operations.set_password(ask_twice("new password: "), old, user)

    # ---- groups and roles

    def groups(self) -> tuple[Group, ...]:
        """All groups, by name."""
        return self.operations.groups()

    def create_group(self, name: str, *, title: str = "", members: Iterable[str] = ()) -> Group:
        """Create a group of users."""
        return self.operations.create_group(name, title, tuple(members))

    def amend_group(
        self, name: str, *, title: str | None = None, members: Iterable[str] | None = None
    ) -> Group:
        """Change title or members (all of them)."""
        return self.operations.amend_group(name, title, None if members is None else tuple(members))

    def delete_group(self, name: str, *, confirm: str) -> Group:
        """Delete a group with the roles that it was given."""
        return self.operations.delete_group(name, confirm)

    def roles(self) -> tuple[Role, ...]:
        """The built-in roles, then those made here."""
        return self.operations.roles()

    def create_role(
        self,
        name: str,
        permissions: Iterable[Permission],
        *,
        scope: Scope = "project",
        title: str = "",
        description: str = "",
    ) -> Role:
        """Make a role of permissions."""
        return self.operations.create_role(name, tuple(permissions), scope, title, description)

    def amend_role(
        self,
        name: str,
        *,
        permissions: Iterable[Permission] | None = None,
        title: str | None = None,
        description: str | None = None,
    ) -> Role:
        """Change a role, for all who have it."""
        listed = None if permissions is None else tuple(permissions)
        return self.operations.amend_role(name, listed, title, description)

    def delete_role(self, name: str, *, confirm: str) -> Role:
        """Delete a role that nobody has."""
        return self.operations.delete_role(name, confirm)

    def role_assignments(self, project: str | None = None) -> tuple[Assignment, ...]:
        """Which roles were given to whom."""
        return self.operations.role_assignments(project)

    def assign_role(
        self, subject: str, role: str, *, project: str | None = None, kind: SubjectKind = "user"
    ) -> Assignment:
        """Give a role to a user or group, in a project or in the whole workspace."""
        return self.operations.assign_role(subject, role, project, kind)

    def remove_role_assignment(self, assignment_id: AssignmentId) -> Assignment:
        """Take a role away again."""
        return self.operations.remove_role_assignment(assignment_id)

    # ---- tokens

    def tokens(self, user: str = "", *, everybody: bool = False) -> tuple[Token, ...]:
        """API tokens and sessions, without secrets."""
        return self.operations.tokens(user, everybody)

    def create_token(
        self,
        title: str,
        *,
        days: int | None = None,
        projects: Iterable[str] | None = None,
        permissions: Iterable[Permission] | None = None,
        user: str = "",
    ) -> NewToken:
        """Make an API token; ``.secret`` of the answer is shown nowhere else and kept nowhere.

        Parameters
        ----------
        days
            How long it lasts; None = as long as the setting ``token_days`` allows.
        projects, permissions
            It is good only there, and only for these; None = for all that its user may do.
        user
            Somebody else, a robot: for administrators.
        """
        ends = None if days is None else datetime.now(UTC) + timedelta(days=days)
        return self.operations.create_token(
            title,
            ends,
            None if projects is None else tuple(projects),
            None if permissions is None else tuple(permissions),
            user,
        )

    def revoke_token(self, token_id: TokenId) -> Token:
        """End a token or session at once."""
        return self.operations.revoke_token(token_id)


def ask_twice(prompt: str) -> str:
    """A password, typed twice without echo.

    Raises
    ------
    InputError
        The two differ.
    """
    first = getpass.getpass(prompt)
    if getpass.getpass("once more: ") != first:
        raise InputError("the two passwords differ.", next_step="Type the same one twice.")
    return first
