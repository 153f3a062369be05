"""A Starlette application that hands calls to the owner.

``POST /rpc/<operation>`` speaks the wire's bytes, for our own client; ``ENDPOINTS`` speak JSON, for everybody, and
``GET /openapi.json`` describes them. ``/live`` tells that the server is up, ``/health`` that the owner answers as well,
``/metrics`` how much is done and how fast. Every request but those to ``/live``, ``/health`` and ``/openapi.json`` needs
``Authorization: Bearer <token>``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import anyio.to_thread
import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from workbench.api.addresses import Spelling, routed, routing_order
from workbench.api.bodies import BodyError
from workbench.api.caller import Desk, Who
from workbench.api.endpoint import Asked, Endpoint, read_body, read_file, read_query
from workbench.api.envelope import CONTENT_TYPE, answer, defect, refusal, unknown_address
from workbench.api.metrics import Metrics
from workbench.api.openapi import description
from workbench.api.passage import Passing, passage_of
from workbench.api.pulse import Pulse
from workbench.api.routes import ENDPOINTS
from workbench.api.rpc import MESSAGE_TYPE, RpcDoor
from workbench.api.rules import Rules
from workbench.api.watching import watching_routes
from workbench.errors import WorkbenchError
from workbench.wire import Call, Reply

_PACKED_FROM = 1_024
_PACKED_HOW_WELL = 5
"""Level 9 takes twice the time of level 5 for a few percent."""
_NOT_PACKED = (*DEFAULT_EXCLUDED_CONTENT_TYPES, CONTENT_TYPE, MESSAGE_TYPE)


def make_app(
    ask: Callable[[Call], Reply],
    *,
    token: str,
    operator: str = "",
    rules: Rules | None = None,
    endpoints: Sequence[Endpoint] = ENDPOINTS,
) -> Starlette:
    """Build the application; the parameters are those of ``Desk``.

    ``state.close()`` of what comes back ends calls that only wait for news, so that a server can stop.
    """
    desk, metrics = Desk(ask, token=token, operator=operator, rules=rules or Rules()), Metrics()
    described = msgspec.json.encode(description(endpoints))
    rpc = RpcDoor(desk)

    async def openapi(_request: Request) -> Response:
        return Response(described, media_type="application/json")

    app = Starlette(
        routes=[
            Route("/rpc/{operation}", rpc.__call__, methods=["POST"]),
            Route("/openapi.json", openapi, methods=["GET"]),
            *watching_routes(desk, metrics, Pulse(desk)),
            *(_route(desk, path, ones) for path, ones in _by_path(endpoints).items()),
        ],
        middleware=[
            Middleware(Passing, metrics=metrics),
            Middleware(Spelling),
            Middleware(
                GZipMiddleware,
                minimum_size=_PACKED_FROM,
                compresslevel=_PACKED_HOW_WELL,
                exclude_content_types=_NOT_PACKED,
            ),
        ],
        exception_handlers={HTTPException: unknown_address, Exception: defect},
    )
    app.state.close = rpc.close
    return app


def _by_path(endpoints: Sequence[Endpoint]) -> dict[str, dict[str, Endpoint]]:
    found: dict[str, dict[str, Endpoint]] = {}
    for one in endpoints:
        for path in one.spelled:
            found.setdefault(path, {})[one.method] = one
    return dict(sorted(found.items(), key=lambda item: routing_order(item[0])))


def _route(desk: Desk, path: str, by_method: Mapping[str, Endpoint]) -> Route:
    async def serve(request: Request) -> Response:
        one = by_method["GET" if request.method == "HEAD" else request.method]
        passage_of(request).route = one.path
        try:
            async with desk.turn():
                who = await desk.who(request)
                async with desk.body(request, who) as raw:
                    file = await read_file(request, raw) if one.takes_file else None
                    return await anyio.to_thread.run_sync(
                        _answered, desk, one, request, who, raw, file, limiter=desk.working
                    )
        except BodyError as problem:
            return refusal(problem.error, problem.status)
        except WorkbenchError as error:
            return refusal(error)

    return Route(routed(path), serve, methods=list(by_method))


def _answered(
    desk: Desk, one: Endpoint, request: Request, who: Who, raw: bytes, file: bytes | None
) -> Response:
    """Read, do, and write; large bodies and answers take long, so all of it happens off the event loop."""
    asked = Asked(
        operations=desk.acting(who, key=request.headers.get("idempotency-key", "")),
        path=request.path_params,
        query=read_query(request, one.query),
        body=read_body(raw, one.body) if file is None else file,
        accept=request.headers.get("accept", ""),
    )
    return answer(one.handle(asked))
