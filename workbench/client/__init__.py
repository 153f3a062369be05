"""The same ``Operations`` from another process: over the owner's socket, or over HTTP."""

from __future__ import annotations

from workbench.client.http import connect_http
from workbench.client.local import SocketDoor, connect_local

__all__ = ["SocketDoor", "connect_http", "connect_local"]
