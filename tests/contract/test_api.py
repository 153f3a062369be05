"""The JSON addresses by hand: envelopes, statuses, the document that describes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from tests.contract.conftest import TOKEN
from workbench.api import make_app
from workbench.api.bodies import MAX_BODY
from workbench.api.routes import ENDPOINTS
from workbench.settings import Settings
from workbench.wire import Call, Reply, encode, perform, signature
from workbench.workspace import open_workspace


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    with open_workspace(
        tmp_path / "w.duckdb", settings=Settings(encoder="hash-test", fast_encoder="")
    ) as opened:

        def ask(call: Call) -> Reply:
            return perform(opened.operations(call.actor, call.channel, call.call_id), call)

        app = make_app(ask, token=TOKEN)
        with TestClient(app, raise_server_exceptions=False) as found:
            found.headers["Authorization"] = f"Bearer {TOKEN}"
            yield found


def fails(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert set(told) == {"status", "message"} and told["status"] == "error"
    return str(told["message"])


def first_account(client: httpx.Client) -> None:
    """Make ``boss``, as nobody can with the addresses for JSON."""
    made = signature("create_user").pack(("boss", "boss@mail.example"), {})
    call = Call(operation="create_user", arguments=made, call_id="u")
    assert client.post("/rpc/create_user", content=encode(call)).status_code == 200


def project(name: str, **texts: str) -> dict[str, Any]:
    return {"project": texts, "user_ids": []}


def test_projects_come_change_and_go(client: httpx.Client) -> None:
    path = "/api/_private/projects/claims"
    assert client.get("/api/_private/projects?cm_only=true").json() == {"status": "ok", "projects": []}
    made = client.put(path, json=project("claims", title="Claims")).json()
    assert (made["status"], made["project"]["id"], made["project"]["title"]) == ("ok", "claims", "Claims")
    assert fails(client.put(path, json=project("claims")), 409).startswith("a project named 'claims' exists")
    changed = client.post(path, json={"project": {"description": "What customers claim."}}).json()["project"]
    assert (changed["title"], changed["description"]) == ("Claims", "What customers claim.")
    assert client.get(path).json()["project"] == changed
    assert [one["name"] for one in client.get("/api/v1/projects").json()["projects"]] == ["claims"]
    assert client.get(f"{path}/resource_counts").json()["resource_counts"]["sources"] == 0
    assert client.delete(path).json() == {"status": "ok"}
    assert "unknown project 'claims'" in fails(client.get(path), 404)
    assert "unknown project 'claims'" in fails(client.delete(path), 404)


def test_a_project_that_holds_something_goes_only_by_force(client: httpx.Client) -> None:
    path = "/api/_private/projects/claims"
    client.put(path, json=project("claims"))
    made = signature("create_source").pack(("claims", "mail"), {})
    call = Call(operation="create_source", arguments=made, call_id="c")
    assert client.post("/rpc/create_source", content=encode(call)).status_code == 200
    words = "Project contains child resources but force deletion was not requested: "
    assert fails(client.delete(path), 409).startswith(f'{words}{{"sources": 1}}')
    assert client.delete(f"{path}?force=true").json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("GET", "/api/v1/nothing", None, 404, "404 Not Found"),
        ("GET", "/", None, 404, "404 Not Found"),
        ("PATCH", "/api/v1/projects", None, 405, "405 Method Not Allowed"),
        ("PUT", "/api/_private/projects/a", b"{", 400, "the body is no JSON"),
        ("PUT", "/api/_private/projects/a", b'{"project": ' + b"[" * 100_000, 400, "the body is no JSON"),
        ("PUT", "/api/_private/projects/a", b"{}", 400, "missing required field `project`"),
        ("PUT", "/api/_private/projects/a", b'{"project": {"x": 1}}', 400, "unknown field `x`"),
        ("PUT", "/api/_private/projects/a", b'{"project": {"title": 1}}', 400, "Expected `str | null`"),
        ("PUT", "/api/_private/projects/a%20b", b'{"project": {}}', 400, "'a b'"),
        ("PUT", "/api/_private/projects/..", b'{"project": {}}', 404, "404"),
        ("GET", "/api/_private/projects?x=1", None, 400, "unknown field `x`"),
        ("DELETE", "/api/_private/projects/a?force=perhaps", None, 400, "Expected `bool`"),
        ("DELETE", "/api/_private/projects/a?force=true&force=false", None, 400, "given twice"),
    ],
)
def test_whatever_goes_wrong_comes_in_the_envelope(
    client: httpx.Client, method: str, path: str, body: bytes | None, status: int, words: str
) -> None:
    assert words in fails(client.request(method, path, content=body), status)


def test_a_body_beyond_the_limit_is_refused(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.api.bodies.MAX_BODY", 100)
    answer = client.put("/api/_private/projects/a", content=b" " * 200)
    assert "the request has more than" in fails(answer, 413)
    assert MAX_BODY > 100


def test_without_a_token_nobody_is_recognised(client: httpx.Client) -> None:
    del client.headers["Authorization"]
    answer = client.get("/api/v1/projects")
    assert "the token is missing" in fails(answer, 401) and answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_defect_says_nothing_of_what_is_inside(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("workbench.api.app.answer", broken)
    assert "secret" not in fails(client.get("/api/v1/projects"), 500)


def test_people_come_change_and_go(client: httpx.Client) -> None:
    assert client.get("/auth/user").json()["user"]["username"] == "http"
    assert client.post("/auth/refresh-user-permissions", json={}).json()["permissions_refreshed"] is True
    client.put("/api/_private/projects/claims", json=project("claims"))
    first_account(client)
    wanted = {"claims": ["sources-read", "voc-readonly"]}
    body = {"user": {"username": "ann", "email": "ann@mail.example", "organisation_permissions": wanted}}
    made = client.put("/api/_private/users", json=body).json()["user"]
    assert made["organisation_permissions"] == {"claims": ["sources-read", "voc-readonly"]}
    assert (made["global_permissions"], made["sso_global_permissions"], made["verified"]) == ([], [], True)
    path = f"/api/_private/users/{made['id']}"
    assert client.get(path).json()["user"] == made
    more = {"user": {"organisation_permissions": {"claims": ["datasets-review"]}}}
    changed = client.post(path, json=more).json()["user"]
    assert changed["organisation_permissions"] == {"claims": ["datasets-review", "voc-readonly"]}
    assert client.post(path, json={"user": {}}).json()["user"] == changed
    assert client.post(f"{path}/welcome-email", json={}).json() == {"status": "ok"}
    known = client.get("/api/v1/users").json()["users"]
    assert [(one["username"], one["last_login_at"]) for one in known] == [("ann", None), ("boss", None)]
    assert len(client.get("/api/_private/users").json()["users"]) == 2
    assert client.delete(path).json() == {"status": "ok"}
    assert "unknown user" in fails(client.get(path), 404)


@pytest.mark.parametrize(
    ("user", "status", "words"),
    [
        ({"username": "a b", "email": "a@mail.example"}, 400, "regex"),
        ({"username": "ann", "email": "a@mail.example", "global_permissions": ["root2"]}, 404, "'root2'"),
        (
            {
                "username": "ann",
                "email": "a@mail.example",
                "organisation_permissions": {"p": ["tenant-admin"]},
            },
            400,
            "no permission of a project",
        ),
    ],
)
def test_a_user_with_a_permission_that_is_none_is_not_made(
    client: httpx.Client, user: dict[str, Any], status: int, words: str
) -> None:
    first_account(client)
    assert words in fails(client.put("/api/_private/users", json={"user": user}), status)
    assert [one["username"] for one in client.get("/api/v1/users").json()["users"]] == ["boss"]


def test_quotas_are_read_set_and_left_to_the_settings_again(client: httpx.Client) -> None:
    path = "/api/_private/quotas/here/projects"
    assert client.post(path, json={"hard_limit": 3, "auto_increase_up_to": 5}).json() == {"status": "ok"}

    def shown() -> dict[str, Any]:
        found = client.get("/api/_private/quotas").json()["quotas"]
        return {one["quota_kind"]: one for one in found}["projects"]

    assert (shown()["hard_limit"], shown()["auto_increase_up_to"]) == (3, 5)
    client.post(path, json={"hard_limit": 4})
    assert (shown()["hard_limit"], shown()["auto_increase_up_to"]) == (4, 5)
    client.post(path, json={"auto_increase_up_to": None})
    assert (shown()["hard_limit"], shown().get("auto_increase_up_to")) == (4, None)
    assert client.delete(path).json() == {"status": "ok"}
    assert shown()["hard_limit"] == 2**53 - 1
    assert client.get("/api/_private/quotas/here").json() == client.get("/api/_private/quotas").json()
    assert "unknown quota 'mice'" in fails(client.post("/api/_private/quotas/here/mice", json={}), 404)
    assert "Expected `int` >= 0" in fails(client.post(path, json={"hard_limit": -1}), 400)


def test_audit_events_come_page_by_page_with_all_that_they_name(client: httpx.Client) -> None:
    for n in range(3):
        client.put(f"/api/_private/projects/p{n}", json=project(f"p{n}"))
    first_account(client)
    found: list[dict[str, Any]] = []
    asked: dict[str, Any] = {"filter": {"timestamp": {"minimum": "2020-01-01T00:00:00"}}, "limit": 2}
    while True:
        page = client.post("/api/v1/audit_events/query", json=asked).json()
        assert page["status"] == "ok"
        named = {
            kind: {one["id"] for one in page[kind]} for kind in ("users", "projects", "datasets", "tenants")
        }
        for one in page["audit_events"]:
            assert {one["actor_user_id"], *one["user_ids"]} <= named["users"]
            assert {one["actor_tenant_id"], *one["tenant_ids"]} <= named["tenants"]
            assert set(one["project_ids"]) <= named["projects"]
            assert set(one["dataset_ids"]) <= named["datasets"]
        found += page["audit_events"]
        if not page["continuation"]:
            break
        asked["continuation"] = page["continuation"]
    kinds = [one["event_type"] for one in found]
    assert kinds.count("create_project") == 3 and "create_user" in kinds
    assert len({one["event_id"] for one in found}) == len(found)
    times = [one["timestamp"] for one in found]
    assert times == sorted(times, reverse=True) and all(one.endswith("Z") for one in times)
    last = {"filter": {"timestamp": {"minimum": times[0], "maximum": times[0]}}}
    only = client.post("/api/v1/audit_events/query", json=last).json()["audit_events"]
    assert [one["event_id"] for one in only] == [found[0]["event_id"]]
    assert "continuation" in fails(
        client.post("/api/v1/audit_events/query", json={"continuation": "forged"}), 400
    )


def test_the_document_describes_each_address(client: httpx.Client) -> None:
    found = client.get("/openapi.json").json()
    assert len({(one.method, one.path) for one in ENDPOINTS}) == len(ENDPOINTS)
    for one in ENDPOINTS:
        for path in one.spelled:
            assert one.method.lower() in found["paths"][path]
