"""Commands for users and groups. A password is never an argument."""

from __future__ import annotations

import getpass
import sys
from datetime import datetime
from typing import Annotated

import typer

from workbench.cli.arguments import File
from workbench.cli.exchanging import register_users
from workbench.cli.opening import opened
from workbench.cli.printing import Output, OutputOption, emit
from workbench.domain.people import Group, User
from workbench.door import ask_twice

users = typer.Typer(help="People with accounts: who may sign in.", no_args_is_help=True)
groups = typer.Typer(help="Groups: users who are given roles together.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Name of the user.")]
GroupName = Annotated[str, typer.Argument(help="Name of the group.")]
Email = Annotated[str, typer.Option(help="E-mail address.")]
Title = Annotated[str, typer.Option(help="The name that screens show.")]
FromInput = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input, one line.")
]
Confirm = Annotated[str, typer.Option(help="The name again: a deletion is confirmed with it.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for function, name in (
        (show_users, "list"),
        (add_user, "add"),
        (amend_user, "amend"),
        (enable_user, "enable"),
        (disable_user, "disable"),
        (delete_user, "delete"),
        (set_password, "password"),
        (remove_code, "remove-code"),
    ):
        users.command(name)(function)
    for of_groups, name in (
        (show_groups, "list"),
        (add_group, "add"),
        (set_members, "members"),
        (delete_group, "delete"),
    ):
        groups.command(name)(of_groups)
    register_users(users)
    app.command("whoami")(whoami)
    app.add_typer(users, name="users")
    app.add_typer(groups, name="groups")


def whoami(file: File, output: OutputOption = Output.TEXT) -> None:
    """Print who this is to the workspace, and what they may do where."""
    found = opened(file, must_exist=True).my_rights()
    lines = [f"{found.name} ({found.kind})"]
    if not found.guarded:
        lines.append("the workspace has no users: whoever may open the file may do everything")
    lines.append(f"everywhere: {', '.join(found.everywhere) or 'nothing'}")
    lines += [f"{project}: {', '.join(held)}" for project, held in found.projects.items()]
    if found.must_change_password:
        lines.append("next: workbench users password FILE")
    emit(output, found, lines)


def show_users(file: File, output: OutputOption = Output.TEXT) -> None:
    """List users."""
    found = opened(file, must_exist=True).users()
    emit(output, found, map(user_line, found))


def add_user(
    file: File,
    name: Name,
    *,
    email: Email = "",
    title: Title = "",
    role: Annotated[
        list[str] | None,
        typer.Option(
            help="Role for the whole workspace; may be given several times. See 'workbench roles list'."
        ),
    ] = None,
    admin: Annotated[
        bool, typer.Option("--admin", help="The roles of an administrator, as the first user has them.")
    ] = False,
    no_password: Annotated[
        bool,
        typer.Option(
            "--no-password", help="Ask for no password: a robot, or somebody a provider vouches for."
        ),
    ] = False,
    password_stdin: FromInput = False,
    again: Annotated[
        bool, typer.Option("--again", help="Take the name of a user who was deleted: the same person.")
    ] = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Create a user; from the first one on the workspace asks who calls."""
    workspace = opened(file)
    given = tuple(role or ()) + (("service_admin", "project_admin", "model_trainer") if admin else ())
    password = "" if no_password else new_password(f"first password of {name}: ", from_input=password_stdin)
    made = workspace.operations.create_user(name, email, title, password, given or None, again)
    emit(output, made, [user_line(made)])


def amend_user(
    file: File,
    name: Name,
    email: Annotated[str | None, typer.Option(help="E-mail address.")] = None,
    title: Annotated[str | None, typer.Option(help="The name that screens show.")] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Change e-mail or title of a user."""
    made = opened(file, must_exist=True).amend_user(name, email=email, title=title)
    emit(output, made, [user_line(made)])


def enable_user(file: File, name: Name, output: OutputOption = Output.TEXT) -> None:
    """Let a user sign in again; ends a wait after failed sign-ins."""
    made = opened(file, must_exist=True).enable_user(name)
    emit(output, made, [user_line(made)])


def disable_user(file: File, name: Name, output: OutputOption = Output.TEXT) -> None:
    """Let a user sign in no more; sessions end at once."""
    made = opened(file, must_exist=True).disable_user(name)
    emit(output, made, [user_line(made)])


def delete_user(file: File, name: Name, confirm: Confirm = "", output: OutputOption = Output.TEXT) -> None:
    """Delete a user; the history keeps the name. Without any user the workspace asks nobody who calls."""
    workspace = opened(file, must_exist=True)
    workspace.delete_user(name, confirm=confirm)
    left = len(workspace.users())
    said = f"deleted, {left} users left" if left else "deleted; the workspace has no users now"
    emit(output, {"deleted": name, "n_users": left}, [f"{name}: {said}"])


def set_password(
    file: File,
    name: Annotated[str, typer.Argument(help="Another user; left out = your own password.")] = "",
    password_stdin: FromInput = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Set another user's first password, to be changed at the next sign-in, or change your own."""
    workspace = opened(file, must_exist=True)
    if name:
        fresh = new_password(f"first password of {name}: ", from_input=password_stdin)
        made = workspace.operations.set_password(fresh, "", name)
    else:
        old = _line() if password_stdin else getpass.getpass("present password: ")
        made = workspace.operations.set_password(
            new_password("new password: ", from_input=password_stdin), old
        )
    emit(output, made, [user_line(made)])


def remove_code(file: File, name: Name, output: OutputOption = Output.TEXT) -> None:
    """Ask a user for no one-time codes any more, as when the phone is lost."""
    made = opened(file, must_exist=True).operations.remove_code("", name)
    emit(output, made, [user_line(made)])


def show_groups(file: File, output: OutputOption = Output.TEXT) -> None:
    """List groups with their members."""
    found = opened(file, must_exist=True).groups()
    emit(output, found, map(_group_line, found))


def add_group(
    file: File,
    name: GroupName,
    member: Annotated[
        list[str] | None, typer.Option(help="Name of a user; may be given several times.")
    ] = None,
    title: Title = "",
    output: OutputOption = Output.TEXT,
) -> None:
    """Create a group of users."""
    made = opened(file, must_exist=True).create_group(name, title=title, members=member or ())
    emit(output, made, [_group_line(made)])


def set_members(
    file: File,
    name: GroupName,
    members: Annotated[
        list[str] | None, typer.Argument(help="Names of all users in it; none = empty it.")
    ] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Say who is in a group: all of them."""
    made = opened(file, must_exist=True).amend_group(name, members=members or ())
    emit(output, made, [_group_line(made)])


def delete_group(
    file: File, name: GroupName, confirm: Confirm = "", output: OutputOption = Output.TEXT
) -> None:
    """Delete a group with the roles that it was given."""
    opened(file, must_exist=True).delete_group(name, confirm=confirm)
    emit(output, {"deleted": name}, [f"{name}: deleted"])


def new_password(prompt: str, *, from_input: bool) -> str:
    """A new password, typed twice without echo or read from standard input."""
    return _line() if from_input else ask_twice(prompt)


def user_line(one: User) -> tuple[str, str]:
    """A user in one row."""
    about = [one.email] if one.email else []
    if one.disabled_at:
        about.append("disabled")
    if not one.has_password:
        about.append(f"signs in by {one.issuer}" if one.issuer else "no password")
    if one.must_change_password:
        about.append("must change the password")
    about += ["one-time codes"] if one.has_code else []
    about += [f"groups: {', '.join(one.groups)}"] if one.groups else []
    about.append(f"last sign-in {moment(one.last_sign_in_at)}")
    return one.name, ", ".join(about)


def moment(at: datetime | None) -> str:
    """A time to the minute, UTC."""
    return f"{at:%Y-%m-%d %H:%M}" if at else "never"


def _group_line(one: Group) -> tuple[str, str]:
    return one.name, ", ".join(one.members) or "nobody"


def _line() -> str:
    return sys.stdin.readline().rstrip("\r\n")
