"""Addresses of networks, as those are told apart who may try something only so often."""

from __future__ import annotations

import ipaddress

_ONE_VISITOR_HOLDS = 64


def address_group(address: str) -> str:
    """Under what an address counts: IPv4 itself, IPv6 its network of 64 bits, which one visitor holds whole.

    What is no address counts as ``unknown``.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, _ONE_VISITOR_HOLDS), strict=False))
    return str(parsed)
