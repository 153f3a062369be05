"""``workbench convert``: files of other annotation tools to comments and back."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.printing import Output, OutputOption, emit
from workbench.cli.progress import bar, so_far
from workbench.errors import InputError
from workbench.workspace import convert_file

_SHOW_FROM = 4 << 20
"""Bytes from which a progress bar is shown."""


class Form(StrEnum):
    """Whose file it is."""

    COMMENTS = "comments"
    ARGILLA = "argilla"
    LABEL_STUDIO = "label-studio"
    PRODIGY = "prodigy"
    SPACY = "spacy"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("convert")(convert)


def convert(
    file: Annotated[Path, typer.Argument(help="The file to read.")],
    target: Annotated[Path, typer.Argument(help="The file to write; appears when it is whole.")],
    *,
    source: Annotated[Form, typer.Option("--from", help="The tool that wrote the file; comments is ours.")],
    goal: Annotated[
        Form, typer.Option("--to", help="The tool that shall read the new file.")
    ] = Form.COMMENTS,
    time: Annotated[
        datetime | None,
        typer.Option(help="The UTC time of messages that have none; they are refused without."),
    ] = None,
    text: Annotated[
        str, typer.Option(help="Field (Argilla) or key of data (Label Studio) that holds the message.")
    ] = "",
    question: Annotated[
        str, typer.Option(help="Question (Argilla) or control (Label Studio) that holds the labels.")
    ] = "",
    config: Annotated[
        Path | None, typer.Option(help="Write the labelling configuration for Label Studio to this file.")
    ] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Convert annotations of Argilla, Label Studio, Prodigy or spaCy to comments, or comments to theirs.

    Says by name and number what could not be carried. What one side has no place for travels along for the way back.
    """
    if config is not None and goal is not Form.LABEL_STUDIO:
        raise InputError(
            f"--config is of Label Studio, and the new file is for {goal.value!r}.",
            next_step="Leave --config out, or convert --to label-studio.",
        )
    given: dict[str, Any] = {
        "source": source.value,
        "goal": goal.value,
        "when": time and (time if time.tzinfo else time.replace(tzinfo=UTC)),
        "text": text,
        "question": question,
        "config": config,
    }
    if file.is_file() and file.stat().st_size >= _SHOW_FROM:
        with bar(file.stat().st_size, "converting") as step:
            told = so_far(step)
            done = convert_file(file, target, **given, progress=lambda at, _: told(at))
    else:
        done = convert_file(file, target, **given)
    lost = [f"  not carried: {name}: {count:,}" for name, count in done.losses.items()]
    timed = f", {done.n_timed:,} of them at the time given" if done.n_timed else ""
    emit(
        output,
        done,
        [f"{target}: {done.n_items:,} messages{timed}; {'lost:' if lost else 'nothing was lost'}", *lost],
    )
