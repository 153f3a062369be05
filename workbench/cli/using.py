"""Commands for usage: what was charged."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.arguments import File
from workbench.cli.opening import opened
from workbench.cli.printing import Output, OutputOption, emit


class By(StrEnum):
    """What units are summed by."""

    PROJECT = "project"
    SOURCE = "source"
    CHANNEL = "channel"
    USER = "user"
    OPERATION = "operation"


class Every(StrEnum):
    """Periods that units are summed over."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    EVER = "ever"


_DAYS = ["%Y-%m-%d"]
Since = Annotated[datetime | None, typer.Option(formats=_DAYS, help="First day (UTC).")]
Until = Annotated[datetime | None, typer.Option(formats=_DAYS, help="Day after the last one (UTC).")]
_HORIZONS = (30, 90)
_USUAL = (By.SOURCE, By.CHANNEL, By.OPERATION)


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for function, name in (
        (usage, "usage"),
        (forecast, "forecast"),
        (invoice, "invoice"),
        (measures, "measures"),
    ):
        app.command(name)(function)


def usage(
    file: File,
    by: Annotated[
        list[By] | None,
        typer.Option(help="What to sum by, once for each; source, channel, operation if left out."),
    ] = None,
    every: Annotated[Every, typer.Option(help="Period of each sum.")] = Every.DAY,
    since: Since = None,
    until: Until = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Print what was charged."""
    names = tuple(one.value for one in by or _USUAL)
    frame = opened(file, must_exist=True).consumption(
        *names, every=None if every is Every.EVER else every.value, since=_utc(since), until=_utc(until)
    )
    rows = frame.rename({"period": "day"} if every is Every.DAY else {}).rows(named=True)
    shown = [name for name in frame.columns if not name.endswith(("units", "entries"))]
    lines = [
        "  ".join([*(str(row[name]) for name in shown), f"{row['units']:,}"])
        for row in frame.rows(named=True)
    ]
    lines.append(f"{frame['units'].sum():,} units = {frame['platform_units'].sum():,.1f} platform units")
    emit(output, rows, lines)


def forecast(file: File, output: OutputOption = Output.TEXT) -> None:
    """Print how many units the next 30 and 90 days are likely to take."""
    found = opened(file, must_exist=True).operations.usage_forecast()
    lines = [
        f"next {one.n_days} days: {one.expected:,} units, 95 % interval {one.low:,} to {one.high:,}"
        for one in found.sums
        if one.n_days in _HORIZONS
    ] or [f"{found.n_days} days of history are too few; a forecast takes 7."]
    lines += [
        f"left out, as it is not expected again: {one.units:,} units of {one.day}" for one in found.set_aside
    ]
    emit(output, found, lines)


def invoice(
    file: File,
    month: Annotated[str, typer.Option(help="The month, e.g. 2026-10; UTC.")] = "",
    since: Since = None,
    until: Until = None,
    folder: Annotated[
        Path, typer.Option(file_okay=False, help="Where CSV, HTML and PDF go; made when it is not there.")
    ] = Path(),
    pdf: Annotated[bool, typer.Option("--pdf/--no-pdf", help="Whether to write the PDF.")] = True,
    output: OutputOption = Output.TEXT,
) -> None:
    """Write the account of a month or another period: units, corrections, totals, and how to check them."""
    made = opened(file, must_exist=True).invoice(month, since=_utc(since), until=_utc(until))
    folder.mkdir(parents=True, exist_ok=True)
    paths = made.save(folder, pdf=pdf)
    found = made.invoice
    lines = [str(path) for path in paths]
    lines.append(
        f"{found.units:,} units = {found.platform_units:,.1f} platform units; {found.n_entries:,} entries"
    )
    emit(output, found, lines)


def measures(
    file: File, since: Since = None, until: Until = None, output: OutputOption = Output.TEXT
) -> None:
    """Print what is measured and never charged: processor time of jobs, tokens of language models, storage."""
    rows = opened(file, must_exist=True).operations.measures(_utc(since), _utc(until)).to_pylist()
    lines = [f"{row['day']}  {row['kind']}  {row['subject']}  {row['amount']:,.1f}" for row in rows]
    emit(output, rows, lines or ["nothing was measured yet"])


def _utc(day: datetime | None) -> datetime | None:
    return None if day is None else day.replace(tzinfo=UTC)
