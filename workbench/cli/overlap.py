"""Commands for messages that several people judge on their own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.opening import opened
from workbench.cli.printing import Output, OutputOption, emit, printable
from workbench.domain import LabelAgreement, Measure, Overlap, OverlapId, PersonPace
from workbench.door import Dataset

overlap = typer.Typer(
    help="Agreement of annotators: ask several people about the same messages, and measure how well they agree.",
    no_args_is_help=True,
)
File = Annotated[Path, typer.Argument(help="The workspace file, e.g. support.duckdb.")]
DatasetName = Annotated[str, typer.Argument(help="project/name of the dataset.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for function, name in ((assign, "assign"), (show, "list"), (agreement, "agreement"), (delete, "delete")):
        overlap.command(name)(function)
    app.add_typer(overlap, name="overlap")


def assign(
    file: File,
    name: DatasetName,
    person: Annotated[list[str], typer.Option(help="Who is asked, as they sign in; give it several times.")],
    messages: Annotated[int, typer.Option(help="Messages, drawn at random.")] = 50,
    repeats: Annotated[int, typer.Option(help="How many come back to each person unannounced.")] = 5,
    seed: Annotated[int | None, typer.Option(help="Fixes the draw.")] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Ask several people about the same unreviewed messages, each on their own."""
    made = _open(file, name).assign_overlap(person, messages, repeats=repeats, seed=seed)
    emit(output, made, [_line(made)])


def show(file: File, name: DatasetName, output: OutputOption = Output.TEXT) -> None:
    """List overlaps, newest first."""
    found = _open(file, name).overlaps()
    emit(output, found, map(_line, found))


def agreement(
    file: File,
    name: DatasetName,
    overlap_id: Annotated[
        str | None, typer.Argument(help="Id of the overlap; the newest one if left out.")
    ] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Print agreement per label with 95 % intervals, and each person's pace."""
    report = _open(file, name).agreement(OverlapId(overlap_id) if overlap_id else None)
    lines = [
        _line(report.overlap),
        f"{'alpha':>22}  {'AC1':>22}  label",
        *map(_label, (report.overall, *report.labels)),
        f"{sum(not one.resolved for one in report.disagreements)} disagreements are open",
        *map(_person, report.people),
    ]
    emit(output, report, lines)


def delete(
    file: File,
    name: DatasetName,
    overlap_id: Annotated[str, typer.Argument(help="Id of the overlap.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Delete an overlap with its answers; reviews that came of it stay."""
    dataset = _open(file, name)
    gone = dataset.operations.delete_overlap(dataset.dataset_id, OverlapId(overlap_id))
    emit(output, gone, [f"overlap {gone.overlap_id} is gone"])


def _line(one: Overlap) -> str:
    people = printable(", ".join(one.people))
    return (
        f"{one.overlap_id}  {one.created_at:%Y-%m-%d %H:%M}  {one.n_messages:,} messages, {one.n_repeats} come back  "
        f"{one.n_given:,} of {one.n_asked:,} answers  {people}"
    )


def _label(one: LabelAgreement) -> str:
    return f"{_measure(one.alpha):>22}  {_measure(one.ac1):>22}  {printable(one.name)}"


def _measure(one: Measure) -> str:
    if one.value is None:
        return "not known"
    bounds = "" if one.low is None or one.high is None else f" ({one.low:.2f} to {one.high:.2f})"
    return f"{one.value:.2f}{bounds}"


def _person(one: PersonPace) -> str:
    pace = "" if one.seconds_per_message is None else f", {one.seconds_per_message:.0f} s a message"
    again = f", {one.n_equal} of {one.n_repeats} repeats the same" if one.n_repeats else ""
    return f"{printable(one.person)}: {one.n_given:,} of {one.n_asked:,} answers{again}{pace}"


def _open(file: Path, name: str) -> Dataset:
    return opened(file, must_exist=True).dataset(name)
