"""Files of other annotation tools to files of comments and back; no workspace is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, get_args

from workbench.errors import InputError
from workbench.ingest.bridges import (
    Argilla,
    Bridge,
    LabelStudio,
    Prodigy,
    Spacy,
    Tool,
    labelling_config,
    read_items,
    said_of,
    write_items,
)
from workbench.primitives import write_atomically

ToolName = Literal["comments", "argilla", "label-studio", "prodigy", "spacy"]
_COMMENTS = "comments"
_ARRAYS = ("argilla", "label-studio")
"""Tools whose files are one JSON array."""

Progress = Callable[[int, int], object]


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """What was written, and what could not be.

    Attributes
    ----------
    n_items
        Messages written.
    n_timed
        How many of them had no time and were given the one named.
    losses
        Name of a field that could not be carried to how often; empty = none was lost.
    labels
        Names of the labels of the file, sorted.
    """

    n_items: int
    n_timed: int
    losses: dict[str, int] = field(default_factory=dict)
    labels: tuple[str, ...] = ()


def convert_file(
    path: Path,
    target: Path,
    *,
    source: ToolName,
    goal: ToolName,
    when: datetime | None = None,
    text: str = "",
    question: str = "",
    config: Path | None = None,
    progress: Progress | None = None,
) -> Conversion:
    """Write what stands in the file of one tool as the file of another.

    The target appears when it is whole, or not at all. Memory holds one message at a time, the names of the labels, and
    a number for each id.

    Parameters
    ----------
    source, goal
        Whose files they are; ``comments`` is ours.
    when
        The time of messages that have none.
    text, question
        Field with the message and question with the labels, for Argilla and Label Studio.
    config
        Where to write the labelling configuration of a Label Studio project.
    progress
        Is told bytes read and bytes in all; with a goal that lists labels the file is read twice.

    Raises
    ------
    InputError
        Both are the same tool or file, or there is no such file.
    FileFormatError
        An entry cannot be read: its line, value and next step.
    """
    _check(path, target, source, goal)
    total = path.stat().st_size * (1 if goal == _COMMENTS else 2)
    reading = _tool(source, text, question)
    bridge = None if reading is None else Bridge(reading, when=when)

    def lines(started_at: int) -> Iterator[tuple[str, dict[str, Any]]]:
        seen = None if progress is None else lambda at: progress(started_at + at, total)
        item = "comment" if reading is None else reading.item
        for place, one in read_items(path, item=item, seen=seen):
            yield place, one if bridge is None else bridge.to_line(one, place)

    writing = _tool(goal, text if source == _COMMENTS else "", question if source == _COMMENTS else "")
    if writing is None:
        count = _written(target, (line for _, line in lines(0)), as_array=False)
        labels: tuple[str, ...] = ()
    else:
        labels = tuple(sorted({name for place, line in lines(0) for name in _names(line, place)}))
        if bridge is not None:
            bridge = Bridge(bridge.tool, when=when)
        out = Bridge(writing, labels=labels)
        items = (out.to_item(line, place) for place, line in lines(total // 2))
        count = _written(target, items, as_array=goal in _ARRAYS)
    if config is not None:
        write_atomically(config, lambda draft: _write_text(draft, labelling_config(labels)))
    return Conversion(
        n_items=count,
        n_timed=0 if bridge is None else bridge.n_timed,
        losses={} if bridge is None else bridge.losses.counts,
        labels=labels,
    )


def _check(path: Path, target: Path, source: ToolName, goal: ToolName) -> None:
    for name in (source, goal):
        if name not in get_args(ToolName):
            raise InputError(
                f"there is no bridge to {name[:100]!r}.",
                next_step=f"Use one of {', '.join(get_args(ToolName))}.",
                details={"tool": name[:100]},
            )
    if source == goal:
        raise InputError(
            f"the file is of {source!r} already.", next_step="Name different tools with --from and --to."
        )
    if not path.is_file():
        raise InputError(
            f"there is no file {str(path)[:100]!r}.",
            next_step="Check the path; nothing was written.",
            details={"path": str(path)},
        )
    if target.exists() and target.samefile(path):
        raise InputError(
            f"{str(target)[:100]!r} is the file to be read.", next_step="Name another file to write."
        )


def _tool(name: ToolName, text: str, question: str) -> Tool | None:
    if name == "argilla":
        return Argilla(text=text, question=question)
    if name == "label-studio":
        return LabelStudio(text=text, question=question)
    if name == "prodigy":
        return Prodigy()
    return Spacy() if name == "spacy" else None


def _names(line: dict[str, Any], place: str) -> tuple[str, ...]:
    said = said_of(line, place) if isinstance(line, dict) else None
    return () if said is None else (*said.assigned, *said.dismissed)


def _written(target: Path, items: Iterator[Any], *, as_array: bool) -> int:
    counts: list[int] = []
    write_atomically(target, lambda draft: counts.append(write_items(draft, items, as_array=as_array)))
    return counts[0]


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
