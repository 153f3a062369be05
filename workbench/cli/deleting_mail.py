"""``workbench delete-mail``: raw mails out of a bucket, after a look at what goes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.opening import opened
from workbench.cli.printing import Output, OutputOption, emit
from workbench.domain import MailDeletionPreview, MailMessages


def delete_mail(
    file: Annotated[Path, typer.Argument(help="The workspace file.")],
    bucket: Annotated[str, typer.Argument(help="project/name of the bucket.")],
    message_ids: Annotated[list[str], typer.Argument(metavar="MESSAGE_ID...", help="Ids of the messages.")],
    *,
    messages: Annotated[
        str,
        typer.Option(help="What happens to messages that the mails became: keep, keep_annotated or delete."),
    ],
    dry_run: Annotated[bool, typer.Option(help="Say what would go, and delete nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before anything is deleted.")] = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Delete raw mails from a bucket. Nothing of them can be brought back; brought in again, they are new."""
    workspace = opened(file, must_exist=True)
    preview = workspace.preview_mail_deletion(bucket, message_ids)
    if dry_run:
        emit(output, preview, _lines(preview))
        return
    if not yes:
        for line in _lines(preview):
            typer.echo(line, err=True)
        typer.confirm("Delete?", abort=True, err=True)
    kept: MailMessages = messages  # type: ignore[assignment]  # the door refuses other words
    done = workspace.delete_mails(bucket, message_ids, messages=kept)
    stayed = f", {done.n_kept:,} annotated messages stay" if done.n_kept else ""
    emit(
        output,
        done,
        [f"{done.name}: {done.n_mails:,} mails and {done.n_messages:,} messages deleted{stayed}"],
    )


def _lines(preview: MailDeletionPreview) -> list[str]:
    first = f"{preview.bucket}: {preview.n_mails:,} mails ({preview.n_bytes:,} bytes), {preview.n_unknown:,} unknown"
    return [
        first,
        *(
            f"  {one.source}: {one.n_messages:,} messages came from them, {one.n_annotated:,} annotated"
            for one in preview.messages
        ),
    ]
