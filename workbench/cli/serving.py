"""``workbench serve`` and ``workbench stop``: the owner, the HTTP door and the apps, supervised together."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import typer
import uvicorn

from workbench.api import Rules, make_app, make_server
from workbench.cli.children import Child, wait_until_up
from workbench.cli.opening import local_file
from workbench.cli.printing import Output, OutputOption, emit
from workbench.cli.serving_gate import (
    GUARDED_ENVIRONMENT,
    gate_server,
    guarded_voila_config,
    inner_voila,
    refuse_open_network,
    trusted_proxies,
)
from workbench.cli.serving_log import keep_log
from workbench.cli.temporary import temporary_files
from workbench.client import SocketDoor
from workbench.domain import Operations
from workbench.door import open as open_workspace
from workbench.errors import AccessError, InputError, WorkbenchError
from workbench.settings import Settings, load_settings, without_key
from workbench.widgets.apps import apps_folder
from workbench.widgets.template import voila_config, voila_environment, write_voila_config
from workbench.wire import companion_folder, operator_file, remote_operations

Theme = Literal["light", "dark", "auto"]
LOOPBACK = ("127.0.0.1", "localhost", "::1")
THEMES = get_args(Theme)
_RESTART_PAUSE_S = 2.0
_LEAVE_S = 5


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command("serve")(serve)
    app.command("stop")(stop)


def serve(
    file: Annotated[Path, typer.Argument(help="The workspace file; created when there is none.")],
    port: Annotated[
        int | None, typer.Option(help="Port of the apps; the HTTP door takes the next one.")
    ] = None,
    theme: Annotated[
        Theme, typer.Option(help="light, dark or auto, for visitors who have not chosen.")
    ] = "auto",
    lab: Annotated[bool, typer.Option("--lab", help="Start JupyterLab as well, two ports further.")] = False,
) -> None:
    """Serve the apps and the HTTP door until Ctrl-C."""
    path = local_file(file)
    settings = load_settings(path) if port is None else load_settings(path, serve_port=port)
    run_server(path, settings=settings, theme=theme, lab=lab)


def stop(
    file: Annotated[Path, typer.Argument(help="The workspace file.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Stop the owner process of a workspace, after it has finished what it is writing."""
    pid_file = companion_folder(local_file(file, must_exist=True)) / "owner.pid"
    try:
        pid = int(pid_file.read_text("ascii"))
        if not _is_owner(pid):
            raise ProcessLookupError(pid)
        os.kill(pid, signal.SIGTERM)
    except (OSError, ValueError):
        emit(output, {"stopped": False}, ["no owner runs"])
        return
    while pid_file.exists() and _is_owner(pid):
        time.sleep(0.05)
    emit(output, {"stopped": True}, ["stopped"])


def owner_runs(file: Path) -> bool:
    """Whether an owner process holds a workspace file."""
    try:
        return _is_owner(int((companion_folder(file) / "owner.pid").read_text("ascii")))
    except (OSError, ValueError):
        return False


def _is_owner(pid: int) -> bool:
    """Whether the process of this number is an owner: a killed one leaves its number, which others may get."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        if Path("/proc/self").exists():
            return False
        os.kill(pid, 0)  # no /proc on this system: a process of this number must do
        return True
    return b"workbench.workspace.owner" in command


def run_server(file: Path, *, settings: Settings, theme: str = "auto", lab: bool = False) -> None:
    """Run everything until SIGINT or SIGTERM; children end with it."""
    if theme not in THEMES:
        raise InputError(f"unknown theme {theme!r}.", next_step=f"Use one of: {', '.join(THEMES)}.")
    host, port, rules = settings.serve_host, settings.serve_port, Rules.of(settings)
    _refuse_taken(host, port, port + 1)
    door = SocketDoor(file, settings=settings)
    guarded = is_guarded(open_workspace(file).operations)  # starts the owner, or says why it cannot be
    refuse_open_network(settings, guarded=guarded, loopback=LOOPBACK)
    with temporary_files(file, settings):
        _run(file, door, settings, rules, theme=theme, lab=lab, guarded=guarded)


def _run(
    file: Path, door: SocketDoor, settings: Settings, rules: Rules, *, theme: str, lab: bool, guarded: bool
) -> None:
    """Start everything, watch it, and end it."""
    host, port, finish_s = settings.serve_host, settings.serve_port, settings.http_finish_s
    keep_log(_folder(file))
    parts = (_guarded_parts if guarded else _open_parts)(file, door, settings, theme, lab)
    app = make_app(door.ask, token=_token(file), operator=_operator(file), rules=rules)
    http = make_server(app, host=host, port=port + 1, finish_s=finish_s, proxies=trusted_proxies(settings))
    parts.servers.append(http)
    threads = [threading.Thread(target=one.run, name="http", daemon=True) for one in parts.servers]
    for thread in threads:
        thread.start()
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    try:
        for child in parts.children:
            child.start()
        wait_until_up(f"{parts.apps}/", parts.children[0], stopping, secret=parts.secret)
        for line in parts.lines:
            print(f"  {line}", flush=True)
        print("\n  Press Ctrl-C to stop.", flush=True)
        watch(parts.children, door, stopping, guarded=guarded)
    finally:
        for server in parts.servers:
            server.should_exit = True
        for thread in threads:
            thread.join(finish_s + _LEAVE_S)
        door.end()  # what is still asked would keep this process
        for child in parts.children:
            child.stop()


@dataclass(kw_only=True)
class _Parts:
    """What runs beside the HTTP door, and where it is."""

    children: list[Child]
    servers: list[uvicorn.Server]
    apps: str
    secret: str
    lines: tuple[str, ...]


def _open_parts(file: Path, _door: SocketDoor, settings: Settings, theme: str, lab: bool) -> _Parts:
    """Without accounts: Voila and JupyterLab themselves, for whoever sits at this machine."""
    host, port, folder = settings.serve_host, settings.serve_port, _folder(file)
    if lab:
        _refuse_taken(host, port + 2)
    config = voila_config(
        port=port,
        ip=host,
        theme=theme,
        preheat=settings.kernel_preheat,
        cull_idle_s=settings.kernel_idle_s,
        max_message_bytes=settings.websocket_max_bytes,
    )
    children = [Child("apps", _voila_command(), _voila_environment(file, folder, config), folder)]
    if lab:
        environment = {**without_key(os.environ), "WORKBENCH_FILE": str(file)}
        children.append(Child("lab", _lab_command(host, port + 2), environment, folder))
    lines = (
        f"\n  Apps       http://{host}:{port}/",
        f"HTTP door  http://{host}:{port + 1}   token in {_token_file(file)}",
        *((f"Lab        http://{host}:{port + 2}/lab",) if lab else ()),
    )
    return _Parts(children=children, servers=[], apps=f"http://{host}:{port}", secret="", lines=lines)


def _guarded_parts(file: Path, door: SocketDoor, settings: Settings, theme: str, lab: bool) -> _Parts:
    """With accounts: a gate, and Voila behind it; the gate starts JupyterLab for who asks for it."""
    host, port, folder, inner = settings.serve_host, settings.serve_port, _folder(file), inner_voila()
    config = guarded_voila_config(inner, settings, theme=theme, lab=lab)
    environment = {**_voila_environment(file, folder, config), **GUARDED_ENVIRONMENT}
    outside = settings.serve_address.rstrip("/") or f"http://{host}:{port}"
    lines = (
        f"\n  Apps       {outside}/   sign in with your account",
        f"HTTP door  http://{host}:{port + 1}   tokens of accounts",
        *((f"Lab        {outside}/lab/",) if lab else ()),
    )
    return _Parts(
        children=[Child("apps", _voila_command(), environment, folder)],
        servers=[gate_server(file, door, inner, settings, theme=theme, lab=lab)],
        apps=inner.address,
        secret=inner.secret,
        lines=lines,
    )


def is_guarded(operations: Operations) -> bool:
    """Whether the workspace has accounts, so that people must sign in."""
    return bool(operations.my_rights().guarded)


def watch(
    children: list[Child],
    door: SocketDoor,
    stopping: threading.Event,
    *,
    guarded: bool,
    pause_s: float = _RESTART_PAUSE_S,
) -> None:
    """Keep the owner and the children running until it is time to stop.

    Raises
    ------
    AccessError
        Accounts were made while the apps are served without sign-in.
    """
    operations, since = remote_operations(door.ask), False
    while not stopping.wait(pause_s):
        with contextlib.suppress(WorkbenchError):
            # Asking also keeps the owner from idling out, and starts it again after a crash.
            since = is_guarded(operations) and not guarded
        if since:
            raise AccessError(
                "the workspace has accounts now, and is served without sign-in.",
                next_step="Start the server again.",
            )
        for child in children:
            if child.dead:
                print(f"  {child.name} ended and is started again; see its log", file=sys.stderr, flush=True)
                child.start()


def _is_taken(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # as the servers do: a port at rest is free
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def _folder(file: Path) -> Path:
    folder = companion_folder(file) / "serve"
    folder.mkdir(exist_ok=True)
    return folder


def _voila_command() -> list[str]:
    return [sys.executable, "-m", "voila", str(apps_folder())]


def _refuse_taken(host: str, *ports: int) -> None:
    for port in filter(lambda one: _is_taken(host, one), ports):
        raise InputError(
            f"port {port} is taken.",
            next_step="Stop what listens there, or choose another one with --port; the next ones must be free too.",
        )


def _voila_environment(file: Path, folder: Path, config: dict[str, Any]) -> dict[str, str]:
    write_voila_config(folder, config)
    return voila_environment(folder, {**without_key(os.environ), "WORKBENCH_FILE": str(file)})


def _lab_command(host: str, port: int) -> list[str]:
    return [sys.executable, "-m", "jupyterlab", "--no-browser", f"--ip={host}", f"--port={port}"]


def _operator(file: Path) -> str:
    """The operator's token, made by the owner."""
    return operator_file(file).read_text("ascii")


def _token_file(file: Path) -> Path:
    return companion_folder(file) / "token"


def _token(file: Path) -> str:
    """The access token of this workspace, made once; readable by this user only."""
    path = _token_file(file)
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(secrets.token_urlsafe(32))
    return path.read_text("ascii")
