"""What every request passes first and every answer last: its id, the clock, the log, the figures, and the last word.

A client may name its request with ``X-Request-Id``; the answer and the log carry that name, or one made here. ``Server-
Timing`` tells the milliseconds until the answer began.
"""

from __future__ import annotations

import logging
import re
import time
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workbench.api.envelope import defect
from workbench.api.metrics import Metrics
from workbench.primitives import new_id

log = logging.getLogger(__name__)
_KEY = "workbench.passage"
_SANE = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_GONE = 499


@dataclass(kw_only=True)
class Passage:
    """One request on its way.

    Attributes
    ----------
    route
        Template of its address, ``-`` as long as there is none: values in an address are nobody's business in a log.
    actor
        Name of whoever asks, empty as long as nobody is recognised.
    """

    request_id: str
    route: str = "-"
    actor: str = ""
    status: int = 0
    began: float = field(default_factory=time.perf_counter)

    @property
    def ms(self) -> float:
        """Milliseconds since it came."""
        return (time.perf_counter() - self.began) * 1_000


def passage_of(request: Request) -> Passage:
    """The passage of a request."""
    found: Passage = request.scope.setdefault(_KEY, Passage(request_id=""))
    return found


class Passing:
    """Outermost of the application: what happens inside ends as an answer, is measured and logged."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope).get("x-request-id", "")
        here = Passage(request_id=asked if _SANE.fullmatch(asked) else new_id())
        scope[_KEY] = here

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                here.status = message["status"]
                headers = MutableHeaders(raw=message["headers"])
                headers["X-Request-Id"] = here.request_id
                headers["Server-Timing"] = f"total;dur={here.ms:.1f}"
            await send(message)

        with self._metrics.in_flight():
            try:
                await self._app(scope, receive, send_marked)
            except ClientDisconnect:
                here.status = _GONE
            except Exception as error:
                if here.status:
                    raise  # half an answer is out: the server below breaks the connection
                answer = await defect(Request(scope), error)
                await answer(scope, receive, send_marked)
        self._metrics.observe(here.route, scope["method"], here.status, here.ms / 1_000)
        log.info(
            "request",
            extra={
                "seen": {
                    "method": scope["method"][:16],
                    "route": here.route,
                    "status": here.status,
                    "ms": round(here.ms, 1),
                    "request": here.request_id,
                    "actor": here.actor,
                }
            },
        )
