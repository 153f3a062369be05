"""Commands for plans and quotas: what the workspace may do, and how much of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

import workbench as wb
from workbench.cli.arguments import File
from workbench.cli.opening import opened
from workbench.cli.printing import Output, OutputOption, emit
from workbench.domain import (
    ENTITLEMENT_TITLES,
    Answer,
    Entitlement,
    EntitlementName,
    EntitlementRequest,
    PlanStatus,
    Unchanged,
)

plans = typer.Typer(help="Plans: what the workspace may do.", no_args_is_help=True)
limits = typer.Typer(
    help="Quotas: how much of everything there may be ('quotas' lists them).", no_args_is_help=True
)
PlanName = Annotated[str, typer.Argument(help="Name of the plan, as 'plan list' prints it; or self-hosted.")]
Edition = Annotated[str, typer.Option(help="State of the table: licence, guide-2026 or overview.")]
Name = Annotated[str, typer.Argument(help="communications_data or customer_managed_key.")]
Reason = Annotated[str, typer.Option(help="Why, in a sentence.")]
End = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="End, exclusive, in UTC; none if left out."),
]


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for function, name in (
        (show, "show"),
        (list_plans, "list"),
        (choose, "choose"),
        (change, "set"),
        (ask, "request"),
        (requests, "requests"),
        (answer, "answer"),
    ):
        plans.command(name)(function)
    limits.command("set")(set_quota)
    limits.command("reset")(reset_quota)
    app.add_typer(plans, name="plan")
    app.add_typer(limits, name="quota")


def show(file: File, output: OutputOption = Output.TEXT) -> None:
    """Print the plan in force and what it gives."""
    found = _open(file).plan()
    emit(output, found, _status_lines(found))


def list_plans(file: File, edition: Edition = "", output: OutputOption = Output.TEXT) -> None:
    """Print the table of plans."""
    found = _open(file).plans(edition).to_dicts()
    names = tuple(ENTITLEMENT_TITLES)
    lines = [f"{'edition':12} {'plan':17} {'title':17} {names[0]:>19} {names[1]:>21}"]
    lines += [
        f"{one['edition']:12} {one['plan']:17} {one['title']:17} {one[names[0]]:>19} {one[names[1]]:>21}"
        for one in found
    ]
    emit(output, found, lines)


def choose(
    file: File, plan: PlanName, edition: Edition = "", until: End = None, output: OutputOption = Output.TEXT
) -> None:
    """Choose the plan of the workspace; a trial ends after its days unless an end is named."""
    found = _open(file).choose_plan(plan, edition=edition, ends_at=_utc(until))
    emit(output, found, _status_lines(found))


def change(
    file: File,
    edition: Annotated[str, typer.Argument(help="State of the table.")],
    plan: PlanName,
    entitlement: Name,
    answer: Annotated[str, typer.Argument(help="no, yes or by_request.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Change one cell of the table of plans."""
    name: EntitlementName = entitlement  # type: ignore[assignment]  # the operation refuses other words
    said: Answer = answer  # type: ignore[assignment]
    made = _open(file).set_entitlement(edition, plan, name, said)
    emit(output, made, [f"{made.edition} {made.title}: {entitlement} is {answer}"])


def ask(file: File, entitlement: Name, reason: Reason, output: OutputOption = Output.TEXT) -> None:
    """Ask for what the plan gives by request."""
    name: EntitlementName = entitlement  # type: ignore[assignment]  # the operation refuses other words
    made = _open(file).request_entitlement(name, reason)
    emit(output, made, [_request_line(made)])


def requests(file: File, output: OutputOption = Output.TEXT) -> None:
    """Print every request with its answer, newest first."""
    found = _open(file).entitlement_requests()
    emit(output, found, map(_request_line, found))


def answer(
    file: File,
    request_id: Annotated[str, typer.Argument(help="Id of the request, as 'plan requests' prints it.")],
    reason: Reason,
    *,
    grant: Annotated[bool, typer.Option("--grant/--refuse", help="What the answer is.")],
    until: End = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Grant or refuse a request."""
    made = _open(file).answer_request(request_id, granted=grant, reason=reason, until=_utc(until))
    emit(output, made, [_request_line(made)])


def set_quota(
    file: File,
    kind: Annotated[str, typer.Argument(help="The quota, as 'quotas' prints it.")],
    limit: Annotated[int | None, typer.Option(min=0, help="Most there may be; 0 = none at all.")] = None,
    up_to: Annotated[
        int | None, typer.Option(min=0, help="Where more is needed the limit rises by itself up to here.")
    ] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Set a limit, in the place of what the settings say; what is left out stays."""
    limit_said: int | Unchanged = "unchanged" if limit is None else limit
    rise_said: int | Unchanged = "unchanged" if up_to is None else up_to
    made = _open(file).set_quota(kind, hard_limit=limit_said, auto_increase_up_to=rise_said)
    rise = "" if made.auto_increase_up_to is None else f", rises by itself up to {made.auto_increase_up_to:,}"
    emit(output, made, [f"{made.kind}: at most {_number(made.hard_limit)}{rise}; {made.used:,} used"])


def reset_quota(
    file: File,
    kind: Annotated[str, typer.Argument(help="The quota, as 'quotas' prints it.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Go back to what the settings say."""
    made = _open(file).set_quota(kind, hard_limit=None, auto_increase_up_to=None)
    emit(output, made, [f"{made.kind}: at most {_number(made.hard_limit)}; {made.used:,} used"])


def _status_lines(found: PlanStatus) -> list[str]:
    edition = f" ({found.edition})" if found.edition else ""
    end = "" if found.ends_at is None else f", ends {found.ends_at:%Y-%m-%d %H:%M} UTC"
    since = "" if found.since is None else f" since {found.since:%Y-%m-%d %H:%M} UTC, by {found.chosen_by}"
    ended = f"; {found.before} ended" if found.before else ""
    return [f"{found.title}{edition}{since}{end}{ended}", *map(_entitlement_line, found.entitlements)]


def _entitlement_line(one: Entitlement) -> str:
    request = f" ({_request_line(one.request)})" if one.request else ""
    return f"  {one.name:22} {'yes' if one.is_held else one.answer.replace('_', ' ')}{request}"


def _request_line(one: EntitlementRequest) -> str:
    until = "" if one.granted_until is None else f" until {one.granted_until:%Y-%m-%d %H:%M} UTC"
    answered = (
        f", {one.state}{until} by {one.answered_by}: {one.answer_reason}" if one.answered_by else ", open"
    )
    return f"{one.request_id} {one.entitlement} asked by {one.requested_by}: {one.reason}{answered}"


def _number(n: int | None) -> str:
    return "any number" if n is None else f"{n:,}"


def _utc(at: datetime | None) -> datetime | None:
    return None if at is None else at.replace(tzinfo=UTC)


def _open(file: Path) -> wb.Workspace:
    return opened(file, must_exist=True)
