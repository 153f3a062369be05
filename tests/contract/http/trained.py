"""A workspace with a trained dataset ``demo/support`` behind the HTTP application."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.testclient import TestClient

from tests.contract.conftest import TOKEN
from tests.contract.http.conftest import Http
from tests.contract.test_versions import reviewed_dataset, train
from workbench.api import make_app
from workbench.domain import DatasetId
from workbench.settings import Settings
from workbench.workspace import open_workspace


class Trained(Http):
    """Two versions, the first of them pinned by the tag ``live``; its predictions are those of its training."""

    did: DatasetId
    n_messages = 130


@contextmanager
def trained_workspace(folder: Path) -> Iterator[Trained]:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(folder / "w.duckdb", settings=settings) as opened:
        found = Trained(opened)
        found.did = reviewed_dataset(found.there, found.n_messages)
        assert train(found.there, found.did) == 1
        found.there.tag_version(found.did, 1, "live")
        assert train(found.there, found.did) == 2
        with TestClient(make_app(found.ask, token=TOKEN), raise_server_exceptions=False) as client:
            client.headers["Authorization"] = f"Bearer {TOKEN}"
            found.client = client
            yield found
