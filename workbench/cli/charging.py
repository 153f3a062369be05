"""``workbench budget`` and ``workbench charge``: how much may be charged, for what, and taking a charge back."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from workbench.cli.arguments import File
from workbench.cli.opening import opened
from workbench.cli.printing import Output, OutputOption, emit
from workbench.domain import Budget

budgets = typer.Typer(help="Budgets: how many units may be charged in a period.", no_args_is_help=True)
charges = typer.Typer(help="Charge rules, and taking a charge back.", no_args_is_help=True)


class Period(StrEnum):
    """How long a budget lasts."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ONCE = "once"


class Reason(StrEnum):
    """What a message is charged for."""

    CREATED = "created"
    TEXT_MODIFIED = "text_modified"
    PREDICTED = "predicted"


Project = Annotated[str, typer.Option(help="The project; left out = the whole workspace.")]
When = Annotated[Period, typer.Option(help="How long it lasts before it begins anew.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    budgets.command("list")(show)
    budgets.command("set")(set_limits)
    budgets.command("remove")(remove)
    charges.command("rules")(rules)
    charges.command("set-rule")(set_rule)
    charges.command("correct")(correct)
    app.add_typer(budgets, name="budget")
    app.add_typer(charges, name="charge")


def show(file: File, output: OutputOption = Output.TEXT) -> None:
    """Print every budget: its limits, what is used, and what is left."""
    found = opened(file, must_exist=True).operations.budgets()
    emit(output, found, map(budget_line, found) if found else ["there is no budget: nothing is limited"])


def set_limits(
    file: File,
    project: Project = "",
    period: When = Period.MONTH,
    soft: Annotated[int | None, typer.Option(help="Units from which on uploads warn.")] = None,
    hard: Annotated[int | None, typer.Option(help="Units that no upload may pass.")] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Set the limits of a budget; a limit left out is none."""
    made = opened(file, must_exist=True).set_budget(project, period=period.value, soft=soft, hard=hard)
    emit(output, made, [budget_line(made)])


def remove(
    file: File, project: Project = "", period: When = Period.MONTH, output: OutputOption = Output.TEXT
) -> None:
    """Remove a budget; what was charged stays charged."""
    gone = opened(file, must_exist=True).remove_budget(project, period=period.value)
    emit(output, gone, [f"removed: {budget_line(gone)}"])


def rules(file: File, output: OutputOption = Output.TEXT) -> None:
    """Print what a message costs in each operation."""
    operations = opened(file, must_exist=True).operations
    found, (*_, rate) = operations.charge_rules(), operations.unit_rates()
    lines = [
        f"{one.operation:16} {one.reason:13} {one.units:,} units"
        + (f", since {one.valid_from:%Y-%m-%d}" if one.valid_from.timestamp() else "")
        for one in found
    ]
    emit(output, found, [*lines, f"1 unit = {rate.platform_units.normalize():f} platform units"])


def set_rule(
    file: File,
    operation: Annotated[str, typer.Argument(help="import, sync, sync_raw_mails, predict …")],
    reason: Annotated[Reason, typer.Argument(help="What happened to the message.")],
    units: Annotated[int, typer.Argument(help="What one message costs from now on; 0 = free.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Change what a message costs from now on; entries that exist stay as they are."""
    made = opened(file, must_exist=True).set_charge_rule(operation, reason.value, units)
    emit(output, made, [f"{made.operation} {made.reason}: {made.units:,} units from now on"])


def correct(
    file: File,
    entry_id: Annotated[str, typer.Argument(help="As ledger_table() lists it.")],
    reason: Annotated[str, typer.Option(help="Why the charge is taken back.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Take one charge back by a new, negative entry; each is taken back once."""
    made = opened(file, must_exist=True).correct_charge(entry_id, reason)
    emit(output, made, [f"{made.entry_id}: {made.units:,} units, corrects {made.corrects}"])


def budget_line(one: Budget) -> str:
    """One budget in words."""
    soft = "" if one.soft is None else f", soft limit {one.soft:,}"
    hard = "" if one.hard is None else f", hard limit {one.hard:,}, {one.left or 0:,} left"
    return f"{one.scope} ({one.period}): {one.used:,} units used, {one.reserved:,} reserved{soft}{hard}"
