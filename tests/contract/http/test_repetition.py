"""Clients send again what had no answer: the same request twice is like once, another one is not."""

from __future__ import annotations

from typing import Any

from tests.contract.http.conftest import Http
from workbench.api.routes.users import own_id
from workbench.domain import AuditQuery

PROJECT = "/api/_private/projects/claims"
USERS = "/api/_private/users"


def project(*user_ids: str, **texts: str) -> dict[str, Any]:
    return {"project": texts, "user_ids": list(user_ids)}


def test_a_project_is_created_once_by_the_same_request(http: Http) -> None:
    for body in (project(), project(title="Claims", description="What customers claim.")):
        first = http.ok("PUT", PROJECT, body)
        assert http.ok("PUT", PROJECT, body) == first
        assert "exists already" in http.fails(409, "PUT", PROJECT, project(title="Others"))
        http.ok("DELETE", PROJECT)
    created = [one for one in http.there.audit_events(AuditQuery()).events if one.type == "create_project"]
    assert len(created) == 2


def test_a_project_has_the_people_that_it_was_made_for(http: Http) -> None:
    boss, ann = http.there.create_user("boss"), http.there.create_user("ann")
    body = project(str(ann.user_id), str(ann.user_id))
    for _ in range(2):
        http.ok("PUT", PROJECT, body)
        (user,) = [one for one in http.ok("GET", USERS)["users"] if one["username"] == "ann"]
        assert "sources-admin" in user["organisation_permissions"]["claims"]
    assert len([one for one in http.there.role_assignments() if one.subject == "ann"]) == 1
    assert boss.name != ann.name
    words = http.fails(404, "PUT", "/api/_private/projects/other", project("00aa11bb22cc33dd"))
    assert "unknown user '00aa11bb22cc33dd'" in words
    assert "unknown project" in http.fails(404, "GET", "/api/_private/projects/other")


def test_without_accounts_a_project_is_for_whoever_asks(http: Http) -> None:
    me = http.ok("GET", "/auth/user")["user"]
    assert me["id"] == own_id(me["username"])
    http.ok("PUT", PROJECT, project(me["id"]))
    assert "claims" in http.ok("GET", "/auth/user")["user"]["organisation_permissions"]


def test_the_first_account_is_not_made_over_http(http: Http) -> None:
    body = {"user": {"username": "ann", "email": "ann@mail.example"}}
    words = http.fails(403, "PUT", USERS, body)
    assert words.startswith("'ann' would be the first account, which ends the workspace's own token")
    assert "workbench users add FILE NAME --admin" in words and "workbench tokens add" in words
    assert http.ok("GET", USERS) == {"users": []}


def test_a_user_is_created_once_by_the_same_request(http: Http) -> None:
    http.there.create_user("boss")
    http.there.create_project("claims")
    ann = {"username": "ann", "email": "ann@mail.example", "global_permissions": ["audit-read"]}
    ann["organisation_permissions"] = {"claims": ["sources-read"]}  # type: ignore[assignment]
    first = http.ok("PUT", USERS, {"user": ann})
    n_given = len(http.there.role_assignments())
    assert http.ok("PUT", USERS, {"user": ann}) == first
    assert len(http.there.role_assignments()) == n_given
    for other in (
        {"email": "other@mail.example"},
        {"global_permissions": []},
        {"organisation_permissions": {"claims": ["sources-admin"]}},
        {"username": "eve"},
    ):
        assert "exists already" in http.fails(409, "PUT", USERS, {"user": {**ann, **other}})
