"""Where the owner of a workspace file listens, and where its derived files lie."""

from __future__ import annotations

import os
import socket
import struct
import tempfile
from pathlib import Path

from workbench.primitives import hex_digest


def socket_path(workspace: Path) -> Path:
    """The Unix socket of the owner of ``workspace``: short, in a folder only this user may enter.

    Socket paths are limited to about 100 characters, hence a hash of the file's real path.
    """
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    return base / f"workbench-{os.getuid()}" / f"{hex_digest(str(workspace.resolve()), n_digits=16)}.sock"


def user_at(peer: socket.socket) -> int:
    """User id of the process at the other end of a Unix socket, as the kernel tells it."""
    raw = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, uid, _ = struct.unpack("3i", raw)
    return int(uid)


def companion_folder(workspace: Path) -> Path:
    """``<file>.workbench``: uploads, derived matrices, logs. Everything in it can be rebuilt or sent again."""
    return workspace.with_name(workspace.name + ".workbench")


def operator_file(workspace: Path) -> Path:
    """Where the token of the person lies whose workspace it is; they alone may read it."""
    return companion_folder(workspace) / "operator.token"
