"""Bodies of requests: read within bounds, and unpacked within the same bounds."""

from __future__ import annotations

import zlib

import anyio.to_thread
from starlette.requests import Request

from workbench.errors import InputError

MAX_BODY = 64 << 20
"""Largest request body in bytes, unpacked; larger data comes in pieces (uploads) or batches."""

_GZIP = zlib.MAX_WBITS | 16
_ENCODINGS = ("", "identity", "gzip", "x-gzip")
_MOST_PARTS = 16


class BodyError(Exception):
    """A body that is not taken as it comes; the error says it, and ``status`` how HTTP does."""

    def __init__(self, error: InputError, status: int) -> None:
        super().__init__(str(error))
        self.error, self.status = error, status


def too_large() -> BodyError:
    """The refusal of a body beyond ``MAX_BODY``."""
    error = InputError(
        f"the request has more than {MAX_BODY >> 20} MiB.",
        next_step="Send a file as an upload in pieces, and messages in smaller batches.",
        details={"limit": MAX_BODY},
    )
    return BodyError(error, 413)


def unknown_encoding(encoding: str) -> BodyError:
    """The refusal of a body that is packed in a way that is not known here."""
    error = InputError(
        f"the body is encoded as {encoding[:100]!r}.", next_step="Send it as it is, or with gzip."
    )
    return BodyError(error, 415)


def refuse_declared(request: Request) -> None:
    """Refuse a body that cannot be taken by what its headers say, before a byte of it is read.

    Raises
    ------
    BodyError
        It says of itself that it is too large, or it is packed in an unknown way.
    """
    if declared_size(request) > MAX_BODY:
        raise too_large()
    if _encoding(request) not in _ENCODINGS:
        raise unknown_encoding(_encoding(request))


def declared_size(request: Request) -> int:
    """Bytes that a body says it has, 0 when it does not say."""
    declared = request.headers.get("content-length", "")
    return int(declared) if declared.isascii() and declared.isdigit() else 0


async def read_whole(request: Request) -> bytes:
    """The whole body, unpacked.

    What is too large is not read on; the server below drops the rest, so that a client that is still sending gets the
    answer rather than a broken connection.

    Raises
    ------
    BodyError
        It is too large, as it came or unpacked.
    InputError
        It says it is gzip and is not.
    """
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > MAX_BODY:
            raise too_large()
        pieces.append(piece)
    raw = b"".join(pieces)
    if _encoding(request) in ("", "identity"):
        return raw
    return await anyio.to_thread.run_sync(unpacked, raw)


def unpacked(raw: bytes) -> bytes:
    """What gzip packed, of one part or several; never more than ``MAX_BODY`` of it is unpacked."""
    parts: list[bytes] = []
    size = 0
    while raw:
        if len(parts) == _MOST_PARTS:  # each part copies what follows it
            raise _no_gzip()
        packed = zlib.decompressobj(_GZIP)
        try:
            part = packed.decompress(raw, MAX_BODY + 1 - size)
        except zlib.error:
            raise _no_gzip() from None
        size += len(part)
        if size > MAX_BODY:
            raise too_large()
        if not packed.eof:
            raise _no_gzip()
        parts.append(part)
        raw = packed.unused_data
    return b"".join(parts)


def _no_gzip() -> InputError:
    return InputError(
        "the body is no gzip, or not all of it.", next_step="Leave out 'Content-Encoding: gzip', or pack it."
    )


def _encoding(request: Request) -> str:
    return request.headers.get("content-encoding", "").strip().lower()
