"""MIME text from parts, for mails that come in another format. Headers are UTF-8 (RFC 6532)."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from workbench.primitives import hex_digest


def mime_headers(values: Mapping[str, str]) -> bytes:
    """Header lines; white space within a value becomes a space, empty values are left out."""
    lines = [f"{name}: {' '.join(value.split())}\r\n" for name, value in values.items() if value.strip()]
    return "".join(lines).encode("utf-8", "replace")


def mime_part(data: bytes, content_type: str, *, name: str = "", inline: bool = False) -> bytes:
    """A part with its headers, in base64."""
    values = {"Content-Type": content_type, "Content-Transfer-Encoding": "base64"}
    if name:
        disposition = "inline" if inline else "attachment"
        values["Content-Disposition"] = f"{disposition}; filename*=utf-8''{quote(name, safe='')}"
    return mime_headers(values) + b"\r\n" + base64.encodebytes(data)


def mime_mail(content: bytes) -> bytes:
    """A mail as a part of another."""
    return (
        mime_headers({"Content-Type": "message/rfc822", "Content-Transfer-Encoding": "8bit"})
        + b"\r\n"
        + content
    )


def mime_multipart(subtype: str, parts: Sequence[bytes]) -> bytes:
    """A multipart with its header; the boundary depends on the parts alone and occurs in none of them."""
    boundary = f"=_{hex_digest(*parts)}"
    mark = f"--{boundary}".encode()
    body = b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts)
    kind = mime_headers({"Content-Type": f'multipart/{subtype}; boundary="{boundary}"'})
    return kind + b"\r\n" + body + mark + b"--\r\n"
