"""A Starlette application that hands calls to the owner.

``POST /rpc/<operation>`` speaks the wire's bytes, for our own client; ``ENDPOINTS`` speak JSON, for everybody, and
``GET /openapi.json`` describes them; ``GET /health`` tells that the server is up. Every request but the last two needs
``Authorization: Bearer <token>``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import anyio.to_thread
import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from workbench.api.addresses import Spelling, routing_order, spellings
from workbench.api.caller import CHANNEL, Desk, read_within, too_large
from workbench.api.endpoint import Asked, Endpoint, read_body, read_file, read_query
from workbench.api.envelope import answer, defect, failure, refusal, unknown_address
from workbench.api.openapi import description
from workbench.api.routes import ENDPOINTS
from workbench.api.rpc import RpcDoor
from workbench.errors import WorkbenchError
from workbench.wire import Call, Reply, remote_operations


def make_app(ask: Callable[[Call], Reply], *, token: str, operator: str = "") -> Starlette:
    """Build the application; the parameters are those of ``Desk``."""
    desk = Desk(ask, token=token, operator=operator)
    described = msgspec.json.encode(description(ENDPOINTS))

    async def openapi(_request: Request) -> Response:
        return Response(described, media_type="application/json")

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return Starlette(
        routes=[
            Route("/rpc/{operation}", RpcDoor(desk).__call__, methods=["POST"]),
            Route("/health", health, methods=["GET"]),
            Route("/openapi.json", openapi, methods=["GET"]),
            *(_route(desk, path, ones) for path, ones in _by_path(ENDPOINTS).items()),
        ],
        middleware=[Middleware(Spelling)],
        exception_handlers={HTTPException: unknown_address, Exception: defect},
    )


def _by_path(endpoints: Sequence[Endpoint]) -> dict[str, dict[str, Endpoint]]:
    found: dict[str, dict[str, Endpoint]] = {}
    for one in endpoints:
        for path in spellings(one.path):
            found.setdefault(path, {})[one.method] = one
    return dict(sorted(found.items(), key=lambda item: routing_order(item[0])))


def _route(desk: Desk, path: str, by_method: Mapping[str, Endpoint]) -> Route:
    async def serve(request: Request) -> Response:
        one = by_method["GET" if request.method == "HEAD" else request.method]
        try:
            who = desk.who(request)
            raw = await read_within(request)
            if raw is None:
                return failure(413, str(too_large()))
            asked = Asked(
                operations=remote_operations(
                    desk.ask,
                    actor=who.actor,
                    channel=CHANNEL,
                    token=who.token,
                    peer=who.peer,
                    key=request.headers.get("idempotency-key", ""),
                ),
                path=request.path_params,
                query=read_query(request, one.query),
                body=await read_file(request, raw) if one.takes_file else read_body(raw, one.body),
            )
            return answer(await anyio.to_thread.run_sync(one.handle, asked, limiter=desk.working))
        except WorkbenchError as error:
            return refusal(error)

    return Route(path, serve, methods=list(by_method))
