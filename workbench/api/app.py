"""A Starlette application that hands calls to the owner.

``POST /rpc/<operation>`` takes and returns the wire's bytes (see ``workbench.wire``); ``GET /health`` tells
that the server is up. Every request but ``/health`` needs ``Authorization: Bearer <token>``.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable

import anyio.to_thread
import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from workbench.errors import InputError, SignInError, WorkbenchError
from workbench.wire import Call, Failure, Reply, decode, encode, failure_of

MAX_BODY = 64 << 20
"""Largest request body in bytes; larger data comes in pieces (uploads) or batches."""

ACTOR = "http"
CHANNEL = "http"
_THREADS = 40
_WAITING_THREADS = 500
_MOST_DROPPED = 4 * MAX_BODY
_WAITS = "wait_events"


def make_app(ask: Callable[[Call], Reply], *, token: str, operator: str = "") -> Starlette:
    """Build the application.

    Parameters
    ----------
    ask
        Hands one call to the owner and returns its reply.
    token
        Opens a workspace without accounts. Compared in constant time, never logged. Every other token is shown to the
        owner, who knows whose it is.
    operator
        What the owner is shown in the place of ``token``.
    """
    # Who waits for news occupies a thread for half a minute: that must not take the place of those who work.
    working, waiting = anyio.CapacityLimiter(_THREADS), anyio.CapacityLimiter(_WAITING_THREADS)

    async def rpc(request: Request) -> Response:
        shown = _token_of(request)
        if not shown:
            return _refused(_missing())
        raw = await _body(request)
        if raw is None:
            return _too_large()
        try:
            call: Call = decode(raw, Call)
            if call.operation != request.path_params["operation"]:
                raise InputError("the address and the call name different operations.")
            is_shared = hmac.compare_digest(shown.encode(), token.encode())
            trusted = msgspec.structs.replace(
                call,
                actor=ACTOR if is_shared else "",
                channel=CHANNEL,
                token=operator if is_shared else shown,
            )
            limiter = waiting if call.operation == _WAITS else working
            reply = await anyio.to_thread.run_sync(ask, trusted, limiter=limiter)
        except WorkbenchError as error:
            reply = Reply(failure=failure_of(error))
        if reply.failure is not None and reply.failure.code == SignInError.code:
            return _refused(reply.failure)
        return Response(encode(reply), media_type="application/msgpack")

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return Starlette(
        routes=[
            Route("/rpc/{operation}", rpc, methods=["POST"]),
            Route("/health", health, methods=["GET"]),
        ]
    )


def _token_of(request: Request) -> str:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return given if scheme.lower() == "bearer" else ""


def _missing() -> Failure:
    return failure_of(SignInError("the token is missing.", next_step="Send 'Authorization: Bearer <token>'."))


def _refused(failure: Failure) -> Response:
    return JSONResponse(
        {"status": "error", "message": f"{failure.message} {failure.next_step}"},
        status_code=401,
        headers={"WWW-Authenticate": "Bearer"},
    )


def _too_large() -> Response:
    error = InputError(
        f"the request has more than {MAX_BODY >> 20} MiB.",
        next_step="Send a file as an upload in pieces, and messages in smaller batches.",
        details={"limit": MAX_BODY},
    )
    return Response(encode(Reply(failure=failure_of(error))), 413, media_type="application/msgpack")


async def _body(request: Request) -> bytes | None:
    """The whole body, None when it is larger than allowed; the rest of such a one is read and dropped.

    A client that is still sending would otherwise see a broken connection instead of the answer.
    """
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > _MOST_DROPPED:
            return None
        if size > MAX_BODY:
            pieces.clear()
        else:
            pieces.append(piece)
    return None if size > MAX_BODY else b"".join(pieces)
