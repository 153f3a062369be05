"""What is stored for long: report, policies, preview, notice, run."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.opening import opened
from workbench.cli.printing import Output, OutputOption, emit
from workbench.domain import (
    INCLUDED_DAYS,
    NOTICE_DAYS,
    PlannedRetention,
    RetentionPolicy,
    RetentionPreview,
    RetentionTimer,
)

retention = typer.Typer(
    help="What is stored for long: report, policies, preview, notice, run.", no_args_is_help=True
)
File = Annotated[Path, typer.Argument(help="The workspace file, e.g. support.duckdb.")]
Project = Annotated[str, typer.Option(help="Of this project only.")]
OneSource = Annotated[str, typer.Option("--source", help="Of this source only, e.g. demo/mail.")]


class Action(StrEnum):
    """What happens to what is past a policy."""

    REPORT = "report"
    ARCHIVE = "archive"
    DELETE = "delete"


class OfAnnotated(StrEnum):
    """What happens to annotated messages."""

    KEEP = "keep"
    DELETE = "delete"


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for function in (report, policy, remove, preview, announce, run):
        retention.command(function.__name__)(function)
    app.add_typer(retention, name="retention")


def report(
    file: File,
    days: Annotated[int, typer.Option(help="Days of storage.")] = INCLUDED_DAYS,
    output: OutputOption = Output.TEXT,
) -> None:
    """Count what is stored for more than some days; nothing changes."""
    found = opened(file, must_exist=True).retention_report(keep_days=days)
    lines = [
        f"{one.source}: {one.n_messages:,} messages, {one.n_annotated:,} annotated, {one.n_bytes:,} bytes of text, "
        f"since {one.oldest:%Y-%m-%d}"
        for one in found.sources
    ]
    emit(output, found, lines or [f"nothing is stored for more than {days:,} days"])


def policy(
    file: File,
    action: Annotated[Action | None, typer.Option(help="Set a policy; without it they are listed.")] = None,
    project: Project = "",
    source: OneSource = "",
    days: Annotated[int, typer.Option(help="Days of storage.")] = INCLUDED_DAYS,
    notice_days: Annotated[int, typer.Option(help="Days between notice and run.")] = NOTICE_DAYS,
    annotated: Annotated[
        OfAnnotated, typer.Option(help="Whether annotated messages stay.")
    ] = OfAnnotated.KEEP,
    folder: Annotated[str, typer.Option(help="Where archives go.")] = "",
    unattended: Annotated[
        bool, typer.Option("--unattended", help="Announce and carry it out once a day, in your name.")
    ] = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """List the policies, or set one."""
    workspace = opened(file, must_exist=True)
    if action is None:
        found = workspace.retention_policies()
        emit(output, found, [_policy_line(one) for one in found] or ["there is no policy: nothing is taken"])
        return
    made = workspace.set_retention(
        action.value,
        project=project,
        source=source,
        keep_days=days,
        notice_days=notice_days,
        annotated=annotated.value,
        folder=folder,
        unattended=unattended,
    )
    emit(output, made, [_policy_line(made)])


def remove(
    file: File, project: Project = "", source: OneSource = "", output: OutputOption = Output.TEXT
) -> None:
    """Take a policy away."""
    gone = opened(file, must_exist=True).remove_retention(project=project, source=source)
    emit(output, gone, [f"removed: {_policy_line(gone)}"])


def preview(
    file: File, project: Project = "", source: OneSource = "", output: OutputOption = Output.TEXT
) -> None:
    """Say what a run takes, and from when on; nothing changes."""
    _show(output, opened(file, must_exist=True).retention_preview(project=project, source=source))


def announce(
    file: File, project: Project = "", source: OneSource = "", output: OutputOption = Output.TEXT
) -> None:
    """Write down what would go; from then on the days of notice count."""
    _show(output, opened(file, must_exist=True).announce_retention(project=project, source=source))


def run(
    file: File, project: Project = "", source: OneSource = "", output: OutputOption = Output.TEXT
) -> None:
    """Archive or delete what was announced long enough ago."""
    taken = opened(file, must_exist=True).run_retention(project=project, source=source).wait()
    emit(output, taken, [f"{taken['n_messages']:,} messages and {taken['n_mails']:,} raw mails taken"])


def _show(output: Output, found: RetentionPreview) -> None:
    emit(output, found, [_line(one) for one in found.sources] or ["there is no policy: nothing is taken"])


def _policy_line(one: RetentionPolicy) -> str:
    where = f"{one.scope} {one.name!r}" if one.name else one.scope
    into = f" into {one.folder!r}" if one.folder else ""
    return (
        f"{where}: {one.action}{into} after {one.keep_days:,} days, {one.notice_days:,} days of notice, "
        f"annotated: {one.annotated}{_timer_words(one.timer)}"
    )


def _timer_words(timer: RetentionTimer | None) -> str:
    if timer is None:
        return ""
    last = ""
    if timer.last_at is not None:
        last = f"; last {timer.last_at:%Y-%m-%d %H:%M} UTC: {timer.outcome}"
        last += f" ({timer.error})" if timer.error else ""
    if timer.blocked:
        return f"; by itself, and stands still: {timer.blocked}{last}"
    coming = f"next from {timer.next_at:%Y-%m-%d %H:%M} UTC on" if timer.next_at else "it runs now"
    return f"; by itself, {coming}{last}"


def _line(one: PlannedRetention) -> str:
    if one.policy.action == "report":
        when = "only reported"
    elif one.is_due:
        when = "a run takes them now"
    elif one.possible_at is None:
        when = "not announced yet"
    else:
        when = f"possible from {one.possible_at:%Y-%m-%d %H:%M} UTC on"
    if one.policy.timer is not None:
        when += _timer_words(one.policy.timer)
    return (
        f"{one.source} ({one.policy.action}): {one.n_messages:,} messages stored before {one.before:%Y-%m-%d}, "
        f"{one.n_bytes:,} bytes of text, {one.n_kept:,} annotated ones stay; {when}"
    )
