"""Comments by hand: uploaded both ways, charged once, listed page by page, read, deleted."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import pytest
from msgspec import UNSET

from tests.contract.http.conftest import Http
from tests.contract.messages import batch
from workbench.api.shapes.comments import comment_of
from workbench.api.shapes.paging import position_of
from workbench.domain import BucketId, Judgement, MessageId, SourceId, Uid
from workbench.errors import InputError, UnknownNameError

PATH = "/api/v1/sources/acme/mail"
PRIVATE = "/api/_private/sources/acme/mail/comments"
SYNC = f"{PATH}/sync"
MARKUP = {"kind": "paragraph", "children": [{"text": "Where is it?", "bold": True}, 1.5, None]}


def comment(number: int, text: str = "", **more: Any) -> dict[str, Any]:
    said = {
        "id": f"c{number}",
        "timestamp": f"2026-03-02T09:00:{number:02}Z",
        "messages": [{"body": {"text": text or f"Where is parcel {number}?"}}],
    }
    return {**said, **more}


@pytest.fixture
def acme(http: Http) -> Http:
    http.there.create_source("acme", "mail")
    return http


def charged(http: Http) -> Counter[tuple[str, str, int, bool]]:
    rows = http.there.ledger_table().to_pylist()
    return Counter((one["operation"], one["channel"], one["units"], one["charged"]) for one in rows)


def ids(page: dict[str, Any]) -> list[str]:
    return [one["id"] for one in page["comments"]]


def test_sync_makes_writes_over_and_comes_back(acme: Http) -> None:
    def sync(*comments: dict[str, Any], query: str = "") -> tuple[int, ...]:
        told = acme.ok("POST", SYNC + query, {"comments": list(comments)})
        names = ("new", "updated", "unchanged", "updated_properties_only", "updated_text_changed")
        assert set(told) == set(names)
        return tuple(told[name] for name in names)

    first, other = comment(1), comment(1, "I want a refund")
    assert sync(first, comment(2)) == (2, 0, 0, 0, 0)
    assert sync(first, comment(2)) == (0, 0, 2, 0, 0)
    assert sync(other) == (0, 1, 0, 0, 1)
    assert sync(first) == (0, 1, 0, 0, 1)
    assert sync({**first, "user_properties": {"string:Team": "N"}}) == (0, 1, 0, 1, 0)
    assert charged(acme) == {("sync", "http", 1, True): 4}
    assert sync(comment(3), query="?no_charge=true") == (1, 0, 0, 0, 0)
    assert charged(acme) == {("sync", "http", 1, True): 4, ("sync", "http", 1, False): 1}
    assert sync(comment(4), comment(4, "again"), comment(5)) == (2, 1, 0, 0, 1)  # the later one holds
    assert acme.ok("GET", f"{PATH}/comments/c4")["comment"]["messages"][0]["body"]["text"] == "again"
    assert sync() == (0, 0, 0, 0, 0)


def test_sync_writes_as_often_as_one_id_comes_with_something_new(acme: Http) -> None:
    six, seven = (
        [comment(6), comment(6), comment(6, "b"), comment(6)],
        [comment(7, "d"), comment(7, "e")],
    )
    told = acme.ok("POST", SYNC, {"comments": [*six, comment(8), *seven]})
    # As 6, 7 and 8 come first; then 6 changes and 7 does; then 6 changes back. The second 6 changes nothing.
    assert (told["new"], told["updated"], told["unchanged"]) == (3, 3, 1)
    assert charged(acme) == {("sync", "http", 1, True): 6}
    assert acme.there.sql("SELECT count(*) AS n FROM upload_batch")["n"].to_pylist() == [3]
    texts = [
        acme.ok("GET", f"{PATH}/comments/c{number}")["comment"]["messages"][0]["body"]["text"]
        for number in (6, 7)
    ]
    assert texts == [comment(6)["messages"][0]["body"]["text"], "e"]


def test_put_is_exactly_ok_and_never_writes_over(acme: Http) -> None:
    body = {"comments": [comment(1), comment(2)]}
    for _ in range(2):
        answer = acme.client.put(f"{PRIVATE}?no_charge=false", json=body)
        assert answer.json() == {"status": "ok"}
    assert sum(charged(acme).values()) == 2
    assert acme.ok("PUT", PRIVATE, {"comments": []}) == {}
    changed = {"comments": [comment(3), comment(2, "another text")]}
    words = "1 of the messages are there already with another content, first 'c2'."
    assert acme.fails(409, "PUT", PRIVATE, changed).startswith(words)
    assert ids(acme.ok("GET", PRIVATE)) == ["c1", "c2"] and sum(charged(acme).values()) == 2


def test_a_comment_comes_back_as_it_was_sent(acme: Http) -> None:
    turn = {
        "subject": {"text": "Late parcel"},
        "body": {"text": "Where is it?", "text_markup": MARKUP, "translated_from": "Wo ist es?"},
        "signature": {"text": "Kim"},
        "from": "kim@shop.example",
        "to": ["help@carrier.example", "help@carrier.example"],
        "cc": ["boss@shop.example"],
        "bcc": ["own@shop.example"],
        "sent_at": "2024-03-05T09:14:58Z",
        "language": "en",
    }
    whole = {
        "id": "a%b:c~1",
        "timestamp": "2024-03-05T09:15:00.120000Z",
        "thread_id": "t-3",
        "messages": [turn, {"body": {"text": "Nobody answers."}}],
        "user_properties": {"string:Team": "North", "number:NPS": 3},
        "attachments": [{"name": "slip.pdf", "size": 5120, "content_type": ".pdf"}],
    }
    plain = comment(2, "Wann kommt mein Paket endlich an? Ich warte seit zwei Wochen auf die Lieferung.")
    acme.ok("POST", SYNC, {"comments": [whole, plain]})
    found = acme.ok("GET", f"{PATH}/comments/a%25b:c~1?include_markup=true")["comment"]
    assert {key: found[key] for key in whole} == whole
    assert found["uid"] == f"{found['source_id']}.a%b:c~1" and found["has_annotations"] is False
    assert found["created_at"].endswith("Z") and found["last_modified"].endswith("Z")
    (without, other) = acme.ok("GET", PRIVATE)["comments"]
    assert "text_markup" not in without["messages"][0]["body"]
    assert other["messages"] == plain["messages"] and other["user_properties"] == {}
    assert "attachments" not in other and "thread_id" not in other
    # A language that was found in the text is not one that the comment declares.
    source = acme.there.source("acme/mail")
    dataset = acme.there.create_dataset("acme", "all", (source.source_id,)).dataset_id
    job_id = acme.there.start_languages(dataset)
    while not acme.there.job(job_id).finished:
        time.sleep(0.05)
    (known,) = acme.there.get_messages(dataset, (Uid(other["uid"]),))
    assert (known.language, known.declared_language) == ("de", None)
    assert comment_of(known).messages[0].language is UNSET
    assert acme.ok("GET", f"{PATH}/comments/c2")["comment"]["messages"] == plain["messages"]


def test_pages_go_by_time_and_id_and_survive_deletions(acme: Http) -> None:
    same = [comment(n, timestamp="2026-03-02T09:00:00Z") for n in (3, 1, 2)]
    acme.ok("POST", SYNC, {"comments": [*same, *(comment(n) for n in range(4, 9))]})
    seen: list[str] = []
    asked = f"{PRIVATE}?limit=3&to_timestamp=2026-03-02T09:00:08"
    page = acme.ok("GET", asked)
    while True:
        seen += ids(page)
        acme.ok("DELETE", f"{PATH}/comments?" + "&".join(f"id={one}" for one in ids(page)))
        if page["continuation"] is None:
            break
        page = acme.ok("GET", f"{asked}&after={page['continuation']}")
    assert seen == [f"c{n}" for n in range(1, 9)]
    assert ids(acme.ok("GET", PRIVATE)) == []
    acme.ok("POST", SYNC, {"comments": [comment(n) for n in range(1, 6)]})
    bounds = "from_timestamp=2026-03-02T09:00:02Z&to_timestamp=2026-03-02T09:00:04Z"
    assert ids(acme.ok("GET", f"{PRIVATE}?{bounds}")) == ["c2", "c3", "c4"]
    newest = acme.ok("GET", f"{PRIVATE}?direction=descending&limit=2")
    assert ids(newest) == ["c5", "c4"]
    older = acme.ok("GET", f"{PRIVATE}?direction=descending&limit=9&after={newest['continuation']}")
    assert ids(older) == ["c3", "c2", "c1"] and older["continuation"] is None


def test_the_listing_says_what_people_annotated_anywhere(acme: Http) -> None:
    acme.ok("POST", SYNC, {"comments": [comment(1), comment(2)]})
    source = acme.there.source("acme/mail").source_id
    dataset = acme.there.create_dataset("acme", "all", (source,)).dataset_id
    label = acme.there.create_label(dataset, "Parcel").label_id
    uid = Uid(f"{source}.c2")
    acme.there.judge(dataset, (Judgement(event_id="a1", uid=uid, assigned=(label,)),))
    shown = {one["id"]: one["has_annotations"] for one in acme.ok("GET", PRIVATE)["comments"]}
    assert shown == {"c1": False, "c2": True}
    assert acme.ok("GET", f"{PATH}/comments/c2")["comment"]["has_annotations"] is True


def test_comments_are_deleted_by_id_missing_ones_passed_over(acme: Http) -> None:
    acme.ok("POST", SYNC, {"comments": [comment(n) for n in range(1, 6)]})
    assert acme.ok("DELETE", f"{PATH}/comments?id=c1&id=none") == {}
    assert acme.ok("DELETE", f"{PATH}/comments?id=c1&id=none") == {}
    assert acme.ok("DELETE", f"{PATH}/messages?ids=c2,c3") == {}
    assert ids(acme.ok("GET", PRIVATE)) == ["c4", "c5"]
    words = "129 comments are to be deleted."
    many = "&".join(f"id=x{n}" for n in range(129))
    assert acme.fails(400, "DELETE", f"{PATH}/comments?{many}").startswith(words)
    assert acme.fails(400, "DELETE", f"{PATH}/comments").startswith("0 comments")
    units = sum(charged(acme).values())
    acme.ok("POST", SYNC, {"comments": [comment(1)]})  # came back: made anew, and charged
    assert sum(charged(acme).values()) == units + 1


WRONG = (
    ({"id": "a b"}, 400, "matching regex"),
    ({"id": ".."}, 400, "'..' cannot be the id of a comment"),
    ({"id": "a/b"}, 400, "matching regex"),
    ({"messages": []}, 400, "length >= 1"),
    ({"messages": [{"body": {"text": "x" * 65_537}}]}, 400, "length <= 65536"),
    ({"user_properties": {"Team": "N"}}, 400, "the property 'Team' of comment 'c1' cannot be kept"),
    (
        {"user_properties": {"number:N": "3"}},
        400,
        "the property 'number:N' of comment 'c1' cannot be kept",
    ),
    ({"user_properties": {"string:N": True}}, 400, "got `bool`"),
    ({"timestamp": "yesterday"}, 400, "Invalid RFC3339"),
    ({"brand_new": 1}, 400, "unknown field `brand_new`"),
    ({"attachments": [{"name": "a", "size": -1, "content_type": ""}]}, 400, "`int` >= 0"),
)


def test_a_comment_that_cannot_be_is_refused_with_its_batch(acme: Http) -> None:
    for change, status, words in WRONG:
        body = {"comments": [comment(2), {**comment(1), **change}]}
        for method, path in (("POST", SYNC), ("PUT", PRIVATE)):
            assert words in acme.fails(status, method, path, body)
        assert ids(acme.ok("GET", PRIVATE)) == []
    for query, words in NO_PAGES:
        assert words in acme.fails(400, "GET", f"{PRIVATE}?{query}")
    assert acme.fails(404, "GET", f"{PATH}/comments/c9").startswith("unknown message")
    missing = "/api/v1/sources/acme/none"
    assert acme.fails(404, "POST", f"{missing}/sync", {"comments": []}).startswith("unknown source")
    # Addresses know names; what is stored under a name would be found by nobody.
    named, there = SourceId("acme/mail"), acme.there
    there.create_bucket("acme", "post")
    for ask in (
        lambda: there.put_messages(named, batch(1), "b", 1),
        lambda: there.source_page(named),
        lambda: there.put_message_file(named, MessageId("c1"), b"x"),
        lambda: there.emails(BucketId("acme/post")),
    ):
        with pytest.raises(UnknownNameError, match=r"unknown (source|bucket) 'acme/"):
            ask()


NO_PAGES = (
    ("limit=0", "Expected `int` >= 1"),
    ("limit=257", "Expected `int` <= 256"),
    ("after=x", "the continuation 'x' is none that was given here"),
    ("from_timestamp=x", "is no time"),
    ("page=1", "unknown field `page`"),
)


def test_a_forged_continuation_is_refused_in_words() -> None:
    with pytest.raises(InputError, match=r"^the continuation 'eA==' is none that was given here\."):
        position_of("eA==")


def test_who_may_only_look_uploads_and_deletes_nothing(acme: Http) -> None:
    acme.ok("POST", SYNC, {"comments": [comment(1)]})
    acme.role = "viewer"
    assert ids(acme.ok("GET", PRIVATE)) == ["c1"]
    body = {"comments": [comment(2)]}
    for method, path, sent in (
        ("POST", SYNC, body),
        ("PUT", PRIVATE, body),
        ("DELETE", f"{PATH}/comments?id=c1", None),
    ):
        assert "may not" in acme.fails(403, method, path, sent)
    acme.role = "developer"
    assert acme.ok("POST", f"{SYNC}?no_charge=true", body)["new"] == 1
    assert acme.there.ledger_table()["charged"].to_pylist() == [True, True], (
        "asked for, and charged all the same"
    )
    acme.role = "audit_viewer"
    for path in (PRIVATE, f"{PATH}/comments/c1"):  # of what one sees nothing of, nothing is told
        assert acme.fails(404, "GET", path).startswith("unknown source")
