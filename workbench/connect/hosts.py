"""Where a connection may go: TLS unless it stays on this machine, and never to another host than asked."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from urllib.parse import urlsplit

from workbench.connect.failures import bad_certificate, protocol_broken, unreachable
from workbench.domain.secrets import Secrets
from workbench.errors import ConnectError, InputError


def is_loopback(host: str) -> bool:
    """Whether the name is this machine, by its look alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


def check_plain(host: str, *, allowed: bool) -> None:
    """Refuse to send secrets and mail in the clear to another machine.

    Raises
    ------
    InputError
        ``host`` is not this machine and ``allowed`` is False.
    """
    if not (allowed or is_loopback(host)):
        raise InputError(
            f"the connection to {host!r} would not be encrypted.",
            next_step="Use TLS, or set 'allow_plain' if the line is protected in another way.",
            details={"host": host},
        )


def check_address(url: str, *, allow_plain: bool = False) -> str:
    """Check the address of a service; returns it without a slash at its end.

    Raises
    ------
    InputError
        It is no web address, holds a user name or password, or is not encrypted where it must be.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if not host or parts.scheme not in {"http", "https"} or parts.username is not None or parts.fragment:
        raise InputError(
            f"{host or 'the address'} cannot be used as the address of a service.",
            next_step="Write it as https://host/path, without user name and password.",
        )
    if parts.scheme == "http":
        check_plain(host, allowed=allow_plain)
    return url.rstrip("/")


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address; three that equal nothing useful when it is malformed."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return "", "", 0
    return parts.scheme, (parts.hostname or "").casefold(), port


def tls_context(ca_file: str) -> ssl.SSLContext:
    """A context that checks certificate and host name.

    Raises
    ------
    InputError
        ``ca_file`` cannot be read as certificates.
    """
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise InputError(
            f"the file of authorities {ca_file!r} cannot be read.",
            next_step="Give the path of a PEM file.",
        ) from error


def word_os_error(error: OSError, host: str, secrets: Secrets) -> ConnectError:
    """Word what the network or TLS did on the way to ``host``."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return bad_certificate(host, secrets.clean(error.verify_message))
    if isinstance(error, ssl.SSLError):
        reason = (error.reason or "TLS failed").replace("_", " ").lower()
        return protocol_broken(host, f"{reason} (is TLS spoken on this port?)")
    if isinstance(error, TimeoutError):
        return unreachable(host, "no answer in time")
    if isinstance(error, socket.gaierror):
        return unreachable(host, "the name is not known")
    return unreachable(host, secrets.clean(error.strerror or "the connection broke"))
