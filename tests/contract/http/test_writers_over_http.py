"""Many writers at once through a real server: none is refused for the others, and what they share is charged once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.conftest import TOKEN, served_over_http, stop_owner
from workbench.client import SocketDoor, connect_local
from workbench.settings import Settings

N_WRITERS = 32


def comment(name: str) -> dict[str, Any]:
    return {
        "id": name,
        "timestamp": "2026-03-02T09:00:00Z",
        "messages": [{"body": {"text": f"parcel {name}"}}],
    }


@pytest.mark.nightly
def test_writers_at_once_are_all_served(tmp_path: Path, short_runtime: Path) -> None:
    file = tmp_path / "w.duckdb"
    settings = Settings(encoder="hash-test", fast_encoder="", owner_idle_s=60)
    there = connect_local(file, settings=settings)
    there.create_source("acme", "mail")
    door = SocketDoor(file, settings=settings)
    try:
        with (
            served_over_http(door) as address,
            httpx.Client(
                base_url=address, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60
            ) as client,
        ):

            def upload(number: int) -> list[tuple[int, Any]]:
                body = {"comments": [comment("shared"), comment(f"own{number}")]}
                put = client.put("/api/_private/sources/acme%2Fmail/comments?no_charge=false", json=body)
                sync = client.post("/api/v1/sources/acme%2Fmail/sync", json={"comments": [comment("shared")]})
                return [(one.status_code, one.json()["status"]) for one in (put, sync)]

            with ThreadPoolExecutor(N_WRITERS) as pool:
                found = [one for told in pool.map(upload, range(N_WRITERS)) for one in told]
            assert set(found) == {(200, "ok")}
            page = client.get("/tenant/org/reinfer_/api/_private/sources/acme/mail/comments?limit=256").json()
            assert len(page["comments"]) == N_WRITERS + 1
        assert there.ledger_table().num_rows == N_WRITERS + 1
    finally:
        door.close()
        stop_owner(file)
