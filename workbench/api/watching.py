"""Addresses for who watches the server: ``/live``, ``/health`` and ``/metrics``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from workbench.api.caller import Desk, Who
from workbench.api.envelope import Ok, answer, failure, refusal
from workbench.api.metrics import TEXT_TYPE, Metrics
from workbench.api.passage import passage_of
from workbench.api.pulse import Pulse
from workbench.domain import RIGHTS, Permission
from workbench.errors import AccessError, WorkbenchError

RIGHT: Permission = "audit.read"
"""Of what may be read, what shows as little of messages as the figures do; a token for it can be made that does no more."""
_LOOPBACK = ("127.0.0.1", "::1")


def watching_routes(desk: Desk, metrics: Metrics, pulse: Pulse) -> list[Route]:
    """The three routes."""

    async def live(request: Request) -> Response:
        passage_of(request).route = "/live"
        return answer(Ok())

    async def health(request: Request) -> Response:
        passage_of(request).route = "/health"
        if await pulse.beats():
            return answer(Ok())
        return failure(503, "the owner of the workspace does not answer.", {"Retry-After": "2"})

    async def figures(request: Request) -> Response:
        passage_of(request).route = "/metrics"
        jobs: Mapping[str, int] = {}
        try:
            if not _open_to(request, desk):
                who = await desk.who(request)
                jobs = await anyio.to_thread.run_sync(_jobs_seen, desk, who, limiter=desk.working)
        except WorkbenchError as error:
            return refusal(error)
        text = metrics.text(owner_up=await pulse.beats(), jobs=jobs)
        return Response(text, headers={"Content-Type": TEXT_TYPE})

    return [
        Route("/live", live, methods=["GET"]),
        Route("/health", health, methods=["GET"]),
        Route("/metrics", figures, methods=["GET"]),
    ]


def _open_to(request: Request, desk: Desk) -> bool:
    peer = request.client.host if request.client else ""
    return desk.rules.metrics_for == "loopback" and peer in _LOOPBACK


def _jobs_seen(desk: Desk, who: Who) -> Mapping[str, int]:
    """How many jobs there are of each status, of those that the reader may see.

    Raises
    ------
    AccessError
        Who asks may not read the figures.
    """
    there = desk.acting(who)
    mine = there.my_rights()
    if RIGHT not in mine.everywhere:
        raise AccessError(
            f"{mine.name!r} may not read the figures: {RIGHTS[RIGHT].title!r} is missing.",
            next_step="Ask an administrator for a role with it.",
        )
    return Counter(one.status for one in there.jobs())
