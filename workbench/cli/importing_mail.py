"""``workbench import-mail``: mail files, folders and Maildirs into a bucket and its sources."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import workbench as wb
from workbench.cli.consent import NoCharge, Yes
from workbench.cli.opening import opened
from workbench.cli.printing import Output, OutputOption, emit, printable
from workbench.domain import MailImportReport, budget_words
from workbench.errors import InputError
from workbench.reports import write_mail_problems

SHOWN_PROBLEMS = 20


def import_mail(
    file: Annotated[Path, typer.Argument(help="The workspace file; created when there is none.")],
    mail: Annotated[
        list[Path],
        typer.Argument(
            help=".eml, mbox (also .gz), .msg, .pst, a folder of mails, a Maildir, a .zip of them; or several."
        ),
    ],
    *,
    source: Annotated[str, typer.Option(help="project/name; created, with a bucket of its name.")] = "",
    bucket: Annotated[str, typer.Option(help="project/name of the bucket, when it has another name.")] = "",
    mailbox: Annotated[str, typer.Option(help="What to call the place; the file's name when left out.")] = "",
    errors: Annotated[
        Path | None, typer.Option(help="Write the mails that became no message to this CSV file.")
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Count what would be charged, and keep nothing.")] = False,
    yes: Yes = False,
    no_charge: NoCharge = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Import mail. Each mail is kept once and becomes a message of every source that reads the bucket.

    Units are charged per new message; mails that cannot be read, or have no text, are listed.
    """
    for path in mail:
        if not path.exists():
            raise InputError(
                f"there is no file {str(path)!r}.",
                next_step="Check the path; nothing was created.",
                details={"path": str(path)},
            )
    if not source and not bucket:
        raise InputError(
            "neither --source nor --bucket is given.",
            next_step="Name where the mail goes, e.g. --source demo/mail.",
        )
    workspace = opened(file)

    def bring(*, dry_run: bool) -> MailImportReport:
        return workspace.import_mail(
            *mail,
            source=source,
            bucket=bucket,
            mailbox=mailbox,
            dry_run=dry_run,
            no_charge=no_charge,
            progress=not dry_run,
        )

    if dry_run or not (yes or no_charge):
        foreseen = bring(dry_run=True)
        if dry_run:
            _emit(output, foreseen, workspace, errors)
            return
        typer.echo(f"{foreseen.name}: would be: {_lines(foreseen)[0]}", err=True)
        for line in budget_words(foreseen.budgets, foreseen.counts.units):
            typer.echo(printable(line), err=True)
        typer.confirm(f"Charge {foreseen.counts.units:,} units?", abort=True, err=True)
    _emit(output, bring(dry_run=False), workspace, errors)


def _emit(output: Output, report: MailImportReport, workspace: wb.Workspace, errors: Path | None) -> None:
    if errors is not None:
        write_mail_problems(workspace.mail_problems(report.job_id), errors)
    emit(output, report, _lines(report))


def _lines(done: MailImportReport) -> list[str]:
    counts = done.counts
    first = (
        f"{done.n_mails:,} mails: {done.n_stored:,} stored, {done.n_known:,} known; {counts.new:,} new messages,"
        f" {counts.updated:,} in another thread, {counts.unchanged:,} unchanged, {done.n_problems:,} without"
        f" message; {counts.units:,} units charged"
    )
    bad = [f"  {one.place}: {one.problem}" for one in done.problems[:SHOWN_PROBLEMS]]
    hidden = done.n_problems - len(bad)
    return [
        first,
        *counts.warnings,
        *bad,
        *([f"  and {hidden:,} more; --errors FILE writes them all"] if hidden > 0 else []),
    ]
