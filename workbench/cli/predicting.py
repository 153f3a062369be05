"""``workbench predict``: what a model version says of messages in a file, which are not stored."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TextIO

import msgspec
import typer

from workbench.cli.arguments import DatasetName, File, open_dataset
from workbench.cli.consent import NoCharge, Yes, consent
from workbench.cli.printing import Output, OutputOption, printable
from workbench.cli.progress import bar, quietly
from workbench.domain import LabelsFrom, NewMessage, UnstoredPrediction, VersionChoice, parse_path
from workbench.errors import InputError

BATCH = 256
"""Messages per call: a call that fails loses no more than these."""

_STDIN = "-"
_ONLY_READ = frozenset({"uid", "source_id", "created_at", "last_modified", "has_annotations"})
"""Keys that comments have when they are read, and not when they are handed in."""


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("predict")(predict)


def predict(
    file: File,
    name: DatasetName,
    *,
    messages: Annotated[
        str, typer.Option("--file", "-f", help="JSONL with one comment per line; '-' = standard input.")
    ],
    version: Annotated[str, typer.Option(help="A number, live, staging or latest.")] = "latest",
    threshold: Annotated[
        str,
        typer.Option(help="Labels come from this probability on; auto = from their automatic thresholds."),
    ] = "0.25",
    to: Annotated[Path | None, typer.Option(help="Write JSONL to this new file, not to the screen.")] = None,
    yes: Yes = False,
    no_charge: NoCharge = False,
    progress: Annotated[bool, typer.Option(help="Show how far it is, on the error output.")] = True,
    output: OutputOption = Output.TEXT,
) -> None:
    """Predict the labels of messages in a file; each is charged, and nothing of them is stored.

    Lines are those of 'workbench export' or {"comment": {...}}. JSON output has one object per line, in their order.
    """
    chosen, least = _version(version), _threshold(threshold)
    found = _read(messages)
    if to is not None and to.exists():
        raise InputError(
            f"there is a file {str(to)[:100]!r} already.", next_step="Name another one, or remove it."
        )
    dataset = open_dataset(file, name)
    agree = consent(dataset.operations, "predict", yes=yes, no_charge=no_charge)
    if agree is not None:
        if messages == _STDIN:
            raise InputError(
                "nobody can be asked whether units may be charged: messages come from standard input.",
                next_step="Give --yes.",
            )
        agree(len(found))
    n_units = answered_by = 0
    with quietly(asked=not progress), _written(to) as stream, bar(len(found), "predicting") as step:
        for start in range(0, len(found), BATCH):
            some = found[start : start + BATCH]
            answer = dataset.predict_messages(some, version=chosen, threshold=least, no_charge=no_charge)
            chosen, answered_by = answer.version, answer.version  # one version for the whole file
            n_units += answer.units
            for one in answer.predictions:
                print(
                    _text(one) if output is Output.TEXT and to is None else _line(one),
                    file=stream,
                )
            step(len(some))
    said = f"{len(found):,} messages predicted by version {answered_by}; {n_units:,} units charged"
    print(said, file=sys.stderr if to is None else sys.stdout)


def _read(messages: str) -> Sequence[NewMessage]:
    """Every message of a file; all is read before anything is charged.

    Raises
    ------
    InputError
        There is no such file, a line is no comment, two have one id, or there is none.
    """
    if messages == _STDIN:
        lines: list[str] = sys.stdin.read().splitlines()
    else:
        if not Path(messages).is_file():
            raise InputError(f"there is no file {messages[:100]!r}.", next_step="Check the path.")
        lines = Path(messages).read_text("utf-8", "strict").split("\n")
    found: dict[str, NewMessage] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            made = _message(number, line)
            if made.message_id in found:
                raise InputError(
                    f"the id {made.message_id[:100]!r} in line {number:,} stands in an earlier line, too.",
                    next_step="Give each message an id of its own.",
                )
            found[made.message_id] = made
    if not found:
        raise InputError(
            f"there is no message in {messages[:100]!r}.", next_step="Write one comment per line."
        )
    return tuple(found.values())


def _message(number: int, line: str) -> NewMessage:
    from workbench.api.shapes.comments import (  # noqa: PLC0415 - other commands start faster
        CommentNew,
        new_message,
    )

    try:
        told: Any = json.loads(line)
        comment = told.get("comment", told)
        given = {key: value for key, value in comment.items() if key not in _ONLY_READ}
        return new_message(msgspec.convert(given, CommentNew))
    except (ValueError, TypeError, AttributeError, msgspec.ValidationError) as error:
        why = (
            str(error) if isinstance(error, msgspec.ValidationError) else "it is no JSON object of that kind"
        )
        raise InputError(
            f"could not parse comment at line {number:,}: {why[:300]}.",
            next_step='Write {"comment": {"id": …, "timestamp": …, "messages": [{"body": {"text": …}}]}}.',
            details={"line": number},
        ) from None


def _version(word: str) -> VersionChoice:
    if word == "latest":
        return None
    if word == "live":
        return "live"
    if word == "staging":
        return "staging"
    if word.isdecimal() and word.isascii():
        return int(word)
    raise InputError(
        f"{word[:100]!r} is no model version.", next_step="Give a number, live, staging or latest."
    )


def _threshold(word: str) -> LabelsFrom:
    if word == "auto":
        return "auto"
    try:
        return float(word)
    except ValueError:
        raise InputError(
            f"{word[:100]!r} is no threshold.", next_step="Give a number from 0 to 1, or auto."
        ) from None


def _line(one: UnstoredPrediction) -> str:
    """As the clients of this field read predictions beside a comment."""
    predicted = []
    for label in one.labels:
        shown: dict[str, Any] = {"name": list(parse_path(label.name)), "probability": label.probability}
        if label.sentiment is not None:
            shown["sentiment"] = label.sentiment
        if label.auto_thresholds is not None:
            shown["auto_thresholds"] = list(label.auto_thresholds)
        predicted.append(shown)
    told = {"comment": {"id": one.message_id}, "labelling": [{"group": "default", "predicted": predicted}]}
    return json.dumps(told, ensure_ascii=False)


def _text(one: UnstoredPrediction) -> str:
    said = ", ".join(f"{label.name} {label.probability:.3f}" for label in one.labels) or "no label"
    return printable(f"{one.message_id}  {said}")


@contextmanager
def _written(to: Path | None) -> Iterator[TextIO]:
    if to is None:
        yield sys.stdout
        return
    with to.open("x", encoding="utf-8", newline="\n") as stream:
        yield stream
