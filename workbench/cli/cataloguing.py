"""Commands for projects, sources, buckets and datasets: list, create, delete."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli.arguments import File
from workbench.cli.opening import opened
from workbench.cli.printing import Output, OutputOption, emit
from workbench.domain import DeletionReport, SourceKind

projects = typer.Typer(
    help="Projects: what holds sources and datasets, and who may use them.", no_args_is_help=True
)
sources = typer.Typer(help="Sources: where messages come from.", no_args_is_help=True)
buckets = typer.Typer(help="Buckets: raw mail, which sources read.", no_args_is_help=True)
datasets = typer.Typer(help="Datasets: sources with labels, reviews and models.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="project/name.")]
ProjectName = Annotated[str, typer.Argument(help="Name of the project.")]
Title = Annotated[str, typer.Option(help="The name that screens show.")]
Confirm = Annotated[str, typer.Option(help="The name again: a deletion is confirmed with it.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    projects.command("list")(show_projects)
    projects.command("create")(create_project)
    projects.command("delete")(delete_project)
    sources.command("list")(show_sources)
    sources.command("create")(create_source)
    sources.command("delete")(delete_source)
    buckets.command("list")(show_buckets)
    buckets.command("create")(create_bucket)
    buckets.command("delete")(delete_bucket)
    datasets.command("list")(show_datasets)
    datasets.command("delete")(delete_dataset)
    for group, name in (
        (projects, "projects"),
        (sources, "sources"),
        (buckets, "buckets"),
        (datasets, "datasets"),
    ):
        app.add_typer(group, name=name)


def show_projects(file: File, output: OutputOption = Output.TEXT) -> None:
    """List projects."""
    found = opened(file, must_exist=True).projects()
    emit(output, found, [(one.name, one.title, one.description) for one in found])


def create_project(
    file: File,
    name: ProjectName,
    title: Title = "",
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    output: OutputOption = Output.TEXT,
) -> None:
    """Create a project; sources and datasets make theirs by themselves."""
    made = opened(file, must_exist=True).create_project(name, title=title, description=description)
    emit(output, made, [(made.name, made.title)])


def delete_project(
    file: File,
    name: ProjectName,
    *,
    confirm: Confirm = "",
    force: Annotated[
        bool, typer.Option("--force", help="With its sources and datasets; else it must be empty.")
    ] = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Delete a project."""
    _gone(output, opened(file, must_exist=True).delete_project(name, confirm=confirm, force=force))


def show_sources(
    file: File,
    project: Annotated[str | None, typer.Option(help="Only in this project.")] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """List sources with how many messages they have."""
    found = opened(file, must_exist=True).operations.sources(project)
    emit(
        output,
        found,
        [(one.full_name, one.kind, one.language, f"{one.n_messages:,}", one.title) for one in found],
    )


def create_source(
    file: File,
    name: Name,
    *,
    kind: Annotated[SourceKind, typer.Option(help="What it holds.")] = "other",
    language: Annotated[str, typer.Option(help="ISO 639-1, or multilingual; fixed from here on.")] = "en",
    title: Title = "",
    bucket: Annotated[str, typer.Option(help="project/name of a bucket whose mail it reads.")] = "",
    output: OutputOption = Output.TEXT,
) -> None:
    """Create a source; 'import' makes one by itself."""
    made = opened(file, must_exist=True).create_source(
        name, kind=kind, language=language, title=title, bucket=bucket
    )
    emit(output, made, [(made.full_name, made.kind, made.language)])


def delete_source(
    file: File,
    name: Name,
    *,
    confirm: Confirm = "",
    with_bucket: Annotated[
        bool, typer.Option("--with-bucket", help="With the raw mail of the bucket that it reads.")
    ] = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Delete a source with its messages and all that is known of them."""
    _gone(output, opened(file, must_exist=True).delete_source(name, confirm=confirm, with_bucket=with_bucket))


def show_buckets(file: File, output: OutputOption = Output.TEXT) -> None:
    """List buckets with how many mails they have."""
    found = opened(file, must_exist=True).buckets()
    emit(
        output,
        found,
        [
            (f"{one.project}/{one.name}", f"{one.n_mails:,}", f"{one.n_bytes:,} bytes", one.title)
            for one in found
        ],
    )


def create_bucket(file: File, name: Name, title: Title = "", output: OutputOption = Output.TEXT) -> None:
    """Create a bucket; 'import-mail' makes one by itself."""
    made = opened(file, must_exist=True).create_bucket(name, title=title)
    emit(output, made, [f"{made.project}/{made.name}"])


def delete_bucket(
    file: File, name: Name, *, confirm: Confirm = "", output: OutputOption = Output.TEXT
) -> None:
    """Delete a bucket with its raw mail; messages that came of it stay."""
    _gone(output, opened(file, must_exist=True).delete_bucket(name, confirm=confirm))


def show_datasets(file: File, output: OutputOption = Output.TEXT) -> None:
    """List datasets: messages, reviewed ones, labels, newest version, rating."""
    found = opened(file, must_exist=True).operations.datasets()
    lines = [
        (
            one.full_name,
            f"{one.n_messages:,} messages",
            f"{one.n_reviewed:,} reviewed",
            f"{one.n_labels:,} labels",
            f"version {one.model_version}" if one.model_version else "no model",
            "no rating" if one.rating is None else f"rating {one.rating:.0f}",
        )
        for one in found
    ]
    emit(output, found, lines)


def delete_dataset(
    file: File, name: Name, *, confirm: Confirm = "", output: OutputOption = Output.TEXT
) -> None:
    """Delete a dataset: labels, reviews, models, predictions; its sources keep their messages."""
    _gone(output, opened(file, must_exist=True).delete_dataset(name, confirm=confirm))


def _gone(output: Output, done: DeletionReport) -> None:
    emit(output, done, [f"{done.name}: deleted, {done.n_messages:,} messages with it"])
