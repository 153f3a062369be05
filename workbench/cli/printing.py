"""Two ways to print an answer: lines for people, JSON for programs."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
import typer


class Output(enum.StrEnum):
    """How answers are printed."""

    TEXT = "text"
    JSON = "json"


OutputOption = Annotated[
    Output, typer.Option("--output", "-o", help="Lines for people, or JSON for programs.")
]


def emit(output: Output, answer: object, lines: Iterable[str]) -> None:
    """Print ``answer`` as JSON or, for people, ``lines``."""
    if output is Output.JSON:
        print(json.dumps(plain(answer), indent=2, ensure_ascii=False))
        return
    for line in lines:
        print(printable(line))


def printable(text: str) -> str:
    """``text`` on one line that cannot steer a terminal: control and direction marks are shown as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def plain(answer: object) -> Any:
    """What JSON can hold: results as objects, tables as rows, times as ISO text."""
    if hasattr(answer, "to_pylist"):
        answer = answer.to_pylist()
    return msgspec.to_builtins(answer, enc_hook=lambda value: value.tolist(), str_keys=True)
