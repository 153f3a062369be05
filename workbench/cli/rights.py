"""Commands for roles and tokens."""

from __future__ import annotations

import sys
from typing import Annotated, cast

import typer

from workbench.cli.arguments import File
from workbench.cli.opening import opened
from workbench.cli.people import Confirm, moment
from workbench.cli.printing import Output, OutputOption, emit, laid_out
from workbench.domain import Permission, Role
from workbench.domain.ids import AssignmentId, TokenId
from workbench.domain.people import Assignment, Token

roles = typer.Typer(help="Roles: what they permit, and who is given which.", no_args_is_help=True)
tokens = typer.Typer(help="API tokens and sessions of users.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Name of the role.")]
Permissions = Annotated[
    list[str],
    typer.Option("--permission", help="A permission, e.g. 'dataset.read'; may be given several times."),
]


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for function, name in (
        (show_roles, "list"),
        (add_role, "add"),
        (delete_role, "delete"),
        (given, "given"),
        (give, "give"),
        (take, "take"),
    ):
        roles.command(name)(function)
    tokens.command("list")(show_tokens)
    tokens.command("add")(add_token)
    tokens.command("revoke")(revoke)
    app.add_typer(roles, name="roles")
    app.add_typer(tokens, name="tokens")


def show_roles(file: File, output: OutputOption = Output.TEXT) -> None:
    """List roles with their permissions: the built-in ones, then those made here."""
    found = opened(file, must_exist=True).roles()
    emit(output, found, map(_role_line, found))


def add_role(
    file: File,
    name: Name,
    permission: Permissions,
    *,
    tenant: Annotated[
        bool,
        typer.Option("--tenant", help="A role of the whole workspace, which may hold rights of the tenant."),
    ] = False,
    title: Annotated[str, typer.Option(help="What people call it.")] = "",
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    output: OutputOption = Output.TEXT,
) -> None:
    """Make a role of permissions."""
    made = opened(file, must_exist=True).create_role(
        name,
        _permissions(permission),
        scope="tenant" if tenant else "project",
        title=title,
        description=description,
    )
    emit(output, made, [_role_line(made)])


def delete_role(file: File, name: Name, confirm: Confirm = "", output: OutputOption = Output.TEXT) -> None:
    """Delete a role that nobody has."""
    opened(file, must_exist=True).delete_role(name, confirm=confirm)
    emit(output, {"deleted": name}, [f"{name}: deleted"])


def given(
    file: File,
    project: Annotated[str | None, typer.Option(help="Only in this project.")] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """List which roles were given to whom."""
    found = opened(file, must_exist=True).role_assignments(project)
    emit(output, found, map(_assignment_line, found))


def give(
    file: File,
    subject: Annotated[str, typer.Argument(help="Name of the user, or of the group.")],
    name: Name,
    *,
    project: Annotated[str | None, typer.Option(help="In this project alone; left out = everywhere.")] = None,
    group: Annotated[bool, typer.Option("--group", help="The name is that of a group.")] = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Give a role to a user or group."""
    made = opened(file, must_exist=True).assign_role(
        subject, name, project=project, kind="group" if group else "user"
    )
    emit(output, made, [_assignment_line(made)])


def take(
    file: File,
    assignment: Annotated[str, typer.Argument(help="Its id, as 'roles given' shows.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Take a role away again."""
    gone = opened(file, must_exist=True).remove_role_assignment(AssignmentId(assignment))
    emit(output, gone, [_assignment_line(gone)])


def show_tokens(
    file: File,
    user: Annotated[str, typer.Argument(help="Whose; left out = everybody's.")] = "",
    output: OutputOption = Output.TEXT,
) -> None:
    """List API tokens and sessions; their secrets are kept nowhere."""
    found = opened(file, must_exist=True).tokens(user, everybody=not user)
    emit(output, found, map(_token_line, found))


def add_token(
    file: File,
    user: Annotated[str, typer.Argument(help="Whom it stands for.")],
    title: Annotated[str, typer.Argument(help="What it is for.")],
    days: Annotated[int | None, typer.Option(min=1, help="How many days it lasts.")] = None,
    project: Annotated[
        list[str] | None, typer.Option(help="Good in this project alone; several times.")
    ] = None,
    permission: Annotated[list[str] | None, typer.Option(help="Good for this alone; several times.")] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Make an API token and print its secret, once, on standard output."""
    made = opened(file, must_exist=True).create_token(
        title,
        days=days,
        projects=project or None,
        permissions=_permissions(permission) if permission else None,
        user=user,
    )
    for line in laid_out([_token_line(made.token)]):
        print(line, file=sys.stderr)
    print("this is shown once; keep it where only the program may read it:", file=sys.stderr)
    emit(output, {"token": made.token, "secret": made.secret}, [made.secret])


def revoke(
    file: File,
    token: Annotated[str, typer.Argument(help="Its id, as 'tokens list' shows.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """End a token or session at once."""
    gone = opened(file, must_exist=True).revoke_token(TokenId(token))
    emit(output, gone, [_token_line(gone)])


def _permissions(names: list[str]) -> list[Permission]:
    return cast(list[Permission], names)  # whether they are any, the operation says


def _role_line(one: Role) -> tuple[str, ...]:
    return one.name, f"({'built in, ' if one.built_in else ''}{one.scope})", ", ".join(one.permissions)


def _assignment_line(one: Assignment) -> tuple[str, ...]:
    where = f"in {one.project}" if one.project else "everywhere"
    return one.assignment_id, f"{one.subject_kind} {one.subject}", one.role, where


def _token_line(one: Token) -> tuple[str, ...]:
    ends = (
        "revoked" if one.revoked_at else f"until {moment(one.expires_at)}" if one.expires_at else "for ever"
    )
    less = [f"only in {', '.join(one.projects)}"] if one.projects is not None else []
    less += [f"only {', '.join(one.permissions)}"] if one.permissions is not None else []
    about = ", ".join([ends, f"last used {moment(one.last_used_at)}", *less])
    return one.token_id, one.user, one.kind, one.title, f"{one.prefix}…", about
