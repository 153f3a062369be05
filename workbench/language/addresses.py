"""Addresses of services that text may be sent to: https, or this machine."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from workbench.errors import InputError


def check_address(service: str, url: str, *, plain_http: bool) -> None:
    """Refuse what is no base address, and what would carry text unencrypted to another machine.

    Parameters
    ----------
    service
        What the texts call it, such as ``translator``.
    plain_http
        Whether text may travel unencrypted to another machine.

    Raises
    ------
    InputError
        So it is; the text holds no more of the address than its host.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.query or parts.fragment:
        raise InputError(
            f"the {service}'s address cannot be used.",
            next_step="Give its base address, such as https://service.example.org; the key goes into its own setting.",
        )
    if parts.scheme == "http" and not plain_http and not _is_this_machine(host):
        raise InputError(
            f"the {service} at {host!r} would get texts unencrypted.",
            next_step="Use https, or a service on this machine.",
            details={"host": host},
        )


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
