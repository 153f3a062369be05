"""MIME text from parts, for mails that come in another form. Headers are UTF-8 (RFC 6532)."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from workbench.errors import InputError
from workbench.primitives import hex_digest

HEADER_CHARACTERS = 65_536
PLAIN_CHARACTERS = 65_536
PAGE_CHARACTERS = 33_554_432
_MIME_HEADERS = ("content-type", "content-transfer-encoding", "mime-version")
_HEADER = re.compile(r"[!-9;-~]{1,200}")


def compose_mail(*, headers: str | Mapping[str, str], plain: str = "", html: str = "") -> bytes:
    """A raw mail from headers and text that a program hands over apart.

    Parameters
    ----------
    headers
        The header lines as they were received, or values by name.
    plain, html
        The body as text, as a page, or both.

    Raises
    ------
    InputError
        Headers or a body are longer than allowed (65,536; 65,536; 33,554,432 characters), or a header has no
        proper name.
    """
    if isinstance(headers, str):
        lines, _, _ = headers.replace("\r\n", "\n").strip("\n").partition("\n\n")
        own = [line for line in unfolded_lines(lines) if not line.lower().startswith(_MIME_HEADERS)]
        head = "".join(f"{line}\r\n" for line in own)
    else:
        for name in headers:
            if _HEADER.fullmatch(name) is None:
                raise InputError(
                    f"{name[:100]!r} is no header name.",
                    next_step="Names are printable ASCII without space and colon, as in 'Subject'.",
                )
        head = mime_headers(
            {k: v for k, v in headers.items() if not k.lower().startswith(_MIME_HEADERS)}
        ).decode()
    for what, text, limit in (
        ("header", head, HEADER_CHARACTERS),
        ("plain body", plain, PLAIN_CHARACTERS),
        ("HTML body", html, PAGE_CHARACTERS),
    ):
        if len(text) > limit:
            raise InputError(
                f"the {what} of a mail has {len(text):,} characters; at most {limit:,} are allowed.",
                next_step="Shorten it, or import the mail as a file.",
                details={"n_characters": len(text), "max_characters": limit},
            )
    bodies = (
        [mime_part(plain.encode("utf-8", "replace"), "text/plain; charset=utf-8")]
        if plain or not html
        else []
    )
    if html:
        bodies.append(mime_part(html.encode("utf-8", "replace"), "text/html; charset=utf-8"))
    body = bodies[0] if len(bodies) == 1 else mime_multipart("alternative", bodies)
    return head.encode("utf-8", "replace") + b"MIME-Version: 1.0\r\n" + body


def unfolded_lines(lines: str) -> list[str]:
    """Header lines, each with those that continue it."""
    found: list[list[str]] = []
    for line in lines.split("\n"):
        if line[:1] in (" ", "\t") and found:
            found[-1].append(line.strip())
        else:
            found.append([line.rstrip()])
    return [" ".join(pieces) for pieces in found]


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
