"""The gate: one server that asks who somebody is before anything else answers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from workbench.gate.apps import Apps
from workbench.gate.attempts import Attempts
from workbench.gate.door import Door
from workbench.gate.headers import STRICT_POLICY, protection
from workbench.gate.kernels import Kernels
from workbench.gate.labs import Labs
from workbench.gate.openid import OpenId
from workbench.gate.origins import Origins, is_plain_path
from workbench.gate.pages import STYLE_PATH, style
from workbench.gate.sessions import Session, Sessions
from workbench.gate.signing import Signing
from workbench.gate.upstream import Upstream, refusal
from workbench.primitives import Clock, utc_now

_LOOK_EVERY_S = 5.0
_WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_METHODS = ["GET", "HEAD", *sorted(_WRITING)]
_NOT_HERE = 421


@dataclass(frozen=True, kw_only=True)
class GateRules:
    """Limits of the gate.

    Attributes
    ----------
    session_idle_s
        Seconds without a request or a message of a page after which a session ends.
    sign_ins_per_minute
        Most attempts to sign in from one address.
    kernels_per_visitor, kernels_in_all
        Most app pages open at once.
    theme
        ``"light"``, ``"dark"`` or ``"auto"``.
    """

    session_idle_s: float = 3600.0
    sign_ins_per_minute: int = 10
    kernels_per_visitor: int = 8
    kernels_in_all: int = 40
    theme: str = "auto"


def make_gate(
    door: Door,
    voila: Upstream,
    origins: Origins,
    *,
    rules: GateRules | None = None,
    openid: OpenId | None = None,
    labs: Labs | None = None,
    cookie_suffix: str = "",
    clock: Clock = utc_now,
) -> ASGIApp:
    """Build the gate.

    Parameters
    ----------
    door
        The owner.
    voila
        Where Voila listens; it must listen on loopback and ask for ``voila.secret``.
    origins
        Addresses under which visitors come.
    openid
        Identity provider; None = names and passwords only.
    labs
        Notebook servers of visitors; None = there are none.
    cookie_suffix
        Tells cookies of several gates on one machine apart.
    """
    rules = rules or GateRules()
    sessions = Sessions(clock, idle_s=rules.session_idle_s)
    kernels = Kernels(per_visitor=rules.kernels_per_visitor, in_all=rules.kernels_in_all)
    apps = Apps(voila, kernels, sessions, secure=origins.secure)

    async def leave(session: Session) -> None:
        await apps.leave(session)
        if labs is not None:
            await labs.leave(session)

    signing = Signing(
        door,
        sessions,
        Attempts(clock, most=rules.sign_ins_per_minute),
        secure=origins.secure,
        cookie_suffix=cookie_suffix,
        leave=leave,
        openid=openid,
    )
    pages = _Pages(signing, apps, labs, sessions, theme=rules.theme, secure=origins.secure)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        watching = asyncio.create_task(_end_when_over(sessions, signing))
        try:
            yield
        finally:
            watching.cancel()
            for session in sessions.all():
                await signing.end(session)
            await apps.close()
            if labs is not None:
                await labs.close()
            if openid is not None:
                await openid.close()

    app = Starlette(
        routes=[
            Route("/health", pages.health, methods=["GET"]),
            Route(STYLE_PATH, pages.style, methods=["GET"]),
            Route("/sign-in", signing.show, methods=["GET"]),
            Route("/sign-in", signing.sign_in, methods=["POST"]),
            Route("/sign-in/provider", signing.to_provider, methods=["POST"]),
            Route("/sign-in/callback", signing.from_provider, methods=["GET"]),
            Route("/sign-in/password", signing.ask_for_password, methods=["GET"]),
            Route("/sign-in/password", signing.set_password, methods=["POST"]),
            Route("/sign-out", signing.ask_to_leave, methods=["GET"]),
            Route("/sign-out", signing.sign_out, methods=["POST"]),
            Route("/{path:path}", pages.answer, methods=_METHODS),
            WebSocketRoute("/{path:path}", pages.line),
        ],
        lifespan=lifespan,
    )
    return _Guard(app, origins)


class _Pages:
    """What signed-in visitors see."""

    def __init__(
        self, signing: Signing, apps: Apps, labs: Labs | None, sessions: Sessions, *, theme: str, secure: bool
    ) -> None:
        self._signing = signing
        self._apps = apps
        self._labs = labs
        self._sessions = sessions
        self._style = style(theme)
        self._protection = protection(STRICT_POLICY, secure=secure)

    async def health(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers=self._protection)

    async def style(self, _request: Request) -> Response:
        kept = {**self._protection, "cache-control": "max-age=3600"}
        return Response(self._style, headers=kept, media_type="text/css")

    async def answer(self, request: Request) -> Response:
        is_page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
        by_hand = is_page or request.method in _WRITING  # JupyterLab asks for lists every few seconds
        session = self._signing.session_of(request, touch=by_hand)
        if session is None:
            return self._signing.send_away(request)
        if by_hand and not await self._signing.still_in(session):
            return self._signing.send_away(request)
        if session.must_change_password:
            return RedirectResponse("/sign-in/password", 303, self._protection)
        if request.url.path.startswith("/lab/"):
            if self._labs is None:
                return refusal(404, "Not found.", self._protection)
            return await self._labs.answer(request, session)
        return await self._apps.answer(request, session)

    async def line(self, browser: WebSocket) -> None:
        session = self._signing.session_of(browser, touch=False)
        if session is None or session.must_change_password or not await self._signing.still_in(session):
            await browser.close()
        elif browser.url.path.startswith("/lab/"):
            if self._labs is None:
                await browser.close()
            else:
                await self._labs.line(browser, session, lambda: self._sessions.touch(session))
        else:
            await self._apps.line(browser, session)


class _Guard:
    """Turns away, before anything is looked up, what was not meant for us or not made by a page of ours."""

    def __init__(self, app: ASGIApp, origins: Origins) -> None:
        self._app = app
        self._origins = origins
        self._protection = protection(STRICT_POLICY, secure=origins.secure)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        n_hosts = sum(name == b"host" for name, _ in scope["headers"])
        is_line = scope["type"] == "websocket"
        from_page = self._origins.is_own(headers)
        refused = None
        if n_hosts != 1 or not self._origins.knows_host(headers.get("host", "")):
            refused = refusal(_NOT_HERE, "This server does not go by that name.", self._protection)
        elif not is_plain_path(scope.get("raw_path") or scope["path"].encode()):
            refused = refusal(404, "Not found.", self._protection)
        elif (is_line or scope["method"] in _WRITING) and not from_page:
            refused = refusal(403, "That was not asked for by a page of this server.", self._protection)
        if refused is None:
            await self._app(scope, receive, send)
        elif is_line:
            await receive()  # the opening; closing before accepting answers 403
            await send({"type": "websocket.close", "code": 1008})
        else:
            await refused(scope, receive, send)


async def _end_when_over(sessions: Sessions, signing: Signing) -> None:
    while True:
        await asyncio.sleep(_LOOK_EVERY_S)
        for session in sessions.over():
            await signing.end(session)
