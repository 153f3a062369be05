"""The ``workbench`` command."""

from __future__ import annotations

import os
import sys
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core

from workbench.cli import (
    annotating,
    asking,
    auditing,
    cataloguing,
    charging,
    commands,
    comments,
    completing,
    converting,
    deciding,
    demo,
    emails,
    guiding,
    integrating,
    judging,
    keeping,
    labels,
    models,
    overlap,
    packaging,
    people,
    planning,
    predicting,
    retaining,
    rights,
    serving,
    streaming,
    tenancy,
    using,
)
from workbench.cli.printing import FAILED, INTERRUPTED, PIPE_CLOSED, printable
from workbench.cli.progress import quietly
from workbench.errors import WorkbenchError


class Commands(typer.core.TyperGroup):
    """All commands; when nobody reads on (``| head``), they end without a word."""

    def invoke(self, ctx: Any) -> Any:  # the type of contexts is not typer's to name
        """Run one, and hand on all that it printed."""
        try:
            answer = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  what is left goes nowhere
            raise typer.Exit(PIPE_CLOSED) from None
        return answer


def _version(asked: bool) -> None:
    if asked:
        print(metadata.version("workbench-comms"))
        raise typer.Exit


def _begin(
    ctx: typer.Context,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    version: Annotated[  # noqa: ARG001  its callback has answered by then
        bool, typer.Option("--version", help="Print the version and end.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Communications mining in one file: import messages, discover, annotate, train, validate, report.

    FILE is a workspace file, or the address of a served one, with its token in WORKBENCH_TOKEN. Exit status: 0 done,
    1 an error that says the next step, 2 wrong usage, 3 done in part, 130 Ctrl-C, 141 nobody reads on.
    """
    ctx.with_resource(quietly(asked=quiet))


app = typer.Typer(
    name="workbench",
    cls=Commands,
    callback=_begin,
    no_args_is_help=True,
    add_completion=False,  # two options for the root; there is a command instead
    pretty_exceptions_enable=False,
)
commands.register(app)
annotating.register(app)
asking.register(app)
auditing.register(app)
cataloguing.register(app)
charging.register(app)
comments.register(app)
completing.register(app)
converting.register(app)
emails.register(app)
guiding.register(app)
serving.register(app)
demo.register(app)
keeping.register(app)
integrating.register(app)
labels.register(app)
models.register(app)
overlap.register(app)
packaging.register(app)
planning.register(app)
predicting.register(app)
retaining.register(app)
deciding.register(app)
judging.register(app)
streaming.register(app)
tenancy.register(app)
using.register(app)
people.register(app)
rights.register(app)


def main() -> None:
    """Run the command; an error is one line with the next step, and status 1."""
    try:
        app(prog_name="workbench")  # also when Python runs the package: shells ask by this name
    except WorkbenchError as error:
        print(f"error: {printable(error.message)}", file=sys.stderr)
        if error.next_step:
            print(f"  next: {printable(error.next_step)}", file=sys.stderr)
        raise SystemExit(FAILED) from None
    except OSError as error:
        named = f"{printable(str(error.filename)[:100])!r}: " if error.filename else ""
        print(f"error: {named}{error.strerror or printable(str(error)[:300])}.", file=sys.stderr)
        print("  next: Check the path, and whether you may read or write there.", file=sys.stderr)
        raise SystemExit(FAILED) from None
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
