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
from tests.contract.test_versions import reviewed_dataset, train
from workbench.api import make_app
from workbench.domain import BUILT_IN_ROLES, EVERYTHING, DatasetId, Operations, grants_of
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


class Trained(Http):
    """The dataset ``demo/support`` with two versions, the first of them pinned by the tag ``live``."""

    did: DatasetId


@pytest.fixture(scope="session")
def _trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trained]:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path_factory.mktemp("trained") / "w.duckdb", settings=settings) as opened:
        found = Trained(opened)
        found.did = reviewed_dataset(found.there, 130)
        train(found.there, found.did)
        found.there.tag_version(found.did, 1, "live")
        train(found.there, found.did)
        with TestClient(make_app(found.ask, token=TOKEN), raise_server_exceptions=False) as client:
            client.headers["Authorization"] = f"Bearer {TOKEN}"
            found.client = client
            yield found


@pytest.fixture
def trained(_trained: Trained) -> Iterator[Trained]:
    """One for all tests that need one, each beginning with every right: whoever changes it puts it back."""
    yield _trained
    _trained.role = ""
