"""Commands for the model versions of a dataset."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.opening import opened
from workbench.cli.printing import Output, OutputOption, emit
from workbench.domain import ModelVersion, PrecisionPair, VersionTag
from workbench.door import Dataset

models = typer.Typer(
    help="Model versions: list, pin, star, tag, describe, delete, roll back, compare, predict, verify.",
    no_args_is_help=True,
)
File = Annotated[Path, typer.Argument(help="The workspace file, e.g. support.duckdb.")]
DatasetName = Annotated[str, typer.Argument(help="project/name of the dataset.")]
Version = Annotated[int, typer.Argument(help="Number of the version.")]


class Tag(StrEnum):
    """What a version serves as."""

    LIVE = "live"
    STAGING = "staging"
    NONE = "none"


_TAGS: dict[Tag, VersionTag | None] = {Tag.LIVE: "live", Tag.STAGING: "staging", Tag.NONE: None}


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for function, name in (
        (show, "list"),
        (pin, "pin"),
        (unpin, "unpin"),
        (star, "star"),
        (tag, "tag"),
        (describe, "describe"),
        (delete, "delete"),
        (rollback, "rollback"),
        (compare, "compare"),
        (predict, "predict"),
        (verify, "verify"),
    ):
        models.command(name)(function)
    app.add_typer(models, name="models")


def show(file: File, name: DatasetName, output: OutputOption = Output.TEXT) -> None:
    """List the versions kept, starred ones first, then newest first."""
    dataset = _open(file, name)
    found = dataset.operations.model_versions(dataset.dataset_id)
    ordered = sorted(found, key=lambda one: not one.starred)
    emit(output, ordered, map(_line, ordered))


def pin(file: File, name: DatasetName, version: Version, output: OutputOption = Output.TEXT) -> None:
    """Keep a version until it is unpinned."""
    _tell(output, _open(file, name).pin(version))


def unpin(file: File, name: DatasetName, version: Version, output: OutputOption = Output.TEXT) -> None:
    """Keep a version no longer than others."""
    _tell(output, _open(file, name).unpin(version))


def star(
    file: File,
    name: DatasetName,
    version: Version,
    *,
    off: Annotated[bool, typer.Option("--off", help="Take the star away.")] = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Mark a version for people: lists show it first."""
    _tell(output, _open(file, name).star(version, starred=not off))


def tag(
    file: File,
    name: DatasetName,
    version: Version,
    tag: Annotated[Tag, typer.Argument(help="What it serves as; 'none' takes its tag away.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Say what a version serves as; the tag leaves the version that had it."""
    _tell(output, _open(file, name).tag(version, _TAGS[tag]))


def describe(
    file: File,
    name: DatasetName,
    version: Version,
    description: Annotated[str, typer.Argument(help="What it is about; '' = nothing.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Say what a version is about."""
    _tell(output, _open(file, name).describe_version(version, description))


def delete(file: File, name: DatasetName, version: Version, output: OutputOption = Output.TEXT) -> None:
    """Delete a version that is not the newest, carries no tag and is not pinned."""
    gone = _open(file, name).delete_version(version)
    emit(output, gone, [f"version {gone.version} is gone"])


def rollback(
    file: File,
    name: DatasetName,
    version: Version,
    *,
    set_aside: Annotated[
        bool, typer.Option("--set-aside", help="Make unreviewed what was reviewed after it; can be undone.")
    ] = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Make a new version of an older one, with its predictions; annotations stay, unless they are set aside."""
    _tell(output, _open(file, name).rollback(version, set_aside=set_aside))


def compare(
    file: File,
    name: DatasetName,
    first: Version,
    second: Annotated[int, typer.Argument(help="Number of the version to compare it with.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Print the average precision of two versions on the test messages of both."""
    found = _open(file, name).compare_versions(first, second)
    lines = [
        f"{found.n:,} messages are in the test part of both",
        f"{_pair(found.overall)}  mean over labels",
        *(f"{_pair(one.precision)}  {one.name}" for one in found.labels),
    ]
    emit(output, found, lines)


def predict(
    file: File,
    name: DatasetName,
    version: Annotated[int | None, typer.Option(help="Model version; the newest when left out.")] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Predict stored messages that a version has no prediction of, as those that came since it was trained."""
    found = _open(file, name).predict(version=version)
    emit(output, found.to_dicts(), [f"{found['uid'].n_unique():,} messages have a predicted label"])


def verify(file: File, name: DatasetName, version: Version, output: OutputOption = Output.TEXT) -> None:
    """Train a version again from what it was trained on and say whether it comes out the same; changes nothing."""
    found = _open(file, name).verify_version(version)
    outcome = "is rebuilt" if found["rebuilt"] else "comes out another"
    same = "bit for bit" if found["identical"] else f"largest difference {found['largest_difference']:.1e}"
    lines = [
        f"version {version} {outcome}: {same}, {found['n_compared']:,} messages, {found['n_trainings']} trainings"
    ]
    if found["differs"]:
        lines.append(f"other than then: {', '.join(found['differs'])}")
    emit(output, found, lines)
    if not found["rebuilt"]:
        raise typer.Exit(1)


def _pair(pair: PrecisionPair) -> str:
    if pair.first.value is None or pair.second.value is None or pair.difference is None:
        return "cannot be estimated"
    low, high = pair.difference_low or 0.0, pair.difference_high or 0.0
    return f"{pair.first.value:.3f} -> {pair.second.value:.3f}  {pair.difference:+.3f} ({low:+.3f} to {high:+.3f})"


def _tell(output: Output, version: ModelVersion) -> None:
    emit(output, version, [_line(version)])


def _line(version: ModelVersion) -> tuple[str, ...]:
    rating = "-" if version.rating is None else f"{version.rating:.0f}"
    precision = version.mean_average_precision
    parts = [
        f"version {version.version}{' *' if version.starred else ''}",
        f"{version.created_at:%Y-%m-%d %H:%M}",
        f"{version.n_reviewed:,} reviewed",
        f"{version.n_labels} labels",
        f"rating {rating}",
        f"mean average precision {'-' if precision is None else f'{precision:.3f}'}",
        *_marks(version),
    ]
    return tuple(parts)


def _marks(version: ModelVersion) -> Iterable[str]:
    if version.tag:
        yield version.tag
    if version.pinned:
        yield "pinned"
    if version.held_by:
        yield f"held by {', '.join(version.held_by)}"
    if version.rolled_back_from:
        yield f"version {version.rolled_back_from} again"
    if version.description:
        yield version.description


def _open(file: Path, name: str) -> Dataset:
    return opened(file, must_exist=True).dataset(name)
