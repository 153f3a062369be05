"""How fast documents are predicted over HTTP, with the default encoder.

A workspace is made and trained, the HTTP door serves it, and an asyncio client in a process of its own asks: one
message at a time (limit: 95 % within 30 ms), and batches, beside the pace of the encoder alone on the same texts in the same
run (limit: 80 % of it). Rounds of both alternate, and the medians are compared. ``processor`` is what a request made the
door, the owner and its workers work, over all their threads: on a machine that others use, the clock tells of them.

Run: python benchmarks/http_predict.py [--one 200] [--batch 512] [--rounds 3]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import numpy as np
import uvicorn
from common import machine

from workbench.api import make_app
from workbench.client import SocketDoor
from workbench.domain import (
    Judgement,
    MessageFilter,
    MessageId,
    MessagePart,
    NewMessage,
    PartText,
    message_batch,
)
from workbench.door import Job
from workbench.embed import Encoder, load_encoder, message_text
from workbench.settings import Settings
from workbench.wire import companion_folder, remote_operations

TOKEN = "benchmark"
N_WARM, N_ALONE = 5, 50
WORDS = [
    "parcel",
    "claim",
    "invoice",
    "account",
    "address",
    "delivery",
    "refund",
    "broken",
    "late",
    "tracking",
    "number",
    "customer",
    "reply",
    "team",
    "order",
    "vase",
    "glass",
    "payment",
    "transfer",
    "card",
    "branch",
    "opening",
    "contract",
    "policy",
    "renewal",
    "question",
    "driver",
    "door",
    "neighbour",
    "week",
    "morning",
    "please",
    "thank",
    "regards",
    "still",
    "waiting",
    "nobody",
    "answered",
    "phone",
    "letter",
    "document",
    "signed",
    "copy",
]
THEMES = ("refund", "late", "address", "invoice", "broken", "contract", "payment", "driver", "policy", "card")


def texts(n: int, seed: int) -> list[tuple[str, str]]:
    """Different messages of about 60 words: subject and body."""
    chance = random.Random(seed)
    made = []
    for number in range(n):
        theme = THEMES[number % len(THEMES)]
        words = [chance.choice(WORDS) for _ in range(chance.randint(45, 70))]
        words[:: len(words) // 3] = [theme] * len(words[:: len(words) // 3])
        made.append((f"Case {number} {theme}", " ".join(words)))
    return made


def trained(door: SocketDoor, n: int) -> None:
    """A dataset ``demo/speed`` of ``n`` messages and ten labels, trained."""
    there = remote_operations(door.ask, actor="benchmark", channel="python")
    source = there.create_source("demo", "mail")
    at = datetime(2026, 1, 1, tzinfo=UTC)
    messages = [
        NewMessage(
            message_id=MessageId(f"m{number}"),
            timestamp=at + timedelta(minutes=number),
            parts=(MessagePart(body=PartText(text=body), subject=PartText(text=subject)),),
        )
        for number, (subject, body) in enumerate(texts(n, 1))
    ]
    there.put_messages(source.source_id, message_batch(messages), "first", n)
    did = there.create_dataset("demo", "speed", (source.source_id,)).dataset_id
    labels = {theme: there.create_label(did, f"Topics > {theme.title()}").label_id for theme in THEMES}
    table = there.messages_table(did, MessageFilter())
    there.judge(
        did,
        tuple(
            Judgement(
                event_id=secrets.token_hex(8),
                uid=uid,
                assigned=(labels[subject.rpartition(" ")[2]],),
                mode="shuffle",
                revision=0,
            )
            for uid, subject in zip(table["uid"].to_pylist(), table["subject"].to_pylist(), strict=True)
        ),
    )
    Job(there, there.start_train(did)).wait(progress=False)


async def ask(address: str, n_one: int, n_batch: int) -> dict[str, list[float]]:
    """Seconds of single requests, and of one batch."""
    path = f"{address}/api/v1/datasets/demo/speed/labellers/1/predict"

    def body(some: list[tuple[str, str]]) -> bytes:
        documents = [
            {"messages": [{"subject": {"text": subject}, "body": {"text": text}}]} for subject, text in some
        ]
        return json.dumps({"documents": documents}).encode()

    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}, timeout=600) as client:

        async def timed(content: bytes) -> float:
            start = time.perf_counter()
            answer = await client.post(path, content=content)
            took = time.perf_counter() - start
            assert answer.status_code == 200, answer.text
            return took

        for one in texts(N_WARM, 9):
            await timed(body([one]))
        found = {"one": [await timed(body([one])) for one in texts(n_one, 2)]}
        found["batch"] = [await timed(body(texts(n_batch, 3)))] if n_batch else []
    return found


def client(address: str, n_one: int, n_batch: int) -> dict[str, list[float]]:
    """``ask`` in a process of its own."""
    command = [sys.executable, __file__, "--ask", address, "--one", str(n_one), "--batch", str(n_batch)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, list[float]] = json.loads(told)
    return found


def processor_s(pid: int) -> float:
    """Processor seconds of a process and its children since they began."""
    found, listed = 0.0, [str(pid)]
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):  # it just ended
            listed += (thread / "children").read_text().split()
    for one in listed:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(") ")[2].split()
            found += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return found


def tell(ones: list[float], batches: list[float], bare: list[float], empty: list[float], n: int) -> None:
    """Print what was measured: seconds of requests, and of the encoder alone on the same texts."""
    p50, p95 = np.percentile(ones, (50, 95)) * 1e3
    bare_p50, bare_p95 = np.percentile(empty, (50, 95)) * 1e3
    print(
        f"one message: p50 {p50:.1f} ms, p95 {p95:.1f} ms (limit 30), n = {len(ones)}; the encoder alone p50 "
        f"{bare_p50:.1f} ms, p95 {bare_p95:.1f} ms, n = {len(empty)}; ratio of p50 {p50 / bare_p50:.1f}"
    )
    rate, pace = n / statistics.median(batches), n / statistics.median(bare)
    pairs = " ".join(f"{b / h:.0%}" for b, h in zip(bare, batches, strict=True))
    print(
        f"batches of {n:,}: {rate:,.0f} messages/s, the encoder alone {pace:,.0f}: {rate / pace:.0%} "
        f"(limit 80 %; rounds {pairs}), medians of {len(bare)} rounds"
    )


def tell_work(what: str, worked: list[float], encoder: list[float]) -> None:
    """Print processor seconds of a message, and of the encoder alone."""
    most, least = statistics.median(worked) * 1e3, statistics.median(encoder) * 1e3
    print(
        f"processor, {what}: {most:.2f} ms a message, the encoder alone {least:.2f}: {least / most:.0%} of it, "
        f"medians of {len(worked)} rounds"
    )


@dataclass(kw_only=True)
class Found:
    """Seconds of the clock, and processor seconds of a message."""

    ones: list[float] = field(default_factory=list)
    batches: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    empty: list[float] = field(default_factory=list)
    work: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


def measure(
    address: str, owner: int, alone: Encoder, handed: list[str], options: argparse.Namespace
) -> Found:
    """Rounds of the encoder alone, of single requests and of a batch, in turn."""
    found, n_one = Found(), options.one // options.rounds

    def worked() -> float:
        return time.process_time() + processor_s(owner)

    for _ in range(options.rounds):
        start, before = time.perf_counter(), time.process_time()
        alone.encode(handed)
        found.bare.append(time.perf_counter() - start)
        found.work["batch alone"].append((time.process_time() - before) / len(handed))
        before = time.process_time()
        for one in handed[:N_ALONE]:
            start = time.perf_counter()
            alone.encode([one])
            found.empty.append(time.perf_counter() - start)
        found.work["one alone"].append((time.process_time() - before) / N_ALONE)
        before = worked()
        found.ones += client(address, n_one, 0)["one"]
        found.work["one"].append((worked() - before) / (n_one + N_WARM))
        before = worked()
        found.batches += client(address, 0, options.batch)["batch"]
        found.work["batch"].append((worked() - before) / (options.batch + N_WARM))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one", type=int, default=200, help="requests of one message")
    parser.add_argument("--batch", type=int, default=512, help="messages of a batch")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--train", type=int, default=600, help="messages that the model learns from")
    parser.add_argument("--ask", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ask:
        print(json.dumps(asyncio.run(ask(options.ask, options.one, options.batch))))
        return
    settings = Settings(retrain_after_reviews=0, owner_idle_s=600)
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "w.duckdb"
        door = SocketDoor(file, settings=settings)
        trained(door, options.train)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = uvicorn.Server(
            uvicorn.Config(make_app(door.ask, token=TOKEN), port=port, log_level="error", access_log=False)
        )
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        address = f"http://127.0.0.1:{port}"
        client(address, 1, 0)
        alone = load_encoder(settings.encoder, cache_dir=Path(folder), n_threads=settings.n_threads)
        handed = [message_text(subject, body) for subject, body in texts(options.batch, 3)]
        alone.encode(handed[:16])
        owner = int((companion_folder(file) / "owner.pid").read_text("ascii"))
        found = measure(address, owner, alone, handed, options)
        server.should_exit = True
        thread.join(10)
        door.close()
        pid = companion_folder(file) / "owner.pid"
        os.kill(owner, signal.SIGTERM)
        while pid.exists():
            time.sleep(0.05)
    tell(found.ones, found.batches, found.bare, found.empty, options.batch)
    tell_work("one message", found.work["one"], found.work["one alone"])
    tell_work("batches", found.work["batch"], found.work["batch alone"])


if __name__ == "__main__":
    main()
