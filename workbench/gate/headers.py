"""Headers: what passes the gate in either direction, and what the gate adds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_FROM_BROWSER = frozenset(
    {
        "accept",
        "accept-encoding",
        "accept-language",
        "cache-control",
        "content-type",
        "if-modified-since",
        "if-none-match",
        "pragma",
        "range",
        "user-agent",
    }
)
"""An allow-list: cookies, credentials, claims about who asks and hop-by-hop headers never reach the servers behind."""

_FROM_SERVER = frozenset(
    {
        "accept-ranges",
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-length",
        "content-range",
        "content-type",
        "etag",
        "expires",
        "last-modified",
        "pragma",
        "vary",
    }
)

STRICT_POLICY = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
"""For the gate's own pages: no script at all."""

APP_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob: data:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'self'"
)
"""For apps: widgets come as inline scripts and data, but nothing may be fetched from or sent to another host."""


def to_server(headers: Iterable[tuple[str, str]], added: Mapping[str, str]) -> list[tuple[str, str]]:
    """Headers of a browser's request as they go on, and those that only the gate may set."""
    kept = [(name, value) for name, value in headers if name.lower() in _FROM_BROWSER]
    return [*kept, *added.items()]


def to_browser(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers of a server's answer as they go on; no cookies: the browser has one, of the gate."""
    return {name.lower(): value for name, value in headers if name.lower() in _FROM_SERVER}


def protection(policy: str, *, secure: bool) -> dict[str, str]:
    """Headers that tell the browser to be careful with this answer."""
    out = {
        "content-security-policy": policy,
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=()",
        "referrer-policy": "same-origin",  # "no-referrer" would make the Origin of our own forms "null"
        "x-content-type-options": "nosniff",
        "x-frame-options": "SAMEORIGIN",
    }
    if secure:
        out["strict-transport-security"] = "max-age=31536000"
    return out
