"""``workbench package``: a whole dataset as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.arguments import DatasetName, File, open_dataset
from workbench.cli.consent import NoCharge, Yes, consent
from workbench.cli.opening import opened
from workbench.cli.printing import Output, OutputOption, emit
from workbench.cli.progress import bar, so_far
from workbench.door import PackageReport, export_package, import_package
from workbench.errors import InputError

package = typer.Typer(
    help="A whole dataset as one zip file: settings, labels, messages, annotations, streams.",
    no_args_is_help=True,
)


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    package.command("export")(write)
    package.command("import")(read)
    app.add_typer(package, name="package")


def write(
    file: File,
    name: DatasetName,
    target: Annotated[Path, typer.Argument(help="The new zip file.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Write a dataset with its sources, labels, messages, annotations and streams; models and raw mail are not in it."""
    dataset = open_dataset(file, name)
    with bar(dataset.info.n_messages, "packing") as step:
        done = export_package(dataset, target.expanduser().absolute(), progress=so_far(step))
    emit(output, done, _lines(done))


def read(
    file: File,
    path: Annotated[Path, typer.Argument(help="A package.")],
    *,
    project: Annotated[str, typer.Option(help="Project for sources and dataset; left out = as it was.")] = "",
    yes: Yes = False,
    no_charge: NoCharge = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Bring a package in. Units are charged per message; sources and dataset must not be there yet."""
    if not path.is_file():
        raise InputError(
            f"there is no file {str(path)[:100]!r}.", next_step="Check the path; nothing was created."
        )

    workspace = opened(file)
    agree = consent(workspace.operations, "sync", yes=yes, no_charge=no_charge)
    done = import_package(workspace, path, project=project, no_charge=no_charge, agree=agree)
    emit(output, done, [*_lines(done), f"  {done.n_annotated:,} annotated; {done.n_units:,} units charged"])


def _lines(done: PackageReport) -> list[str]:
    counts = (
        f"{done.n_sources:,} sources, {done.n_labels:,} labels, {done.n_messages:,} messages, "
        f"{done.n_streams:,} streams"
    )
    return [
        f"{done.dataset}: {counts}",
        *(f"  left out: {one}" for one in done.left_out),
    ]
