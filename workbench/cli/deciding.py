"""Commands for thresholds and for label errors."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, get_args

import typer

from workbench.cli import arguments
from workbench.cli.arguments import DatasetName, File, LabelName, OfVersion, Where
from workbench.cli.decision_lines import (
    choice_line,
    cost_lines,
    kept_line,
    promise_lines,
    suspect_lines,
    week_line,
)
from workbench.cli.printing import Output, OutputOption, emit
from workbench.domain import ThresholdBasis, ThresholdChoice, filter_from_query
from workbench.door import Dataset
from workbench.errors import InputError, UnknownNameError

thresholds = typer.Typer(
    help="Thresholds of labels, 0-1: offered by choice, by cost and by promise, what they lead to, kept with a version.",
    no_args_is_help=True,
)
Threshold = Annotated[float, typer.Argument(help="0-1; a prediction counts as yes at or above it.")]
Keep = Annotated[bool, typer.Option("--keep", help="Keep what is offered with the version.")]


class Choice(StrEnum):
    """Automatic thresholds."""

    BALANCED = "balanced"
    HIGH_PRECISION = "high_precision"
    HIGH_RECALL = "high_recall"
    SAMPLED_0 = "sampled_0"
    SAMPLED_1 = "sampled_1"
    SAMPLED_2 = "sampled_2"
    SAMPLED_3 = "sampled_3"
    SAMPLED_4 = "sampled_4"


class PromisedRisk(StrEnum):
    """What a promise keeps few of."""

    WRONG = "wrong"
    MISSED = "missed"


class HeldOut(StrEnum):
    """What a promise is tested on."""

    TEST = "test"
    CROSS_VALIDATED = "cross_validated"


class Sample(StrEnum):
    """Which of them count."""

    RANDOM = "random"
    ALL = "all"


_BASES: dict[str, ThresholdBasis] = {one: one for one in get_args(ThresholdBasis)}


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for function, name in (
        (show, "list"),
        (choices, "choices"),
        (cost, "cost"),
        (promise, "promise"),
        (week, "week"),
        (keep, "keep"),
        (forget, "forget"),
    ):
        thresholds.command(name)(function)
    app.add_typer(thresholds, name="thresholds")
    app.command("suspects")(suspects)


def show(
    file: File, name: DatasetName, version: OfVersion = None, output: OutputOption = Output.TEXT
) -> None:
    """List the thresholds kept with a version."""
    dataset = arguments.open_dataset(file, name)
    found = dataset.operations.kept_thresholds(dataset.dataset_id, version)
    emit(output, found, map(kept_line, found))


def choices(
    file: File,
    name: DatasetName,
    label: LabelName,
    version: OfVersion = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Print the automatic thresholds of a label with the precision and recall that each had on test messages."""
    found = _choices(arguments.open_dataset(file, name), label, version)
    emit(output, found, map(choice_line, found))


def cost(
    file: File,
    name: DatasetName,
    label: LabelName,
    *,
    wrong_action: Annotated[float, typer.Option(help="What acting on a wrong message costs.")],
    missed: Annotated[float, typer.Option(help="What missing a message costs, in the same unit.")],
    manual_check: Annotated[
        float | None, typer.Option(help="What a look by a person costs; left out = nobody checks.")
    ] = None,
    checks_per_day: Annotated[float | None, typer.Option(help="How many people can check in a day.")] = None,
    where: Where = "",
    version: OfVersion = None,
    keep: Keep = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Offer the thresholds of least expected cost, and say what they lead to in a week."""
    dataset = arguments.open_dataset(file, name)
    found = dataset.threshold_for_cost(
        label,
        wrong_action=wrong_action,
        missed=missed,
        manual_check=manual_check,
        checks_per_day=checks_per_day,
        version=version,
        where=filter_from_query(where),
    )
    if keep:
        checked = found.check_from if found.check_from < found.act_from else None
        reason = f"wrong action {wrong_action:g}, missed {missed:g}"
        dataset.keep_threshold(
            label, found.act_from, version=found.version, check_from=checked, basis="cost", reason=reason
        )
    emit(output, found, [*cost_lines(found), *_kept(keep, found.version)])


def promise(
    file: File,
    name: DatasetName,
    label: LabelName,
    *,
    risk: Annotated[
        PromisedRisk, typer.Option(help="Few wrong ones among those predicted, or few missed ones.")
    ] = PromisedRisk.WRONG,
    at_most: Annotated[float, typer.Option(help="The largest share of them, between 0 and 1.")] = 0.02,
    sure: Annotated[float, typer.Option(help="Probability that the promise holds, between 0 and 1.")] = 0.95,
    held_out: Annotated[HeldOut, typer.Option(help="Messages it is tested on.")] = HeldOut.TEST,
    over_next: Annotated[
        int | None, typer.Option(help="Promise the share among so many messages to come.")
    ] = None,
    sample: Annotated[
        Sample, typer.Option(help="Only messages by Shuffle decide, or all as if they were drawn at random.")
    ] = Sample.RANDOM,
    version: OfVersion = None,
    keep: Keep = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Offer a threshold that keeps a risk; with --keep status 1 where nothing can be promised."""
    dataset = arguments.open_dataset(file, name)
    found = dataset.threshold_with_promise(
        label,
        risk.value,
        at_most=at_most,
        sure=sure,
        version=version,
        held_out=held_out.value,
        over_next=over_next,
        sample=sample.value,
    )
    is_kept = keep and found.threshold is not None
    if is_kept:
        reason = f"at most {at_most:g} {risk.value}, {sure:g} sure"
        dataset.keep_threshold(label, found.threshold, version=found.version, basis="promise", reason=reason)
    emit(output, found, [*promise_lines(found), *_kept(is_kept, found.version)])
    if keep and not is_kept:
        raise typer.Exit(1)


def week(
    file: File,
    name: DatasetName,
    label: LabelName,
    threshold: Threshold,
    where: Where = "",
    version: OfVersion = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Print how many messages a week a threshold returns, wrongly returns and misses."""
    dataset = arguments.open_dataset(file, name)
    found = dataset.expected_errors(label, threshold, version=version, where=filter_from_query(where))
    emit(output, found, [week_line(found)])


def keep(
    file: File,
    name: DatasetName,
    label: LabelName,
    threshold: Annotated[
        float | None, typer.Argument(help="0-1; a prediction counts as yes at or above it.")
    ] = None,
    *,
    choice: Annotated[Choice | None, typer.Option(help="An automatic threshold in its place.")] = None,
    check_from: Annotated[float | None, typer.Option(help="From where people check, 0-1.")] = None,
    reason: Annotated[str, typer.Option(help="Why, for people.")] = "",
    version: OfVersion = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Keep the threshold of a label with a version; streams that follow it go by it at once."""
    if (threshold is None) == (choice is None):
        raise InputError(
            "a threshold is kept by its number or by its choice.",
            next_step="Give one of them: 'keep FILE NAME LABEL 0.7' or '--choice balanced'.",
        )
    dataset = arguments.open_dataset(file, name)
    basis: ThresholdBasis = "chosen"
    if choice is not None:
        basis = _BASES[choice.value]
        offered = {one.name: one.threshold for one in _choices(dataset, label, version)}
        if choice.value not in offered:
            raise UnknownNameError("automatic threshold", choice.value, offered)
        threshold = offered[choice.value]
    found = dataset.keep_threshold(
        label, threshold, version=version, check_from=check_from, basis=basis, reason=reason
    )
    emit(output, found, map(kept_line, found))


def forget(
    file: File,
    name: DatasetName,
    label: LabelName,
    version: OfVersion = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Keep no threshold of a label with a version; prints those that are still kept."""
    found = arguments.open_dataset(file, name).keep_threshold(label, None, version=version)
    emit(output, found, map(kept_line, found))


def suspects(
    file: File,
    name: DatasetName,
    label: Annotated[str | None, typer.Option(help="Only doubts about this label.")] = None,
    n: Annotated[int, typer.Option("-n", help="How many at most, 1-256.")] = 20,
    output: OutputOption = Output.TEXT,
) -> None:
    """List reviewed messages whose labels may be wrong, most suspect first."""
    dataset = arguments.open_dataset(file, name)
    found = dataset.suspect_report(n, label=label)
    names = {one.label_id: one.name for one in dataset.operations.labels(dataset.dataset_id)}
    emit(output, found, suspect_lines(found, names))


def _choices(dataset: Dataset, label: str, version: int | None) -> tuple[ThresholdChoice, ...]:
    known = {one.name: one for one in dataset.validation(version).labels}
    if label not in known:
        raise UnknownNameError("label", label[:300], known)
    return known[label].choices


def _kept(is_kept: bool, version: int) -> list[str]:
    return [f"kept with version {version}"] if is_kept else []
