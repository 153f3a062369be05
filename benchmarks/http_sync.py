"""How fast comments come in over HTTP, beside the same messages over the owner's socket; and many writers at once.

    python benchmarks/http_sync.py [--batches 20] [--size 1024] [--writers 32] [--repeat 3]

Made-up mails of some hundred characters. The server is a process of its own in front of the owner, as ``workbench
serve`` has it; this process only sends bodies that it made before. Each round brings new messages, first by
``put_messages`` over the socket and then by ``sync`` over HTTP, in the same workspace. At the end as many writers as
given upload at once: any answer but 200 ends the script with status 1.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import signal
import socket
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import uvicorn
from common import machine

from workbench.api import make_app
from workbench.api.endpoint import read_body
from workbench.api.routes.comments import Comments
from workbench.api.shapes.comments import new_message
from workbench.client import SocketDoor, connect_local
from workbench.domain import Operations, SourceId, message_batch
from workbench.settings import Settings
from workbench.wire import companion_folder

SETTINGS = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0, owner_idle_s=60)
TOKEN = "a-token-for-benchmarks"
WORDS = [f"word{number}" for number in range(4_000)]
AT = datetime(2026, 1, 1, tzinfo=UTC)
SYNC, PUT = "/api/v1/sources/acme/http/sync", "/api/_private/sources/acme/http/comments"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--batches", type=int, default=20)
    parser.add_argument("--size", type=int, default=1_024)
    parser.add_argument("--writers", type=int, default=32)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "sync.duckdb"
        operations = connect_local(file, actor="driver", settings=SETTINGS)
        server, address = start_server(file)
        try:
            wrong = measure(operations, address, given)
        finally:
            server.terminate()
            server.join(10)
            os.kill(int((companion_folder(file) / "owner.pid").read_text("ascii")), signal.SIGTERM)
            time.sleep(1)
    sys.exit(1 if wrong else 0)


def start_server(file: Path) -> tuple[multiprocessing.Process, str]:
    """The HTTP door in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(str(file), port), daemon=True)
    process.start()
    address = f"http://127.0.0.1:{port}"
    while True:
        try:
            httpx.get(f"{address}/openapi.json")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return process, address


def serve(file: str, port: int) -> None:
    door = SocketDoor(Path(file), settings=SETTINGS)
    uvicorn.run(make_app(door.ask, token=TOKEN), port=port, log_level="error")


def measure(operations: Operations, address: str, given: argparse.Namespace) -> bool:
    by_socket = operations.create_source("acme", "socket").source_id
    operations.create_source("acme", "http")
    rates: dict[str, list[float]] = {"socket": [], "http": []}
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=240) as client:
        for turn in range(given.repeat):
            bodies = [body(turn, number, given.size) for number in range(given.batches)]
            n = given.batches * given.size
            rates["socket"].append(n / over_socket(operations, by_socket, bodies, turn))
            rates["http"].append(n / over_http(client, bodies))
            told = ", ".join(f"{way} {found[-1]:,.0f}" for way, found in rates.items())
            print(f"{n:,} messages of {len(bodies[0]) // given.size:,} bytes: {told} messages/s", flush=True)
        ratios = [http / one for http, one in zip(rates["http"], rates["socket"], strict=True)]
        print(
            f"median of {given.repeat}: socket {statistics.median(rates['socket']):,.0f}, http"
            f" {statistics.median(rates['http']):,.0f} messages/s, http/socket {statistics.median(ratios):.2f}"
            f" ({min(ratios):.2f}-{max(ratios):.2f})"
        )
    return many_writers(address, given.writers)


def over_socket(operations: Operations, source_id: SourceId, bodies: list[bytes], turn: int) -> float:
    """Seconds; the batches are made before."""
    batches: list[pa.Table] = [
        message_batch([new_message(one) for one in read_body(raw, Comments).comments]) for raw in bodies
    ]
    started = time.perf_counter()
    for number, batch in enumerate(batches):
        operations.put_messages(source_id, batch, f"{turn}-{number}", batch.num_rows)
    return time.perf_counter() - started


def over_http(client: httpx.Client, bodies: list[bytes]) -> float:
    """Seconds."""
    started = time.perf_counter()
    for raw in bodies:
        answer = client.post(SYNC, content=raw)
        assert answer.status_code == 200, answer.text
        assert answer.json()["new"] > 0
    return time.perf_counter() - started


def many_writers(address: str, n_writers: int) -> bool:
    """Upload from many threads at once; True when any answer is not 200."""
    bodies = [body(100 + number, 0, 16) for number in range(n_writers * 4)]
    begin = threading.Barrier(n_writers)
    waits: list[float] = []

    def upload(number: int) -> list[int]:
        with httpx.Client(
            base_url=address, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=240
        ) as client:
            begin.wait()
            found = []
            for raw in bodies[number::n_writers]:
                started = time.perf_counter()
                found.append(client.put(PUT, content=raw).status_code)
                waits.append(time.perf_counter() - started)
        return found

    started = time.perf_counter()
    with ThreadPoolExecutor(n_writers) as pool:
        codes = [code for found in pool.map(upload, range(n_writers)) for code in found]
    spent = time.perf_counter() - started
    wrong = [code for code in codes if code != 200]
    waits.sort()
    print(
        f"{n_writers} writers at once: {len(codes)} uploads of 16 in {spent:.1f} s, {len(wrong)} refused {sorted(set(wrong))},"
        f" median {waits[len(waits) // 2] * 1000:,.0f} ms, slowest {waits[-1] * 1000:,.0f} ms"
    )
    return bool(wrong)


def body(turn: int, number: int, size: int) -> bytes:
    """A request body of new comments."""
    chance = random.Random(f"{turn} {number}")
    return json.dumps({"comments": [comment(turn, number, row, chance) for row in range(size)]}).encode()


def comment(turn: int, number: int, row: int, chance: random.Random) -> dict[str, Any]:
    text = " ".join(chance.choices(WORDS, k=chance.randrange(20, 100)))
    at = AT + timedelta(seconds=turn * 1_000_000 + number * 10_000 + row)
    turn_of = {
        "subject": {"text": " ".join(chance.choices(WORDS, k=5))},
        "body": {"text": text},
        "from": f"customer{chance.randrange(900)}@mail.example",
        "to": ["help@carrier.example"],
        "sent_at": at.isoformat(),
    }
    return {
        "id": f"{turn}-{number}-{row}",
        "timestamp": at.isoformat(),
        "thread_id": f"t{turn}-{number}-{row // 3}",
        "messages": [turn_of],
        "user_properties": {"string:Team": chance.choice("NSEW"), "number:NPS": chance.randrange(11)},
    }


if __name__ == "__main__":
    main()
