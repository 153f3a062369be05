"""A workspace behind the HTTP application, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from tests.contract.conftest import TOKEN
from workbench.api import make_app
from workbench.domain import BUILT_IN_ROLES, EVERYTHING, Operations, grants_of
from workbench.settings import Settings
from workbench.wire import Call, Reply, perform
from workbench.workspace import open_workspace
from workbench.workspace.opening import OpenedWorkspace


@dataclass
class Http:
    """A client, and the workspace that it speaks to.

    Attributes
    ----------
    there
        The same workspace without HTTP, with every right.
    role
        Name of the built-in role, in every project, that requests act with; empty = every right.
    """

    opened: OpenedWorkspace
    client: httpx.Client = field(init=False)
    role: str = ""

    @property
    def there(self) -> Operations:
        return self.opened.operations("ann")

    def ask(self, call: Call) -> Reply:
        grants = grants_of([(BUILT_IN_ROLES[self.role], None)]) if self.role else EVERYTHING
        acting = self.opened.operations(call.actor, call.channel, call.call_id, grants=grants)
        return perform(acting, call)

    def ok(self, method: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
        """What a request that succeeds gives, without ``status``."""
        answer = self.client.request(method, path, json=body, **more)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        assert told.pop("status") == "ok"
        return told

    def fails(self, status: int, method: str, path: str, body: Any = None, **more: Any) -> str:
        """The message of a request that is refused."""
        answer = self.client.request(method, path, json=body, **more)
        assert answer.status_code == status, answer.text
        told = answer.json()
        assert set(told) == {"status", "message"} and told["status"] == "error"
        return str(told["message"])


@pytest.fixture
def http(tmp_path: Path) -> Iterator[Http]:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as opened:
        found = Http(opened)
        app = make_app(found.ask, token=TOKEN)
        with TestClient(app, raise_server_exceptions=False) as client:
            client.headers["Authorization"] = f"Bearer {TOKEN}"
            found.client = client
            yield found
