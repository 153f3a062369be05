"""Commands for the test messages behind a validation."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from workbench.cli import arguments
from workbench.cli.arguments import DatasetName, File, LabelName, OfVersion
from workbench.cli.printing import Output, OutputOption, emit
from workbench.domain import BreakdownGroup, LabelOutcomes, Share
from workbench.door.names import label_id_of

outcomes = typer.Typer(
    help="What a version said of messages it had not seen: right and wrong, mixed-up labels, groups of messages.",
    no_args_is_help=True,
)
AtThreshold = Annotated[
    float | None, typer.Option("--threshold", help="0-1; that of the label's best F1 if left out.")
]
_SHOWN = 80


class Kind(StrEnum):
    """How a test message came out."""

    TRUE_POSITIVE = "true_positive"
    FALSE_POSITIVE = "false_positive"
    FALSE_NEGATIVE = "false_negative"
    TRUE_NEGATIVE = "true_negative"


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for function, name in ((show, "show"), (messages, "messages"), (breakdown, "breakdown")):
        outcomes.command(name)(function)
    app.add_typer(outcomes, name="outcomes")


def show(
    file: File,
    name: DatasetName,
    label: LabelName,
    threshold: AtThreshold = None,
    version: OfVersion = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Count what a threshold makes of a label's test messages, and the labels it is mixed up with."""
    dataset = arguments.open_dataset(file, name)
    label_id = label_id_of(dataset.operations, dataset.dataset_id, label)
    found = dataset.operations.label_outcomes(dataset.dataset_id, label_id, threshold, version)
    emit(output, found, _lines(found))


def messages(
    file: File,
    name: DatasetName,
    label: LabelName,
    outcome: Annotated[Kind, typer.Argument(help="How they came out.")],
    threshold: AtThreshold = None,
    version: OfVersion = None,
    n: Annotated[int, typer.Option("-n", help="How many at most, 1-256.")] = 20,
    offset: Annotated[int, typer.Option(min=0, help="How many to pass over.")] = 0,
    output: OutputOption = Output.TEXT,
) -> None:
    """List a label's test messages of one outcome, the most telling first."""
    dataset = arguments.open_dataset(file, name)
    label_id = label_id_of(dataset.operations, dataset.dataset_id, label)
    found = dataset.operations.outcome_messages(
        dataset.dataset_id, label_id, outcome.value, threshold, version, offset, n
    )
    lines = [
        f"{one.probability:.3f}  {one.message.uid}  {(one.message.subject or one.message.body)[:_SHOWN]}"
        for one in found.messages
    ]
    emit(output, found, [f"{found.n_total:,} test messages", *lines])


def breakdown(
    file: File,
    name: DatasetName,
    by: Annotated[str, typer.Argument(help="source, language, month, or a property such as string:Team.")],
    label: Annotated[str | None, typer.Option(help="About this label; all labels if left out.")] = None,
    threshold: AtThreshold = None,
    version: OfVersion = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Print precision and recall by groups of test messages, with 95 % intervals."""
    dataset = arguments.open_dataset(file, name)
    label_id = None if label is None else label_id_of(dataset.operations, dataset.dataset_id, label)
    found = dataset.operations.validation_breakdown(dataset.dataset_id, by, label_id, threshold, version)
    more = found.n_groups - len(found.groups)
    lines = [_group(found.whole, "all"), *(_group(one, one.value or "(none)") for one in found.groups)]
    emit(output, found, [*lines, *([f"and {more:,} more groups"] if more else [])])


def _lines(found: LabelOutcomes) -> list[str]:
    counts = found.counts
    mixed = [
        f"{one.taken_for:5,} taken for it, {one.taken_from:5,} it taken for this  {one.name}"
        for one in found.mixed_up
    ]
    return [
        f"version {found.version}, {found.name}, threshold {found.threshold:.4g}, {counts.n:,} test messages",
        (
            f"right {counts.true_positive:,}, wrong {counts.false_positive:,}, missed {counts.false_negative:,}, "
            f"rightly left {counts.true_negative:,}"
        ),
        f"precision {_share(found.precision)}, recall {_share(found.recall)}",
        *(["mixed up with:"] if mixed else []),
        *mixed,
    ]


def _group(one: BreakdownGroup, name: str) -> str:
    return f"{one.n_messages:6,}  precision {_share(one.precision)}  recall {_share(one.recall)}  {name}"


def _share(found: Share) -> str:
    if found.value is None:
        return "not known"
    return f"{found.value:.1%} ({found.low:.1%} to {found.high:.1%}, n {found.n:,})"
