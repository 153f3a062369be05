"""Commands for webhooks: streams that are sent to a target of their own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from workbench.cli import arguments
from workbench.cli.arguments import DatasetName, File
from workbench.cli.printing import Output, OutputOption, emit
from workbench.domain import Webhook

webhooks = typer.Typer(help="Send a stream to a target, signed, beside being fetched.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Name of the stream.")]


def register(streams: typer.Typer) -> None:
    """Add these commands to those of streams."""
    for function, name in (
        (set_target, "set"),
        (show, "show"),
        (pause, "pause"),
        (resume, "resume"),
        (send_test, "test"),
        (delete, "delete"),
    ):
        webhooks.command(name)(function)
    streams.add_typer(webhooks, name="webhook")


def set_target(
    file: File,
    name: DatasetName,
    stream: Name,
    url: Annotated[str, typer.Argument(help="https://host/path; the setting webhook_hosts names the host.")],
    *,
    batch_size: Annotated[int, typer.Option(min=1, max=1_024, help="Messages in a request at most.")] = 100,
    timeout_s: Annotated[float, typer.Option(help="Seconds to answer, at most 60.")] = 10.0,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"],
            help="Begin with what was stored then; UTC unless it says else. Left out: from now on, or go on.",
        ),
    ] = None,
    new_secret: Annotated[
        bool, typer.Option("--new-secret", help="Make another secret; the one before ends at once.")
    ] = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Send a stream to a target, or change how it is sent; prints the secret of a new one, once."""
    made = arguments.open_dataset(file, name).set_webhook(
        stream, url, batch_size=batch_size, timeout_s=timeout_s, since=since, new_secret=new_secret
    )
    lines = _lines(made.webhook)
    if made.secret:
        lines.append(f"secret, shown this once: {made.secret}")
    emit(output, made, lines)


def show(file: File, name: DatasetName, stream: Name, output: OutputOption = Output.TEXT) -> None:
    """Print where a stream is sent to, what waits, and what went wrong last."""
    _tell(output, arguments.open_dataset(file, name).webhook(stream))


def pause(file: File, name: DatasetName, stream: Name, output: OutputOption = Output.TEXT) -> None:
    """Send nothing until it is resumed."""
    _tell(output, arguments.open_dataset(file, name).pause_webhook(stream))


def resume(file: File, name: DatasetName, stream: Name, output: OutputOption = Output.TEXT) -> None:
    """Send again, whatever it was paused for."""
    _tell(output, arguments.open_dataset(file, name).resume_webhook(stream))


def send_test(file: File, name: DatasetName, stream: Name, output: OutputOption = Output.TEXT) -> None:
    """Send an event without messages; exit code 1 when the target does not take it."""
    found = arguments.open_dataset(file, name).test_webhook(stream)
    said = f"status {found.status}" if found.ok else found.error
    emit(output, found, [f"{'taken' if found.ok else 'not taken'} after {found.took_ms:,.0f} ms: {said}"])
    if not found.ok:
        raise typer.Exit(1)


def delete(file: File, name: DatasetName, stream: Name, output: OutputOption = Output.TEXT) -> None:
    """Send no more, and forget the target with its secret."""
    gone = arguments.open_dataset(file, name).delete_webhook(stream)
    emit(output, gone, [f"stream {gone.stream} is not sent to {gone.settings.url} any more"])


def _tell(output: Output, found: Webhook) -> None:
    emit(output, found, _lines(found))


def _lines(found: Webhook) -> list[str]:
    status = found.status
    words = {"": "sent", "user": "paused", "failures": f"paused after {status.n_failures:,} failures"}
    since = "" if status.oldest_waiting is None else f" since {status.oldest_waiting:%Y-%m-%d %H:%M:%S} UTC"
    n_now = status.rates[-1][1] if status.rates else 0
    taken = f"{status.n_delivered:,} were taken, {n_now:,} of them this hour"
    lines = [
        f"{found.stream}  {words[status.paused]}  {found.settings.url}",
        f"{status.n_waiting:,} messages wait{since}, {taken}",
    ]
    if status.last_error and status.last_failure is not None:
        lines.append(f"{status.last_failure:%Y-%m-%d %H:%M:%S} UTC: {status.last_error}")
    return lines
