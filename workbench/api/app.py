"""A Starlette application that hands calls to the owner.

``POST /rpc/<operation>`` takes and returns the wire's bytes (see ``workbench.wire``); ``GET /health`` tells
that the server is up. Every request but ``/health`` needs ``Authorization: Bearer <token>``.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from workbench.errors import AccessError, InputError, WorkbenchError
from workbench.wire import Call, Reply, decode, encode, failure_of

MAX_BODY = 64 << 20
"""Largest request body in bytes; larger data comes in pieces (uploads) or batches."""

ACTOR = "http"


def make_app(ask: Callable[[Call], Reply], *, token: str) -> Starlette:
    """Build the application.

    Parameters
    ----------
    ask
        Hands one call to the owner and returns its reply.
    token
        What callers must present. Compared in constant time, never logged.
    """

    async def rpc(request: Request) -> Response:
        if not _has_token(request, token):
            return _refused()
        raw = await _body(request)
        if raw is None:
            return JSONResponse({"status": "error", "message": "the request is too large"}, status_code=413)
        try:
            call: Call = decode(raw, Call)
            if call.operation != request.path_params["operation"]:
                raise InputError("the address and the call name different operations.")
            reply = await run_in_threadpool(ask, msgspec.structs.replace(call, actor=ACTOR))
        except WorkbenchError as error:
            reply = Reply(failure=failure_of(error))
        return Response(encode(reply), media_type="application/msgpack")

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return Starlette(
        routes=[
            Route("/rpc/{operation}", rpc, methods=["POST"]),
            Route("/health", health, methods=["GET"]),
        ]
    )


def _has_token(request: Request, token: str) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), token.encode())


def _refused() -> Response:
    error = AccessError("the token is missing or wrong.", next_step="Send 'Authorization: Bearer <token>'.")
    return JSONResponse(
        {"status": "error", "message": str(error)}, status_code=401, headers={"WWW-Authenticate": "Bearer"}
    )


async def _body(request: Request) -> bytes | None:
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > MAX_BODY:
            return None
        pieces.append(piece)
    return b"".join(pieces)
