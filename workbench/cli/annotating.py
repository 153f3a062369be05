"""``workbench annotations``: what people say of comments, one line each, by the ids of comments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

from workbench.cli.arguments import DatasetName, File, open_dataset
from workbench.cli.commented import check_keys, checked_labelling, shown_lines, take_labelling
from workbench.cli.lines import Lines, Resume, Target, bring, tell, tell_written, write_lines
from workbench.cli.printing import Output, OutputOption
from workbench.domain import MessageFilter, SourceId
from workbench.door import Dataset
from workbench.errors import InputError, UnknownNameError

group = typer.Typer(
    help="What people say of comments, in this field's JSONL: import, export.", no_args_is_help=True
)
SourceName = Annotated[
    str, typer.Option("--source", help="project/name of the source; can be left out where there is one.")
]


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    group.command("import")(read)
    group.command("export")(write)
    app.add_typer(group, name="annotations")


def read(
    file: File,
    name: DatasetName,
    lines: Lines,
    *,
    source: SourceName = "",
    resume: Resume = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Say what stands on comments that are there; labels that are not are made. Lines that say nothing are passed over."""
    dataset = open_dataset(file, name)
    source_id = _source(dataset, source)

    def check(line: dict[str, Any]) -> dict[str, Any] | None:
        check_keys(line)
        said = checked_labelling(line)
        return None if said is None else {"id": line["comment"]["id"], "said": said}

    def take(some: Sequence[dict[str, Any]]) -> None:
        for one in some:
            take_labelling(dataset, source_id, one["id"], one["said"])

    tell(output, bring(lines, noun="annotation", check=check, take=take, at_once=1, resume=resume))


def write(
    file: File,
    name: DatasetName,
    target: Target,
    *,
    source: SourceName = "",
    output: OutputOption = Output.TEXT,
) -> None:
    """Export what people say of comments, one reviewed comment a line, as 'annotations import' takes it."""
    dataset = open_dataset(file, name)
    where = MessageFilter(reviewed=True, sources=(_source(dataset, source),))

    def reduced() -> Iterator[dict[str, Any]]:
        for line in shown_lines(dataset, where, predictions=False):
            yield {"comment": {"id": line["comment"]["id"]}, "labelling": line.get("labelling", [])}

    total = dataset.operations.count_messages(dataset.dataset_id, where)
    n_written = write_lines(target, reduced(), total=total, label="exporting")
    tell_written(output, target, n_written, "annotations")


def _source(dataset: Dataset, name: str) -> SourceId:
    """The source whose comments the ids are of."""
    held = {
        one.full_name: one.source_id
        for one in dataset.operations.sources()
        if one.source_id in dataset.info.source_ids
    }
    if name:
        if name not in held:
            raise UnknownNameError("source", name, held)
        return held[name]
    if len(held) != 1:
        raise InputError(
            f"dataset {dataset.info.full_name!r} has {len(held):,} sources, and ids of comments are of one.",
            next_step=f"Name it: --source, one of {', '.join(sorted(held)[:10]) or '(none)'}.",
        )
    return next(iter(held.values()))
