"""A certificate of our own for 127.0.0.1 and localhost."""

from __future__ import annotations

import subprocess
from pathlib import Path


def make_certificate(base: Path) -> None:
    """Write ``server.pem``, which is its own authority, and ``server.key``."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", str(base / "server.key"), "-out", str(base / "server.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
