"""Commands that do one thing to a workspace file."""

from __future__ import annotations

import typing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

import workbench as wb
from workbench.cli.deleting_mail import delete_mail
from workbench.cli.importing import import_messages
from workbench.cli.importing_mail import import_mail
from workbench.cli.opening import address_of, opened
from workbench.cli.printing import Output, OutputOption, emit, model_line, printable
from workbench.cli.progress import bar, clock, so_far
from workbench.cli.quality import validation_lines
from workbench.domain import (
    ExportFormat,
    JobId,
    ModelVersion,
    Operations,
    Secrets,
    Sentiment,
    filter_from_query,
    filter_words,
)
from workbench.domain.sign_in_operations import SECRET_ARGUMENTS
from workbench.door import Dataset, Job
from workbench.errors import InputError, UnknownNameError
from workbench.wire import signature

File = Annotated[Path, typer.Argument(help="The workspace file, e.g. support.duckdb.")]
DatasetName = Annotated[str, typer.Argument(help="project/name of the dataset.")]
SHOWN_CLUSTERS = 30


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for function, name in (
        (import_messages, "import"),
        (import_mail, "import-mail"),
        (delete_mail, "delete-mail"),
        (create_dataset, "create-dataset"),
        (discover, "discover"),
        (annotate, "annotate"),
        (train, "train"),
        (validate, "validate"),
        (monitor, "monitor"),
        (languages, "languages"),
        (translate, "translate"),
        (report, "report"),
        (export, "export"),
        (publish, "publish"),
        (quotas, "quotas"),
        (status, "status"),
        (jobs, "jobs"),
        (cancel, "cancel"),
        (resume, "resume"),
        (call, "call"),
    ):
        app.command(name)(function)


def create_dataset(
    file: File,
    name: DatasetName,
    source: Annotated[list[str], typer.Option(help="project/name of a source; may be given several times.")],
    title: Annotated[str, typer.Option(help="Title shown on screens.")] = "",
    label_sentiment: Annotated[
        bool,
        typer.Option(
            "--label-sentiment", help="Each assigned label is positive or negative; fixed from here on."
        ),
    ] = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Create a dataset over one or more sources."""
    made = _open(file).create_dataset(name, sources=source, title=title, has_sentiment=label_sentiment)
    emit(output, made.info, [repr(made)])


def discover(file: File, name: DatasetName, output: OutputOption = Output.TEXT) -> None:
    """Embed, map, cluster and name; prints the clusters."""
    run = _dataset(file, name).discover()
    lines = [f"{c.n_messages:6,}  {c.share:6.1%}  {c.name}" for c in run.clusters[:SHOWN_CLUSTERS]]
    if len(run.clusters) > SHOWN_CLUSTERS:
        lines.append(f"        and {len(run.clusters) - SHOWN_CLUSTERS} smaller ones")
    lines.append(f"{run.share_unclustered:.1%} of {run.n_messages:,} messages are in no cluster")
    emit(output, run, lines)


def annotate(
    file: File,
    name: DatasetName,
    uid: Annotated[str, typer.Argument(help="The message, as 'export' and the apps show it.")],
    label: Annotated[
        list[str] | None, typer.Option(help="'Parent > Child' that applies; may be given several times.")
    ] = None,
    positive: Annotated[
        list[str] | None, typer.Option(help="The same with a positive sentiment, in a dataset that has them.")
    ] = None,
    negative: Annotated[list[str] | None, typer.Option(help="The same with a negative one.")] = None,
    create: Annotated[bool, typer.Option("--create", help="Create labels that do not exist.")] = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Review one message: the labels named apply, all others do not."""
    said: dict[str, Sentiment] = dict.fromkeys(positive or (), "positive")
    said |= dict.fromkeys(negative or (), "negative")
    receipt = _dataset(file, name).annotate(uid, label or [], sentiments=said, create=create)
    emit(
        output, receipt, [f"{receipt.uid}: reviewed by {receipt.reviewed_by}, {len(receipt.assigned)} labels"]
    )


def train(file: File, name: DatasetName, output: OutputOption = Output.TEXT) -> None:
    """Train a model version on what is reviewed, predict all messages, validate."""
    version = _dataset(file, name).train()
    emit(output, version, [_version_line(version)])


def validate(
    file: File,
    name: DatasetName,
    version: Annotated[int | None, typer.Option(help="Model version; the newest when left out.")] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Print how good a model version is, weakest labels first."""
    found = _dataset(file, name).validate(version)
    emit(output, found, validation_lines(found))


def languages(
    file: File,
    name: DatasetName,
    find: Annotated[
        bool, typer.Option("--find", help="Look first at messages that were not looked at.")
    ] = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Print how many messages are in which language, and what the encoder does not know."""
    dataset = _dataset(file, name)
    if find:
        Job(dataset.operations, dataset.operations.start_languages(dataset.dataset_id)).wait()
    found = dataset.operations.languages(dataset.dataset_id)
    lines = [f"{one.n_messages:8,}  {one.language or '-':8}  {one.name}" for one in found.counts]
    if found.n_waiting:
        lines.append(f"{found.n_waiting:,} messages were not looked at yet; --find does it now")
    emit(output, found, [*lines, *([found.warning] if found.warning else [])])


def translate(file: File, name: DatasetName, output: OutputOption = Output.TEXT) -> None:
    """Have messages in other languages translated for reading, by the translator that is configured."""
    found = _dataset(file, name).translate()
    emit(
        output,
        found,
        [f"{found['translated']:,} messages translated, {found['characters']:,} characters sent"],
    )


def monitor(file: File, name: DatasetName, output: OutputOption = Output.TEXT) -> None:
    """Look for drift and imbalance; prints the summary."""
    dataset = _dataset(file, name)
    dataset.monitor()
    found = dataset.drift()
    emit(output, found, [found.summary])


def report(
    file: File,
    name: DatasetName,
    folder: Annotated[Path, typer.Option(help="Where to write it.")] = Path("report"),
    output: OutputOption = Output.TEXT,
) -> None:
    """Write the report: HTML, PDF and tables."""
    paths = [str(path) for path in _dataset(file, name).report(folder)]
    emit(output, [{"file": path} for path in paths], paths)


def export(
    file: File,
    name: DatasetName,
    target: Annotated[Path, typer.Argument(help="Ends in .csv, .jsonl, .parquet or .xlsx.")],
    *,
    format: Annotated[  # noqa: A002  the word people expect
        ExportFormat | None, typer.Option(help="Format, whatever the name ends in.")
    ] = None,
    where: Annotated[
        str,
        typer.Option(
            help="A filter as addresses write it, 'reviewed=no&thread-messages=3..'; what other options say wins."
        ),
    ] = "",
    text: Annotated[str, typer.Option(help="Only messages with these words.")] = "",
    since: Annotated[datetime | None, typer.Option(help="Only messages from this UTC time on.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Only messages before this UTC time.")] = None,
    reviewed: Annotated[
        bool | None,
        typer.Option("--reviewed/--unreviewed", help="Only messages people have, or have not, reviewed."),
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option(help="Only of this source (project/name); may be given several times.")
    ] = None,
    version: Annotated[int | None, typer.Option(help="Model version of the probabilities.")] = None,
    at_least: Annotated[
        float, typer.Option(min=0.05, max=1, help="Probability from which a predicted label is listed.")
    ] = 0.5,
    output: OutputOption = Output.TEXT,
) -> None:
    """Write messages with what people and the model say of them, however many there are."""
    workspace = _open(file)
    known = {found.full_name: found.source_id for found in workspace.operations.sources()}
    for name_of_source in source or ():
        if name_of_source not in known:
            raise UnknownNameError("source", name_of_source, known)
    given: dict[str, typing.Any] = {
        "text": text,
        "since": since and since.replace(tzinfo=UTC),
        "until": until and until.replace(tzinfo=UTC),
        "reviewed": reviewed,
        "sources": tuple(known[name_of_source] for name_of_source in source or ()),
    }
    said = {part: value for part, value in given.items() if value not in ("", None, ())}
    asked = replace(filter_from_query(where), **said)
    dataset = workspace.dataset(name)
    names = {one.label_id: one.name for one in workspace.operations.labels(dataset.dataset_id)}
    words = filter_words(asked, labels=names, sources={found: full for full, found in known.items()})
    typer.echo(f"exports {printable(words)}", err=True)
    total = dataset.operations.count_messages(dataset.dataset_id, asked)
    with bar(total, "exporting") as step:
        written = str(
            dataset.export(
                target, asked, format=format, at_least=at_least, version=version, progress=so_far(step)
            )
        )
    emit(output, {"file": written, "messages": total}, [written])


def publish(
    file: File,
    target: Annotated[Path, typer.Argument(help="The new file; with an address, one on the server's disk.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Write a complete copy of the workspace while others go on working: backup and snapshot."""
    if address_of(file) and not target.is_absolute():
        raise InputError(
            f"{str(target)[:100]!r} is no whole path, and the file comes to lie on the server's disk.",
            next_step="Write the path from the root on, e.g. /backups/support.duckdb.",
            details={"path": str(target)[:300]},
        )
    with clock("copying"):
        made = str(_open(file).publish(target))
    emit(output, {"file": made}, [made])


def quotas(file: File, output: OutputOption = Output.TEXT) -> None:
    """Print every quota: what is used of it, what is left, and what raises it."""
    found = _open(file).quotas()
    lines = [f"{'quota':28} {'limit':>9} {'used':>9} {'left':>9}  setting (in workbench.toml, 0 = no limit)"]
    for one in found:
        limit = "none" if one.hard_limit is None else f"{one.hard_limit:,}"
        left = "-" if one.left is None else f"{one.left:,}"
        where = f"  most in {one.where}" if one.where else ""
        raised_by = "set by an administrator" if one.is_set else one.setting
        lines.append(
            f"{one.kind:28} {limit:>9} {one.used:9,} {left:>9}  {raised_by or f'({one.missing})'}{where}"
        )
    emit(output, found, lines)


def status(file: File, output: OutputOption = Output.TEXT) -> None:
    """Print the health of a workspace and its datasets."""
    workspace = _open(file)
    health, datasets = workspace.health(), workspace.operations.datasets()
    lines = [f"{key:10} {value}" for key, value in health.items()]
    models = [workspace.operations.dataset_status(one.dataset_id) for one in datasets]
    for one, model in zip(datasets, models, strict=True):
        lines.append(
            f"{one.full_name}: {one.n_messages:,} messages, {one.n_reviewed:,} reviewed; {model_line(model)}"
            + ", label sentiment" * one.has_sentiment
        )
    emit(output, {"health": health, "datasets": datasets, "models": models}, lines)


def jobs(file: File, output: OutputOption = Output.TEXT) -> None:
    """List jobs, newest first."""
    found = _open(file).operations.jobs()
    emit(output, found, [(j.job_id, j.kind, j.status, j.stage, j.error) for j in found])


def cancel(
    file: File,
    job_id: Annotated[str, typer.Argument(help="As 'workbench jobs' lists it.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Ask a job to stop; what it finished stays."""
    found = _open(file).operations.cancel_job(JobId(job_id))
    emit(output, found, [f"{job_id}  {found.status}"])


def resume(
    file: File,
    job_id: Annotated[str, typer.Argument(help="As 'workbench jobs' lists it.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Go on with a job that was interrupted, failed or cancelled; waits until it is done."""
    job = Job(_open(file).operations, JobId(job_id)).resume()
    job.wait()
    emit(output, job.state, [f"{job.job_id}  {job.state.status}"])


def call(
    file: File,
    operation: Annotated[str, typer.Argument(help="Name of the operation, see the reference.")],
    arguments: Annotated[str, typer.Argument(help="Its arguments as a JSON object.")] = "{}",
) -> None:
    """Call any operation by name; prints its answer as JSON (lists and rows of tables one a line)."""
    known = signature(operation)
    if not SECRET_ARGUMENTS.isdisjoint(known.arguments.__struct_fields__):
        raise InputError(
            f"{operation!r} takes a password, and arguments are seen in the list of processes.",
            next_step="Use: workbench users add FILE NAME, or workbench users password FILE NAME.",
        )
    if Secrets in typing.get_type_hints(getattr(Operations, operation)).values():
        raise InputError(
            f"{operation!r} takes secrets, and arguments are seen in the list of processes.",
            next_step="Use: workbench integrations secret FILE NAME.",
        )
    try:
        given = msgspec.json.decode(arguments.encode(), type=known.arguments)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        names = ", ".join(known.arguments.__struct_fields__) or "none"
        raise InputError(
            f"the arguments {arguments!r} do not fit {operation!r}: {error}.",
            next_step=f"Write a JSON object. Arguments of {operation}: {names}.",
        ) from error
    values = {name: getattr(given, name) for name in known.arguments.__struct_fields__}
    emit(Output.JSON, getattr(_open(file).operations, operation)(**values), ())


def _open(file: Path) -> wb.Workspace:
    """An existing workspace: only ``import`` makes new files."""
    return opened(file, must_exist=True)


def _dataset(file: Path, name: str) -> Dataset:
    return _open(file).dataset(name)


def _version_line(version: ModelVersion) -> str:
    rating = "no rating yet" if version.rating is None else f"rating {version.rating:.0f}"
    quality = version.mean_average_precision
    precision = "" if quality is None else f", mean average precision {quality:.3f}"
    return f"version {version.version}: {version.n_labels} labels, {version.n_reviewed:,} reviewed, {rating}{precision}"
