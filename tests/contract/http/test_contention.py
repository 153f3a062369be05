"""Thirty-two clients write at once, through a real server to a real owner: each is answered, nothing is lost or doubled."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.contract.conftest import TOKEN, served_over_http, stop_owner
from tests.contract.messages import batch
from workbench.client import SocketDoor, connect_http
from workbench.domain import DatasetId, Judgement, Operations, Uid
from workbench.primitives import hex_digest
from workbench.settings import Settings

N_CLIENTS, N_EACH = 32, 2
TOKENS = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def address(tmp_path: Path, short_runtime: Path) -> Iterator[str]:
    file = tmp_path / "w.duckdb"
    (tmp_path / "workbench.toml").write_text(
        'encoder = "hash-test"\nfast_encoder = ""\nretrain_after_reviews = 0\n', "utf-8"
    )
    door = SocketDoor(file, settings=Settings(owner_idle_s=60))
    try:
        with served_over_http(door) as found:
            yield found
    finally:
        door.close()
        stop_owner(file)


def at_once(work: Callable[[int], list[int]]) -> Counter[int]:
    """What 32 clients were answered that began together."""
    start, statuses, failures = threading.Barrier(N_CLIENTS), Counter[int](), []

    def run(number: int) -> None:
        try:
            start.wait(30)
            statuses.update(work(number))
        except Exception as error:  # noqa: BLE001 - told by the test
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(N_CLIENTS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(120)
    assert failures == []
    return statuses


def judged(address: str, dataset: DatasetId, source: str, number: int) -> None:
    there: Operations = connect_http(address, token=TOKEN)
    for n in range(N_EACH):
        one = Judgement(event_id=hex_digest(str(number), str(n), n_digits=16), uid=Uid(f"{source}.m{n}"))
        for _ in range(2):  # as a client does that had no answer
            (receipt,) = there.judge(dataset, (one,))
            assert receipt.uid == one.uid


def test_many_writers_at_once_are_all_answered(address: str) -> None:
    there = connect_http(address, token=TOKEN)
    source = there.create_source("demo", "mail")
    there.put_messages(source.source_id, batch(N_EACH), "first", N_EACH)
    dataset = there.create_dataset("demo", "all", (source.source_id,)).dataset_id

    def write(number: int) -> list[int]:
        with httpx.Client(base_url=address, headers=TOKENS, trust_env=False, timeout=120) as client:
            # One and the same for all, and then one of their own.
            found = [client.put("/api/_private/projects/one", json={"project": {}}).status_code]
            for _ in range(N_EACH):
                path = f"/api/_private/projects/p{number}"
                found.append(client.put(path, json={"project": {"title": "Same"}}).status_code)
                shared = {"project": {"description": f"by {number}"}}
                found.append(client.post("/api/_private/projects/demo", json=shared).status_code)
        judged(address, dataset, source.source_id, number)
        return found

    assert at_once(write) == {200: N_CLIENTS * (1 + N_EACH * 2)}
    assert len(there.projects()) == 2 + N_CLIENTS
    for n in range(N_EACH):
        history = there.review_history(dataset, Uid(f"{source.source_id}.m{n}"))
        assert len({one.event_id for one in history}) == len(history) == N_CLIENTS
