"""Commands that do one thing to a workspace file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

import workbench as wb
from workbench.domain import ColumnMapping, PropertyKind
from workbench.door import Dataset
from workbench.errors import InputError
from workbench.wire import signature

File = Annotated[Path, typer.Argument(help="The workspace file, e.g. support.duckdb.")]
DatasetName = Annotated[str, typer.Argument(help="project/name of the dataset.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for function, name in (
        (import_messages, "import"),
        (create_dataset, "create-dataset"),
        (discover, "discover"),
        (train, "train"),
        (monitor, "monitor"),
        (report, "report"),
        (usage, "usage"),
        (status, "status"),
        (jobs, "jobs"),
        (call, "call"),
    ):
        app.command(name)(function)


def import_messages(
    file: File,
    messages: Annotated[Path, typer.Argument(help="The CSV or JSONL file.")],
    source: Annotated[str, typer.Option(help="project/name; created when there is none.")],
    id_column: Annotated[str | None, typer.Option(help="Column with the unique id.")] = None,
    time_column: Annotated[str | None, typer.Option(help="Column with the time.")] = None,
    text_column: Annotated[str | None, typer.Option(help="Column with the text.")] = None,
    subject_column: Annotated[str | None, typer.Option(help="Column with the subject.")] = None,
    thread_column: Annotated[str | None, typer.Option(help="Column with the thread id.")] = None,
    string_property: Annotated[list[str] | None, typer.Option(help="Column kept as text property.")] = None,
    number_property: Annotated[list[str] | None, typer.Option(help="Column kept as number property.")] = None,
    skip_bad_rows: Annotated[bool, typer.Option(help="Load the good rows and report the bad.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before units are charged.")] = False,
) -> None:
    """Import messages; columns not named are guessed. One unit is charged per new or changed text."""
    if not yes:
        typer.confirm(
            f"Importing {messages.name} charges 1 unit per new or text-changed message. Go on?", abort=True
        )
    mapping = None
    if id_column and time_column and text_column:
        properties: dict[str, PropertyKind] = dict.fromkeys(string_property or [], "string")
        properties.update(dict.fromkeys(number_property or [], "number"))
        mapping = ColumnMapping(
            id=id_column,
            timestamp=time_column,
            body=text_column,
            subject=subject_column,
            thread_id=thread_column,
            properties=properties,
        )
    elif id_column or time_column or text_column:
        raise InputError(
            "some of the three required columns are not named.",
            next_step="Name --id-column, --time-column and --text-column, or none of them.",
        )
    done = wb.open(file).import_(
        messages, source=source, mapping=mapping, on_bad_row="skip" if skip_bad_rows else "refuse"
    )
    counts = done.counts
    print(
        f"{counts.new:,} new, {counts.updated:,} updated, {counts.unchanged:,} unchanged, "
        f"{done.n_bad_rows:,} bad rows; {counts.units:,} units charged"
    )
    for row in done.bad_rows[:20]:
        print(f"  row {row.row}, {row.column}: {row.value[:60]!r}: {row.problem}")


def create_dataset(
    file: File,
    name: DatasetName,
    source: Annotated[list[str], typer.Option(help="project/name of a source; may be given several times.")],
    title: Annotated[str, typer.Option(help="Title shown on screens.")] = "",
) -> None:
    """Create a dataset over one or more sources."""
    print(repr(wb.open(file).create_dataset(name, sources=source, title=title)))


def discover(file: File, name: DatasetName) -> None:
    """Embed, map, cluster and name; prints the clusters."""
    run = _dataset(file, name).discover()
    for cluster in run.clusters[:30]:
        print(f"{cluster.n_messages:6,}  {cluster.share:6.1%}  {cluster.name}")
    print(f"{run.share_unclustered:.1%} of {run.n_messages:,} messages are in no cluster")


def train(file: File, name: DatasetName) -> None:
    """Train a model version on what is reviewed, predict all messages, validate."""
    version = _dataset(file, name).train()
    rating = "no rating yet" if version.rating is None else f"rating {version.rating:.0f}"
    quality = version.mean_average_precision
    precision = "" if quality is None else f", mean average precision {quality:.3f}"
    print(
        f"version {version.version}: {version.n_labels} labels, {version.n_reviewed:,} reviewed, {rating}{precision}"
    )


def monitor(file: File, name: DatasetName) -> None:
    """Look for drift and imbalance; prints the summary."""
    dataset = _dataset(file, name)
    dataset.monitor()
    print(dataset.drift().summary)


def report(
    file: File,
    name: DatasetName,
    folder: Annotated[Path, typer.Option(help="Where to write it.")] = Path("report"),
) -> None:
    """Write the report: HTML, PDF and tables."""
    for path in _dataset(file, name).report(folder):
        print(path)


def usage(file: File) -> None:
    """Print what was charged."""
    found = wb.open(file).operations.usage()
    for total in found.totals:
        print(
            f"{total.day}  {total.project}/{total.source}  {total.channel}  {total.operation}  {total.units:,}"
        )
    print(f"{found.units:,} units = {found.units * found.platform_units_per_unit:,.1f} platform units")


def status(file: File) -> None:
    """Print the health of a workspace and its datasets."""
    workspace = wb.open(file)
    for key, value in workspace.health().items():
        print(f"{key:10} {value}")
    for dataset in workspace.operations.datasets():
        print(f"{dataset.full_name}: {dataset.n_messages:,} messages, {dataset.n_reviewed:,} reviewed")


def jobs(file: File) -> None:
    """List jobs, newest first."""
    for job in wb.open(file).operations.jobs():
        print(f"{job.job_id}  {job.kind:9} {job.status:11} {job.stage}  {job.error}")


def call(
    file: File,
    operation: Annotated[str, typer.Argument(help="Name of the operation, see the reference.")],
    arguments: Annotated[str, typer.Argument(help="Its arguments as a JSON object.")] = "{}",
) -> None:
    """Call any operation by name; prints its answer as JSON (tables as rows)."""
    known = signature(operation)
    try:
        given = msgspec.json.decode(arguments.encode(), type=known.arguments)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise InputError(
            f"the arguments do not fit {operation!r}: {error}.", next_step="See the reference."
        ) from error
    values = {name: getattr(given, name) for name in known.arguments.__struct_fields__}
    answer = getattr(wb.open(file).operations, operation)(**values)
    print(json.dumps(_plain(answer), indent=2, ensure_ascii=False))


def _dataset(file: Path, name: str) -> Dataset:
    return wb.open(file).dataset(name)


def _plain(answer: object) -> Any:
    if hasattr(answer, "to_pylist"):
        answer = answer.to_pylist()
    return msgspec.to_builtins(answer, enc_hook=lambda value: value.tolist(), str_keys=True)
