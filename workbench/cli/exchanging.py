"""Streams, users and integrations as the clients of this field write them to files, and read them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.arguments import DatasetName, File, open_dataset
from workbench.cli.lines import Lines, Resume, Target, bring, tell, tell_written, write_lines
from workbench.cli.opening import opened
from workbench.cli.printing import Output, OutputOption, emit
from workbench.cli.requesting import request
from workbench.errors import DuplicateNameError, InputError

_STREAMS = "/api/v1/datasets/{dataset}/streams"
_USER = "/api/_private/users/{user_id}"
_INTEGRATION = "/api/_private/integrations/{integration}"
_STREAM_READ = frozenset({"id", "dataset_id", "created_at", "updated_at"})
_USER_TAKEN = frozenset({"organisation_permissions", "global_permissions"})
_USER_READ = frozenset({"username", "display_name", "email", "created", "sso_global_permissions", "verified"})
_INTEGRATION_READ = frozenset({"id", "owner", "name", "created_at", "updated_at", "type", "disabled_reason"})


def register_streams(streams: typer.Typer) -> None:
    """Add the commands for files of streams."""
    streams.command("import")(read_streams)
    streams.command("export")(write_streams)


def register_users(users: typer.Typer) -> None:
    """Add the commands for files of users."""
    users.command("import")(read_users)
    users.command("export")(write_users)


def register_integrations(integrations: typer.Typer) -> None:
    """Add the commands for files of integrations."""
    integrations.command("import")(read_integration)
    integrations.command("export")(write_integration)


def read_streams(
    file: File,
    name: DatasetName,
    lines: Lines,
    *,
    version: Annotated[
        int | None, typer.Option(help="Model version in the place of the one that a line names.")
    ] = None,
    resume: Resume = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Create streams, one a line: name, title, description, comment_filter, model. One that is there so stays so."""
    from workbench.api.routes.streams import ENDPOINTS  # noqa: PLC0415 - other commands start faster

    dataset = open_dataset(file, name)

    def check(line: dict[str, Any]) -> dict[str, Any]:
        import msgspec  # noqa: PLC0415 - as above

        from workbench.api.shapes.streams import NewStream  # noqa: PLC0415 - as above

        told = {key: value for key, value in line.items() if key not in _STREAM_READ}
        if version is not None and isinstance(told.get("model"), dict):
            told["model"] = told["model"] | {"version": version}
        try:
            msgspec.convert(told, NewStream)
        except msgspec.ValidationError as error:
            raise InputError(f"the stream is not as described: {str(error)[:300]}.", next_step="") from None
        return told

    def take(some: Sequence[dict[str, Any]]) -> None:
        for one in some:
            request(
                dataset.operations,
                ENDPOINTS,
                "PUT",
                _STREAMS,
                body={"stream": one},
                dataset=dataset.info.full_name,
            )

    tell(output, bring(lines, noun="stream", check=check, take=take, at_once=1, resume=resume))


def write_streams(
    file: File, name: DatasetName, target: Target, *, output: OutputOption = Output.TEXT
) -> None:
    """Export the streams of a dataset, one a line, as 'streams import' takes them; their positions are not in it."""
    from workbench.api.routes.streams import ENDPOINTS  # noqa: PLC0415 - other commands start faster

    dataset = open_dataset(file, name)
    found = request(dataset.operations, ENDPOINTS, "GET", _STREAMS, dataset=dataset.info.full_name)["streams"]
    tell_written(output, target, write_lines(target, found, total=len(found), label="exporting"), "streams")


def read_users(
    file: File, lines: Lines, *, resume: Resume = False, output: OutputOption = Output.TEXT
) -> None:
    """Change what users may do, one a line: id, global_permissions, organisation_permissions; left out = as it is."""
    from workbench.api.routes.users import ENDPOINTS  # noqa: PLC0415 - other commands start faster

    workspace = opened(file, must_exist=True)

    def check(line: dict[str, Any]) -> dict[str, Any] | None:
        if not isinstance(line.get("id"), str):
            raise InputError("there is no id of a user.", next_step="Take it from 'workbench users export'.")
        unknown = line.keys() - _USER_TAKEN - _USER_READ - {"id"}
        if unknown:
            raise InputError(f"the key {min(unknown)[:100]!r} is unknown.", next_step="Leave it out.")
        return line if line.keys() & _USER_TAKEN else None

    def take(some: Sequence[dict[str, Any]]) -> None:
        for one in some:
            told = {key: value for key, value in one.items() if key in _USER_TAKEN}
            request(workspace.operations, ENDPOINTS, "POST", _USER, body={"user": told}, user_id=one["id"])

    tell(output, bring(lines, noun="user", check=check, take=take, at_once=1, resume=resume))


def write_users(file: File, target: Target, *, output: OutputOption = Output.TEXT) -> None:
    """Export users with what they may do, one a line, as 'users import' takes them. Passwords are not in it."""
    from workbench.api.routes.users import ENDPOINTS  # noqa: PLC0415 - other commands start faster

    workspace = opened(file, must_exist=True)
    found = request(workspace.operations, ENDPOINTS, "GET", "/api/_private/users")["users"]
    tell_written(output, target, write_lines(target, found, total=len(found), label="exporting"), "users")


def read_integration(
    file: File,
    name: Annotated[str, typer.Argument(help="project/name of the integration.")],
    setup: Annotated[Path, typer.Argument(help="JSON file: title, enabled, configuration.")],
    *,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Change it where there is one of that name.")
    ] = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Set up an integration with Exchange Online from this field's JSON; set its secrets afterwards."""
    from workbench.api.routes.integrations import ENDPOINTS  # noqa: PLC0415 - other commands start faster

    workspace = opened(file, must_exist=True)
    try:
        told = json.loads(setup.expanduser().read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{str(setup)[:100]!r} is no JSON that can be read: {str(error)[:200]}.",
            next_step="Check the file.",
        ) from None
    if not isinstance(told, dict):
        raise InputError(f"{str(setup)[:100]!r} holds no object.", next_step='Write {"title": …, …}.')
    told = {key: value for key, value in told.items() if key not in _INTEGRATION_READ}
    for method in ("PUT", "POST") if overwrite else ("PUT",):
        try:
            made = request(
                workspace.operations,
                ENDPOINTS,
                method,
                _INTEGRATION,
                body={"integration": told},
                integration=name,
            )["integration"]
            break
        except DuplicateNameError:
            if not overwrite:
                raise
    emit(output, made, [f"{name}: {made['title']}; next: workbench integrations secret FILE {name}"])


def write_integration(
    file: File,
    name: Annotated[str, typer.Argument(help="project/name of the integration.")],
    target: Annotated[Path, typer.Argument(help="The JSON file to write.")],
    *,
    output: OutputOption = Output.TEXT,
) -> None:
    """Write an integration with Exchange Online as 'integrations import' takes it. Secrets are not in it."""
    from workbench.api.routes.integrations import ENDPOINTS  # noqa: PLC0415 - other commands start faster

    workspace = opened(file, must_exist=True)
    found = request(workspace.operations, ENDPOINTS, "GET", _INTEGRATION, integration=name)["integration"]
    target.expanduser().write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    emit(output, {"file": str(target)}, [str(target)])
