"""A served workspace with accounts, and people of several roles who send real requests to it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.contract.conftest import served_over_http, stop_owner
from workbench.client import SocketDoor, connect_local
from workbench.domain import AuditQuery, Operations
from workbench.settings import Settings

PEOPLE: dict[str, tuple[str, ...]] = {
    "boss": ("service_admin", "project_admin", "model_trainer", "automation_user", "developer"),
    "viewer": ("viewer", "bucket_reader"),
    "auditor": ("audit_viewer",),
    "robot": ("automation_user",),
    "watcher": ("alerts_only",),
    "nobody": (),
}
"""Names, and the roles that they hold everywhere."""

_TOML = """\
encoder = "hash-test"
fast_encoder = ""
retrain_after_reviews = 0
predict_after_s = -1
password_memory_kib = 8
password_passes = 1
"""


@dataclass
class Bench:
    """The server, whoever asks it, and a look behind it.

    Attributes
    ----------
    there
        The same workspace without HTTP, with every right.
    """

    address: str
    there: Operations
    tokens: dict[str, str]
    client: httpx.Client
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    kept: dict[Any, Any] = field(default_factory=dict)

    def fresh(self, word: str) -> str:
        """A name that nobody has yet."""
        return f"{word}{next(self._numbers)}"

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        who: str = "boss",
        query: Any = None,
        file: bytes | None = None,
        **headers: str,
    ) -> httpx.Response:
        """Ask, as somebody; an empty name shows no token."""
        if who:
            headers["Authorization"] = f"Bearer {self.tokens.get(who, who)}"
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        form = None if file is None else {"file": ("it.bin", file)}
        return self.client.request(
            method, f"{self.address}{path}", json=body, params=query, files=form, headers=named
        )

    def ok(self, method: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
        """The reply of a request that succeeds."""
        answer = self.send(method, path, body, **more)
        assert answer.status_code == 200, f"{method} {path}: {answer.status_code} {answer.text}"
        told: dict[str, Any] = answer.json()
        assert told["status"] == "ok"
        return told

    def fails(self, status: int, method: str, path: str, body: Any = None, **more: Any) -> str:
        """The message of a request that is refused."""
        return said(self.send(method, path, body, **more), status)

    def mark(self) -> tuple[int, int]:
        """The last that was done, and how often was charged; what was refused does not count."""
        done = self.there.audit_events(AuditQuery(outcome="done", limit=1)).events
        return done[0].seq, self.there.ledger_table().num_rows


def said(answer: httpx.Response, status: int) -> str:
    """The message of a refusal, which is nothing but the envelope."""
    assert answer.status_code == status, f"{answer.request.url}: {answer.status_code} {answer.text}"
    told = answer.json()
    assert set(told) == {"status", "message"} and told["status"] == "error" and told["message"]
    return str(told["message"])


@contextmanager
def served(folder: Path) -> Iterator[Bench]:
    """An owner process, the HTTP door on a port, and everybody's token."""
    file = folder / "w.duckdb"
    (folder / "workbench.toml").write_text(_TOML, "utf-8")
    door = SocketDoor(file, settings=Settings(owner_idle_s=600))
    try:
        there = connect_local(file, actor="root")
        there.create_user("root", roles=("service_admin",))
        there.create_role("alerts_only", ("alert.read",))
        there.create_role("bucket_reader", ("bucket.read",))
        for name, roles in PEOPLE.items():
            there.create_user(name, f"{name}@mail.example", roles=roles)
        tokens = {name: there.create_token("tests", user=name).secret for name in PEOPLE}
        with served_over_http(door) as address, httpx.Client(timeout=60, trust_env=False) as client:
            yield Bench(address=address, there=there, tokens=tokens, client=client)
        door.close()
    finally:
        stop_owner(file)
