"""``workbench import``: which column is what, what it will cost, what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

import workbench as wb
from workbench.cli.consent import NoCharge, Yes
from workbench.cli.opening import opened
from workbench.cli.printing import PARTLY, Output, OutputOption, emit, printable
from workbench.domain import (
    ColumnMapping,
    FilePreview,
    ImportReport,
    PropertyKind,
    RowError,
    SourceKind,
    budget_words,
)
from workbench.errors import BadRowsError, FileFormatError, InputError
from workbench.reports import write_row_errors

SHOWN_BAD_ROWS = 20
_OPTIONAL = ("subject", "thread_id", "sender", "recipients", "cc", "bcc", "sent_at", "language")


def import_messages(
    file: Annotated[Path, typer.Argument(help="The workspace file; created when there is none.")],
    messages: Annotated[
        list[Path],
        typer.Argument(help="CSV, JSONL, XLSX or Parquet, gzipped or not; several are imported in one run."),
    ],
    *,
    source: Annotated[str, typer.Option(help="project/name; created when there is none.")],
    kind: Annotated[SourceKind, typer.Option(help="What a new source holds.")] = "other",
    id_column: Annotated[str | None, typer.Option(help="Column with the unique id.")] = None,
    time_column: Annotated[str | None, typer.Option(help="Column with the time.")] = None,
    text_column: Annotated[str | None, typer.Option(help="Column with the text.")] = None,
    subject_column: Annotated[str | None, typer.Option(help="Column with the subject.")] = None,
    thread_column: Annotated[str | None, typer.Option(help="Column with the thread id.")] = None,
    sender_column: Annotated[str | None, typer.Option(help="Column with the sender.")] = None,
    recipients_column: Annotated[str | None, typer.Option(help="Column with the recipients.")] = None,
    cc_column: Annotated[str | None, typer.Option(help="Column with those in cc.")] = None,
    bcc_column: Annotated[str | None, typer.Option(help="Column with those in bcc.")] = None,
    sent_column: Annotated[
        str | None, typer.Option(help="Column with the time of sending, beside the time.")
    ] = None,
    string_property: Annotated[list[str] | None, typer.Option(help="Column kept as text property.")] = None,
    number_property: Annotated[list[str] | None, typer.Option(help="Column kept as number property.")] = None,
    day_first: Annotated[
        bool | None, typer.Option("--day-first/--month-first", help="How to read 03/04/2026.")
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="Sheet of a workbook; the first when left out.")] = None,
    annotate: Annotated[
        str, typer.Option(help="Dataset (project/name) that takes the annotations of a comment file.")
    ] = "",
    errors: Annotated[Path | None, typer.Option(help="Write the bad rows to this CSV file.")] = None,
    dry_run: Annotated[bool, typer.Option(help="Count what would be charged, and load nothing.")] = False,
    clean: Annotated[
        bool, typer.Option(help="Cut signatures and quoted history off texts of several lines.")
    ] = True,
    skip_bad_rows: Annotated[bool, typer.Option(help="Load the good rows and report the bad.")] = False,
    yes: Yes = False,
    no_charge: NoCharge = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Import messages; columns not named are guessed. Units are charged per new or changed text."""
    for path in messages:
        if not path.is_file():
            raise InputError(
                f"there is no file {str(path)!r}.",
                next_step="Check the path; nothing was created.",
                details={"path": str(path)},
            )
    roles: dict[str, str | None] = {
        "id": id_column,
        "timestamp": time_column,
        "body": text_column,
        "subject": subject_column,
        "thread_id": thread_column,
        "sender": sender_column,
        "recipients": recipients_column,
        "cc": cc_column,
        "bcc": bcc_column,
        "sent_at": sent_column,
    }
    properties: dict[str, PropertyKind] = dict.fromkeys(string_property or [], "string")
    properties.update(dict.fromkeys(number_property or [], "number"))
    workspace = opened(file)
    named = {role: column for role, column in roles.items() if column is not None}
    plan = []
    for path in messages:
        preview = workspace.look(path, sheet=sheet)
        plan.append((path, preview, _mapping(preview, named, properties, day_first)))
    bad_rows = "skip" if skip_bad_rows else "refuse"
    how = Plan(
        workspace,
        source=source,
        kind=kind,
        on_bad_row=bad_rows,
        annotate=annotate,
        clean_mail=clean,
        no_charge=no_charge,
    )
    with _bad_rows_kept(workspace, errors):
        if dry_run:
            _emit(output, [how.foresee(path, mapping) for path, _, mapping in plan], workspace, errors)
            return
        if yes or no_charge:
            for _, preview, _ in plan:
                for line in _left_out(preview):
                    typer.echo(printable(line), err=True)
        else:
            _ask(how, plan)
        done = [how.load(path, mapping) for path, _, mapping in plan]
        _emit(output, done, workspace, errors)
    if any(one.n_bad_rows for one in done):
        raise typer.Exit(PARTLY)


def _ask(how: Plan, plan: list[tuple[Path, FilePreview, ColumnMapping]]) -> None:
    """Say what an import would do and charge, and go on only where that is agreed to."""
    foreseen = [how.foresee(path, mapping) for path, _, mapping in plan]
    for (_, preview, mapping), counts in zip(plan, foreseen, strict=True):
        for line in (*_question(preview, mapping), f"would be: {_lines(counts)[0]}"):
            typer.echo(printable(line), err=True)
    units = sum(one.counts.units for one in foreseen)
    for line in budget_words(foreseen[0].budgets, units):
        typer.echo(printable(line), err=True)
    typer.confirm(f"Charge {units:,} units?", abort=True, err=True)


@dataclass(frozen=True)
class Plan:
    """Where messages go, and what becomes of bad rows."""

    workspace: wb.Workspace
    source: str
    kind: SourceKind
    on_bad_row: str
    annotate: str
    clean_mail: bool
    no_charge: bool

    def foresee(self, path: Path, mapping: ColumnMapping) -> ImportReport:
        """What the import would do; every row is checked, and a source that is not there stays so."""
        return self.workspace.import_(
            path,
            source=self.source,
            mapping=mapping,
            on_bad_row=self.on_bad_row,
            dry_run=True,
            clean_mail=self.clean_mail,
            progress=False,
        )

    def load(self, path: Path, mapping: ColumnMapping) -> ImportReport:
        """Import one file."""
        return self.workspace.import_(
            path,
            source=self.source,
            mapping=mapping,
            kind=self.kind,
            on_bad_row=self.on_bad_row,
            annotate=self.annotate,
            clean_mail=self.clean_mail,
            no_charge=self.no_charge,
        )


@contextmanager
def _bad_rows_kept(workspace: wb.Workspace, target: Path | None) -> Iterator[None]:
    """Write the rows of a refusal to ``target`` before it is reported."""
    try:
        yield
    except (BadRowsError, FileFormatError) as error:
        rows, job_id = error.details.get("rows"), error.details.get("job_id")
        if target is not None and isinstance(job_id, str):
            write_row_errors(_all_bad_rows(workspace, [job_id]), target)
        elif target is not None and isinstance(rows, list):
            write_row_errors(msgspec.convert(rows, tuple[RowError, ...]), target)
        raise


def _all_bad_rows(workspace: wb.Workspace, job_ids: Iterable[str]) -> Iterator[RowError]:
    for job_id in job_ids:
        yield from (RowError(**found) for found in workspace.bad_rows(job_id).iter_rows(named=True))


def _emit(output: Output, reports: list[ImportReport], workspace: wb.Workspace, errors: Path | None) -> None:
    if errors is not None:
        write_row_errors(_all_bad_rows(workspace, [one.job_id for one in reports]), errors)
    emit(
        output,
        reports[0] if len(reports) == 1 else reports,
        [line for one in reports for line in _lines(one)],
    )


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
    freed: dict[str, Any] = {role: None for role in _OPTIONAL if getattr(guess, role) in taken}
    kept = {column: kind for column, kind in guess.properties.items() if column not in taken}
    return replace(
        guess,
        **(freed | named),
        properties=properties or kept,
        day_first=guess.day_first if day_first is None else day_first,
    )


def _question(preview: FilePreview, mapping: ColumnMapping) -> list[str]:
    roles = (("id", mapping.id), ("time", mapping.timestamp), ("text", mapping.body))
    more = (
        ("subject", mapping.subject),
        ("thread", mapping.thread_id),
        ("sender", mapping.sender),
        ("recipients", mapping.recipients),
        ("cc", mapping.cc),
        ("bcc", mapping.bcc),
        ("sent", mapping.sent_at),
    )
    columns = ", ".join(f"{role} = {column}" for role, column in (*roles, *more) if column)
    kept = f"; properties: {', '.join(mapping.properties)}" if mapping.properties else ""
    return [
        f"{preview.name}: {preview.n_rows:,} rows, {preview.kind} in {preview.encoding}",
        f"columns: {columns}{kept}",
        *_dates_said(preview, mapping),
        *_left_out(preview),
    ]


def _left_out(preview: FilePreview) -> list[str]:
    return [f"{preview.name}: left out: {', '.join(preview.left_out)}"] if preview.left_out else []


def _dates_said(preview: FilePreview, mapping: ColumnMapping) -> list[str]:
    """What there is to say of the dates, of those of sending only where the first column settles no order."""
    of = {dates.column: dates for dates in preview.dates}
    first = of.get(mapping.timestamp)
    columns = [mapping.timestamp]
    if mapping.sent_at is not None and not (first and (first.n_day_first or first.n_month_first)):
        columns.append(mapping.sent_at)
    return [of[column].warning for column in columns if column in of and of[column].warning]


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
        *counts.warnings,
        *bad,
        *([f"  and {hidden:,} more; --errors FILE writes them all"] if bad and hidden > 0 else []),
    ]
