"""Two ways to print an answer: lines for people, JSON for programs."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
import typer

from workbench.domain import DatasetStatus


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


def model_line(status: DatasetStatus) -> str:
    """What the model of a dataset is doing and which version speaks, in one line."""
    work = status.state if status.share is None else f"{status.state} {status.share:.0%}"
    eta = f", about {status.eta_s:.0f} s left" if status.eta_s else ""
    versions = f"predictions from version {status.predicted_by}, validation from version {status.validated_by or '-'}"
    known = versions if status.predicted_by else "no model yet"
    return f"{known}; {work}{eta}{f': {status.error} {status.next_step}' if status.error else ''}"
