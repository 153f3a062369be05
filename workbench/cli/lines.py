"""Files of one JSON object a line, in and out: a broken line is named by its number, and costs no other one."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from workbench.cli.printing import FAILED, PARTLY, Output, emit, printable
from workbench.cli.progress import bar
from workbench.errors import AccessError, ConnectionLostError, InputError, SignInError, WorkbenchError
from workbench.primitives import write_atomically

STANDARD = "-"
SHOWN_PROBLEMS = 20
_LONGEST = 256 << 20
_FATAL = (AccessError, ConnectionLostError, SignInError)
"""What no other line would fare better by."""

Lines = Annotated[str, typer.Argument(help="JSONL, one object a line; '-' = standard input.")]
Target = Annotated[str, typer.Argument(help="The JSONL file to write; '-' = standard output.")]
Resume = Annotated[
    bool, typer.Option("--resume-on-error", help="Take the good lines and list the bad ones (status 3).")
]
Value = dict[str, Any]
Numbered = tuple[int, Value]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A line that did not go in."""

    line: int
    problem: str


@dataclass(kw_only=True)
class Outcome:
    """What came of a file.

    Attributes
    ----------
    what
        What its lines are: comments, streams, …
    done, skipped
        Lines that went in, and lines with nothing to bring in.
    """

    what: str
    done: int = 0
    skipped: int = 0
    notes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_lines(file: IO[bytes], noun: str) -> Iterator[tuple[int, Value | InputError]]:
    """Every line that is not blank with its number: an object, or what is wrong with it."""
    number = 0
    while line := file.readline(_LONGEST):
        number += 1
        if len(line) == _LONGEST:
            raise _broken(noun, number, f"it is longer than {_LONGEST:,} bytes")
        text = line.removeprefix(b"\xef\xbb\xbf").strip()
        if text:
            yield number, _object(text, noun, number)


def _object(text: bytes, noun: str, number: int) -> Value | InputError:
    try:
        found = json.loads(text.decode(), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        return _broken(noun, number, "it is not UTF-8")
    except json.JSONDecodeError as error:
        return _broken(noun, number, f"no JSON at character {error.pos + 1:,}")
    except (ValueError, RecursionError):
        return _broken(noun, number, "it holds what JSON cannot say, or is nested too deeply")
    return found if isinstance(found, dict) else _broken(noun, number, "it is no object")


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _broken(noun: str, number: int, why: str) -> InputError:
    return InputError(
        f"could not parse {noun} at line {number:,}: {why.rstrip('.')}.",
        next_step="Correct the line, or go on without it: --resume-on-error.",
        details={"line": number},
    )


def bring(
    lines: str,
    *,
    noun: str,
    check: Callable[[Value], Value | None],
    take: Callable[[Sequence[Value]], object],
    agree: Callable[[int], object] | None = None,
    at_once: int = 128,
    resume: bool = False,
) -> Outcome:
    """Bring the lines of a file in.

    Parameters
    ----------
    check
        What of a line is handed to ``take``; None = nothing is to be brought in. It raises for a line that cannot be.
    take
        Brings some in, all or none.
    agree
        Is told how many lines will be handed over, before any is; raises to stop.
    resume
        Go on without bad lines; else all lines are checked before the first goes in, and the first that fails is
        the last that is tried.

    Raises
    ------
    InputError
        Without ``resume``: a line cannot be; nothing went in.
    """
    outcome = Outcome(what=f"{noun}s")
    with _spooled(lines) as file:
        n_good = 0
        for _, checked in _checked(file, noun, check, outcome, refuse=not resume):
            n_good += checked is not None
        if agree is not None and n_good:
            agree(n_good)
        outcome = Outcome(what=outcome.what)
        file.seek(0)
        found = _checked(file, noun, check, outcome, refuse=not resume)
        good = ((number, value) for number, value in found if value is not None)
        with bar(n_good, f"{noun}s") as step:
            while some := list(islice(good, at_once)):
                if not _hand_over(some, take, outcome, resume=resume):
                    break
                step(len(some))
    return outcome


def _checked(
    file: IO[bytes], noun: str, check: Callable[[Value], Value | None], outcome: Outcome, *, refuse: bool
) -> Iterator[tuple[int, Value | None]]:
    for number, found in read_lines(file, noun):
        try:
            if isinstance(found, InputError):
                raise found
            value = check(found)
        except WorkbenchError as error:
            if refuse:
                raise error if error is found else _broken(noun, number, _said(error)) from None
            outcome.problems.append(Problem(line=number, problem=_said(error)))
            continue
        outcome.skipped += value is None
        yield number, value


def _hand_over(
    some: Sequence[Numbered], take: Callable[[Sequence[Value]], object], outcome: Outcome, *, resume: bool
) -> bool:
    """Whether to go on: together, and where that fails, one by one."""
    try:
        take([value for _, value in some])
    except _FATAL:
        raise
    except WorkbenchError as error:
        if len(some) > 1:
            return all(_hand_over([one], take, outcome, resume=resume) for one in some)
        outcome.problems.append(Problem(line=some[0][0], problem=_said(error)))
        return resume
    outcome.done += len(some)
    return True


def _said(error: WorkbenchError) -> str:
    return f"{error.message.rstrip('.')}. {error.next_step}".strip()


def tell(output: Output, outcome: Outcome) -> None:
    """Print what came of a file, and end with the status that says so."""
    skipped = f", {outcome.skipped:,} without any" if outcome.skipped else ""
    failed = f", {len(outcome.problems):,} not" if outcome.problems else ""
    shown = [f"  line {one.line:,}: {one.problem}" for one in outcome.problems[:SHOWN_PROBLEMS]]
    hidden = len(outcome.problems) - len(shown)
    more = [f"  and {hidden:,} more; --output json lists them all"] if hidden else []
    emit(output, outcome, [f"{outcome.done:,} {outcome.what} are in{skipped}{failed}", *shown, *more])
    for note in outcome.notes:
        print(printable(note), file=sys.stderr)
    if outcome.problems:
        raise typer.Exit(PARTLY if outcome.done else FAILED)


@contextmanager
def _spooled(lines: str) -> Iterator[IO[bytes]]:
    """The file, to be read more than once."""
    if lines != STANDARD:
        path = Path(lines).expanduser()
        if not path.is_file():
            raise InputError(f"there is no file {lines[:100]!r}.", next_step="Check the path.")
        with path.open("rb") as file:
            yield file
        return
    with tempfile.SpooledTemporaryFile(max_size=64 << 20) as kept:
        while piece := sys.stdin.buffer.read(1 << 20):
            kept.write(piece)
        kept.seek(0)
        yield kept


def write_lines(target: str, values: Iterable[Mapping[str, Any]], *, total: int | None, label: str) -> int:
    """Write objects one a line; returns how many. A file appears under its name only when it is whole."""
    n_written = 0

    def write(file: IO[str]) -> None:
        nonlocal n_written
        with bar(total, label) as step:
            for value in values:
                print(json.dumps(value, ensure_ascii=False), file=file)
                n_written += 1
                step(1)

    def write_draft(draft: Path) -> None:
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            write(file)

    if target == STANDARD:
        write(sys.stdout)
        return n_written
    path = Path(target).expanduser().absolute()
    if not path.parent.is_dir():
        raise InputError(f"there is no folder {str(path.parent)[:100]!r}.", next_step="Make it first.")
    write_atomically(path, write_draft)
    return n_written


def tell_written(output: Output, target: str, n_written: int, noun: str) -> None:
    """Say how many lines were written: on the error output where they went to standard output."""
    if target == STANDARD:
        print(f"{n_written:,} {noun}", file=sys.stderr)
        return
    emit(output, {"file": target, "lines": n_written}, [f"{target}: {n_written:,} {noun}"])
