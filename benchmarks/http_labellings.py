"""How many labellings many writers post over HTTP at once, beside the same judgements over the owner's socket.

    python benchmarks/http_labellings.py [--writers 32] [--posts 3200] [--labels 50] [--repeat 3]

The server is a process of its own in front of the owner, as ``workbench serve`` has it; this process sends bodies that
it made before, each writer over a connection of its own. Each round says something new of every message, first by
``judge`` over the socket, as many callers at once, and then by posts, in the same workspace. Any answer but 200 ends the
script with status 1.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from common import machine
from http_requests import exchange, request
from http_sync import AT, SETTINGS, TOKEN, WORDS, start_server

from workbench.client import connect_local
from workbench.domain import (
    DatasetId,
    Judgement,
    MessageId,
    MessagePart,
    NewMessage,
    Operations,
    PartText,
    make_uid,
    message_batch,
)
from workbench.primitives import new_id
from workbench.wire import companion_folder

GOAL = 500
"""Posts a second that are to be sustained on a machine that does nothing else."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--writers", type=int, default=32)
    parser.add_argument("--posts", type=int, default=3_200)
    parser.add_argument("--labels", type=int, default=50)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "labellings.duckdb"
        operations = connect_local(file, actor="driver", settings=SETTINGS)
        server, address = start_server(file)
        try:
            n_refused = measure(operations, address, given)
        finally:
            server.terminate()
            server.join(10)
            os.kill(int((companion_folder(file) / "owner.pid").read_text("ascii")), signal.SIGTERM)
            time.sleep(1)
    sys.exit(1 if n_refused else 0)


def measure(operations: Operations, address: str, given: argparse.Namespace) -> int:
    uids, dataset_id = lay_out(operations, given.posts)
    labels = [operations.create_label(dataset_id, f"L{number}").label_id for number in range(given.labels)]
    revisions = dict.fromkeys(uids, 0)
    rates: dict[str, list[float]] = {"judge": [], "post": []}
    refused = 0
    for turn in range(given.repeat):

        def judge(rows: range, turn: int = turn) -> list[int]:
            for row in rows:
                label_id = labels[(row + 2 * turn) % len(labels)]
                judgement = Judgement(
                    event_id=new_id(), uid=uids[row], assigned=(label_id,), revision=revisions[uids[row]]
                )
                (receipt,) = operations.judge(dataset_id, (judgement,))
                revisions[uids[row]] = receipt.revision + 1  # the post that follows is one
            return []

        spent, _ = at_once(judge, given.posts, given.writers)
        rates["judge"].append(given.posts / spent)
        spent, codes = asyncio.run(posted(address, labelling_requests(uids, turn, given)))
        rates["post"].append(given.posts / spent)
        refused += sum(code != 200 for code in codes)
        told = ", ".join(f"{way} {found[-1]:,.0f}" for way, found in rates.items())
        print(
            f"{given.posts:,} messages, {given.writers} at once: {told} a second, load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
    ratios = [one / other for one, other in zip(rates["post"], rates["judge"], strict=True)]
    print(
        f"median of {given.repeat}: judge {statistics.median(rates['judge']):,.0f}, post"
        f" {statistics.median(rates['post']):,.0f} ({min(rates['post']):,.0f}-{max(rates['post']):,.0f}) a second,"
        f" post/judge {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}),"
        f" post/goal of {GOAL} {statistics.median(rates['post']) / GOAL:.2f}, {refused} refused"
    )
    return refused


def labelling_requests(uids: list, turn: int, given: argparse.Namespace) -> list[list[bytes]]:
    """The requests of each writer, as they travel."""

    def one(row: int) -> bytes:
        label = {"name": f"L{(row + 2 * turn + 1) % given.labels}", "sentiment": "positive"}
        body = json.dumps({"labelling": [{"group": "default", "assigned": [label]}]}).encode()
        return request("POST", f"/api/_private/datasets/acme/all/labellings/{uids[row]}", TOKEN, body)

    return [
        [one(row) for row in range(number, given.posts, given.writers)] for number in range(given.writers)
    ]


async def posted(address: str, requests: list[list[bytes]]) -> tuple[float, list[int]]:
    """Seconds until all writers are done, each over a connection of its own, and what they were answered."""
    port = urlsplit(address).port
    assert port
    began = time.perf_counter()
    found = await asyncio.gather(*(exchange(port, one) for one in requests))
    return time.perf_counter() - began, [status for told in found for status, _ in told]


def lay_out(operations: Operations, n_messages: int) -> tuple[list, DatasetId]:
    """Messages of a source in a dataset."""
    source_id = operations.create_source("acme", "mail").source_id
    messages = [
        NewMessage(
            message_id=MessageId(f"m{row}"),
            timestamp=AT,
            parts=(MessagePart(body=PartText(text=f"{WORDS[row % len(WORDS)]} no {row}")),),
        )
        for row in range(n_messages)
    ]
    for start in range(0, n_messages, 1_024):
        batch = message_batch(messages[start : start + 1_024])
        operations.put_messages(source_id, batch, f"b{start}", batch.num_rows)
    made = operations.create_dataset("acme", "all", (source_id,))
    return [make_uid(source_id, one.message_id) for one in messages], made.dataset_id


def at_once(work: Callable[[range], list[int]], n_posts: int, n_writers: int) -> tuple[float, list[int]]:
    """Seconds until all writers are done with their rows, and what they were answered."""
    begin = threading.Barrier(n_writers + 1)

    def one(number: int) -> list[int]:
        begin.wait()
        return work(range(number, n_posts, n_writers))

    with ThreadPoolExecutor(n_writers) as pool:
        found = [pool.submit(one, number) for number in range(n_writers)]
        begin.wait()
        started = time.perf_counter()
        codes = [code for told in found for code in told.result()]
        return time.perf_counter() - started, codes


if __name__ == "__main__":
    main()
