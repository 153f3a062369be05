"""Sources by hand: made, told again, changed, counted, deleted; who may not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.http.conftest import Http
from tests.contract.messages import batch
from workbench.domain import TRANSFORM_TAGS, check_transform_tag
from workbench.errors import LimitError

PATH = "/api/v1/sources/acme/mail"
MANDATORY = {"id", "owner", "name", "title", "description", "language", "should_translate", "created_at"}
MANDATORY |= {"updated_at", "bucket_id", "_kind"}


@pytest.fixture
def acme(http: Http) -> Http:
    http.there.create_project("acme")
    return http


def made(http: Http, **values: Any) -> dict[str, Any]:
    found: dict[str, Any] = http.ok("PUT", PATH, {"source": values})["source"]
    return found


def test_a_source_is_made_once_however_often_it_is_told(acme: Http) -> None:
    tag = TRANSFORM_TAGS[0]
    values = {"title": "Mail", "language": "xlm", "_kind": "chat", "email_transform_tag": tag}
    values |= {"sensitive_properties": ["string:Account"], "should_translate": True}
    source = made(acme, **values)
    assert set(source) >= MANDATORY
    assert {key: source[key] for key in values} == values
    assert (source["owner"], source["name"], source["bucket_id"]) == ("acme", "mail", None)
    assert source["created_at"].endswith("Z")
    assert made(acme, **values) == source
    assert acme.fails(409, "PUT", PATH, {"source": {**values, "title": "Post"}}).startswith("a source named")
    for path in (PATH, f"/api/v1/sources/id:{source['id']}", "/api/v1/sources/acme%2Fmail"):
        assert acme.ok("GET", path)["source"] == source
    assert acme.ok("GET", "/api/v1/sources")["sources"] == [source]
    assert acme.ok("GET", "/api/v1/sources/acme")["sources"] == [source]
    assert acme.ok("GET", "/api/v1/sources/other")["sources"] == []


def test_what_is_left_out_stays_and_null_detaches_the_bucket(acme: Http) -> None:
    bucket = acme.there.create_bucket("acme", "post")
    source = made(acme, title="Mail", bucket_id=bucket.bucket_id)
    assert source["bucket_id"] == bucket.bucket_id and source["_kind"] == "unknown"

    def changed(**values: Any) -> dict[str, Any]:
        found: dict[str, Any] = acme.ok("POST", PATH, {"source": values})["source"]
        return found

    assert changed() == source
    after = changed(description="What comes in", email_transform_tag=TRANSFORM_TAGS[0])
    assert (after["title"], after["description"]) == ("Mail", "What comes in")
    assert (after["bucket_id"], after["email_transform_tag"]) == (bucket.bucket_id, TRANSFORM_TAGS[0])
    assert changed(bucket_id=bucket.bucket_id) == after
    assert changed(bucket_id=None)["bucket_id"] is None
    assert acme.fails(404, "POST", PATH, {"source": {"bucket_id": "0" * 16}}).startswith("unknown bucket")
    assert changed(bucket_id=bucket.bucket_id)["bucket_id"] == bucket.bucket_id
    other = acme.there.create_bucket("acme", "other")
    assert changed(bucket_id=other.bucket_id)["bucket_id"] == other.bucket_id


WRONG = (
    ({"_kind": "mail"}, 400, "Invalid enum value 'mail'"),
    ({"_kind": "ixp_design"}, 400, "Invalid enum value 'ixp_design'"),
    ({"language": "??"}, 400, "'??' is no language"),
    ({"titel": "x"}, 400, "unknown field `titel`"),
    ({"title": "x" * 129}, 400, "length <= 128"),
    ({"sensitive_properties": ["Account"]}, 400, "matching regex"),
    ({"bucket_id": "0" * 16}, 404, "unknown bucket"),
)


def test_a_source_that_cannot_be_is_not_made(acme: Http) -> None:
    for values, status, words in WRONG:
        assert words in acme.fails(status, "PUT", PATH, {"source": values})
        assert acme.there.sources() == ()
    assert "'a b' cannot be used" in acme.fails(400, "GET", "/api/v1/sources/a%20b")
    path = "/api/v1/sources/nowhere/mail"
    assert acme.fails(404, "PUT", path, {"source": {}}).startswith("No such project: 'nowhere'.")
    assert acme.fails(404, "GET", path).startswith("unknown source 'nowhere/mail'")
    assert "405" in acme.fails(405, "PUT", "/api/v1/sources/id:" + "0" * 16, {"source": {}})
    words = "The value 'brandnew.0.X' is not a valid transform tag."
    assert acme.fails(422, "PUT", PATH, {"source": {"email_transform_tag": "brandnew.0.X"}}) == words
    made(acme)
    assert acme.fails(422, "POST", PATH, {"source": {"email_transform_tag": "brandnew.0.X"}}) == words
    with pytest.raises(LimitError, match=r"^The value 'x' is not a valid transform tag\.$"):
        check_transform_tag("x")


def test_comments_are_counted_by_time_and_property(acme: Http) -> None:
    source = made(acme)
    acme.there.put_messages(source["id"], batch(10), "b", 10)

    def counted(**where: Any) -> int:
        found = acme.ok("POST", f"{PATH}/statistics", {"comment_filter": where})
        return int(found["statistics"]["num_comments"])

    assert counted() == counted(timestamp={}, messages={}) == 10
    bounds = {"minimum": "2026-03-02T10:00:00Z", "maximum": "2026-03-02T12:00:00Z"}
    assert counted(timestamp=bounds) == 3  # both ends belong to it
    assert counted(user_properties={"string:Team": {"one_of": ["N"]}}) == 5
    assert counted(user_properties={"number:NPS": {"minimum": 7, "maximum": 8}}) == 2
    assert counted(messages={"from": {"one_of": ["customer1@mail.example"]}}) == 2
    body = {"comment_filter": {"reviewed": "only_reviewed"}}
    words = "messages of a source cannot be counted by 'reviewed': only a dataset knows it."
    assert acme.fails(422, "POST", f"{PATH}/statistics", body).startswith(words)
    threads = acme.ok("GET", f"{PATH}/threads")["threads"]
    uids = [f"{source['id']}.m{n}" for n in (2, 3)]
    assert len(threads) == 5 and threads[1] == {"thread_id": "t1", "comments": uids}


def test_a_source_goes_by_id_and_by_name(acme: Http) -> None:
    source = made(acme)
    by_id = f"/api/v1/sources/id:{source['id']}"
    assert acme.ok("DELETE", by_id) == {}
    assert acme.fails(404, "DELETE", by_id).startswith("unknown source")
    made(acme)
    assert acme.ok("DELETE", PATH) == {}
    assert acme.there.sources() == ()


def test_who_may_only_look_changes_no_source(acme: Http) -> None:
    source = made(acme)
    acme.role = "viewer"
    assert acme.ok("GET", PATH)["source"] == source
    assert acme.ok("POST", PATH, {"source": {}})["source"] == source
    refused = [
        ("PUT", "/api/v1/sources/acme/more", {"source": {}}),
        ("POST", PATH, {"source": {"title": "x"}}),
        ("DELETE", PATH, None),
    ]
    for method, path, body in refused:
        assert "'Source - Manage'" in acme.fails(403, method, path, body)
    acme.role = "audit_viewer"
    for path in (PATH, f"{PATH}/threads"):  # of what one sees nothing of, nothing is told
        assert acme.fails(404, "GET", path).startswith("unknown source")
    assert acme.ok("GET", "/api/v1/sources")["sources"] == []
