"""Commands that keep a workspace file safe: keys and copies."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import Annotated

import typer

from workbench.door import workspace_file
from workbench.settings import load_settings
from workbench.workspace import new_key_file, restore_copy, rotate_key

keys = typer.Typer(help="Make and change the key of an encrypted workspace.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    keys.command("new")(new)
    keys.command("rotate")(rotate)
    app.add_typer(keys, name="key")
    app.command("restore")(restore)


def new(key_file: Annotated[Path, typer.Argument(help="The new key file; nothing is overwritten.")]) -> None:
    """Make a key: 32 random bytes in a file that only you may read."""
    made = new_key_file(key_file.expanduser().absolute())
    print(f"{made}: keep a copy in another safe place; without it an encrypted workspace cannot be read.")


def rotate(
    file: Annotated[Path, typer.Argument(help="The workspace file; its owner must not run.")],
    new_key: Annotated[Path, typer.Argument(help="File with the new key, made by 'workbench key new'.")],
) -> None:
    """Write the workspace file anew under another key; a plain file becomes an encrypted one."""
    path = workspace_file(file, must_exist=True).resolve()
    key_file = new_key.expanduser().absolute()
    rotate_key(path, key_file, settings=load_settings(path), actor=_actor())
    print(
        f"{path.name} opens with the new key only. Set in workbench.toml beside it: key_file = '{key_file}'"
    )


def restore(
    copy: Annotated[Path, typer.Argument(help="A copy that 'workbench publish' wrote.")],
    target: Annotated[Path, typer.Argument(help="The new workspace file; nothing is overwritten.")],
) -> None:
    """Make a workspace that can be written from a published copy, which stays as it is."""
    source = workspace_file(copy, must_exist=True)
    path = workspace_file(target)
    restore_copy(source, path, settings=load_settings(path), actor=_actor())
    print(path)


def _actor() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user that the system has no name for
        return f"uid-{os.getuid()}"
