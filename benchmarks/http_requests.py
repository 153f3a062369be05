"""How long a request to the HTTP door takes, and how many there are in a second, against a bare Starlette application.

    python benchmarks/http_requests.py [--requests 2000] [--rounds 3] [--connections 1 32]

Three processes: this one sends, by plain asyncio and without a client library; one serves the door over an owner of its own,
and one a bare application of the same framework and server that parses the same bodies and answers the same bytes. Measured are
``GET /live`` (the door without its owner), ``POST /auth/refresh-user-permissions`` (with it, and nothing asked of the file),
``GET /auth/user`` (with it, and the file), and a ``PUT`` of 128 comments that the door checks and drops, so that the figure is
the way and not the storing. Rounds take turns between the two servers; the table shows the median of the rounds, and the range
of requests per second in brackets.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import secrets
import signal
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

import msgspec
from common import machine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from workbench.api import make_app, make_server
from workbench.api.endpoint import Endpoint
from workbench.api.envelope import Ok
from workbench.api.routes import ENDPOINTS
from workbench.api.shapes.comments import CommentNew
from workbench.client import SocketDoor
from workbench.settings import Settings
from workbench.wire import companion_folder

N_COMMENTS = 128
PUT = "/benchmark/comments"
REFRESH = "/auth/refresh-user-permissions"
TEXT = "My parcel has not arrived and the tracking page shows nothing. Please tell me where it is. " * 6


class Comments(msgspec.Struct, forbid_unknown_fields=True):
    """A batch as a client sends it."""

    comments: list[CommentNew]


def body() -> bytes:
    """128 comments of about 550 characters."""
    return json.dumps(
        {
            "comments": [
                {
                    "id": f"mail-{n:04}",
                    "timestamp": "2026-03-05T09:15:00Z",
                    "messages": [
                        {
                            "subject": {"text": "Late parcel"},
                            "body": {"text": TEXT},
                            "from": "kim@shop.example",
                        }
                    ],
                    "user_properties": {"string:Team": "North", "number:NPS": n % 11},
                }
                for n in range(N_COMMENTS)
            ]
        }
    ).encode()


def serve_door(folder: Path, port: int, token: str) -> None:
    """The door, with an owner."""
    door = SocketDoor(folder / "w.duckdb", settings=Settings(encoder="hash-test", fast_encoder=""))
    dropped = Endpoint(method="PUT", path=PUT, summary="-", handle=lambda _: Ok(), body=Comments)
    app = make_app(door.ask, token=token, endpoints=(*ENDPOINTS, dropped))
    make_server(app, host="127.0.0.1", port=port).run()


def serve_bare(port: int, told: dict[str, object]) -> None:
    """The same answers, and nothing else."""

    async def answer(_request: Request) -> JSONResponse:
        return JSONResponse(told)

    async def take(request: Request) -> JSONResponse:
        await request.json()
        return JSONResponse({"status": "ok"})

    app = Starlette(
        routes=[
            Route("/live", answer),
            Route("/auth/user", answer),
            Route(REFRESH, take, methods=["POST"]),
            Route(PUT, take, methods=["PUT"]),
        ]
    )
    app.state.close = lambda: None
    make_server(app, host="127.0.0.1", port=port).run()


@dataclass(frozen=True, kw_only=True)
class Round:
    """Seconds of each request, and of all together."""

    waits: tuple[float, ...]
    whole_s: float


async def exchange(port: int, requests: Iterable[bytes]) -> list[tuple[int, float]]:
    """Send requests over one connection, each after the answer to the one before: status and seconds of each."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    found = []
    for sent in requests:
        began = time.perf_counter()
        writer.write(sent)
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        await reader.readexactly(
            int(next(one for one in lines if one.startswith(b"content-length")).split()[1])
        )
        found.append((int(head.split(b" ", 2)[1]), time.perf_counter() - began))
    writer.close()
    await writer.wait_closed()
    return found


async def one_connection(port: int, sent: bytes, n: int, waits: list[float]) -> None:
    """Send a request ``n`` times."""
    for status, seconds in await exchange(port, repeat(sent, n)):
        if status != 200:
            raise SystemExit(f"refused with status {status}")
        waits.append(seconds)


async def one_round(port: int, sent: bytes, n: int, connections: int) -> Round:
    """``n`` requests over some connections at once."""
    waits: list[float] = []
    began = time.perf_counter()
    await asyncio.gather(*(one_connection(port, sent, n // connections, waits) for _ in range(connections)))
    return Round(waits=tuple(waits), whole_s=time.perf_counter() - began)


def request(method: str, path: str, token: str, content: bytes = b"") -> bytes:
    """A request as it travels."""
    head = f"{method} {path} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {token}\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


def row(name: str, connections: int, who: str, rounds: Sequence[Round]) -> str:
    """A line of the table."""
    rates = sorted(len(one.waits) / one.whole_s for one in rounds)
    p50 = statistics.median(statistics.median(one.waits) for one in rounds) * 1e3
    p95 = statistics.median(statistics.quantiles(one.waits, n=20)[-1] for one in rounds) * 1e3
    middle = statistics.median(rates)
    return (
        f"{name:22} {connections:3} {who:6} n={sum(len(one.waits) for one in rounds):6} "
        f"p50 {p50:7.2f} ms  p95 {p95:7.2f} ms  {middle:6.0f}/s [{rates[0]:.0f}, {rates[-1]:.0f}]"
    )


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    """Return when somebody listens."""
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"nobody listens on {port}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 32])
    given = parser.parse_args()
    token = secrets.token_urlsafe(16)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["XDG_RUNTIME_DIR"] = name
        (folder / "workbench.toml").write_text('encoder = "hash-test"\nfast_encoder = ""\n', "utf-8")
        ports = {"door": free_port(), "bare": free_port()}
        told: dict[str, object] = {"status": "ok", "user": {"username": "http", "padding": "x" * 1_000}}
        spawn = multiprocessing.get_context("spawn")
        processes = [
            spawn.Process(target=serve_door, args=(folder, ports["door"], token)),
            spawn.Process(target=serve_bare, args=(ports["bare"], told)),
        ]
        for one in processes:
            one.start()
        try:
            for port in ports.values():
                wait_for(port)
            measure(given, ports, token)
        finally:
            for one in processes:
                one.terminate()
                one.join()
            pid_file = companion_folder(folder / "w.duckdb") / "owner.pid"
            if pid_file.exists():
                os.kill(int(pid_file.read_text("ascii")), signal.SIGTERM)
                while pid_file.exists():
                    time.sleep(0.05)


def measure(given: argparse.Namespace, ports: dict[str, int], token: str) -> None:
    """Print the table."""
    print(machine(), flush=True)
    content = body()
    print(f"body of the PUT: {len(content) / 1024:.0f} KiB")
    cases = (
        ("GET /live", request("GET", "/live", token), given.requests),
        ("POST /auth/refresh", request("POST", REFRESH, token, b"{}"), given.requests),
        ("GET /auth/user", request("GET", "/auth/user", token), given.requests),
        (f"PUT of {N_COMMENTS} comments", request("PUT", PUT, token, content), given.requests // 4),
    )
    for name, sent, n in cases:
        for connections in given.connections:
            found: dict[str, list[Round]] = {"door": [], "bare": []}
            for port in ports.values():
                asyncio.run(one_round(port, sent, max(connections, n // 10), connections))  # warm
            for _ in range(given.rounds):
                for who, port in ports.items():
                    found[who].append(asyncio.run(one_round(port, sent, n, connections)))
            for who, rounds in found.items():
                print(row(name, connections, who, rounds), flush=True)


if __name__ == "__main__":
    sys.exit(main())
