"""A gate on a port of its own, before a server that stands for Voila and an owner that knows two people."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import anyio.to_thread
import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket, WebSocketDisconnect

from workbench.errors import AccessError
from workbench.gate import GateRules, Origins, Upstream, make_gate

SECRET = "what-voila-asks-for"
PASSWORDS = {"ann": "a long password of ann", "ben": "a long password of ben"}


class Time:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **more: float) -> None:
        self.now += timedelta(**more)


@dataclass(frozen=True, kw_only=True)
class Admitted:
    session_token: str
    username: str
    expires_at: datetime
    must_change_password: bool = False


@dataclass
class FakeDoor:
    """The owner: knows passwords, remembers sessions."""

    clock: Time
    tokens: dict[str, str] = field(default_factory=dict)
    external: list[tuple[str, str, str, str]] = field(default_factory=list)
    n_tried: int = 0
    must_change: bool = False
    changed: list[tuple[str, str]] = field(default_factory=list)

    def sign_in(self, name: str, password: str, code: str) -> Admitted:
        self.n_tried += 1
        if PASSWORDS.get(name) != password or code not in ("", "123456"):
            raise AccessError("name, password or code is wrong.", next_step="Try again.")
        return self._admit(name)

    def sign_in_external(self, provider: str, subject: str, email: str, name: str) -> Admitted:
        self.external.append((provider, subject, email, name))
        if subject not in PASSWORDS:
            raise AccessError("nobody here belongs to this identity.", next_step="Ask your administrator.")
        return self._admit(subject)

    def sign_out(self, token: str) -> None:
        self.tokens.pop(token, None)

    def set_password(self, token: str, old: str, new: str) -> None:
        if old != PASSWORDS[self.tokens[token]] or len(new) < 12:
            raise AccessError("that will not do.", next_step="Try another.")
        self.changed.append((self.tokens[token], new))

    def still_in(self, token: str) -> bool:
        return token in self.tokens

    def _admit(self, name: str) -> Admitted:
        token = f"secret-token-{name}-{len(self.tokens)}"
        self.tokens[token] = name
        over = self.clock() + timedelta(hours=8)
        return Admitted(
            session_token=token, username=name, expires_at=over, must_change_password=self.must_change
        )


class FakeVoila:
    """Pages with a kernel id, kernels with a line, and notes of what came."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.bodies: list[bytes] = []
        self.frames: list[str | bytes] = []
        self.kernels: dict[str, str] = {}
        self.ended: list[str] = []
        self.hold = threading.Event()
        self.hold.set()
        self.app = Starlette(
            routes=[
                Route("/voila/render/{name}", self.page),
                Route("/api/kernels/{kernel}", self.kernel, methods=["GET", "DELETE"]),
                Route("/voila/api/shutdown/{kernel}", self.kernel, methods=["POST"]),
                Route("/voila/static/away", lambda _r: RedirectResponse("http://elsewhere.example/")),
                Route("/voila/static/near", lambda _r: RedirectResponse("/voila/static/x.js")),
                Route("/{path:path}", self.anything, methods=["GET", "POST"]),
                WebSocketRoute("/api/kernels/{kernel}/channels", self.line),
            ]
        )

    def _note(self, request: Request) -> None:
        assert request.headers.get("authorization") == f"token {SECRET}", "passed by the gate"
        self.requests.append((request.method, str(request.url.path), dict(request.headers)))

    async def page(self, request: Request) -> Response:
        self._note(request)
        kernel = f"00000000-0000-4000-8000-{len(self.kernels):012x}"
        self.kernels[kernel] = request.headers.get("x-workbench-visit", "")

        async def pieces():
            yield b'<html><script id="jupyter-config-data">{"kernel'
            yield f'Id": "{kernel}", "q": "{request.url.query}"}}</script>'.encode()
            yield b'first {"kernelId": "99999999-0000-4000-8000-000000000000"}'
            await anyio.to_thread.run_sync(self.hold.wait)
            yield b"last</html>"

        return StreamingResponse(pieces(), media_type="text/html")

    async def kernel(self, request: Request) -> Response:
        self._note(request)
        if request.method != "GET":
            self.ended.append(request.path_params["kernel"])
            return Response(status_code=204)
        return JSONResponse({"id": request.path_params["kernel"]})

    async def anything(self, request: Request) -> Response:
        self._note(request)
        self.bodies.append(await request.body())
        return Response("here", headers={"set-cookie": "theirs=1", "server": "Voila", "x-secret": "1"})

    async def line(self, browser: WebSocket) -> None:
        assert browser.headers.get("authorization") == f"token {SECRET}"
        offered = browser.scope["subprotocols"]
        await browser.accept(subprotocol=offered[0] if offered else None)
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                message = await browser.receive()
                if message["type"] != "websocket.receive":
                    return
                frame = message.get("text") or message.get("bytes")
                self.frames.append(frame)
                if isinstance(frame, str):
                    await browser.send_text(frame)
                else:
                    await browser.send_bytes(frame)


class Running:
    """A server in a thread."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self.port = port
        config = uvicorn.Config(
            app, host="127.0.0.1", port=port, log_level="warning", ws="websockets-sansio", http="h11",
            ws_max_size=1 << 20, proxy_headers=False, server_header=False,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive()
            time.sleep(0.005)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Visitor:
    """A browser without scripts."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.http = httpx.Client(
            base_url=gate.address, headers={"Accept": "text/html"}, timeout=60, trust_env=False
        )

    def form(self, path: str = "/sign-in") -> str:
        page = self.http.get(path)
        found = re.search(r'name="form" value="([0-9a-f]+)"', page.text)
        assert found, page.text
        return found.group(1)

    def post(self, path: str, origin: str | None = "", **fields: str) -> httpx.Response:
        headers = {} if origin is None else {"Origin": origin or self.gate.address}
        return self.http.post(path, data=fields, headers=headers)

    def sign_in(self, name: str, password: str | None = None, **more: str) -> httpx.Response:
        given = PASSWORDS[name] if password is None else password
        return self.post("/sign-in", form=self.form(), name=name, password=given, **more)

    def sign_out(self) -> httpx.Response:
        return self.post("/sign-out", form=self.form("/sign-out"))

    def open_app(self, name: str = "train", query: str = "") -> str:
        """The id of the kernel of a page."""
        page = self.http.get(f"/voila/render/{name}.ipynb{query}")
        assert page.status_code == 200, page.text
        return re.search(r'"kernelId": "([^"]+)"', page.text).group(1)

    @property
    def cookies(self) -> str:
        return "; ".join(f"{one.name}={one.value}" for one in self.http.cookies.jar)


@dataclass
class Gate:
    port: int
    door: FakeDoor
    voila: FakeVoila
    clock: Time
    visitors: list[Visitor] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def line(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def visitor(self, name: str = "") -> Visitor:
        visitor = Visitor(self)
        self.visitors.append(visitor)
        if name:
            assert visitor.sign_in(name).status_code == 303
        return visitor


@contextlib.contextmanager
def running_gate(port: int = 0, **more: object) -> Iterator[Gate]:
    clock = Time()
    door, voila = FakeDoor(clock), FakeVoila()
    behind = Running(voila.app, free_port())
    port = port or free_port()
    upstream = Upstream(
        address=f"http://127.0.0.1:{behind.port}",
        secret=SECRET,
        most_request_bytes=1000,
        most_frame_bytes=100_000,
    )
    rules = GateRules(sign_ins_per_minute=5, kernels_per_visitor=2, kernels_in_all=3)
    app = make_gate(door, upstream, Origins(port=port), rules=rules, clock=clock, cookie_suffix="t", **more)
    front = Running(app, port)
    gate = Gate(port, door, voila, clock)
    try:
        yield gate
    finally:
        voila.hold.set()
        for visitor in gate.visitors:
            visitor.http.close()
        front.stop()
        behind.stop()


@pytest.fixture
def gate() -> Iterator[Gate]:
    with running_gate() as gate:
        yield gate


def until(check, *, patience_s: float = 5.0) -> None:
    deadline = time.monotonic() + patience_s
    while not check():
        assert time.monotonic() < deadline, check
        time.sleep(0.01)
