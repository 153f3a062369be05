"""Commands for several tenants on one machine: each has an encrypted workspace of its own."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.opening import opened
from workbench.cli.printing import Output, OutputOption, emit
from workbench.cli.progress import clock
from workbench.cli.serving import Theme, owner_runs, serve
from workbench.primitives import utc_now
from workbench.settings import load_settings
from workbench.workspace import Tenant, find_tenant, new_tenant, tenants

group = typer.Typer(
    help="Tenants: one encrypted workspace each, with a key, folder and owner process of its own.",
    no_args_is_help=True,
)
Root = Annotated[Path, typer.Argument(help="The folder that holds tenants.toml and the tenants' folders.")]
Name = Annotated[str, typer.Argument(help="Name of the tenant: small letters, digits, hyphens.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for function, name in (
        (new, "new"),
        (show, "list"),
        (file, "file"),
        (back_up, "back-up"),
        (serve_tenant, "serve"),
    ):
        group.command(name)(function)
    app.add_typer(group, name="tenant")


def new(
    root: Root,
    name: Name,
    key: Annotated[
        str, typer.Option(help="Where its new key goes: a file outside ROOT, or keyring:SERVICE/NAME.")
    ],
    directory: Annotated[
        Path | None, typer.Option(help="A directory of its own for all its files; left out: ROOT/NAME.")
    ] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Make a tenant: a folder, a key, an encrypted workspace file."""
    made = new_tenant(root, name, key=key, settings=load_settings(), directory=directory)
    kept = "Keep a copy of its key in another safe place; without it the file cannot be read."
    emit(output, {"name": name, "file": str(made.file)}, [str(made.file), kept])


def show(root: Root, output: OutputOption = Output.TEXT) -> None:
    """List the tenants: where they are, how large, whether an owner runs, the newest backup."""
    found = [_about(tenant) for tenant in tenants(root)]
    emit(output, found, (_line(one) for one in found) if found else ["no tenants"])


def file(root: Root, name: Name, output: OutputOption = Output.TEXT) -> None:
    """Print a tenant's workspace file, for every other command: workbench status "$(workbench tenant file ROOT NAME)"."""
    found = str(find_tenant(root, name).file)
    emit(output, {"name": name, "file": found}, [found])


def back_up(root: Root, name: Name, output: OutputOption = Output.TEXT) -> None:
    """Write a copy into the tenant's folder of backups, encrypted with the tenant's key, while others go on."""
    tenant = find_tenant(root, name)
    target = tenant.backups / f"{name}-{utc_now():%Y%m%dT%H%M%S}.duckdb"
    tenant.backups.mkdir(mode=0o700, exist_ok=True)
    with clock("backing up"):
        made = opened(tenant.file).publish(target)
    emit(output, {"file": str(made)}, [str(made)])


def serve_tenant(
    root: Root,
    name: Name,
    port: Annotated[
        int | None,
        typer.Option(help="Port of the apps; the HTTP door takes the next one. Each tenant needs its own."),
    ] = None,
    theme: Annotated[
        Theme, typer.Option(help="light, dark or auto, for visitors who have not chosen.")
    ] = "auto",
) -> None:
    """Serve the apps and the HTTP door of one tenant until Ctrl-C."""
    serve(find_tenant(root, name).file, port=port, theme=theme, lab=False)


def _about(tenant: Tenant) -> dict[str, object]:
    copies = sorted(tenant.backups.glob("*.duckdb"))
    return {
        **asdict(tenant),
        "folder": str(tenant.folder),
        "file": str(tenant.file),
        "kind": tenant.kind,
        "n_bytes": tenant.file.stat().st_size if tenant.file.exists() else 0,
        "owner_runs": owner_runs(tenant.file),
        "newest_backup": str(copies[-1]) if copies else None,
    }


def _line(about: dict[str, object]) -> str:
    where = "directory of its own" if about["dedicated"] else "in the root folder"
    owner = "owner runs" if about["owner_runs"] else "at rest"
    return (
        f"{about['name']}: {about['file']}, {about['kind']}, {about['n_bytes']:,} bytes, {where}, {owner}, "
        f"newest backup {about['newest_backup'] or '-'}"
    )
