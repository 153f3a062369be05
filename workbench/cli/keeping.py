"""Commands that keep a workspace file safe: keys and copies."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.opening import local_file
from workbench.cli.printing import FAILED, Output, OutputOption, emit
from workbench.cli.progress import clock
from workbench.settings import load_settings
from workbench.workspace import check_file, is_source, make_key, restore_copy, rotate_key, verify_file

keys = typer.Typer(help="Make, change and check the key of an encrypted workspace.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    keys.command("new")(new)
    keys.command("rotate")(rotate)
    keys.command("check")(check)
    app.add_typer(keys, name="key")
    app.command("restore")(restore)
    app.command("verify")(verify)


def new(
    key: Annotated[
        str, typer.Argument(help="The new key file, or keyring:SERVICE/NAME; nothing is overwritten.")
    ],
    output: OutputOption = Output.TEXT,
) -> None:
    """Make a key: 32 random bytes, in a file that only you may read or in your keyring."""
    made = make_key(key, settings=load_settings())
    said = f"{made}: keep a copy in another safe place; without it an encrypted workspace cannot be read."
    emit(output, {"key": str(made)}, [said])


def rotate(
    file: Annotated[Path, typer.Argument(help="The workspace file; its owner must not run.")],
    new_key: Annotated[
        str,
        typer.Argument(
            help="The new key, made by 'workbench key new': a file, keyring:SERVICE/NAME, or command:…"
        ),
    ],
    output: OutputOption = Output.TEXT,
) -> None:
    """Write the workspace file anew under another key; a plain file becomes an encrypted one."""
    path = local_file(file, must_exist=True).resolve()
    key = new_key if is_source(new_key) else str(Path(new_key).expanduser().absolute())
    with clock("writing anew"):
        rotate_key(path, key, settings=load_settings(path), actor=_actor())
    if key.startswith("command:"):
        step = "Set the variable WORKBENCH_KEY_SOURCE to this command"
    else:
        step = f"Set in workbench.toml beside it: {'key_source' if is_source(key) else 'key_file'} = '{key}'"
    said = f"{path.name} opens with the new key only. {step}"
    emit(output, {"file": str(path), "key": key, "next_step": step}, [said])


def check(
    file: Annotated[Path, typer.Argument(help="The workspace file, or a copy of it.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Say whether the key that is set opens a workspace file or a copy; nothing is changed."""
    path = local_file(file, must_exist=True).resolve()
    encrypted = check_file(path, settings=load_settings(path))
    said = "is encrypted, and the key that is set opens it" if encrypted else "is not encrypted"
    emit(output, {"file": str(path), "encrypted": encrypted}, [f"{path.name} {said}."])


def restore(
    copy: Annotated[Path, typer.Argument(help="A copy that 'workbench publish' wrote.")],
    target: Annotated[Path, typer.Argument(help="The new workspace file; nothing is overwritten.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Make a workspace that can be written from a published copy, which stays as it is."""
    source = local_file(copy, must_exist=True)
    path = local_file(target)
    with clock("restoring"):
        restore_copy(source, path, settings=load_settings(path), actor=_actor())
    emit(output, {"file": str(path)}, [str(path)])


def verify(
    file: Annotated[
        Path, typer.Argument(help="A copy that 'workbench publish' wrote, or a workspace at rest.")
    ],
    output: OutputOption = Output.TEXT,
) -> None:
    """Read a backup to its end and check the chain of its audit log; status 1 when anything is damaged."""
    path = local_file(file, must_exist=True).resolve()
    with clock("reading"):
        found = verify_file(path, settings=load_settings(path))
    audit = (
        "the audit log of an older version is checked once it is restored: workbench audit verify"
        if found.n_events is None
        else f"{found.n_events:,} events of the audit log"
    )
    said = f"{found.n_tables:,} tables, {found.n_rows:,} rows, {audit}"
    outcome = "is whole" if found.whole else "is DAMAGED"
    emit(output, found, [f"{path.name} {outcome}: {said}", *(f"  {one}" for one in found.problems)])
    if not found.whole:
        raise typer.Exit(FAILED)


def _actor() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user that the system has no name for
        return f"uid-{os.getuid()}"
