"""A server behind the gate: where it listens, and the HTTP and WebSocket lines to it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field

import anyio
import httpx
import websockets
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from workbench.gate.headers import to_browser, to_server

_CONNECT_S = 10.0
_LINE_S = 90.0  # a kernel that is still starting answers when it has started
_READ_S = 600.0
_BAD_GATEWAY = 502
_NOT_FOUND = 404
_TOO_LARGE = 413
_REDIRECTS = range(300, 400)
_NOT_MODIFIED = 304
_POLICY_VIOLATION = 1008
_TRY_AGAIN = 1013

Frame = str | bytes


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """One server on loopback, with the secret it asks for.

    Attributes
    ----------
    address
        ``http://127.0.0.1:PORT``.
    secret
        Sent as ``Authorization: token …``; the server refuses who does not know it, so that nobody on this machine
        passes the gate by.
    most_request_bytes, most_frame_bytes
        Largest body of a request, and largest WebSocket message in either direction.
    """

    address: str
    secret: str = field(repr=False)
    most_request_bytes: int
    most_frame_bytes: int

    def client(self) -> httpx.AsyncClient:
        """A pool of connections: no redirects followed, no proxies of the environment, no cookies kept."""
        return httpx.AsyncClient(
            base_url=self.address,
            timeout=httpx.Timeout(_READ_S, connect=_CONNECT_S, pool=_READ_S),
            limits=httpx.Limits(max_connections=500, max_keepalive_connections=50),
            trust_env=False,
            follow_redirects=False,
        )

    @property
    def credentials(self) -> dict[str, str]:
        """The header that the server asks for."""
        return {"Authorization": f"token {self.secret}"}


async def body_of(request: Request, most: int) -> bytes | None:
    """The body of a request, None when it is larger than ``most`` bytes.

    It is read whole, so that what goes on has one length that the gate has counted: a request cannot hide a second one.
    """
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > most:
            return None
        pieces.append(piece)
    return b"".join(pieces)


async def ask(
    request: Request,
    upstream: Upstream,
    client: httpx.AsyncClient,
    *,
    added: Mapping[str, str],
    protection: Mapping[str, str],
    query: str | None = None,
    plain: bool = False,
) -> httpx.Response | Response:
    """Hand a request on: the server's answer with its body still to come, or what the browser is told instead.

    Parameters
    ----------
    added
        Headers that only the gate may set.
    protection
        Headers for the browser.
    query
        Query to send instead of the request's own.
    plain
        Ask for an answer that is not compressed.
    """
    body = await body_of(request, upstream.most_request_bytes)
    if body is None:
        return refusal(_TOO_LARGE, "The request is too large.", protection)
    headers = to_server(request.headers.items(), {**upstream.credentials, **added})
    if plain:
        headers = [(name, value) for name, value in headers if name.lower() != "accept-encoding"]
        headers.append(("Accept-Encoding", "identity"))
    raw_path = request.scope.get("raw_path") or request.url.path.encode()
    asked = request.url.query if query is None else query
    target = raw_path + (b"?" + asked.encode("latin-1", "replace") if asked else b"")
    onward = client.build_request(
        request.method,
        httpx.URL(upstream.address).copy_with(raw_path=target),
        headers=[*headers, ("Host", request.headers.get("host", ""))],
        content=body,
    )
    try:
        return await client.send(onward, stream=True)
    except httpx.HTTPError:
        return refusal(_BAD_GATEWAY, "The server behind does not answer.", protection)


def passed_on(answer: httpx.Response, request: Request, upstream: Upstream) -> dict[str, str] | None:
    """Headers of an answer for the browser; None when it would send the browser to another server."""
    kept = to_browser(answer.headers.items())
    if answer.status_code in _REDIRECTS and answer.status_code != _NOT_MODIFIED:
        target = _own_path(answer.headers.get("location", ""), upstream, request.headers.get("host", ""))
        if target is None:
            return None
        kept["location"] = target
    if kept.get("content-type", "").startswith("text/html"):
        kept["cache-control"] = "no-store"
    return kept


async def forward(
    request: Request,
    upstream: Upstream,
    client: httpx.AsyncClient,
    *,
    added: Mapping[str, str],
    protection: Mapping[str, str],
) -> Response:
    """Hand a request on and stream the answer back as it comes, unpacked by nobody."""
    answer = await ask(request, upstream, client, added=added, protection=protection)
    if isinstance(answer, Response):
        return answer
    kept = passed_on(answer, request, upstream)
    if kept is None:
        await answer.aclose()
        return refusal(_NOT_FOUND, "Not found.", protection)
    rules = dict(protection)
    if (own := answer.headers.get("content-security-policy")) is not None:
        rules["content-security-policy"] = f"{rules['content-security-policy']}, {own}"  # both hold

    async def pieces() -> AsyncIterator[bytes]:
        try:
            async for piece in answer.aiter_raw():
                yield piece
        except httpx.HTTPError:
            return  # the server went away: the browser sees an answer that breaks off
        finally:
            with anyio.CancelScope(shield=True):
                await answer.aclose()

    return StreamingResponse(pieces(), answer.status_code, {**kept, **rules})


def refusal(status: int, text: str, protection: Mapping[str, str]) -> Response:
    """A short answer in words, for requests that are no pages."""
    return Response(f"{text}\n", status, {**protection, "cache-control": "no-store"}, media_type="text/plain")


def _own_path(location: str, upstream: Upstream, host: str) -> str | None:
    """A redirect's target as a path here, None when it leads to another server."""
    for start in (upstream.address, f"http://{host}", f"https://{host}"):
        if host and location.startswith(start + "/"):
            location = location[len(start) :]
            break
    return location if location.startswith("/") and not location.startswith(("//", "/\\")) else None


async def join(
    browser: WebSocket,
    upstream: Upstream,
    *,
    ended: asyncio.Event,
    may_pass: Callable[[Frame, str | None], bool],
    subprotocols: Sequence[str] = (),
    sent: Callable[[], None] = lambda: None,
) -> None:
    """Join a browser's WebSocket to the server's until either side leaves or the session ends.

    Parameters
    ----------
    ended
        Set when the visitor's session is over.
    may_pass
        Asked for each frame from the browser, with the subprotocol: a frame that may not pass closes the line.
    subprotocols
        Subprotocols to offer to the server, of those that the browser offered.
    sent
        Told of each frame from the browser.
    """
    path = (browser.scope.get("raw_path") or browser.url.path.encode()).decode("ascii")
    address = upstream.address.replace("http://", "ws://", 1) + path
    if browser.url.query:
        address += f"?{browser.url.query}"
    try:
        server = await connect(
            address,
            additional_headers=upstream.credentials,
            subprotocols=[Subprotocol(one) for one in subprotocols] or None,
            compression=None,
            max_size=upstream.most_frame_bytes,
            open_timeout=_LINE_S,
            ping_interval=None,
            proxy=None,
        )
    except (OSError, TimeoutError, websockets.InvalidHandshake, websockets.InvalidURI):
        await browser.close(_TRY_AGAIN)
        return
    chosen = server.subprotocol
    await browser.accept(subprotocol=chosen)
    up = asyncio.create_task(_to_server(browser, server, lambda frame: may_pass(frame, chosen), sent))
    down = asyncio.create_task(_to_browser(browser, server))
    over = asyncio.create_task(ended.wait())
    tasks = (up, down, over)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.close()
        with contextlib.suppress(RuntimeError, OSError, WebSocketDisconnect):
            await browser.close(_POLICY_VIOLATION if ended.is_set() else 1001)


async def _to_server(
    browser: WebSocket, server: ClientConnection, may_pass: Callable[[Frame], bool], sent: Callable[[], None]
) -> None:
    while True:
        message = await browser.receive()
        if message["type"] != "websocket.receive":
            return
        text, data = message.get("text"), message.get("bytes")
        frame: Frame = text if text is not None else (data or b"")
        if not may_pass(frame):
            return
        sent()
        try:
            await server.send(frame)
        except websockets.ConnectionClosed:
            return


async def _to_browser(browser: WebSocket, server: ClientConnection) -> None:
    try:
        async for frame in server:
            if isinstance(frame, str):
                await browser.send_text(frame)
            else:
                await browser.send_bytes(frame)
    except (websockets.ConnectionClosed, WebSocketDisconnect, RuntimeError, OSError):
        return
