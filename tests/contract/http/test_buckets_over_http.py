"""Buckets and their mails by hand: made once, filled once, read page by page, how far mailboxes were read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.contract.http.conftest import Http
from workbench.domain import (
    AnyConnection,
    BucketTarget,
    FolderState,
    ImapConnection,
    Mailbox,
    Role,
    grants_of,
)
from workbench.errors import AccessError

PATH = "/api/_private/buckets/acme/post"
EMAILS = f"{PATH}/emails"
FACTS = {"importance": "high", "is_read": None, "folder": ["Inbox", "Claims"], "size": 12}


@pytest.fixture
def acme(http: Http) -> Http:
    http.there.create_project("acme")
    return http


def made(http: Http, **values: Any) -> dict[str, Any]:
    found: dict[str, Any] = http.ok("PUT", PATH, {"bucket": {"bucket_type": "emails", **values}})["bucket"]
    return found


def email(number: int, text: str = "hello", **more: Any) -> dict[str, Any]:
    mime = f"From: ann@buyer.example\r\nSubject: Case {number}\r\nMessage-ID: <m{number}@store.example>\r\n\r\n{text}"
    said = {
        "id": f"<m{number}@store.example>",
        "mailbox": "care@store.example",
        "timestamp": "2024-02-01T08:00:00Z",
    }
    return {**said, "mime_content": mime, "attachments": [], **more}


def test_a_bucket_is_made_once_changed_counted_and_deleted(acme: Http) -> None:
    bucket = made(acme, title="Post")
    assert set(bucket) >= {"id", "name", "owner", "created_at", "title", "updated_at"}
    assert made(acme, title="Post") == bucket
    assert acme.fails(409, "PUT", PATH, {"bucket": {"title": "Mail"}}).startswith("a bucket named")
    by_id = f"/api/_private/buckets/id:{bucket['id']}"
    for path in (PATH, by_id):
        assert acme.ok("GET", path)["bucket"] == bucket
    for path, found in (("", [bucket]), ("/acme", [bucket]), ("/other", [])):
        assert acme.ok("GET", f"/api/_private/buckets{path}")["buckets"] == found
    assert acme.ok("POST", PATH, {"bucket": {}})["bucket"] == bucket
    assert acme.ok("POST", by_id, {"bucket": {"title": "Mail"}})["bucket"]["title"] == "Mail"
    assert acme.ok("GET", f"{PATH}/statistics")["statistics"] == {"count": {"kind": "exact", "value": 0}}
    assert acme.ok("DELETE", by_id) == {}
    assert acme.fails(404, "DELETE", by_id).startswith("unknown bucket")


def test_a_bucket_that_cannot_be_is_not_made(acme: Http) -> None:
    wrong = ({"bucket_type": "calls"}, "Invalid enum value 'calls'"), ({"titel": ""}, "unknown field `titel`")
    for values, words in wrong:
        assert words in acme.fails(400, "PUT", PATH, {"bucket": values})
    assert "'a b' cannot be used" in acme.fails(400, "GET", "/api/_private/buckets/a%20b")
    path = "/api/_private/buckets/nowhere/post"
    assert acme.fails(404, "PUT", path, {"bucket": {}}).startswith("No such project: 'nowhere'.")
    assert acme.fails(404, "GET", path).startswith("unknown bucket 'nowhere/post'")
    made(acme)
    acme.role = "viewer"
    for method, path, body in (
        ("PUT", "/api/_private/buckets/acme/more", {"bucket": {}}),
        ("POST", PATH, {"bucket": {"title": "x"}}),
        ("DELETE", PATH, None),
        ("PUT", EMAILS, {"emails": [email(1)]}),
        ("PUT", "/api/_private/bucket-sync-state/acme/post", {"bucket_sync_state": {"sync_state": "x"}}),
    ):
        assert "may not" in acme.fails(403, method, path, body)


def test_mails_come_in_once_and_back_as_they_came(acme: Http) -> None:
    made(acme)
    acme.there.create_source("acme", "mail", bucket_id=acme.there.bucket("acme/post").bucket_id)
    body = {"emails": [email(1, metadata=FACTS), email(2), email(3, id="other name")]}
    assert acme.ok("PUT", f"{EMAILS}?no_charge=false", body) == {"new": 3, "unchanged": 0}
    assert acme.ok("PUT", EMAILS, body) == {"new": 0, "unchanged": 3}
    entries = acme.there.ledger_table().to_pylist()
    assert [(one["operation"], one["channel"], one["units"]) for one in entries] == [
        ("sync_raw_mails", "http", 1)
    ] * 3
    assert acme.ok("GET", f"{PATH}/statistics")["statistics"]["count"]["value"] == 3
    found: list[dict[str, Any]] = []
    asked: dict[str, Any] = {"limit": 2, "continuation": ""}
    while (page := acme.ok("POST", EMAILS, asked))["emails"]:
        found += page["emails"]
        if page["continuation"] is None:
            break
        asked["continuation"] = page["continuation"]
    sent = {one["id"]: one for one in body["emails"]}
    assert [one["id"] for one in found] == list(sent)
    for one in found:
        assert {key: one[key] for key in sent[one["id"]]} == sent[one["id"]]
        assert one["created_at"].endswith("Z")
    assert acme.ok("GET", EMAILS, params={"id": "other name"})["emails"] == [found[2]]
    assert acme.ok("GET", EMAILS, params={"id": "none"})["emails"] == []


def test_an_id_stands_for_one_mail_and_nothing_is_stored_beside_a_wrong_one(acme: Http) -> None:
    made(acme)
    acme.ok("PUT", EMAILS, {"emails": [email(1)]})
    same = email(1, id="second place", mime_content=email(1)["mime_content"] + "\r\nReceived elsewhere")
    for _ in range(2):  # the same Message-ID: kept as it came first, under both names
        acme.ok("PUT", EMAILS, {"emails": [same]})
    assert len(acme.ok("POST", EMAILS, {})["emails"]) == 2
    changed = email(1, "another text")
    words = "mail '<m1@store.example>' is there already with another content."
    assert acme.fails(409, "PUT", EMAILS, {"emails": [email(2), changed]}).startswith(words)
    unread = email(3, id="empty", mime_content="")
    assert acme.fails(400, "PUT", EMAILS, {"emails": [email(2), unread]}).startswith(
        "mail 'empty' cannot be read"
    )
    for wrong, words in ((email(2, id=""), "length >= 1"), (email(2, brand_new=1), "unknown field")):
        assert words in acme.fails(400, "PUT", EMAILS, {"emails": [wrong]})
    many = "&".join(f"id={n}" for n in range(129))
    for query, words in (("", "missing required field `id`"), (f"?{many}", "129 mails are asked for.")):
        assert words in acme.fails(400, "GET", f"{EMAILS}{query}")
    for asked, words in (({"limit": 257}, "<= 256"), ({"continuation": "x"}, "the continuation 'x' is none")):
        assert words in acme.fails(400, "POST", EMAILS, asked)
    assert acme.ok("GET", f"{PATH}/statistics")["statistics"]["count"]["value"] == 1
    acme.ok("PUT", EMAILS, {"emails": [email(1, metadata={"is_read": True})]})
    assert acme.ok("GET", EMAILS, params={"id": "<m1@store.example>"})["emails"][0]["metadata"] == {
        "is_read": True
    }
    assert acme.ok("DELETE", PATH) == {}
    rows = acme.there.sql("SELECT (SELECT count(*) FROM email) + (SELECT count(*) FROM blob) AS n")
    assert rows.column("n").to_pylist() == [0]


def test_mail_is_not_shown_to_who_may_not_see_what_a_source_hides(acme: Http) -> None:
    made(acme)
    bucket_id = acme.there.bucket("acme/post").bucket_id
    source = acme.there.create_source("acme", "mail", bucket_id=bucket_id)
    acme.ok("PUT", EMAILS, {"emails": [email(1)]})
    reader = Role(name="reader", title="Reader", scope="project", permissions=("bucket.read", "source.read"))
    there = acme.opened.operations("eve", grants=grants_of([(reader, None)]))
    assert len(there.emails(bucket_id).emails) == 1
    acme.there.amend_source(source.source_id, sensitive_properties=("string:Account",))
    with pytest.raises(
        AccessError, match=r"^'eve' may not read original mail: it holds what a source hides\."
    ):
        there.emails(bucket_id)
    acme.there.amend_source(source.source_id, sensitive_properties=(), mask_personal=True)
    acme.role = "developer"
    assert "masks personal data" in acme.fails(403, "GET", f"{EMAILS}?id=x")


def test_the_bookmark_of_a_program_is_kept(acme: Http) -> None:
    made(acme)
    path = "/api/_private/bucket-sync-state/acme/post"
    assert acme.fails(404, "GET", path).startswith("unknown sync state of bucket 'acme/post'")
    body = {"bucket_sync_state": {"sync_state": "abc", "progress_timestamp": "2024-02-01T08:00:00Z"}}
    told = acme.ok("PUT", path, body)["bucket_sync_state"]
    assert told["last_synced_at"].endswith("Z") and told.items() >= body["bucket_sync_state"].items()
    assert acme.ok("GET", path)["bucket_sync_state"] == told
    body["bucket_sync_state"]["sync_state"] = "abcd"
    assert acme.ok("PUT", path, body)["bucket_sync_state"]["sync_state"] == "abcd"
    assert "missing required field" in acme.fails(400, "PUT", path, {"bucket_sync_state": {}})


def test_folders_of_mailboxes_tell_how_far_they_were_read_and_begin_anew(acme: Http) -> None:
    made(acme)
    target = BucketTarget(project="acme", name="post")
    box = Mailbox(address="care@store.example", bucket=target, enabled=False)
    there = acme.there.create_integration(
        "acme",
        "box",
        AnyConnection.of(ImapConnection(host="localhost", user_name="u")),
        (box,),
        enabled=False,
    )
    at = datetime(2024, 2, 1, 8, tzinfo=UTC)
    states = [
        FolderState(mailbox=box.address, folder=(name,), cursor="7", up_to_date=done, synced_until=at)
        for name, done in (("Inbox", True), ("Sent", False))
    ]
    with acme.opened._workspace.store.write() as session:
        session.integrations.put_states(there.integration_id, states, at=at)
    path = f"/api/_private/buckets/id:{acme.there.bucket('acme/post').bucket_id}"
    found = acme.ok("GET", f"{path}/keyed-sync-states/")["keyed_sync_states"]
    assert [(one["folder_path"], one["status"]) for one in found] == [
        (["Inbox"], "UP_TO_DATE"),
        (["Sent"], "IN_PROGRESS"),
    ]
    assert {one["mailbox_name"] for one in found} == {box.address}
    assert (
        {one["last_synced_at"] for one in found}
        == {one["synced_until"] for one in found}
        == {"2024-02-01T08:00:00Z"}
    )
    ids = acme.ok("POST", f"{path}/keyed-sync-state-ids", {"mailbox_name": box.address})[
        "keyed_sync_state_ids"
    ]
    assert ids == [one["folder_id"] for one in found]
    assert (
        acme.ok("POST", f"{path}/keyed-sync-state-ids", {"mailbox_name": "none"})["keyed_sync_state_ids"]
        == []
    )
    one = f"{path}/keyed-sync-state/{ids[0]}"
    assert acme.ok("GET", one)["keyed_sync_state"] == found[0]
    acme.role = "viewer"
    acme.fails(403, "DELETE", one)
    acme.role = ""
    assert acme.ok("DELETE", one) == {}
    assert acme.fails(404, "DELETE", one).startswith("unknown keyed sync state")
    assert len(acme.ok("GET", f"{path}/keyed-sync-states")["keyed_sync_states"]) == 1
