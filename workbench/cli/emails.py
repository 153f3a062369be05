"""``workbench emails``: raw mails of a bucket, one a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

import workbench as wb
from workbench.cli.arguments import File
from workbench.cli.consent import NoCharge, Yes, consent
from workbench.cli.lines import Lines, Resume, Target, bring, tell, tell_written, write_lines
from workbench.cli.opening import opened
from workbench.cli.printing import Output, OutputOption
from workbench.cli.requesting import request
from workbench.errors import InputError

emails = typer.Typer(
    help="Raw mails of a bucket in this field's JSONL: import, export.", no_args_is_help=True
)
BucketName = Annotated[str, typer.Argument(help="project/name of the bucket.")]
_AT_ONCE, _PAGE = 64, 128
_PATH = "/api/_private/buckets/{bucket}/emails"


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    emails.command("import")(read)
    emails.command("export")(write)
    app.add_typer(emails, name="emails")


def read(
    file: File,
    bucket: BucketName,
    lines: Lines,
    *,
    resume: Resume = False,
    yes: Yes = False,
    no_charge: NoCharge = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Import mails, one a line; the bucket is made when there is none. Sources that read it are charged per message."""
    from workbench.api.routes.emails import ENDPOINTS, EmailNew  # noqa: PLC0415 - other commands start faster

    workspace = opened(file, must_exist=True)
    homes: list[str] = []

    def check(line: dict[str, Any]) -> dict[str, Any]:
        import msgspec  # noqa: PLC0415 - as above

        try:
            msgspec.convert(line, EmailNew)
        except msgspec.ValidationError as error:
            raise InputError(f"the mail is not as described: {str(error)[:300]}.", next_step="") from None
        return line

    def take(some: Sequence[dict[str, Any]]) -> None:
        if not homes:
            homes.append(_home_bucket(workspace, bucket))
        request(
            workspace.operations,
            ENDPOINTS,
            "PUT",
            _PATH,
            body={"emails": list(some)},
            query={"no_charge": no_charge},
            bucket=homes[0],
        )

    n_sources = _n_sources(workspace, bucket)
    outcome = bring(
        lines,
        noun="email",
        check=check,
        take=take,
        agree=consent(
            workspace.operations, "sync_raw_mails", yes=yes, no_charge=no_charge, n_sources=n_sources
        ),
        at_once=_AT_ONCE,
        resume=resume,
    )
    tell(output, outcome)


def write(file: File, bucket: BucketName, target: Target, *, output: OutputOption = Output.TEXT) -> None:
    """Export the mails of a bucket as they were received, one a line, as 'emails import' takes them."""
    workspace = opened(file, must_exist=True)
    told = workspace.operations.bucket(bucket)
    n_written = write_lines(target, _of_bucket(workspace, told.full_name), total=None, label="exporting")
    tell_written(output, target, n_written, "emails")


def _of_bucket(workspace: wb.Workspace, name: str) -> Iterator[dict[str, Any]]:
    from workbench.api.routes.emails import ENDPOINTS  # noqa: PLC0415 - other commands start faster

    asked: dict[str, Any] = {"limit": _PAGE}
    while True:
        page = request(workspace.operations, ENDPOINTS, "POST", _PATH, body=asked, bucket=name)
        yield from page["emails"]
        if page["continuation"] is None:
            return
        asked["continuation"] = page["continuation"]


def _n_sources(workspace: wb.Workspace, bucket: str) -> int:
    """How many sources make a message of each mail of a bucket; 0 for a new bucket."""
    return sum(len(one.source_ids) for one in workspace.operations.buckets() if one.full_name == bucket)


def _home_bucket(workspace: wb.Workspace, name: str) -> str:
    if any(one.full_name == name for one in workspace.operations.buckets()):
        return name
    project, _, short = name.partition("/")
    if not project or not short:
        raise InputError(
            f"bucket {name[:100]!r} is not of the form 'project/name'.", next_step="Write 'demo/mail'."
        )
    return workspace.operations.create_bucket(project, short).full_name
