"""Two ways to print an answer: lines for people, JSON for programs."""

from __future__ import annotations

import enum
import json
import math
import re
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any

import msgspec
import typer

from workbench.domain import DatasetStatus

DONE, FAILED, WRONG_USAGE, PARTLY, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 3, 130, 141
"""How commands end; ``docs/how-to/operate-from-the-command-line.md`` says when."""

Line = str | tuple[str, ...]
"""A sentence, printed whole; or the cells of a row, aligned with the others and cut to the terminal."""
_FIGURE = re.compile(r"[-+]?[\d,]+(\.\d+)?%?|-")
_GAP = "  "


class Output(enum.StrEnum):
    """How answers are printed."""

    TEXT = "text"
    JSON = "json"


OutputOption = Annotated[
    Output, typer.Option("--output", "-o", help="Lines for people, or JSON for programs, one object a line.")
]


def emit(output: Output, answer: object, lines: Iterable[Line]) -> None:
    """Print ``answer`` as JSON, one object a line, or, for people, ``lines``."""
    if output is Output.JSON:
        found = plain(answer)
        for one in found if isinstance(found, list | tuple) else [found]:
            print(json.dumps(_finite(one), ensure_ascii=False))
        return
    most = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in laid_out(lines, most):
        print(line)


def laid_out(lines: Iterable[Line], most: int | None = None) -> Iterator[str]:
    """Lines as they are printed: what cannot be shown as escapes, rows aligned, and cut where ``most`` says so."""
    known: list[Line] = [
        printable(one) if isinstance(one, str) else tuple(map(printable, one)) for one in lines
    ]
    rows = [one for one in known if isinstance(one, tuple)]
    widths = [
        max(width(row[at]) for row in rows if at < len(row)) for at in range(max(map(len, rows), default=0))
    ]
    figures = [all(_FIGURE.fullmatch(row[at]) for row in rows if at < len(row)) for at in range(len(widths))]
    for one in known:
        if isinstance(one, str):
            yield one
        else:
            yield _cut(_GAP.join(_cells(one, widths, figures)).rstrip(), most)


def _cells(row: Sequence[str], widths: Sequence[int], figures: Sequence[bool]) -> Iterator[str]:
    for cell, most, is_figure in zip(row, widths, figures, strict=False):
        blank = " " * (most - width(cell))
        yield blank + cell if is_figure else cell + blank


def width(text: str) -> int:
    """Columns that a terminal takes for a text."""
    return sum(_columns(one) for one in text)


def _columns(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _cut(text: str, most: int | None) -> str:
    if most is None or width(text) <= most:
        return text
    kept, left = [], most - 1
    for letter in text:
        left -= _columns(letter)
        if left < 0:
            break
        kept.append(letter)
    return "".join(kept) + "…"


def printable(text: str) -> str:
    """``text`` on one line that cannot steer a terminal: control and direction marks are shown as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def plain(answer: object) -> Any:
    """What JSON can hold: results as objects, tables as rows, times as ISO text."""
    if hasattr(answer, "to_pylist"):
        answer = answer.to_pylist()
    return msgspec.to_builtins(answer, enc_hook=lambda value: value.tolist(), str_keys=True)


def _finite(value: Any) -> Any:
    """JSON has no word for numbers that are none."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    return value


def model_line(status: DatasetStatus) -> str:
    """What the model of a dataset is doing and which version speaks, in one line."""
    work = status.state if status.share is None else f"{status.state} {status.share:.0%}"
    eta = f", about {status.eta_s:.0f} s left" if status.eta_s else ""
    versions = f"predictions from version {status.predicted_by}, validation from version {status.validated_by or '-'}"
    known = versions if status.predicted_by else "no model yet"
    return f"{known}; {work}{eta}{f': {status.error} {status.next_step}' if status.error else ''}"
