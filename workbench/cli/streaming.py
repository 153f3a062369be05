"""Commands for streams: what a dataset hands on to other systems."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from workbench.cli import arguments, exchanging, webhooks
from workbench.cli.arguments import DatasetName, File
from workbench.cli.printing import Line, Output, OutputOption, emit
from workbench.domain import Stream, StreamPosition, StreamThreshold, Uid, filter_from_query, filter_words
from workbench.door import Dataset
from workbench.errors import InputError

streams = typer.Typer(
    help="Streams: a filter, a model version and thresholds that other systems rely on.", no_args_is_help=True
)
Name = Annotated[str, typer.Argument(help="Name of the stream.")]
Thresholds = Annotated[
    list[str] | None,
    typer.Option("--threshold", help="A label and its threshold: 'Refund=0.7'; given once for each label."),
]
Title = Annotated[str | None, typer.Option(help="What people call it.")]
Description = Annotated[str | None, typer.Option(help="What it is for.")]
Filter = Annotated[
    str | None, typer.Option(help="Only messages that pass, as addresses write it, e.g. 'text=refund'.")
]

_DASHED_ID = re.compile(r"-[\w-]{31}", re.ASCII)


class Rest(StrEnum):
    """What becomes of labels that no threshold is given for."""

    KEPT = "kept"
    OFF = "off"
    EVERY = "every"


Unlisted = Annotated[
    Rest | None,
    typer.Option(
        help="Labels without a --threshold: as kept with the version, off, or every one. "
        "Left out: off where one is given, else kept."
    ),
]


class _WithSequenceId(TyperCommand):
    """A command whose last argument is a sequence id: one may begin with a dash, and is no option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take it as an argument."""
        ids = [one for one in args if _DASHED_ID.fullmatch(one)]
        return super().parse_args(
            ctx, [*(one for one in args if one not in ids), "--", *ids] if ids else args
        )


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for function, name in (
        (show, "list"),
        (thresholds, "thresholds"),
        (create, "create"),
        (amend, "amend"),
        (delete, "delete"),
        (predictions, "predictions"),
        (fetch, "fetch"),
        (advance, "advance"),
        (reset, "reset"),
        (position, "position"),
        (status, "status"),
        (exceptions, "exceptions"),
        (tag, "tag"),
        (untag, "untag"),
        (compare, "compare"),
    ):
        streams.command(name, cls=_WithSequenceId if function is advance else None)(function)
    webhooks.register(streams)
    exchanging.register_streams(streams)
    app.add_typer(streams, name="streams")


def show(file: File, name: DatasetName, output: OutputOption = Output.TEXT) -> None:
    """List the streams of a dataset."""
    dataset = arguments.open_dataset(file, name)
    found = dataset.operations.streams(dataset.dataset_id)
    emit(output, found, [_line(dataset, one) for one in found])


def thresholds(file: File, name: DatasetName, stream: Name, output: OutputOption = Output.TEXT) -> None:
    """Print from which probability on a stream returns each label now, and why from there."""
    dataset = arguments.open_dataset(file, name)
    found = dataset.operations.stream_thresholds(dataset.dataset_id, stream)
    emit(output, found, map(_threshold_line, found))


def create(
    file: File,
    name: DatasetName,
    stream: Name,
    *,
    version: Annotated[
        int | None, typer.Option(help="Model version whose labels come; none come if left out.")
    ] = None,
    threshold: Thresholds = None,
    unlisted: Unlisted = None,
    title: Title = None,
    description: Description = None,
    where: Filter = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Create a stream; its version is pinned while the stream holds it."""
    dataset = arguments.open_dataset(file, name)
    made = dataset.create_stream(
        stream,
        version=version,
        thresholds=dict(map(_named, threshold or ())),
        unlisted=unlisted.value if unlisted else None,
        title=title or "",
        description=description or "",
        where=filter_from_query(where or ""),
    )
    _tell(output, dataset, made)


def amend(
    file: File,
    name: DatasetName,
    stream: Name,
    *,
    version: Annotated[int | None, typer.Option(help="Another model version.")] = None,
    threshold: Thresholds = None,
    no_thresholds: Annotated[
        bool, typer.Option("--no-thresholds", help="Take all thresholds of its own out.")
    ] = False,
    unlisted: Unlisted = None,
    title: Title = None,
    description: Description = None,
    where: Filter = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Change a stream; what is left out stays. Thresholds take the place of all that it has."""
    if no_thresholds and threshold:
        raise InputError(
            "thresholds are given and taken out at once.",
            next_step="Leave out --threshold or --no-thresholds.",
        )
    dataset = arguments.open_dataset(file, name)
    made = dataset.amend_stream(
        stream,
        version=version,
        thresholds=dict(map(_named, threshold or ())) if threshold or no_thresholds else None,
        unlisted=unlisted.value if unlisted else None,
        title=title,
        description=description,
        where=None if where is None else filter_from_query(where),
    )
    _tell(output, dataset, made)


def delete(file: File, name: DatasetName, stream: Name, output: OutputOption = Output.TEXT) -> None:
    """Delete a stream; its version stays pinned until it is unpinned."""
    gone = arguments.open_dataset(file, name).delete_stream(stream)
    emit(output, gone, [f"stream {gone.name} is gone"])


def predictions(
    file: File,
    name: DatasetName,
    stream: Name,
    uids: Annotated[list[str], typer.Argument(help="Messages, at most 1,024.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Print the labels that a stream returns with messages; those that do not pass its filter are left out."""
    dataset = arguments.open_dataset(file, name)
    asked = tuple(Uid(uid) for uid in uids)
    found = dataset.operations.stream_predictions(dataset.dataset_id, stream, asked)
    lines = []
    for one in found:
        said = ", ".join(f"{label.name} {label.probability:.3f}" for label in one.labels) or "no label"
        lines.append(f"{one.uid}  {said if one.predicted else 'not predicted yet'}")
    emit(output, found, lines)


def fetch(
    file: File,
    name: DatasetName,
    stream: Name,
    *,
    size: Annotated[int, typer.Option(min=1, max=1_024, help="Messages at most.")] = 16,
    max_filtered: Annotated[
        int | None,
        typer.Option(min=1, max=1_024, help="Messages at most that do not pass its filter; all if left out."),
    ] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Print the next messages of a stream, each with its sequence id; moves nothing."""
    found = arguments.open_dataset(file, name).fetch_stream(stream, size, max_filtered=max_filtered)
    lines = []
    for one in found.items:
        said = ", ".join(f"{label.name} {label.probability:.3f}" for label in one.prediction.labels)
        lines.append(f"{one.sequence_id}  {one.message.uid}  {said or 'no label'}")
    more = [f"{found.n_filtered:,} passed over"] if found.n_filtered else []
    more += ["the next one waits for its prediction"] if found.awaits_predictions else []
    more += ["the end"] if found.is_end else []
    lines.append(f"{found.sequence_id}  {', '.join(more) or 'there is more'}")
    emit(output, found, lines)


def advance(
    file: File,
    name: DatasetName,
    stream: Name,
    sequence_id: Annotated[str, typer.Argument(help="As 'fetch' printed it: of a message, or of the batch.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Be done with all messages up to a sequence id; never goes back."""
    _tell_place(output, arguments.open_dataset(file, name).advance_stream(stream, sequence_id))


def reset(
    file: File,
    name: DatasetName,
    stream: Name,
    to: Annotated[
        datetime,
        typer.Argument(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"],
            help="When the first message that is to come was stored, e.g. 2026-03-01; UTC unless it says else.",
        ),
    ],
    output: OutputOption = Output.TEXT,
) -> None:
    """Go to the first message that was stored at a time or later, back or ahead."""
    _tell_place(output, arguments.open_dataset(file, name).reset_stream(stream, to))


def position(file: File, name: DatasetName, stream: Name, output: OutputOption = Output.TEXT) -> None:
    """Print how far a stream has been consumed, and how much is behind."""
    _tell_place(output, arguments.open_dataset(file, name).stream_position(stream))


def status(file: File, name: DatasetName, stream: Name, output: OutputOption = Output.TEXT) -> None:
    """Print what waits in a stream, what it handed on, hour by hour, and how its webhook does."""
    found = arguments.open_dataset(file, name).stream_status(stream)
    since = "" if found.oldest_waiting is None else f" since {found.oldest_waiting:%Y-%m-%d %H:%M:%S} UTC"
    version = "no version" if found.version is None else f"version {found.version}"
    lines = [
        f"{found.name}  {version}  {found.n_waiting:,} messages wait{since}  {found.n_exceptions:,} exceptions",
        f"{found.n_delivered:,} messages were handed on",
        *(f"  {start:%Y-%m-%d %H:%M} UTC  {n:>8,}" for start, n in found.rates if n),
    ]
    if found.webhook is not None:
        what = f"paused ({found.webhook.paused})" if found.webhook.paused else "sent"
        lines.append(f"webhook {found.webhook.url}  {what}, {found.webhook.n_waiting:,} messages wait")
    emit(output, found, lines)


def exceptions(file: File, name: DatasetName, stream: Name, output: OutputOption = Output.TEXT) -> None:
    """Print what could not be handled, what was tagged last first."""
    found = arguments.open_dataset(file, name).exceptions(stream)
    emit(output, found.to_arrow(), [f"{one['uid']}  {one['type']}" for one in found.iter_rows(named=True)])


def tag(
    file: File,
    name: DatasetName,
    stream: Name,
    uids: Annotated[list[str], typer.Argument(help="Messages, as 'fetch' printed them.")],
    *,
    kind: Annotated[str, typer.Option("--type", help="Why, e.g. 'No Prediction'.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Say of messages that what reads the stream could not handle them; people see them as exceptions."""
    done = arguments.open_dataset(file, name).tag_exceptions(stream, uids, kind)
    emit(
        output,
        done,
        [f"{done.new:,} new, {done.updated:,} of another type before, {done.unchanged:,} unchanged"],
    )


def untag(
    file: File,
    name: DatasetName,
    stream: Name,
    uids: Annotated[list[str], typer.Argument(help="Messages that are no exceptions any more.")],
    *,
    output: OutputOption = Output.TEXT,
) -> None:
    """Take exceptions off messages."""
    n_gone = arguments.open_dataset(file, name).untag_exceptions(stream, uids)
    emit(output, {"untagged": n_gone}, [f"{n_gone:,} exceptions are taken off"])


def compare(
    file: File,
    name: DatasetName,
    stream: Name,
    version: Annotated[int, typer.Argument(help="The version that it might get.")],
    n: Annotated[int, typer.Option("--n", min=1, max=10_000, help="Newest messages to compare.")] = 1_000,
    output: OutputOption = Output.TEXT,
) -> None:
    """Print what another version would change in a stream, label by label."""
    found = arguments.open_dataset(file, name).compare_stream(stream, version, n)
    lines = [f"{found.n_changed:,} of {found.n:,} messages would come with other labels"]
    lines += [
        f"{one.n_now:>6,} -> {one.n_then:<6,} +{one.gained:,} -{one.lost:,}  {one.name}"
        f"{'' if one.known else f'  (version {found.other} does not know it)'}"
        for one in found.labels
    ]
    emit(output, found, lines)


def _tell_place(output: Output, place: StreamPosition) -> None:
    since = "" if place.behind_since is None else f" since {place.behind_since:%Y-%m-%d %H:%M:%S} UTC"
    emit(output, place, [f"{place.stream}  {place.n_behind:,} messages behind{since}  {place.sequence_id}"])


def _named(text: str) -> tuple[str, float]:
    """A label and its threshold; ``InputError`` for another text."""
    name, _, number = text.rpartition("=")
    try:
        return name.strip(), float(number)
    except ValueError:
        raise InputError(
            f"threshold {text[:300]!r} cannot be read.",
            next_step="Write it as 'Refund=0.7': the label, then a number from 0 to 1.",
            details={"threshold": text[:300]},
        ) from None


def _tell(output: Output, dataset: Dataset, made: Stream) -> None:
    lines: list[Line] = [_line(dataset, made)]
    if output is Output.TEXT and made.settings.version is not None:
        by = dataset.operations.stream_thresholds(dataset.dataset_id, made.name)
        if all(one.threshold == 1 for one in by):
            lines.append(
                "note: no label comes: keep thresholds with the version ('workbench thresholds keep'), give "
                "--threshold, or --unlisted every"
            )
    emit(output, made, lines)


def _line(dataset: Dataset, one: Stream) -> tuple[str, ...]:
    told = one.settings
    names = {label.label_id: label.name for label in dataset.operations.labels(dataset.dataset_id)}
    sources = {source.source_id: source.full_name for source in dataset.operations.sources()}
    own = ", ".join(f"{label.name} from {label.threshold:.4g}" for label in told.thresholds)
    parts = [
        one.name,
        "no version" if told.version is None else f"version {told.version}",
        *([own] if own else []),
        *([] if told.version is None else [f"{'other ' if own else ''}labels: {told.for_unlisted}"]),
        filter_words(told.where, labels=names, sources=sources),
        *([told.title] if told.title != one.name else []),
        *([told.description] if told.description else []),
    ]
    return tuple(parts)


def _threshold_line(one: StreamThreshold) -> str:
    return f"{'never' if one.threshold == 1 else f'{one.threshold:.4g}':>6}  {one.origin:5}  {one.name}"
