"""``workbench serve`` of a workspace with accounts: the gate in front, Voila and notebooks behind it."""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from workbench.client import SocketDoor
from workbench.errors import InputError
from workbench.gate import (
    GateRules,
    LabRules,
    Labs,
    OpenId,
    OpenIdSettings,
    Origins,
    OwnerDoor,
    Upstream,
    make_gate,
)
from workbench.primitives import utc_now
from workbench.settings import OPENID_VARIABLE, Settings
from workbench.widgets.template import voila_config
from workbench.wire import GUARDED_VARIABLE, VISIT_HEADER, VISITOR_HEADER, companion_folder, operator_file

_INNER_HOST = "127.0.0.1"
_MOST_REQUEST_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Inner:
    """Where Voila listens behind the gate, and what it asks for."""

    port: int
    secret: str = field(repr=False)

    @property
    def address(self) -> str:
        """Its address on this machine."""
        return f"http://{_INNER_HOST}:{self.port}"


def inner_voila() -> Inner:
    """A free port, and a secret of this start of the server."""
    with socket.socket() as probe:
        probe.bind((_INNER_HOST, 0))
        return Inner(port=int(probe.getsockname()[1]), secret=secrets.token_urlsafe(32))


def guarded_voila_config(inner: Inner, settings: Settings, *, theme: str, lab: bool) -> dict[str, Any]:
    """Voila's configuration behind the gate: it tells kernels whose they are, and its pages where to sign out."""
    return voila_config(
        port=inner.port,
        ip=_INNER_HOST,
        theme=theme,
        preheat=settings.kernel_preheat,
        cull_idle_s=settings.kernel_idle_s,
        max_message_bytes=settings.websocket_max_bytes,
        user_headers=(VISIT_HEADER, VISITOR_HEADER),
        secret=inner.secret,
        links=(*((("/lab/", "Notebooks"),) if lab else ()), ("/sign-out", "Account")),
    )


GUARDED_ENVIRONMENT = {GUARDED_VARIABLE: "1"}
"""Told to the apps: they open nothing but for somebody."""


def gate_server(
    file: Path, door: SocketDoor, inner: Inner, settings: Settings, *, theme: str, lab: bool
) -> uvicorn.Server:
    """The gate, ready to run.

    Raises
    ------
    InputError
        A setting of the gate cannot be used.
    AccessError
        Notebooks are wanted and cannot be confined here.
    """
    app = _gate(file, door, inner, settings, theme=theme, lab=lab)
    trusted = trusted_proxies(settings)
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.serve_host,
            port=settings.serve_port,
            log_level="warning",
            access_log=False,
            http="h11",  # the strictest about what a request is
            ws="websockets-sansio",
            ws_max_size=settings.websocket_max_bytes,
            ws_per_message_deflate=False,
            proxy_headers=bool(trusted),
            forwarded_allow_ips=list(trusted) or None,
            server_header=False,
            timeout_graceful_shutdown=5,
        )
    )


def trusted_proxies(settings: Settings) -> tuple[str, ...]:
    """Addresses whose word of where a visitor comes from is believed."""
    return tuple(one.strip() for one in settings.serve_proxies.split(",") if one.strip())


def refuse_open_network(settings: Settings, *, guarded: bool, loopback: tuple[str, ...]) -> None:
    """Refuse to show apps or passwords to the network.

    Raises
    ------
    InputError
        The server would listen there without accounts, or without TLS in front.
    """
    if settings.serve_host in loopback:
        return
    if not guarded:
        raise InputError(
            f"serving on {settings.serve_host!r} would show the apps to the network without sign-in.",
            next_step="Create accounts first ('workbench users add FILE NAME --admin'), or serve on 127.0.0.1.",
        )
    if not settings.serve_address:
        raise InputError(
            f"serving on {settings.serve_host!r} would send passwords over the network in the clear.",
            next_step="Serve on 127.0.0.1, put a proxy that adds TLS in front, and set serve_address to its address.",
        )


def _gate(
    file: Path, door: SocketDoor, inner: Inner, settings: Settings, *, theme: str, lab: bool
) -> ASGIApp:
    origins = Origins(port=settings.serve_port, address=settings.serve_address)
    return make_gate(
        OwnerDoor(door.ask),
        Upstream(
            address=inner.address,
            secret=inner.secret,
            most_request_bytes=_MOST_REQUEST_BYTES,
            most_frame_bytes=settings.websocket_max_bytes,
        ),
        origins,
        rules=GateRules(
            session_idle_s=settings.session_idle_s,
            sign_ins_per_minute=settings.sign_ins_per_minute,
            kernels_per_visitor=settings.kernels_per_visitor,
            kernels_in_all=settings.kernels_in_all,
            theme=theme,
        ),
        openid=_openid(file, settings, origins),
        labs=Labs(_lab_rules(file, settings), secure=origins.secure) if lab else None,
        cookie_suffix=str(settings.serve_port),
    )


def _lab_rules(file: Path, settings: Settings) -> LabRules:
    companion = companion_folder(file)
    folder = companion / "notebooks"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = (file.parent / settings.key_file,) if settings.key_file else ()
    return LabRules(
        folder=folder,
        door_port=settings.serve_port + 1,
        secret=(file, companion, operator_file(file), *key),
        most=settings.lab_servers,
        kernels_each=settings.lab_kernels,
        idle_s=settings.lab_idle_s,
        most_frame_bytes=settings.websocket_max_bytes,
    )


def _openid(file: Path, settings: Settings, origins: Origins) -> OpenId | None:
    if not settings.openid_issuer:
        return None
    return OpenId(
        OpenIdSettings(
            issuer=settings.openid_issuer,
            client_id=settings.openid_client_id,
            client_secret=openid_secret(file, settings),
            redirect=f"{origins.own}/sign-in/callback",
            title=settings.openid_title,
        ),
        utc_now,
    )


def openid_secret(file: Path, settings: Settings) -> str:
    """The secret for the identity provider, from the file that the settings name or the environment; empty = none.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    if not settings.openid_secret_file:
        return os.environ.get(OPENID_VARIABLE, "")
    path = file.parent / settings.openid_secret_file
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"the secret for the identity provider cannot be read from {str(path)!r} ({type(error).__name__}).",
            next_step="Correct openid_secret_file; it names a text file, from the workspace's folder.",
            details={"path": str(path)},
        ) from error
