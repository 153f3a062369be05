"""The audit log: search, check, head."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Annotated, TextIO

import typer

from workbench.cli.opening import opened
from workbench.cli.printing import Output, OutputOption, emit, plain, printable
from workbench.domain import AuditEvent, AuditQuery
from workbench.errors import InputError
from workbench.primitives import neutral_cell

audit = typer.Typer(
    help="The audit log: list or export events, verify the chain, print its head.", no_args_is_help=True
)
File = Annotated[Path, typer.Argument(help="The workspace file, e.g. support.duckdb.")]
_SUMS = ("refused_more", "sign_in_failed_more")
_COLUMNS = tuple(AuditEvent.__dataclass_fields__)


class Listing(StrEnum):
    """How events are printed."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for function, name in ((show, "list"), (verify, "verify"), (head, "head")):
        audit.command(name)(function)
    app.add_typer(audit, name="audit")


def show(
    file: File,
    since: Annotated[str, typer.Option(help="From this day or time on (UTC without a zone).")] = "",
    until: Annotated[str, typer.Option(help="Before this day or time.")] = "",
    actor: Annotated[list[str] | None, typer.Option(help="Who; may be given several times.")] = None,
    type_: Annotated[
        list[str] | None, typer.Option("--type", help="Type of event; may be given several times.")
    ] = None,
    project: Annotated[list[str] | None, typer.Option(help="Project; may be given several times.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Most events.")] = 1_000,
    output: Annotated[
        Listing, typer.Option("--output", "-o", help="Lines for people, JSON a line, or CSV.")
    ] = Listing.TEXT,
) -> None:
    """List events, newest first."""
    query = AuditQuery(
        since=_time(since),
        until=_time(until),
        actors=tuple(actor or ()),
        types=tuple(type_ or ()),
        projects=tuple(project or ()),
    )
    found = opened(file, must_exist=True).audit_pages(query, limit + 1)
    events = islice(found, limit)
    if output is Listing.CSV:
        write_csv(sys.stdout, events)
    for event in events:
        print(
            json.dumps(plain(event), ensure_ascii=False)
            if output is Listing.JSON
            else printable(_line(event))
        )
    if next(found, None) is not None:
        print(f"only the newest {limit:,} events; raise --limit for those before.", file=sys.stderr)


def verify(
    file: File,
    head: Annotated[str, typer.Option(help="What 'audit head' printed at some time: <number>:<hash>.")] = "",
    output: OutputOption = Output.TEXT,
) -> None:
    """Check the chain of hashes and its end; status 1 when something was changed."""
    found = opened(file, must_exist=True).verify_audit(head)
    beside = "" if found.kept_beside else "; no head lay beside the file to compare the end with"
    told = f"{found.n_events:,} events fit{beside}" if found.intact else found.problem
    emit(output, found, [told])
    if not found.intact:
        raise typer.Exit(1)


def head(file: File, output: OutputOption = Output.TEXT) -> None:
    """Print the newest event's number and hash; keep it where nobody who may change the file can."""
    found = opened(file, must_exist=True).operations.audit_head()
    emit(output, found, [str(found)])


def write_csv(target: TextIO, events: Iterable[AuditEvent]) -> None:
    """Events as a table; no text of anybody runs as a formula."""
    out = csv.writer(target)
    out.writerow(_COLUMNS)
    for event in events:
        values = (getattr(event, name) for name in _COLUMNS)
        out.writerow(
            value.isoformat() if isinstance(value, datetime) else neutral_cell(str(value)) for value in values
        )


def _time(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"{text[:100]!r} is no day or time of an audit event.",
            next_step="Write it as 2026-03-01 or 2026-03-01T09:30:00+00:00.",
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _line(event: AuditEvent) -> str:
    refused = "" if event.outcome == "done" else f" ({event.outcome})"
    times = f"{json.loads(event.details)['n']:,} times " if event.type in _SUMS else ""
    when = f"{event.at:%Y-%m-%d %H:%M:%S}"
    return f"{event.seq:>8}  {when}  {event.actor}  {event.type}{refused}  {times}{event.object}"
