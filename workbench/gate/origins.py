"""Whether a request was meant for this server, and made by a page of it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from workbench.errors import InputError

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
_FORBIDDEN_IN_PATHS = ("\\", "\0", "//")


class Origins:
    """Addresses under which visitors reach the gate.

    Parameters
    ----------
    port
        Port the gate listens on.
    address
        Public address when a server in front adds TLS, e.g. ``https://mining.example.org``; empty = loopback only.

    Raises
    ------
    InputError
        The address is no ``https`` origin.
    """

    def __init__(self, *, port: int, address: str = "") -> None:
        self.secure = bool(address)
        if not address:
            self._origins = frozenset(f"http://{name}:{port}" for name in LOOPBACK_NAMES)
            self.own = f"http://127.0.0.1:{port}"
            return
        parts = urlsplit(address)
        if (
            parts.scheme != "https"
            or not parts.hostname
            or parts.path.strip("/")
            or parts.query
            or parts.username
        ):
            raise InputError(
                f"{address!r} is no address that visitors could sign in at.",
                next_step="Give scheme and name only, e.g. 'https://mining.example.org'; passwords need TLS.",
                details={"serve_address": address},
            )
        self.own = f"https://{parts.netloc}".lower()
        self._origins = frozenset({self.own})

    def knows_host(self, host: str) -> bool:
        """Whether the ``Host`` header is ours: a name that somebody else made point here is not."""
        scheme = "https" if self.secure else "http"
        return f"{scheme}://{host}".lower() in self._origins

    def is_own(self, headers: Mapping[str, str]) -> bool:
        """Whether a page of ours made the request: by ``Origin``, which pages elsewhere cannot forge."""
        origin = headers.get("origin")
        return origin is not None and origin.lower() in self._origins


def is_plain_path(raw_path: bytes) -> bool:
    """Whether a path says the same to everybody: no dots that climb, no escaped slashes, no control characters."""
    try:
        text = raw_path.decode("ascii")
        plain = unquote(text, errors="strict")
    except UnicodeDecodeError:
        return False
    lowered = text.lower()
    if "%2f" in lowered or "%5c" in lowered or "%25" in lowered:
        return False
    if any(mark in plain for mark in _FORBIDDEN_IN_PATHS) or not plain.isprintable():
        return False
    return plain.startswith("/") and not {".", ".."} & set(plain.split("/"))


def own_target(target: str) -> str:
    """Where to go after signing in: a path on this server, the start page when ``target`` is anything else."""
    parts = urlsplit(target)
    path = target.partition("?")[0]
    plain = not parts.scheme and not parts.netloc and target.isascii() and target.isprintable()
    if (
        not plain
        or "#" in target
        or not is_plain_path(path.encode("ascii", "replace"))
        or path.startswith("/sign-")
    ):
        return "/"
    return target
