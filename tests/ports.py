"""Ports for servers of tests."""

from __future__ import annotations

import socket


def free_port() -> int:
    """A port that is free, with its neighbours above."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port < 65_000 and all(_is_free(port + above) for above in range(3)):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
