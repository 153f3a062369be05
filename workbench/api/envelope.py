"""What every JSON answer is wrapped in: ``{"status": "ok", …}`` or ``{"status": "error", "message": …}``.

Clients decode by ``status``; an answer without it, such as a framework's own page for an unknown address, is useless to
them, so each of those is worded here as well.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from workbench.errors import (
    AccessError,
    ConfirmationError,
    ConflictError,
    ConnectError,
    ConnectionLostError,
    CredentialsRefusedError,
    DuplicateNameError,
    InputError,
    JobCancelledError,
    LimitError,
    MissingExtraError,
    ModelError,
    NotEmptyError,
    NotTrainedError,
    QueryLimitError,
    ReadOnlyError,
    SchemaVersionError,
    SignInError,
    StoreLockedError,
    ThrottledError,
    TooFewAnnotationsError,
    UnknownNameError,
    UnsupportedError,
    WorkbenchError,
    WorkspaceKeyError,
)

log = logging.getLogger(__name__)

_STATUS: tuple[tuple[type[WorkbenchError], int], ...] = (
    (SignInError, 401),
    (AccessError, 403),
    (UnknownNameError, 404),
    (NotTrainedError, 404),
    (ThrottledError, 429),
    (DuplicateNameError, 409),
    (NotEmptyError, 409),
    (ConfirmationError, 409),
    (ConflictError, 409),
    (ReadOnlyError, 409),
    (JobCancelledError, 409),
    (LimitError, 422),
    (QueryLimitError, 422),
    (TooFewAnnotationsError, 422),
    (CredentialsRefusedError, 422),
    (ModelError, 422),
    (UnsupportedError, 422),
    (InputError, 400),
    (MissingExtraError, 501),
    (ConnectError, 502),
    (ConnectionLostError, 503),
    (StoreLockedError, 503),
    (SchemaVersionError, 503),
    (WorkspaceKeyError, 503),
)
"""First match counts: an error's nearest kind stands before its ancestors."""


CONTENT_TYPE = "application/octet-stream"
_DEFECT = "the server failed. This is a defect; see the server's log."
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
    media_type: str = CONTENT_TYPE


def answer(payload: Ok | Content) -> Response:
    """A success."""
    if isinstance(payload, Content):
        return Response(payload.data, media_type=payload.media_type, headers=_AS_DOWNLOAD)
    return Response(msgspec.json.encode(payload), media_type="application/json")


def refusal(error: WorkbenchError, status: int | None = None) -> Response:
    """An error as people and clients read it; its class decides the status, unless that is given."""
    if type(error) is WorkbenchError:  # the owner's own word for what nobody foresaw; it may quote anything
        log.error("the owner failed; see its log")
        return failure(500, _DEFECT)
    if status is None:
        status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
    wait_s = error.details.get("retry_after_s")
    headers = {"Retry-After": str(math.ceil(wait_s))} if isinstance(wait_s, int | float) else {}
    return failure(status, str(error), headers)


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
    return failure(500, _DEFECT)
