"""``workbench import``: which column is what, what it will cost, what came of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

import workbench as wb
from workbench.cli.printing import Output, OutputOption, emit
from workbench.domain import ColumnMapping, FilePreview, ImportReport, PropertyKind, SourceKind
from workbench.errors import InputError

SHOWN_BAD_ROWS = 20


def import_messages(
    file: Annotated[Path, typer.Argument(help="The workspace file; created when there is none.")],
    messages: Annotated[Path, typer.Argument(help="The CSV or JSONL file.")],
    *,
    source: Annotated[str, typer.Option(help="project/name; created when there is none.")],
    kind: Annotated[SourceKind, typer.Option(help="What a new source holds.")] = "other",
    id_column: Annotated[str | None, typer.Option(help="Column with the unique id.")] = None,
    time_column: Annotated[str | None, typer.Option(help="Column with the time.")] = None,
    text_column: Annotated[str | None, typer.Option(help="Column with the text.")] = None,
    subject_column: Annotated[str | None, typer.Option(help="Column with the subject.")] = None,
    thread_column: Annotated[str | None, typer.Option(help="Column with the thread id.")] = None,
    sender_column: Annotated[str | None, typer.Option(help="Column with the sender.")] = None,
    string_property: Annotated[list[str] | None, typer.Option(help="Column kept as text property.")] = None,
    number_property: Annotated[list[str] | None, typer.Option(help="Column kept as number property.")] = None,
    day_first: Annotated[
        bool | None, typer.Option("--day-first/--month-first", help="How to read 03/04/2026.")
    ] = None,
    skip_bad_rows: Annotated[bool, typer.Option(help="Load the good rows and report the bad.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before units are charged.")] = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Import messages; columns not named are guessed. One unit is charged per new or changed text."""
    if not messages.is_file():
        raise InputError(
            f"there is no file {str(messages)!r}.",
            next_step="Check the path; nothing was created.",
            details={"path": str(messages)},
        )
    roles: dict[str, str | None] = {
        "id": id_column,
        "timestamp": time_column,
        "body": text_column,
        "subject": subject_column,
        "thread_id": thread_column,
        "sender": sender_column,
    }
    properties: dict[str, PropertyKind] = dict.fromkeys(string_property or [], "string")
    properties.update(dict.fromkeys(number_property or [], "number"))
    workspace = wb.open(file)
    preview = workspace.look(messages)
    named = {role: column for role, column in roles.items() if column is not None}
    mapping = _mapping(preview, named, properties, day_first)
    if not yes:
        for line in _question(preview, mapping):
            typer.echo(line, err=True)
        typer.confirm("Go on?", abort=True, err=True)
    done = workspace.import_(
        messages, source=source, mapping=mapping, kind=kind, on_bad_row="skip" if skip_bad_rows else "refuse"
    )
    emit(output, done, _lines(done))


def _mapping(
    preview: FilePreview, named: dict[str, str], properties: dict[str, PropertyKind], day_first: bool | None
) -> ColumnMapping:
    """The guess with what was named put over it; a column has one role only."""
    guess = preview.guess
    if guess is None:
        missing = [role for role in ("id", "timestamp", "body") if role not in named]
        if missing:
            raise InputError(
                f"no {' and no '.join(missing)} column can be guessed from {', '.join(preview.columns)}.",
                next_step="Name --id-column, --time-column and --text-column.",
                details={"columns": list(preview.columns)},
            )
        return ColumnMapping(**named, properties=properties, day_first=day_first)
    taken = set(named.values()) | set(properties)
    roles = ("subject", "thread_id", "sender", "recipients", "language")
    freed: dict[str, Any] = {role: None for role in roles if getattr(guess, role) in taken}
    kept = {column: kind for column, kind in guess.properties.items() if column not in taken}
    return replace(
        guess,
        **(freed | named),
        properties=properties or kept,
        day_first=guess.day_first if day_first is None else day_first,
    )


def _question(preview: FilePreview, mapping: ColumnMapping) -> list[str]:
    roles = (("id", mapping.id), ("time", mapping.timestamp), ("text", mapping.body))
    more = (("subject", mapping.subject), ("thread", mapping.thread_id), ("sender", mapping.sender))
    columns = ", ".join(f"{role} = {column}" for role, column in (*roles, *more) if column)
    kept = f"; properties: {', '.join(mapping.properties)}" if mapping.properties else ""
    return [
        f"{preview.name}: {preview.n_rows:,} rows, {preview.kind} in {preview.encoding}",
        f"columns: {columns}{kept}",
        f"1 unit is charged per new or text-changed message, at most {preview.n_rows:,}.",
    ]


def _lines(done: ImportReport) -> list[str]:
    counts = done.counts
    first = (
        f"{counts.new:,} new, {counts.updated:,} updated, {counts.unchanged:,} unchanged, "
        f"{done.n_bad_rows:,} bad rows; {counts.units:,} units charged"
    )
    bad = [
        f"  row {row.row}, {row.column}: {row.value[:60]!r}: {row.problem}"
        for row in done.bad_rows[:SHOWN_BAD_ROWS]
    ]
    hidden = done.n_bad_rows - len(bad)
    return [
        first,
        *bad,
        *([f"  and {hidden:,} more; --output json lists up to 1,000"] if bad and hidden > 0 else []),
    ]
