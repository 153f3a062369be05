"""JupyterLab behind the gate: one server per visitor, confined, started when it is asked for."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import re
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread
import httpx
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.websockets import WebSocket

from workbench.errors import WorkbenchError
from workbench.gate.confined import as_line
from workbench.gate.headers import APP_POLICY, protection
from workbench.gate.kernel_messages import V1_PROTOCOL
from workbench.gate.lab_plan import PORTS_PER_KERNEL, LabPlan
from workbench.gate.pages import fault_page
from workbench.gate.sandbox import require_confinement
from workbench.gate.sessions import Session
from workbench.gate.upstream import Upstream, forward, join, refusal

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_START_S = 90.0
_STOP_S = 15.0
_FIRST_PORTS = range(20_000, 31_000)  # below those that systems hand out by themselves
_MOST_REQUEST_BYTES = 128 << 20


@dataclass(frozen=True, kw_only=True)
class LabRules:
    """Where notebook servers live, and their limits.

    Attributes
    ----------
    folder
        Holds a folder per visitor.
    door_port
        Port of the HTTP door on loopback, the only way to the data.
    secret
        Paths that no notebook may reach: workspace file, companion folder, keys. Checked before the first start.
    most
        Most servers at once.
    kernels_each
        Most kernels of one server.
    idle_s
        Seconds without a kernel or a request after which a server ends; kernels end after the same time unused.
    most_frame_bytes
        Largest WebSocket message.
    """

    folder: Path
    door_port: int
    secret: tuple[Path, ...]
    most: int = 20
    kernels_each: int = 8
    idle_s: int = 3600
    most_frame_bytes: int = 300 << 20


@dataclass(eq=False)
class _Lab:
    username: str
    session: Session
    process: subprocess.Popen[bytes]
    upstream: Upstream
    client: httpx.AsyncClient


class Labs:
    """The notebook servers of all visitors.

    Parameters
    ----------
    rules
        Where they live, and their limits.
    secure
        Visitors come by https.

    Raises
    ------
    AccessError
        Processes cannot be confined on this system: then there are no notebooks.
    """

    def __init__(self, rules: LabRules, *, secure: bool) -> None:
        require_confinement()
        self._rules = rules
        self._protection = protection(APP_POLICY, secure=secure)
        self._running: dict[str, _Lab] = {}
        self._starting: dict[str, asyncio.Lock] = {}

    async def answer(self, request: Request, session: Session) -> Response:
        """Answer a request below ``/lab/``; another visitor's server does not exist."""
        home = f"/lab/{session.username}"
        if request.url.path in ("/lab/", home) and request.method == "GET":
            return RedirectResponse(f"{home}/lab", 303, {**self._protection, "cache-control": "no-store"})
        if not request.url.path.startswith(home + "/"):
            return refusal(404, "Not found.", self._protection)
        try:
            lab = await self._lab(session)
        except WorkbenchError as error:
            page = fault_page(error.message, error.next_step)
            return HTMLResponse(page, 503, {**self._protection, "cache-control": "no-store"})
        return await forward(request, lab.upstream, lab.client, added={}, protection=self._protection)

    async def line(self, browser: WebSocket, session: Session, sent: Callable[[], None]) -> None:
        """Join a WebSocket of a visitor to the visitor's server, if it runs."""
        lab = self._running.get(session.username)
        if lab is None or not browser.url.path.startswith(f"/lab/{session.username}/"):
            await browser.close()
            return
        offered = browser.scope.get("subprotocols", [])
        await join(
            browser,
            lab.upstream,
            ended=session.ended,
            may_pass=lambda _frame, _chosen: True,
            subprotocols=[one for one in offered if one == V1_PROTOCOL],
            sent=sent,
        )

    async def leave(self, session: Session) -> None:
        """End the server that a session started: its token is worth nothing from now on."""
        lab = self._running.get(session.username)
        if lab is not None and lab.session is session:
            await self._stop(lab)

    async def close(self) -> None:
        """End all servers."""
        for lab in tuple(self._running.values()):
            await self._stop(lab)

    async def _lab(self, session: Session) -> _Lab:
        if not _NAME.fullmatch(session.username):
            raise WorkbenchError(
                f"the name {session.username!r} cannot have a folder.",
                next_step="Ask your administrator for an account of letters, digits, '-' and '_'.",
            )
        async with self._starting.setdefault(session.username, asyncio.Lock()):
            lab = self._running.get(session.username)
            if lab is not None and lab.process.poll() is None:
                return lab
            if lab is not None:
                await self._stop(lab)
            for other in tuple(self._running.values()):
                if other.process.poll() is not None:  # it was not used for long and has left
                    await self._stop(other)
            if len(self._running) >= self._rules.most:
                raise WorkbenchError(
                    f"{self._rules.most} visitors have notebooks open; that is the most.",
                    next_step="Try again later.",
                )
            return await self._start(session)

    async def _start(self, session: Session) -> _Lab:
        rules = self._rules
        first = free_block(1 + rules.kernels_each * PORTS_PER_KERNEL)
        plan = LabPlan(
            folder=rules.folder / session.username,
            base=f"/lab/{session.username}/",
            secret=secrets.token_urlsafe(32),
            token=session.token,
            url=f"http://127.0.0.1:{rules.door_port}",
            door_port=rules.door_port,
            first_port=first,
            most_kernels=rules.kernels_each,
            kernel_idle_s=rules.idle_s,
            idle_s=rules.idle_s,
        )
        sandbox = plan.sandbox()
        sandbox.refuse_overlap(rules.secret)
        process = await anyio.to_thread.run_sync(_started, plan, rules.folder / f"{session.username}.log")
        upstream = Upstream(
            address=f"http://127.0.0.1:{first}",
            secret=plan.secret,
            most_request_bytes=_MOST_REQUEST_BYTES,
            most_frame_bytes=rules.most_frame_bytes,
        )
        lab = _Lab(session.username, session, process, upstream, upstream.client())
        self._running[session.username] = lab
        if not await _is_up(lab, plan.base) or session.ended.is_set():
            await self._stop(lab)
            raise WorkbenchError(
                "your notebook server did not start.",
                next_step=f"Ask your administrator to look at {session.username}.log in the folder of notebooks.",
            )
        return lab

    async def _stop(self, lab: _Lab) -> None:
        if self._running.get(lab.username) is lab:
            del self._running[lab.username]
        await anyio.to_thread.run_sync(_stopped, lab.process)
        await lab.client.aclose()


def free_block(n: int, tried: Iterable[int] | None = None) -> int:
    """The first of ``n`` ports next to each other that nobody listens on.

    Raises
    ------
    WorkbenchError
        None was found.
    """
    starts = tried if tried is not None else random.SystemRandom().sample(_FIRST_PORTS, 50)
    for start in starts:
        if all(_is_free(port) for port in range(start, start + n)):
            return start
    raise WorkbenchError(f"there are no {n} free ports next to each other.", next_step="Try again.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _started(plan: LabPlan, log: Path) -> subprocess.Popen[bytes]:
    plan.write()
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "workbench.gate.confined"],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=out,
            cwd=plan.folder,
            start_new_session=True,
        )
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(as_line(plan.sandbox(), plan.command(), plan.environment(os.environ)))
        process.stdin.flush()
    return process


async def _is_up(lab: _Lab, base: str) -> bool:
    deadline = asyncio.get_running_loop().time() + _START_S
    while asyncio.get_running_loop().time() < deadline and lab.process.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            answer = await lab.client.get(f"{base}api/status", headers=lab.upstream.credentials)
            if answer.status_code == httpx.codes.OK:
                return True
        await asyncio.sleep(0.1)
    return False


def _stopped(process: subprocess.Popen[bytes]) -> None:
    """End the server and whatever it started: its keeper does so when its line is closed."""
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.terminate()
        process.wait()
