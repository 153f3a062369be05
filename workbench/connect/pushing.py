"""One signed request to a target of a stream: where it may go, how it is signed, and what became of it.

The signature is that of the Standard Webhooks scheme: HMAC-SHA256 over id, time and body. A host is resolved once, every
address of it is looked at, and the connection goes to one that was looked at: a name that answers with another address
the second time leads nowhere. Redirects are not followed, proxies of the environment are not used, and of the answer
nothing but status and ``Retry-After`` is read.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import http.client
import ipaddress
import secrets
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from workbench.connect.failures import unreachable
from workbench.connect.hosts import tls_context, word_os_error
from workbench.domain.secrets import Secrets
from workbench.errors import ConnectError

SECRET_PREFIX = "whsec_"  # noqa: S105 - the scheme's own prefix
_SECRET_BYTES = 32
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Resolve = Callable[[str, int], Sequence[str]]
"""A host and a port to its addresses."""


@dataclass(frozen=True, kw_only=True)
class PushTarget:
    """Where a request goes.

    Attributes
    ----------
    inner
        Whether the host may have an address that is private, or this machine's.
    ca_file
        PEM file of the authorities that are believed; empty = those of the system.
    """

    url: str
    timeout_s: float
    inner: bool = False
    ca_file: str = ""


@dataclass(frozen=True, kw_only=True)
class Pushed:
    """What became of a request.

    Attributes
    ----------
    status
        Of the answer; None = there was none.
    error
        What went wrong, in a sentence without anything that the target said; empty = nothing.
    retry_after_s
        How long it asks to wait; None = it does not say.
    """

    status: int | None = None
    error: str = ""
    retry_after_s: float | None = None

    @property
    def ok(self) -> bool:
        """Whether the target took it."""
        return not self.error


def new_secret() -> str:
    """A secret for signing, as receivers are given it."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode("ascii")


def signature(secret: str, event_id: str, timestamp: int, body: bytes) -> str:
    """The value of ``webhook-signature``.

    Parameters
    ----------
    secret
        As ``new_secret`` makes it.
    timestamp
        Seconds since 1970.
    """
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    digest = hmac.new(key, f"{event_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode('ascii')}"


def allows(hosts: str, host: str) -> bool:
    """Whether a list of hosts (with commas; ``*.example.org`` = all below it) names a host."""
    listed = {one.strip().lower() for one in hosts.split(",")} - {""}
    below = (one[1:] for one in listed if one.startswith("*."))
    return host.lower() in listed or any(host.lower().endswith(ending) for ending in below)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public network.

    Not so are private, local, reserved and multicast ones, nor one of these wrapped in an IPv6 address.
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inside = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inside is None and found in _NAT64:
            inside = ipaddress.IPv4Address(found.packed[-4:])
        if inside is not None:
            return is_public(str(inside))
        if int(found) >> 32 == 0:  # IPv4-compatible, long out of use
            return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, in the system's order, each once."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class Push:
    """One request; ``abort`` ends it from another thread.

    Each step has the target's time; who wants the whole to have no more calls ``abort`` when it is over.
    """

    def __init__(self, target: PushTarget, *, resolved: Resolve = resolve) -> None:
        self._target, self._resolved = target, resolved
        self._socket: socket.socket | None = None
        self._is_over = False
        self._why = ""

    def send(self, secret: str, event_id: str, body: bytes, *, now: float) -> Pushed:
        """Send a body; never raises for what the network or the target does.

        Parameters
        ----------
        now
            Seconds since 1970, for the signature.
        """
        parts = urlsplit(self._target.url)
        host, shown = parts.hostname or "", parts.netloc
        port = parts.port or (443 if parts.scheme == "https" else 80)
        timestamp = int(now)
        headers = {
            "Host": shown,
            "Content-Type": "application/json",
            "User-Agent": "workbench",
            "Accept-Encoding": "identity",
            "Connection": "close",
            "webhook-id": event_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(secret, event_id, timestamp, body),
        }
        try:
            line = self._line(parts.scheme, host, port)
            return self._ask(line, parts.path or "/", headers, body, shown)
        except ConnectError as error:
            return Pushed(error=error.message)
        except (OSError, http.client.HTTPException) as error:
            return Pushed(error=self._word(error, shown))
        finally:
            self._end("")

    def abort(self, why: str = "the workbench stopped") -> None:
        """Break off at once."""
        self._end(why)

    def _line(self, scheme: str, host: str, port: int) -> socket.socket:
        """A connection to an address of the host that may be gone to."""
        addresses = self._addresses(host, port)
        context = tls_context(self._target.ca_file) if scheme == "https" else None
        failed: OSError = TimeoutError()
        for address in addresses:
            if self._is_over:
                break
            try:
                line = socket.create_connection((address, port), timeout=self._target.timeout_s)
            except OSError as error:
                failed = error
                continue
            self._hold(line)
            if context is None:
                return line
            secured = context.wrap_socket(line, server_hostname=host, do_handshake_on_connect=False)
            self._hold(secured)
            secured.do_handshake()
            return secured
        raise failed

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        found = self._resolved(host, port)
        bad = [one for one in found if not self._target.inner and not is_public(one)]
        if bad or not found:
            what = f"its address {bad[0]} is not public" if bad else "the name is not known"
            raise unreachable(host, what)
        return found

    def _ask(
        self, line: socket.socket, path: str, headers: dict[str, str], body: bytes, shown: str
    ) -> Pushed:
        from workbench.connect.web import read_retry_after  # noqa: PLC0415 - loads httpx

        connection = http.client.HTTPConnection(shown)
        connection.sock = line
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            status, waits = answer.status, read_retry_after(_lowered(answer.getheaders()))
        finally:
            connection.close()
        if http.client.OK <= status < http.client.MULTIPLE_CHOICES:
            return Pushed(status=status)
        more = ", and redirects are not followed" if status < http.client.BAD_REQUEST else ""
        return Pushed(
            status=status, error=f"{shown} answers with status {status}{more}.", retry_after_s=waits
        )

    def _hold(self, line: socket.socket) -> None:
        self._socket = line
        if self._is_over:  # asked after it is held: whoever ends it sees the line, or is seen here
            line.close()
            raise TimeoutError

    def _end(self, why: str) -> None:
        self._why = self._why or why
        self._is_over = True
        line = self._socket
        if line is not None:
            with contextlib.suppress(OSError):  # it is not connected any more
                line.shutdown(socket.SHUT_RDWR)
            if not why:
                line.close()

    def _word(self, error: Exception, shown: str) -> str:
        if self._why:
            return unreachable(shown, self._why).message
        if isinstance(error, OSError):
            return word_os_error(error, shown, Secrets()).message
        return f"{shown} gave an answer that is no HTTP."


def _lowered(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers}


__all__ = [
    "SECRET_PREFIX",
    "Push",
    "PushTarget",
    "Pushed",
    "allows",
    "is_public",
    "new_secret",
    "resolve",
    "signature",
]
