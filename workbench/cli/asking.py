"""A filter from a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.opening import opened
from workbench.cli.printing import Output, OutputOption, emit


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("ask")(ask)


def ask(
    file: Annotated[Path, typer.Argument(help="The workspace file, e.g. support.duckdb.")],
    name: Annotated[str, typer.Argument(help="project/name of the dataset.")],
    sentence: Annotated[str, typer.Argument(help="E.g. 'unreviewed mails about refunds from last week'.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Turn a sentence into a filter: how many messages pass, the filter in words and as an address, what is left."""
    asked = opened(file, must_exist=True).dataset(name).ask(sentence)
    emit(output, asked, asked.lines())
