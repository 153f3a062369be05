"""People with accounts: users, groups, which roles were given to whom, and the tokens that stand for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from workbench.domain.ids import AssignmentId, TokenId, UserId
from workbench.domain.principals import PrincipalKind
from workbench.domain.rights import RIGHTS, Grants, Permission, with_included

SubjectKind = Literal["user", "group"]
TokenKind = Literal["api", "session"]


@dataclass(frozen=True, kw_only=True)
class User:
    """A person, or a robot, with an account.

    Attributes
    ----------
    name
        As ledger, audit log and reviews write it; unique whatever the case, fixed.
    email
        Unique whatever the case; empty = none.
    title
        The name that screens show.
    disabled_at
        None = the user may sign in.
    last_sign_in_at
        None = never.
    has_password
        False = somebody else vouches for the user, or nobody does yet.
    must_change_password
        The password was set by somebody else; a session gives no right before another is set.
    has_code
        A one-time code is asked for besides the password.
    issuer, external_id
        Who vouches for the user, and as what; empty = nobody else.
    groups
        Names of groups, sorted.
    locked_until
        No sign-in before then, after too many failures; None = not locked.
    """

    user_id: UserId
    name: str
    email: str = ""
    title: str = ""
    created_at: datetime
    created_by: str = ""
    disabled_at: datetime | None = None
    last_sign_in_at: datetime | None = None
    has_password: bool = False
    password_changed_at: datetime | None = None
    must_change_password: bool = False
    has_code: bool = False
    issuer: str = ""
    external_id: str = ""
    groups: tuple[str, ...] = ()
    locked_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Group:
    """Users who are given roles together; ``members`` are their names, sorted."""

    name: str
    title: str = ""
    members: tuple[str, ...] = ()
    created_at: datetime
    created_by: str = ""


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """A role that was given.

    Attributes
    ----------
    subject
        Name of the user or group that has it.
    project
        Where it holds; None = in the whole workspace.
    """

    assignment_id: AssignmentId
    subject_kind: SubjectKind
    subject: str
    role: str
    project: str | None = None
    given_by: str = ""
    given_at: datetime


@dataclass(frozen=True, kw_only=True)
class Token:
    """What stands for a user: an API token, or the session of a sign-in. The secret is not here.

    Attributes
    ----------
    prefix
        The first characters of the secret, to tell tokens apart.
    expires_at
        None = it lasts until it is revoked.
    last_used_at
        To the minute; None = never.
    projects
        It counts in these projects alone, and gives no right of the tenant; None = wherever its user may.
    permissions
        It gives these alone, as far as its user has them; None = all of them.
    """

    token_id: TokenId
    user: str
    kind: TokenKind = "api"
    title: str = ""
    prefix: str = ""
    created_at: datetime
    created_by: str = ""
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    projects: tuple[str, ...] | None = None
    permissions: tuple[Permission, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class NewToken:
    """A token with its secret, which is shown this once and kept nowhere."""

    token: Token
    secret: str

    def __repr__(self) -> str:
        return f"NewToken(token={self.token!r}, secret=…)"


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A session that began.

    Attributes
    ----------
    session_token
        Its secret, which is kept nowhere.
    expires_at
        When it ends at the latest; it ends earlier when it is not used.
    must_change_password
        It gives no right until then.
    """

    session_token: str
    username: str
    expires_at: datetime
    must_change_password: bool = False

    def __repr__(self) -> str:
        return f"SignedIn(username={self.username!r}, expires_at={self.expires_at!r}, session_token=…)"


@dataclass(frozen=True, kw_only=True)
class CodeSetup:
    """What an authenticator app needs to make one-time codes: shown once.

    Attributes
    ----------
    secret
        Base32, to be typed.
    uri
        ``otpauth://`` address, as the picture holds it.
    picture
        SVG of the address.
    """

    secret: str
    uri: str
    picture: str = ""

    def __repr__(self) -> str:
        return "CodeSetup(…)"


@dataclass(frozen=True, kw_only=True)
class MyRights:
    """Who the caller is and what they may do.

    Attributes
    ----------
    guarded
        Whether the workspace has users; without, whoever may open the file may do everything.
    everywhere
        Permissions in every project and for the tenant, sorted.
    projects
        Permissions in single projects besides, sorted.
    """

    name: str
    kind: PrincipalKind
    guarded: bool
    everywhere: tuple[Permission, ...] = ()
    projects: dict[str, tuple[Permission, ...]]
    must_change_password: bool = False


def narrowed(
    grants: Grants, *, permissions: Iterable[Permission] | None = None, projects: Iterable[str] | None = None
) -> Grants:
    """What is left of grants for a token that is good for less than its user.

    Parameters
    ----------
    permissions
        Only these, with what they include; None = all.
    projects
        Only there, and no right of the tenant; None = wherever it is held.
    """
    kept = frozenset(RIGHTS) if permissions is None else with_included(permissions)
    if projects is None:
        return Grants(
            everywhere=grants.everywhere & kept,
            projects={project: held & kept for project, held in grants.projects.items()},
        )
    kept -= {name for name, right in RIGHTS.items() if right.scope == "tenant"}
    return Grants(
        projects={
            project: (grants.everywhere | grants.projects.get(project, frozenset())) & kept
            for project in projects
        }
    )
