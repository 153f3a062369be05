"""Commands for mailboxes and services that are read by themselves. A secret is never an argument."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterable
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

import workbench as wb
from workbench.cli.exchanging import register_integrations
from workbench.cli.opening import opened
from workbench.cli.printing import Output, OutputOption, emit
from workbench.domain import AnyConnection, Secrets
from workbench.domain import Integration as Info
from workbench.door import folder_row, mailbox_row
from workbench.errors import InputError

integrations = typer.Typer(
    help="Read mailboxes (IMAP, Exchange, Graph) and Salesforce cases by themselves.", no_args_is_help=True
)
File = Annotated[Path, typer.Argument(help="The workspace file, e.g. support.duckdb.")]
Name = Annotated[str, typer.Argument(help="project/name of the integration.")]
OneMailbox = Annotated[str | None, typer.Argument(help="Its address; left out = all, or the only one.")]
_COUNTS = 2
_SECRETS = [one.name for one in fields(Secrets)]


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for function, name in (
        (show_all, "list"),
        (show, "show"),
        (add, "add"),
        (secret, "secret"),
        (folders, "folders"),
        (sync, "sync"),
        (resync, "resync"),
        (pause, "pause"),
        (resume, "resume"),
        (delete, "delete"),
    ):
        integrations.command(name)(function)
    register_integrations(integrations)
    app.add_typer(integrations, name="integrations")


def show_all(file: File, output: OutputOption = Output.TEXT) -> None:
    """List integrations and the state of their mailboxes."""
    found = [one.info for one in _open(file).integrations()]
    lines = []
    for info in found:
        lines += [] if info.mailboxes else [f"{info.full_name}  no mailbox"]
        for one in info.mailboxes:
            address, state, done, n_messages, last, *_ = mailbox_row(info, one)
            lines.append(
                f"{info.full_name}  {address}  {state}, {done}, {n_messages} messages, last read {last}"
            )
    emit(output, found, lines)


def show(file: File, name: Name, output: OutputOption = Output.TEXT) -> None:
    """Print how far each folder was read, how many messages it gave, what failed, and when it is tried next."""
    info = _open(file).integration(name).info
    emit(output, info, _lines(info))


def add(
    file: File,
    name: Name,
    setup: Annotated[
        Path,
        typer.Argument(
            help='JSON file with the connection, e.g. {"imap": {"host": "imap.example.com", "user_name": "care"}}.'
        ),
    ],
    *,
    into: Annotated[str, typer.Option(help="project/name of the source; made when there is none.")],
    mailbox: Annotated[
        list[str] | None,
        typer.Option(help="Address; may be given several times; left out = the connection's user name."),
    ] = None,
    start: Annotated[
        datetime | None, typer.Option(help="Only what was received from this UTC time on.")
    ] = None,
    folder: Annotated[
        list[str] | None, typer.Option(help="Only this folder, as Outer/Inner; may be given several times.")
    ] = None,
    not_folder: Annotated[
        list[str] | None, typer.Option(help="Never this folder; may be given several times.")
    ] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Set up a mailbox, or several, to be read into a source; set the secret afterwards."""
    made = _open(file).connect_mailbox(
        name,
        _read_setup(setup).only,
        into=into,
        address=mailbox or "",
        start_at=start and start.replace(tzinfo=UTC),
        folders=folder or (),
        not_folders=not_folder or (),
    )
    info = made.info
    hint = [] if info.secrets else [f"next: workbench integrations secret {file} {name}"]
    emit(output, info, [*_lines(info), *hint])


def secret(
    file: File,
    name: Name,
    which: Annotated[
        list[str] | None,
        typer.Option(help=f"Which secret: {', '.join(_SECRETS)}; left out = what the connection needs."),
    ] = None,
    from_file: Annotated[
        Path | None, typer.Option(help="Read it from a file: its text, or a JSON object of several by name.")
    ] = None,
    from_variable: Annotated[str, typer.Option(help="Read it from this environment variable.")] = "",
    output: OutputOption = Output.TEXT,
) -> None:
    """Set the secrets of an integration, in the place of all earlier ones; without options you are asked."""
    found = _open(file).integration(name)
    names = which or list(found.info.connection.needed_secrets)
    _check_names(names)
    if from_file is not None:
        values = _from_text(_read(from_file), names)
    elif from_variable:
        values = _from_text(os.environ.get(from_variable, ""), names)
    else:
        values = {one: getpass.getpass(f"{one.replace('_', ' ')}: ") for one in names}
    found.set_secrets(Secrets(**values))
    held = found.info.secrets
    emit(output, {"integration": name, "secrets": held}, [f"{name}: set {', '.join(held) or 'none'}"])


def folders(file: File, name: Name, mailbox: OneMailbox = None, output: OutputOption = Output.TEXT) -> None:
    """Test a connection: ask the server for the folders, and show which are read."""
    found = _open(file).integration(name).folders(mailbox)
    lines = [
        f"{'read' if one.wanted else 'not '}  {'/'.join(one.path)}{f'  ({one.role})' if one.role else ''}"
        for one in found
    ]
    emit(output, found, lines)


def sync(file: File, name: Name, mailbox: OneMailbox = None, output: OutputOption = Output.TEXT) -> None:
    """Read what is new now, and wait for it."""
    found = _open(file).integration(name).sync(mailbox)
    line = ", ".join(
        f"{found.get(key, 0):,} {key}" for key in ("mails", "records", "new", "units", "problems")
    )
    emit(output, found, [line, *(f"failed: {text}" for text in found["failed"])])


def resync(
    file: File,
    name: Name,
    mailbox: OneMailbox = None,
    since: Annotated[
        datetime | None, typer.Option(help="From this UTC time on; left out = everything.")
    ] = None,
    folder: Annotated[
        str | None, typer.Option(help="Only this folder, as Outer/Inner; its mailbox keeps its start date.")
    ] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Read a mailbox or a folder again; what is known costs nothing, what was deleted here comes back as new."""
    found = _open(file).integration(name)
    found.resync(mailbox, since=since and since.replace(tzinfo=UTC), folder=folder)
    emit(output, found.info, _lines(found.info))


def pause(file: File, name: Name, mailbox: OneMailbox = None, output: OutputOption = Output.TEXT) -> None:
    """Stop reading an integration, or one mailbox of it, at once."""
    found = _open(file).integration(name)
    found.pause(mailbox)
    emit(output, found.info, _lines(found.info))


def resume(file: File, name: Name, mailbox: OneMailbox = None, output: OutputOption = Output.TEXT) -> None:
    """Read an integration, or one mailbox of it, again, whatever it was stopped for."""
    found = _open(file).integration(name)
    found.resume(mailbox)
    emit(output, found.info, _lines(found.info))


def delete(
    file: File,
    name: Name,
    confirm: Annotated[str, typer.Option(help="The name again, project/name.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Delete an integration with its secrets; the mail and messages it brought stay."""
    _open(file).integration(name).delete(confirm=confirm)
    emit(output, {"deleted": name}, [f"{name}: deleted"])


def _lines(info: Info) -> list[str]:
    lines = [f"{info.full_name}  {info.connection.kind} {info.connection.host}"]
    for one in info.mailboxes:
        address, state, done, n_messages, last, next_try, error = mailbox_row(info, one)
        lines.append(
            f"{address}: {state}, {done}, {n_messages} messages, last read {last}, next try {next_try}"
        )
        lines += [f"  {text}" for text in (error, one.next_step) if text]
        lines += _aligned([folder_row(folder) for folder in one.folders])
        if one.n_problems:
            lines.append(f"  {one.n_problems:,} mails could not be read, at last:")
            lines += [f"    {text}" for text in one.problems[-3:]]
    return lines


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    """Folders below each other, each with state, messages, newest mail, last read and error; with a heading."""
    if not rows:
        return []
    table = [("folder", "state", "messages", "newest (UTC)", "last read (UTC)", "error"), *rows]
    widths = [max(len(row[at]) for row in table) for at in range(5)]
    return [
        "  "
        + "  ".join(
            text.rjust(width) if at == _COUNTS else text.ljust(width)
            for at, (text, width) in enumerate(zip(row, (*widths, 0), strict=True))
        ).rstrip()
        for row in table
    ]


def _read_setup(file: Path) -> AnyConnection:
    try:
        return msgspec.json.decode(_read(file).encode(), type=AnyConnection)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise InputError(
            f"{str(file)!r} is no connection: {error}.",
            next_step="See 'Connect a mailbox' in the manual for each kind; secrets do not belong there.",
        ) from None


def _from_text(text: str, names: list[str]) -> dict[str, str]:
    """A secret as it stands, or a JSON object of several; an error never repeats any of it."""
    text = text.strip("\r\n")
    if text.lstrip().startswith("{"):
        try:
            values = msgspec.json.decode(text, type=dict[str, str])
        except (msgspec.DecodeError, msgspec.ValidationError):
            raise InputError(
                "the secrets are no JSON object of texts.", next_step='Write {"password": "…"}.'
            ) from None
        _check_names(values)
        return values
    if not text or len(names) > 1:
        raise InputError(
            f"one text cannot be {' and '.join(names)}." if text else "there is no secret there.",
            next_step='Name the right file or variable; several are written {"password": "…", "security_token": "…"}.',
        )
    return {names[0]: text}


def _check_names(names: Iterable[str]) -> None:
    for name in names:
        if name not in _SECRETS:
            raise InputError(f"{name[:40]!r} is no secret.", next_step=f"Known: {', '.join(_SECRETS)}.")


def _read(file: Path) -> str:
    try:
        return file.expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise InputError(f"{str(file)!r} cannot be read.", next_step="Name a text file.") from None


def _open(file: Path) -> wb.Workspace:
    return opened(file, must_exist=True)
