"""The ``workbench`` command."""

from __future__ import annotations

import sys

import typer

from workbench.cli import (
    asking,
    auditing,
    charging,
    commands,
    completing,
    converting,
    deciding,
    demo,
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
from workbench.cli.printing import printable
from workbench.errors import WorkbenchError

INTERRUPTED = 130

app = typer.Typer(
    name="workbench",
    help="Communications mining in one file: import messages, discover, annotate, train, validate, report. "
    "Exit status: 0 done, 1 an error that says the next step, 2 wrong usage, 130 Ctrl-C.",
    no_args_is_help=True,
    add_completion=False,  # two options for the root; there is a command instead
    pretty_exceptions_enable=False,
)
commands.register(app)
asking.register(app)
auditing.register(app)
charging.register(app)
completing.register(app)
converting.register(app)
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
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
