"""Attachments and sounds by hand: before their comment, after it, never lost and never kept for nothing."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from tests.contract.http.conftest import Http
from workbench.workspace.by_source import KEPT_DAYS

SYNC = "/api/v1/sources/acme/mail/sync"
SLIP, PICTURE = b"%PDF slip", b"\x89PNG \x00\xff"


@pytest.fixture
def acme(http: Http) -> Http:
    http.there.create_source("acme", "mail")
    return http


def file_path(http: Http, comment: str, what: str) -> str:
    return f"/api/_private/sources/id:{http.there.source('acme/mail').source_id}/comments/{comment}/{what}"


def put(http: Http, position: int, content: bytes, comment: str = "c1") -> str:
    path = file_path(http, comment, f"attachments/{position}")
    return str(http.ok("PUT", path, files={"file": ("slip.pdf", content)})["content_hash"])


def comment(*files: dict[str, Any], text: str = "see the slip") -> dict[str, Any]:
    body = {"id": "c1", "timestamp": "2026-03-02T09:00:00Z", "messages": [{"body": {"text": text}}]}
    return body | {"attachments": list(files)}


def described(content: bytes, **more: Any) -> dict[str, Any]:
    return {"name": "slip.pdf", "size": len(content), "content_type": ".pdf", **more}


def shown(http: Http) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = http.ok("GET", "/api/v1/sources/acme/mail/comments/c1")["comment"][
        "attachments"
    ]
    return found


def content(http: Http, reference: str) -> bytes:
    answer = http.client.get(f"/api/v1/attachments/{reference}")
    assert answer.status_code == 200, answer.text
    return answer.content


def test_files_that_come_first_are_there_when_their_comment_comes(acme: Http) -> None:
    first, second = put(acme, 0, SLIP), put(acme, 1, PICTURE)
    assert first == hashlib.sha256(SLIP).hexdigest() and put(acme, 0, SLIP) == first
    body = {
        "comments": [comment(described(SLIP, content_hash=first), described(PICTURE, content_hash=second))]
    }
    for _ in range(2):
        acme.ok("PUT", "/api/_private/sources/acme/mail/comments", body)
        one, other = shown(acme)
        assert (one["content_hash"], content(acme, one["attachment_reference"])) == (first, SLIP)
        assert content(acme, other["attachment_reference"]) == PICTURE
        assert put(acme, 0, SLIP) == first  # a retried upload
    with acme.opened._workspace.store.read() as session:
        assert (
            session._cursor.table("attachment.late_files", until=acme.opened._workspace.clock()).num_rows == 0
        )


def test_a_file_may_come_after_its_comment_or_without_a_hash_in_it(acme: Http) -> None:
    acme.ok("POST", SYNC, {"comments": [comment(described(SLIP))]})
    (one,) = shown(acme)
    assert "attachment_reference" not in one
    put(acme, 0, SLIP)
    assert content(acme, shown(acme)[0]["attachment_reference"]) == SLIP
    put(acme, 0, PICTURE, "c2")
    acme.ok("POST", SYNC, {"comments": [comment(described(PICTURE)) | {"id": "c2"}]})
    found = acme.ok("GET", "/api/v1/sources/acme/mail/comments/c2")["comment"]["attachments"][0]
    assert content(acme, found["attachment_reference"]) == PICTURE


def test_another_content_takes_the_place_with_the_comment_that_names_it(acme: Http) -> None:
    acme.ok("POST", SYNC, {"comments": [comment(described(SLIP, content_hash=put(acme, 0, SLIP)))]})
    changed = put(acme, 0, PICTURE)
    assert content(acme, shown(acme)[0]["attachment_reference"]) == SLIP
    acme.ok("POST", SYNC, {"comments": [comment(described(PICTURE, content_hash=changed))]})
    assert content(acme, shown(acme)[0]["attachment_reference"]) == PICTURE
    assert blobs(acme) == 1


def blobs(http: Http) -> int:
    return int(http.there.sql("SELECT count(*) AS n FROM blob").column("n")[0].as_py())


def test_what_nothing_asks_for_goes(acme: Http) -> None:
    put(acme, 0, SLIP, "never")
    put(acme, 0, PICTURE)
    acme.ok("POST", SYNC, {"comments": [comment(described(PICTURE))]})
    acme.ok("PUT", file_path(acme, "c1", "audio"), content=b"sound")
    assert blobs(acme) == 3
    workspace = acme.opened._workspace
    now = workspace.clock
    workspace.clock = lambda: now() + timedelta(days=KEPT_DAYS, minutes=1)
    put(acme, 1, b"another", "c9")
    assert blobs(acme) == 3  # the first is gone, this one came
    acme.ok("DELETE", "/api/v1/sources/acme/mail/comments?id=c1")
    assert blobs(acme) == 1
    acme.ok("DELETE", "/api/v1/sources/acme/mail")
    assert blobs(acme) == 0


def test_a_sound_is_kept_with_its_comment(acme: Http) -> None:
    path = file_path(acme, "c1", "audio")
    for sent in ({"files": {"file": ("c1.flac", b"one")}}, {"content": b"two"}, {"content": b"two"}):
        assert acme.ok("PUT", path, **sent) == {}
    assert acme.fails(404, "GET", path).startswith("unknown message")
    acme.ok("POST", SYNC, {"comments": [comment()]})
    answer = acme.client.get(path)
    assert answer.content == b"two" and answer.headers["content-type"] == "application/octet-stream"
    acme.ok("POST", SYNC, {"comments": [comment() | {"id": "c2"}]})
    assert acme.fails(404, "GET", file_path(acme, "c2", "audio")).startswith("unknown sound")


WRONG = (
    ("c1", "attachments/x", 400, "'x' is no position of an attachment"),
    ("c1", "attachments/128", 422, "at most 128 are allowed"),
    ("a%20b", "attachments/0", 400, "'a b' cannot be the id of a message"),
    ("a%20b", "audio", 400, "'a b' cannot be the id of a message"),
)


def test_a_file_that_belongs_to_nothing_is_refused(acme: Http) -> None:
    for comment_id, what, status, words in WRONG:
        assert words in acme.fails(status, "PUT", file_path(acme, comment_id, what), content=b"x")
        assert blobs(acme) == 0
    acme.ok("POST", SYNC, {"comments": [comment(described(SLIP))]})
    source_id = acme.there.source("acme/mail").source_id
    for reference, words in (
        ("x", "unknown attachment 'x'"),
        (f"0.{source_id}.none", "unknown message"),
        (f"0.{source_id}.c1", "unknown stored attachment"),
        (f"7.{source_id}.c1", "unknown stored attachment"),
    ):
        assert acme.fails(404, "GET", f"/api/v1/attachments/{reference}").startswith(words)
    workspace = acme.opened._workspace
    object.__setattr__(workspace.settings, "attachment_max_bytes", 8)
    assert "attachment" in acme.fails(422, "PUT", file_path(acme, "c1", "attachments/0"), content=b"x" * 9)
    assert blobs(acme) == 0


def test_who_may_only_look_stores_no_file(acme: Http) -> None:
    put(acme, 0, SLIP)
    acme.ok("POST", SYNC, {"comments": [comment(described(SLIP))]})
    paths = [file_path(acme, "c1", what) for what in ("attachments/0", "audio")]
    reference = shown(acme)[0]["attachment_reference"]
    acme.role = "viewer"
    for path in paths:
        assert "may not put message file" in acme.fails(403, "PUT", path, content=b"x")
    assert content(acme, reference) == SLIP
    acme.role = "audit_viewer"
    assert acme.fails(404, "GET", f"/api/v1/attachments/{reference}").startswith("unknown source")
