"""``Operations`` over the owner's Unix socket; the owner is started when nobody listens."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
import weakref
from collections import deque
from pathlib import Path

from msgspec.structs import replace

from workbench.client.launch import explain_failed_start, refuse_other_files, start_owner, wait_a_moment
from workbench.domain import Operations
from workbench.errors import AccessError, ConnectionLostError, InputError
from workbench.settings import TOKEN_VARIABLE, Settings, load_settings
from workbench.wire import (
    Call,
    Reply,
    decode,
    encode,
    operator_file,
    receive_frame,
    remote_operations,
    send_frame,
    socket_path,
    user_at,
)

_ATTEMPTS = 4


class SocketDoor:
    """A pool of connections to one workspace's owner; safe to use from many threads.

    A call whose connection breaks is sent again: operations are built so that twice is like once (ids are
    made by the caller, or follow from the id of the call).

    Parameters
    ----------
    workspace
        Path of the ``.duckdb`` file; it need not exist yet.
    settings
        ``owner_idle_s``, ``owner_start_s`` and those of the key are used.
    """

    def __init__(self, workspace: Path, *, settings: Settings) -> None:
        self.workspace = workspace
        self.settings = settings
        self._operator = ""
        self._idle: deque[socket.socket] = deque()
        self._busy: set[socket.socket] = set()
        self._ended = False
        self._starting = threading.Lock()

    def ask(self, call: Call) -> Reply:
        """Send one call and wait for its reply, reconnecting (and restarting the owner) as needed.

        A call that shows no token shows the operator's, where this process may read it.
        """
        for attempt in range(_ATTEMPTS):
            if self._ended:
                break
            peer = self._take()
            self._busy.add(peer)
            try:
                if self._ended:  # just now, and nobody would break this off
                    peer.close()
                send_frame(peer, encode(call if call.token else replace(call, token=self._operators())))
                raw = receive_frame(peer)
            except (OSError, ConnectionLostError):
                raw = None
            finally:
                self._busy.discard(peer)
            if raw is not None:
                self._idle.append(peer)
                return _read(raw)
            peer.close()
            self._drop_idle()
            wait_a_moment(attempt)
        if self._ended:
            raise ConnectionLostError(
                f"{call.operation!r} was not answered: this process ends.", next_step="Ask again elsewhere."
            )
        raise ConnectionLostError(
            f"the owner of {self.workspace.name!r} went away {_ATTEMPTS} times during {call.operation!r}.",
            next_step="Try again; if it repeats, read owner.log in the .workbench folder beside the file.",
        )

    def _operators(self) -> str:
        if not self._operator:
            with contextlib.suppress(OSError):
                self._operator = operator_file(self.workspace).read_text("ascii")
        return self._operator

    def close(self) -> None:
        """Close idle connections; the owner leaves by itself when it has idled long enough."""
        self._drop_idle()

    def end(self) -> None:
        """Break off every call, and take none any more: for a process that must not wait for them to leave."""
        self._ended = True
        for peer in list(self._busy):
            with contextlib.suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)
        self._drop_idle()

    def _take(self) -> socket.socket:
        try:
            return self._idle.pop()
        except IndexError:
            return _connected(self.workspace) or self._connect_or_start()

    def _drop_idle(self) -> None:
        while self._idle:
            try:
                self._idle.pop().close()
            except IndexError:
                return

    def _connect_or_start(self) -> socket.socket:
        with self._starting:
            deadline = time.monotonic() + self.settings.owner_start_s
            owner = None
            held = False
            attempt = 0
            while time.monotonic() < deadline:
                peer = _connected(self.workspace)
                if peer is not None:
                    return peer
                if owner is None:
                    owner = start_owner(
                        self.workspace,
                        settings=self.settings,
                    )
                exit_code = owner.poll()
                if exit_code == 0:
                    # Another owner holds the lock; connect to that one, or start anew once it left.
                    owner, held = None, True
                elif exit_code is not None:
                    raise explain_failed_start(self.workspace, exit_code)
                wait_a_moment(attempt)
                attempt += 1
        next_step = "Read owner.log in the .workbench folder beside the file."
        if held:
            next_step = (
                "Another process holds the file and cannot be reached from here: use the same user and the "
                f"same XDG_RUNTIME_DIR as it does. {next_step}"
            )
        raise ConnectionLostError(
            f"no owner of {self.workspace.name!r} answered within {self.settings.owner_start_s:g} s.",
            next_step=next_step,
        )


def connect_local(
    path: str | os.PathLike[str],
    *,
    actor: str = "",
    settings: Settings | None = None,
    channel: str = "",
    token: str | None = None,
) -> Operations:
    """Open a workspace file through its owner process.

    Parameters
    ----------
    path
        The ``.duckdb`` file; created when it does not exist (its folder must).
    actor
        Who asks, e.g. a visitor's name; empty = the local user. Not believed where there are accounts, unless the
        operator says it.
    channel
        How they came: one of ``workbench.wire.CHANNELS``; empty = ``python``.
    token
        Of a session or an API token, to act for that account and nothing more; None = what ``WORKBENCH_TOKEN``
        holds, else the operator's, where this process may read it.

    Raises
    ------
    InputError
        The folder does not exist, or the path is a folder or no workspace file.
    AccessError
        On a call, when a process of another user listens in the owner's place.
    ConnectionLostError
        No owner could be reached or started.
    """
    workspace = Path(path).expanduser().resolve()  # two names of one file have one lock and one folder
    if not workspace.parent.is_dir() or workspace.is_dir():
        raise InputError(
            f"{str(path)!r} cannot be a workspace file.",
            next_step="Name a file in an existing folder, e.g. 'support.duckdb'.",
            details={"path": str(path)},
        )
    refuse_other_files(workspace)
    door = SocketDoor(workspace, settings=settings or load_settings(workspace))
    shown = os.environ.get(TOKEN_VARIABLE, "") if token is None else token
    operations = remote_operations(door.ask, actor=actor, channel=channel, token=shown)
    weakref.finalize(operations, door.close)
    return operations


def _connected(workspace: Path) -> socket.socket | None:
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        peer.connect(str(socket_path(workspace)))
    except (FileNotFoundError, ConnectionRefusedError, ConnectionResetError):
        peer.close()
        return None
    # The folder may lie in /tmp, where anybody could have made it first and listen in the owner's place.
    if (found := user_at(peer)) != os.getuid():
        peer.close()
        raise AccessError(
            f"a process of another user (id {found}) listens in the place of the owner of {workspace.name!r}.",
            next_step="Set XDG_RUNTIME_DIR to a folder of your own, and tell your administrator.",
        )
    return peer


def _read(raw: bytes) -> Reply:
    reply: Reply = decode(raw, Reply)
    return reply
