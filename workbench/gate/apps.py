"""The apps behind the gate: which addresses of Voila exist for a visitor, and whose kernel is whose."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Mapping
from urllib.parse import parse_qsl, urlencode

import httpx
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.websockets import WebSocket

from workbench.errors import LimitError
from workbench.gate.headers import APP_POLICY, protection
from workbench.gate.kernel_messages import V1_PROTOCOL, may_pass
from workbench.gate.kernels import KERNEL_ID, KernelMark, Kernels
from workbench.gate.pages import fault_page
from workbench.gate.sessions import Session, Sessions
from workbench.gate.upstream import Upstream, ask, forward, join, passed_on, refusal
from workbench.wire import VISIT_HEADER, VISITOR_HEADER

_PAGE = re.compile(r"/voila/render/[A-Za-z0-9_-]+\.ipynb")
_LIST = re.compile(r"/|/voila/tree/?")
_FILES = re.compile(r"/voila/(?:static|templates|labextensions|api/themes)/.+")
_KERNEL = re.compile(rf"/api/kernels/({KERNEL_ID})")
_SHUTDOWN = re.compile(rf"/voila/api/shutdown/({KERNEL_ID})")
_CHANNELS = re.compile(rf"/api/kernels/({KERNEL_ID})/channels")
_HIDDEN_ARGUMENTS = frozenset({"token", "user"})
"""The first would be taken for Voila's own token; who visits is not for the address to say."""
_CONNECTIONS_PER_KERNEL = 8
_PIECES_AHEAD = 32
_PATIENCE_S = 60.0
"""Seconds without a piece taken after which a browser counts as gone."""
_NO_MORE = 503


class Apps:
    """Voila, as signed-in visitors reach it.

    Everything is refused that is not listed here: Voila's own interfaces for files, contents and prepared kernels
    do not exist behind the gate.
    """

    def __init__(self, upstream: Upstream, kernels: Kernels, sessions: Sessions, *, secure: bool) -> None:
        self._upstream = upstream
        self._kernels = kernels
        self._sessions = sessions
        self._protection = protection(APP_POLICY, secure=secure)
        self._client = upstream.client()
        self._tasks: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Let go of Voila."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.aclose()

    async def answer(self, request: Request, session: Session) -> Response:
        """Answer a request of a signed-in visitor."""
        path, reading = request.url.path, request.method in ("GET", "HEAD")
        if request.method == "GET" and _PAGE.fullmatch(path):
            return await self._page(request, session)
        if reading and (_LIST.fullmatch(path) or _FILES.fullmatch(path)):
            return await self._forward(request)
        ending = _SHUTDOWN.fullmatch(path) if request.method == "POST" else None
        kernel = _KERNEL.fullmatch(path) if request.method in ("GET", "DELETE") else None
        found = ending or kernel
        if found is None or not self._kernels.owns(session, found.group(1)):
            return refusal(404, "Not found.", self._protection)
        if request.method != "GET":
            self._kernels.forget(session, found.group(1))
        return await self._forward(request)

    async def line(self, browser: WebSocket, session: Session) -> None:
        """Join a page of a visitor to its kernel."""
        found = _CHANNELS.fullmatch(browser.url.path)
        if found is None or not self._kernels.owns(session, found.group(1)):
            await browser.close()
            return
        kernel_id = found.group(1)
        if self._kernels.n_connections(session, kernel_id) >= _CONNECTIONS_PER_KERNEL:
            await browser.close(1013)
            return
        offered = browser.scope.get("subprotocols", [])
        self._kernels.connect(session, kernel_id)
        try:
            await join(
                browser,
                self._upstream,
                ended=session.ended,
                may_pass=lambda frame, chosen: may_pass(frame, subprotocol=chosen),
                subprotocols=[one for one in offered if one == V1_PROTOCOL],
                sent=lambda: self._sessions.touch(session),
            )
        finally:
            self._kernels.disconnect(session, kernel_id)

    async def leave(self, session: Session) -> None:
        """End the kernels of a session that is over."""
        for kernel_id in self._kernels.drop(session):
            await self._end(kernel_id)

    async def _forward(self, request: Request) -> Response:
        return await forward(request, self._upstream, self._client, added={}, protection=self._protection)

    async def _page(self, request: Request, session: Session) -> Response:
        """Start a kernel for this visitor and stream its page, noting which kernel it is before the browser knows."""
        try:
            ending = self._kernels.reserve(session)
        except LimitError as error:
            page = fault_page(error.message, error.next_step)
            return HTMLResponse(page, _NO_MORE, {**self._protection, "cache-control": "no-store"})
        for kernel_id in ending:
            await self._end(kernel_id)
        asked = parse_qsl(request.url.query, keep_blank_values=True)
        query = urlencode([(name, value) for name, value in asked if name not in _HIDDEN_ARGUMENTS])
        visitor = {VISIT_HEADER: session.token, VISITOR_HEADER: session.username}
        reader = _PageReader()
        asked_for = asyncio.create_task(self._asked(request, session, query, visitor, reader))
        try:
            return await asyncio.shield(
                asked_for
            )  # who leaves meanwhile must not leave a kernel that nobody counts
        except asyncio.CancelledError:
            reader.left = True
            raise

    async def _asked(
        self,
        request: Request,
        session: Session,
        query: str,
        visitor: Mapping[str, str],
        reader: _PageReader,
    ) -> Response:
        answer = await ask(
            request,
            self._upstream,
            self._client,
            added=visitor,
            protection=self._protection,
            query=query,
            plain=True,
        )
        kept = None if isinstance(answer, Response) else passed_on(answer, request, self._upstream)
        if isinstance(answer, Response) or kept is None:
            self._kernels.release(session)
            return answer if isinstance(answer, Response) else refusal(404, "Not found.", self._protection)
        self._keep(asyncio.create_task(self._read(answer, session, reader)))
        return StreamingResponse(reader.pieces(), answer.status_code, {**kept, **self._protection})

    async def _read(self, answer: httpx.Response, session: Session, reader: _PageReader) -> None:
        mark, bound = KernelMark(), ""
        try:
            async for piece in answer.aiter_raw():
                if (kernel_id := mark.feed(piece)) is not None:
                    bound = kernel_id
                    self._kernels.bind(session, kernel_id)
                if bound and (reader.left or session.ended.is_set()):
                    break
                await reader.put(piece)
        except httpx.HTTPError:
            pass  # the browser sees a page that breaks off
        finally:
            await reader.put(b"")
            await answer.aclose()
            if not bound:
                self._kernels.release(session)
            elif reader.left or session.ended.is_set():
                self._kernels.forget(session, bound)
                await self._end(bound)

    async def _end(self, kernel_id: str) -> None:
        try:
            await self._client.delete(f"/api/kernels/{kernel_id}", headers=self._upstream.credentials)
        except httpx.HTTPError:
            return  # Voila went away, and its kernels with it

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _PageReader:
    """Hands a page from the task that reads it to the one that answers, which may be cancelled at any time."""

    def __init__(self) -> None:
        self._pieces: asyncio.Queue[bytes] = asyncio.Queue(_PIECES_AHEAD)
        self.left = False

    async def put(self, piece: bytes) -> None:
        """Hand over a piece, nothing for the end; waits for a slow browser, but not for one that has left."""
        deadline = time.monotonic() + _PATIENCE_S
        while not self.left:
            try:
                await asyncio.wait_for(self._pieces.put(piece), 1.0)
            except TimeoutError:
                self.left = time.monotonic() > deadline
                continue
            return

    async def pieces(self) -> AsyncIterator[bytes]:
        """The pieces as they come."""
        whole = False
        try:
            while piece := await self._pieces.get():
                yield piece
            whole = True
        finally:
            self.left = not whole
