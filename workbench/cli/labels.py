"""Commands for the taxonomy of a dataset."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.opening import opened
from workbench.cli.printing import Output, OutputOption, emit
from workbench.domain import TaxonomyReport
from workbench.door import Dataset
from workbench.door.taxonomy import Taxonomy
from workbench.errors import InputError

labels = typer.Typer(
    help="The taxonomy: list, create, rename, move, merge, split, delete, describe and order labels; undo; files.",
    no_args_is_help=True,
)
File = Annotated[Path, typer.Argument(help="The workspace file, e.g. support.duckdb.")]
DatasetName = Annotated[str, typer.Argument(help="project/name of the dataset.")]
Name = Annotated[str, typer.Argument(help="The label, e.g. 'Claims > Motor'.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would change; change nothing.")]


class Emptied(StrEnum):
    """What becomes of reviewed messages that lose their last label."""

    REVIEWED = "reviewed"
    UNREVIEWED = "unreviewed"


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for function, name in (
        (show, "list"),
        (create, "create"),
        (rename, "rename"),
        (move, "move"),
        (merge, "merge"),
        (split, "split"),
        (delete, "delete"),
        (describe, "describe"),
        (order, "order"),
        (undo, "undo"),
        (export, "export"),
        (import_, "import"),
        (steps, "steps"),
    ):
        labels.command(name)(function)
    app.add_typer(labels, name="labels")


def show(file: File, name: DatasetName, output: OutputOption = Output.TEXT) -> None:
    """List the taxonomy with the messages that carry each label."""
    dataset = _open(file, name)
    found = dataset.operations.labels(dataset.dataset_id)
    emit(output, found, [f"{one.n_assigned:>8,}  {'  ' * (one.depth - 1)}{one.path[-1]}" for one in found])


def create(
    file: File,
    name: DatasetName,
    label: Name,
    instructions: Annotated[str, typer.Option(help="What the label means.")] = "",
    external_id: Annotated[str | None, typer.Option(help="Its id in another system.")] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Create a label and the ancestors it lacks."""
    made = _open(file, name).create_label(label, instructions=instructions, external_id=external_id)
    emit(output, made, [made.name])


def rename(
    file: File,
    name: DatasetName,
    label: Name,
    new_name: Annotated[str, typer.Argument(help="The new name, one level.")],
    *,
    dry_run: DryRun = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Give a label another name; what is below it follows."""
    _tell(output, _taxonomy(file, name).rename(label, new_name, dry_run=dry_run))


def move(
    file: File,
    name: DatasetName,
    label: Name,
    *,
    under: Annotated[str | None, typer.Option(help="The new parent; left out = it becomes a root.")] = None,
    dry_run: DryRun = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Hang a label, with all below it, from another one."""
    _tell(output, _taxonomy(file, name).move(label, under, dry_run=dry_run))


def merge(
    file: File,
    name: DatasetName,
    merged: Annotated[list[str], typer.Argument(help="Labels to merge.")],
    *,
    into: Annotated[str, typer.Option(help="The label that stays.")],
    dry_run: DryRun = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Merge labels into one, children by name."""
    _tell(output, _taxonomy(file, name).merge(merged, into, dry_run=dry_run))


def split(
    file: File,
    name: DatasetName,
    label: Name,
    *,
    part: Annotated[
        list[str], typer.Option(help="A part and its clusters: 'Name=3,7'; given once for each part.")
    ],
    beside: Annotated[bool, typer.Option("--beside", help="Beside the label instead of below it.")] = False,
    dry_run: DryRun = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Make labels of parts of one, by clusters of the newest run."""
    parts = dict(map(_clusters, part))
    _tell(output, _taxonomy(file, name).split(label, parts, below=not beside, dry_run=dry_run))


def export(
    file: File,
    name: DatasetName,
    target: Annotated[Path, typer.Argument(help="The CSV file to write.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Write the taxonomy as CSV: label, description, external_id."""
    written = str(_taxonomy(file, name).export(target))
    emit(output, {"file": written}, [written])


def import_(
    file: File,
    name: DatasetName,
    taken: Annotated[Path, typer.Argument(help="A CSV file with the column label.")],
    *,
    dry_run: DryRun = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Make and amend labels as a CSV file says; with an error in any row nothing is changed (status 1)."""
    if not taken.is_file():
        raise InputError(f"there is no file {str(taken)!r}.", next_step="Check the path.")
    done = _taxonomy(file, name).import_(taken, dry_run=dry_run)
    counts = f"{done.n_new} new, {done.n_changed} changed, {done.n_unchanged} unchanged"
    said = "nothing was changed" if not done.applied else "done"
    wrong = [f"  row {one.row}, {one.column} {one.value!r}: {one.problem}" for one in done.errors]
    lines = [f"{done.n_rows} rows: {counts} ({said})", *wrong, *(f"  note: {one}" for one in done.warnings)]
    emit(output, done, lines)
    if done.errors:
        raise typer.Exit(1)


def delete(
    file: File,
    name: DatasetName,
    label: Name,
    *,
    emptied: Annotated[
        Emptied, typer.Option(help="What becomes of reviewed messages that lose their last label.")
    ],
    dry_run: DryRun = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Delete a label with all below it."""
    _tell(output, _taxonomy(file, name).delete(label, emptied=emptied.value, dry_run=dry_run))


def describe(
    file: File,
    name: DatasetName,
    label: Name,
    *,
    title: Annotated[str | None, typer.Option(help="What screens may show in its place.")] = None,
    instructions: Annotated[str | None, typer.Option(help="What the label means.")] = None,
    external_id: Annotated[str | None, typer.Option(help="Its id in another system.")] = None,
    dry_run: DryRun = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Change what is said of a label; an empty text takes it away."""
    said = {"title": title, "instructions": instructions, "external_id": external_id}
    _tell(output, _taxonomy(file, name).describe(label, **said, dry_run=dry_run))


def order(
    file: File,
    name: DatasetName,
    ordered: Annotated[list[str], typer.Argument(help="Labels of one parent, first to last.")],
    *,
    under: Annotated[str | None, typer.Option(help="Their parent; left out = they are roots.")] = None,
    dry_run: DryRun = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Put the children of a label in order; those left out follow."""
    _tell(output, _taxonomy(file, name).order(ordered, parent=under, dry_run=dry_run))


def undo(
    file: File, name: DatasetName, *, dry_run: DryRun = False, output: OutputOption = Output.TEXT
) -> None:
    """Take the newest change back; what people said since stays."""
    _tell(output, _taxonomy(file, name).undo(dry_run=dry_run))


def steps(file: File, name: DatasetName, output: OutputOption = Output.TEXT) -> None:
    """List the changes, newest first."""
    dataset = _open(file, name)
    found = dataset.operations.taxonomy_steps(dataset.dataset_id)
    lines = [
        f"{one.at:%Y-%m-%d %H:%M}  {one.actor}  {one.summary}{'  (undone)' if one.undone else ''}"
        for one in found
    ]
    emit(output, found, lines)


def _clusters(part: str) -> tuple[str, list[int]]:
    name, _, numbers = part.rpartition("=")
    try:
        return name.strip(), [int(one) for one in numbers.split(",")]
    except ValueError:
        raise InputError(
            f"part {part!r} names no clusters.", next_step="Write it as 'Name=3,7', with numbers of clusters."
        ) from None


def _tell(output: Output, report: TaxonomyReport) -> None:
    changed = [
        f"  {one.before or '(new)'} -> {one.after or '(gone)'}: +{one.n_added:,} -{one.n_removed:,} messages"
        for one in report.labels
    ]
    kept = f"; {report.n_kept:,} judged since stay as they are" if report.n_kept else ""
    emptied = f", {report.n_emptied:,} lose their last label" if report.n_emptied else ""
    done = "done" if report.step_id else "nothing was changed"
    first = f"{report.summary}: {report.n_messages:,} annotated messages change{emptied}{kept} ({done})"
    emit(output, report, [first, *changed, *(f"  note: {one}" for one in report.warnings)])


def _taxonomy(file: Path, name: str) -> Taxonomy:
    return _open(file, name).taxonomy


def _open(file: Path, name: str) -> Dataset:
    return opened(file, must_exist=True).dataset(name)
