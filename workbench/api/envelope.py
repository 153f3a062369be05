"""What every JSON answer is wrapped in: ``{"status": "ok", …}`` or ``{"status": "error", "message": …}``.

Clients decode by ``status``; an answer without it, such as a framework's own page for an unknown address, is useless to
them, so each of those is worded here as well.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from workbench.errors import (
    AccessError,
    ConfirmationError,
    ConflictError,
    ConnectionLostError,
    DuplicateNameError,
    InputError,
    LimitError,
    NotEmptyError,
    ReadOnlyError,
    SignInError,
    UnknownNameError,
    UnsupportedError,
    WorkbenchError,
)

log = logging.getLogger(__name__)

_STATUS: tuple[tuple[type[WorkbenchError], int], ...] = (
    (SignInError, 401),
    (AccessError, 403),
    (UnknownNameError, 404),
    (DuplicateNameError, 409),
    (NotEmptyError, 409),
    (ConfirmationError, 409),
    (ConflictError, 409),
    (ReadOnlyError, 409),
    (LimitError, 422),
    (UnsupportedError, 422),
    (InputError, 400),
    (ConnectionLostError, 503),
)
"""First match counts: an error's nearest kind stands before its ancestors."""


CONTENT_TYPE = "application/octet-stream"
_AS_DOWNLOAD = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}


class Ok(msgspec.Struct, kw_only=True, omit_defaults=False):
    """An answer without payload; the base of those with one."""

    status: str = "ok"


class Failed(msgspec.Struct, kw_only=True):
    """What went wrong, and what to do about it."""

    status: str = "error"
    message: str


@dataclass(frozen=True, kw_only=True)
class Content:
    """Bytes as they are stored: the one answer without an envelope.

    Nothing in them is to be run or shown by a browser, whatever they claim to be: they are handed over as a download.
    """

    data: bytes


def answer(payload: Ok | Content) -> Response:
    """A success."""
    if isinstance(payload, Content):
        return Response(payload.data, media_type=CONTENT_TYPE, headers=_AS_DOWNLOAD)
    return Response(msgspec.json.encode(payload), media_type="application/json")


def refusal(error: WorkbenchError) -> Response:
    """An error as people and clients read it."""
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
    return failure(status, str(error))


def failure(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    """A failure of any kind."""
    more = {"WWW-Authenticate": "Bearer"} if status == 401 else {}  # noqa: PLR2004 - RFC 9110 demands it there
    return Response(
        msgspec.json.encode(Failed(message=message)),
        status,
        media_type="application/json",
        headers={**more, **(headers or {})},
    )


async def unknown_address(_request: Request, error: Exception) -> Response:
    """An address or a method that is not there."""
    assert isinstance(error, HTTPException)
    text = {404: "404 Not Found", 405: "405 Method Not Allowed"}.get(error.status_code, error.detail)
    return failure(error.status_code, text, dict(error.headers or {}))


async def defect(_request: Request, error: Exception) -> Response:
    """Something nobody foresaw: said without a word of what was inside."""
    log.error("a request failed: %s", type(error).__name__, exc_info=error)
    return failure(500, "the server failed. This is a defect; see the server's log.")
