"""Addresses: every spelling reaches the one that is meant."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from workbench.api.addresses import ID, NAME, Spelling, patterns, routing_order, spellings

PATHS = (
    "/api/v1/sources/{owner}",
    "/api/v1/sources/{owner}/{source}",
    "/api/v1/sources/id:{source_id}",
    "/api/v1/sources/{owner}/{source}/sync",
    "/api/v1/datasets/{owner}/{dataset}/labellers/{version}/predict",
    "/api/v1/datasets/{owner}/{dataset}/labellers/latest/predict",
)


@pytest.fixture
def client() -> TestClient:
    def route(path: str) -> Route:
        async def tell(request: Request) -> PlainTextResponse:
            return PlainTextResponse(f"{path} {dict(request.path_params)}")

        return Route(path, tell)

    routes = [route(path) for path in sorted(PATHS, key=routing_order)]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(Spelling)]))


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("/api/v1/sources/acme", 0),
        ("/api/v1/sources/acme/", 0),
        ("/api/v1/sources/acme%2Fmail", 1),
        ("/api/v1/sources/acme/mail/", 1),
        ("/org/tenant/reinfer_/api/v1/sources/acme/mail", 1),
        ("/api/v1/sources/id:18ba5ce699f8da1f", 2),
        ("/api/v1/sources/id%3A18ba5ce699f8da1f%2F", 2),
        ("/api/v1/sources/acme%2Fmail/sync", 3),
        ("/api/v1/datasets/acme/all/labellers/3/predict", 4),
        ("/api/v1/datasets/acme/all/labellers/latest/predict", 5),
    ],
)
def test_every_spelling_reaches_its_address(client: TestClient, asked: str, meant: int) -> None:
    told = client.get(asked, follow_redirects=False)
    assert told.status_code == 200 and told.text.startswith(f"{PATHS[meant]} {{")


def test_half_a_prefix_is_none(client: TestClient) -> None:
    assert client.get("/tenant/reinfer_/api/v1/sources/acme").status_code == 404


def test_a_resource_is_there_by_name_and_by_id() -> None:
    by_name, by_id = spellings("/api/v1/sources/{source}/sync")
    assert patterns(by_name, {}) == {"owner": NAME, "source": NAME}
    assert patterns(by_id, {}) == {"source_id": ID}
    assert spellings("/api/v1/projects/{name}") == ("/api/v1/projects/{name}",)
    assert patterns("/api/v1/projects/{name}", {"name": "^a$"}) == {"name": "^a$"}
