"""Integrations over HTTP: those with Exchange Online, and no secret of any."""

from __future__ import annotations

from typing import Any

from tests.contract.http.conftest import Http
from workbench.domain import AnyConnection, ImapConnection, Secrets

LIST = "/api/_private/integrations"
ONE = f"{LIST}/acme/mail"
CONNECTION = {
    "access": {"kind": "user_access", "username": "reader@acme.example"},
    "application": {"kind": "custom", "client_id": "client-1", "tenant_id": "tenant-1"},
}
MAILBOX = {
    "email": "help@acme.example",
    "bucket_specification": {"project_name": "acme", "name": "post", "title": "Post"},
    "enabled": True,
    "start_timestamp": "2026-01-02T03:04:05Z",
    "folder_allowlist": [["Inbox", "Claims"]],
    "participant_denylist": ["robot@acme.example"],
}
FULL = {
    "title": "Mail",
    "enabled": True,
    "configuration": {"connection": CONNECTION, "mailboxes": [MAILBOX]},
}


def put(http: Http, given: dict[str, Any] = FULL, path: str = ONE) -> dict[str, Any]:
    http.there.create_project("acme") if not http.there.projects() else None
    made: dict[str, Any] = http.ok("PUT", path, {"integration": given})["integration"]
    return made


def test_an_integration_comes_back_as_it_was_sent(http: Http) -> None:
    made = put(http)
    assert set(made) == {
        "id", "owner", "name", "title", "type", "created_at", "updated_at", "enabled", "configuration",
    }  # fmt: skip
    assert (made["owner"], made["name"], made["type"]) == ("acme", "mail", "exchange_online")
    assert made["configuration"] == FULL["configuration"]
    assert put(http) == made, "the same again is the same request"
    assert "exists already" in http.fails(409, "PUT", ONE, {"integration": {**FULL, "title": "Other"}})
    assert http.ok("GET", ONE)["integration"] == made
    assert http.ok("GET", f"{LIST}/acme%2Fmail")["integration"] == made
    assert http.ok("GET", f"{LIST}/id:{made['id']}")["integration"] == made
    small = put(
        http, {"title": "Small", "enabled": False, "configuration": {"mailboxes": []}}, f"{LIST}/acme/b"
    )
    assert small["disabled_reason"] == "user" and small["configuration"] == {"mailboxes": []}


def test_no_secret_is_told_and_other_kinds_are_counted(http: Http) -> None:
    made = put(http)
    (found,) = http.there.integrations()
    http.there.set_secrets(found.integration_id, Secrets(client_secret="hush-hush-4711"))
    imap = AnyConnection.of(ImapConnection(host="localhost", user_name="u"))
    http.there.create_integration("acme", "old", imap, enabled=False)
    answer = http.client.get(LIST)
    assert "hush" not in answer.text
    told = answer.json()
    assert [one["id"] for one in told["integrations"]] == [made["id"]] and told["num_other_types"] == 1
    assert "of the kind 'imap', which is not shown here" in http.fails(422, "GET", f"{LIST}/acme/old")


def test_what_is_left_out_of_a_change_stays(http: Http) -> None:
    made = put(http)
    for _ in range(2):
        changed = http.ok("POST", ONE, {"integration": {"title": "New", "enabled": False}})["integration"]
        assert (changed["title"], changed["enabled"], changed["disabled_reason"]) == ("New", False, "user")
        assert changed["configuration"] == made["configuration"]
    application = {"client_id": "client-2", "tenant_id": "tenant-1"}
    change = {"enabled": True, "configuration": {"connection": {"application": application}, "mailboxes": []}}
    changed = http.ok("POST", ONE, {"integration": change})["integration"]
    assert changed["configuration"]["mailboxes"] == [] and changed["enabled"]
    told = changed["configuration"]["connection"]
    assert told["access"] == CONNECTION["access"] and told["application"]["client_id"] == "client-2"


def test_an_integration_is_deleted_by_id(http: Http) -> None:
    made = put(http)
    http.role = "viewer"
    assert "may not delete integration" in http.fails(403, "DELETE", f"{LIST}/id:{made['id']}")
    assert "may not amend integration" in http.fails(403, "POST", ONE, {"integration": {"title": "x"}})
    assert "may not create integration" in http.fails(403, "PUT", f"{LIST}/acme/c", {"integration": FULL})
    assert [one["id"] for one in http.ok("GET", LIST)["integrations"]] == [made["id"]]
    http.role = ""
    assert http.ok("DELETE", f"{LIST}/id:{made['id']}") == {}
    assert "unknown integration" in http.fails(404, "DELETE", f"{LIST}/id:{made['id']}")
    assert http.ok("GET", LIST) == {"integrations": [], "num_other_types": 0}


def test_what_cannot_be_an_integration_is_refused(http: Http) -> None:
    other = {"integration": {**FULL, "integration_type": "pigeon"}}
    assert "of the type 'pigeon' cannot be made" in http.fails(422, "PUT", ONE, other)
    for bad in (
        {},
        {"integration": {"title": "x" * 129}},
        {"integration": {"secret": "x"}},
        {"integration": {"configuration": {"mailboxes": [{"email": "a@b.example"}]}}},
        {"integration": {"configuration": {"connection": {"access": {"kind": "other", "username": "u"}}}}},
    ):
        assert "not as described" in http.fails(400, "PUT", ONE, bad)
    assert "unknown integration 'acme/none'" in http.fails(404, "GET", f"{LIST}/acme/none")
    put(http)
    twice = {"integration": {"configuration": {"mailboxes": [MAILBOX, MAILBOX]}}}
    assert "cannot be a mailbox" in http.fails(400, "POST", ONE, twice)
