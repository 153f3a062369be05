"""What to review next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.opening import opened
from workbench.cli.printing import Output, OutputOption, emit
from workbench.domain import Guide, MeasuredGain, NextStep
from workbench.domain.guide import ExpectedGain
from workbench.domain.guide_words import counted, minutes_words, mode_title
from workbench.door import Dataset


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("guide")(guide)


def guide(
    file: Annotated[Path, typer.Argument(help="The workspace file, e.g. support.duckdb.")],
    name: Annotated[str, typer.Argument(help="project/name of the dataset.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Say how good the model is, what to do next and why, and what the last batch of reviews brought."""
    told = _open(file, name).guide()
    emit(output, told, _lines(told))


def _open(file: Path, name: str) -> Dataset:
    return opened(file, must_exist=True).dataset(name)


def _lines(told: Guide) -> Iterator[str]:
    score = "not known yet" if told.rating.score is None else f"{told.rating.score:.0f} ({told.rating.band})"
    yield f"rating: {score}{f'. {told.rating.reason}' if told.rating.reason else ''}"
    for factor in told.factors:
        known = "not known yet" if factor.score is None else f"{factor.score:.0f} ({factor.band})"
        yield f"  {factor.name.replace('_', ' ')}: {known}"
    yield (
        f"{told.n_reviewed:,} of {told.n_messages:,} messages reviewed, "
        f"{told.n_labels_ready} of {told.n_labels} labels with 25 examples or more"
    )
    yield f"next: {_step(told.recommended)}"
    yield f"  {told.recommended.reason}"
    for other in told.alternatives:
        yield f"or: {_step(other)}"
    batch = told.last_batch
    if batch is not None and batch.after is not None:
        before = batch.before.rating if batch.before else None
        yield (
            f"last batch ({mode_title(batch.mode, batch.label)}, {len(batch.done)} messages): "
            f"rating {_figure(before)} to {_figure(batch.after.rating)}"
        )
        for what, gain in (("measured", batch.gained), ("promised", batch.promised)):
            if gain is not None:
                yield f"  {what}: {_points(gain)}"
    yield f"{told.advice.readiness.replace('_', ' ')}: {told.advice.text}"
    for one in told.advice.missing:
        yield f"  {one}"


def _step(step: NextStep) -> str:
    if step.kind != "batch":
        return step.title
    gain = step.gain
    points = "" if gain is None else f", {_points(gain)}"
    takes = minutes_words(step.minutes_low, step.minutes_high)
    return f"{step.title}: {counted(step.n, 'message')}, {takes}{points}"


def _points(gain: ExpectedGain | MeasuredGain) -> str:
    return f"{100 * gain.value:+.1f} points of mean average precision ({100 * gain.low:.1f} to {100 * gain.high:.1f})"


def _figure(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.0f}"
