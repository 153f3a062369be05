"""Labellings over HTTP: said once or ten times, by one or by many."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest

from tests.contract.http.conftest import Http
from tests.contract.messages import batch

PATH = "/api/_private/datasets/acme/all/labellings"
SYNC = "/api/v1/datasets/acme/all/sync-annotations"
RESET = "/api/_private/datasets/acme/all/reset-annotations"


@pytest.fixture
def source_id(http: Http) -> str:
    source = http.there.create_source("acme", "mail")
    http.there.put_messages(source.source_id, batch(6), "first", 6)
    http.there.create_dataset("acme", "all", (source.source_id,))
    return source.source_id


def said(*assigned: str, dismissed: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    group = {
        "group": "default",
        "assigned": [{"name": name, "sentiment": "positive"} for name in assigned],
        "dismissed": [{"name": name, "sentiment": "positive"} for name in dismissed],
    }
    return {"labelling": [group], **more}


def names(told: dict[str, Any]) -> tuple[list[str], list[str]]:
    (group,) = told["labelling"]
    assert group["group"] == "default" and all(
        one["sentiment"] in ("positive", "negative") for one in group["assigned"] + group["dismissed"]
    )
    return [one["name"] for one in group["assigned"]], [one["name"] for one in group["dismissed"]]


def n_reviews(http: Http) -> int:
    return http.there.review_events(http.there.dataset("acme/all").dataset_id).num_rows


def test_labels_are_said_made_and_told(http: Http, source_id: str) -> None:
    uid = f"{source_id}.m0"
    body = said("Parcel > Late", dismissed=("Kind",), entities={"assigned": [], "dismissed": []})
    told = http.ok("POST", f"{PATH}/{uid}", body)
    assert set(told) == {"comment", "labelling", "entities", "thread_properties"}
    assert told["comment"]["uid"] == uid and told["comment"]["has_annotations"] is True
    assert told["entities"] == {"assigned": [], "dismissed": []}
    assert told["thread_properties"] == {
        "num_messages": 2, "duration": 3600.0, "thread_position": 1, "response_time": 3600.0,
        "first_sender": "customer0@mail.example",
    }  # fmt: skip
    assert names(told) == (["Parcel", "Parcel > Late"], ["Kind"])
    defs = http.ok("GET", "/api/v1/datasets/acme/all")["dataset"]["label_defs"]
    assert {one["name"] for one in defs} == {"Parcel", "Parcel > Late", "Kind"}
    assert http.ok("GET", PATH, params={"id": uid})["results"] == [told]


def test_the_same_again_is_no_review_and_another_replaces_it(http: Http, source_id: str) -> None:
    path = f"{PATH}/{source_id}.m0"
    first = http.ok("POST", path, said("A", dismissed=("B",)))
    assert n_reviews(http) == 1
    assert http.ok("POST", path, said("A", dismissed=("B",))) == first
    assert http.ok("POST", path, {}) == http.ok("POST", path, {"labelling": None, "moon_forms": []}) == first
    assert n_reviews(http) == 1
    assert names(http.ok("POST", path, said("C"))) == (["C"], [])
    assert names(http.ok("POST", path, {"labelling": [{"group": "default"}]})) == ([], [])
    assert http.ok("GET", PATH)["results"] == []  # nothing stands on it: it is reviewed no more
    assert n_reviews(http) == 3


def test_forms_assign_their_labels_and_leave_dismissals(http: Http, source_id: str) -> None:
    path = f"{PATH}/{source_id}.m0"
    http.ok("POST", path, said("A", dismissed=("B", "C")))
    form = {"label": {"name": "B", "sentiment": "positive"}, "captures": []}
    body = {
        "moon_forms": [{"group": "default", "assigned": [form], "dismissed": []}],
        "entities": {"assigned": []},
    }
    assert names(http.ok("POST", path, body)) == (["B"], ["C"])
    form["captures"] = [{"fields": [{"name": "x", "formatted_value": "1", "spans": []}]}]
    assert "captures with fields" in http.fails(422, "POST", path, body)
    assert names(http.ok("POST", path, {})) == (["B"], ["C"])


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (said("A" * 65), 400, "65 characters"),
        (said("A >  > B"), 400, "empty level"),
        (said("A", dismissed=("A",)), 400, "both assigned and dismissed"),
        ({"labelling": [{"group": "b", "assigned": []}]}, 422, "no label group 'b'"),
        ({"entities": {"assigned": [{"name": "x"}]}}, 422, "'entities'"),
        ({"uninformative": {"mode": "explicit"}}, 422, "'uninformative'"),
        ({"context": "1"}, 422, "'context'"),
        ({"labels": []}, 400, "labels"),
    ],
)
def test_what_cannot_be_said_is_refused(
    http: Http, source_id: str, body: dict[str, Any], status: int, words: str
) -> None:
    assert words in http.fails(status, "POST", f"{PATH}/{source_id}.m0", body)
    assert n_reviews(http) == 0


def test_an_unknown_message_makes_no_label(http: Http, source_id: str) -> None:
    for uid in (f"{source_id}.none", f"{'0' * 16}.m0", "nodot"):
        assert "unknown message" in http.fails(404, "POST", f"{PATH}/{uid}", said("New"))
    assert http.ok("GET", "/api/v1/datasets/acme/all")["dataset"]["label_defs"] == []
    http.fails(404, "POST", f"{PATH.replace('all', 'none')}/{source_id}.m0", said("New"))


def test_a_uid_is_split_at_its_first_dot(http: Http, source_id: str) -> None:
    odd = batch(1).set_column(0, batch(1).schema.field(0), [["a%b.c:d"]])
    http.there.put_messages(source_id, odd, "odd", 1)  # type: ignore[arg-type]
    told = http.ok("POST", f"{PATH}/{quote(f'{source_id}.a%b.c:d', safe='')}", said("A"))
    assert told["comment"]["id"] == "a%b.c:d"


def test_sentiments_are_kept_where_labels_have_them(http: Http, source_id: str) -> None:
    http.there.create_dataset("acme", "felt", (source_id,), has_sentiment=True)  # type: ignore[arg-type]
    body = {"labelling": [{"assigned": [{"name": "Staff", "sentiment": "negative"}]}]}
    for dataset, sentiment in (("felt", "negative"), ("all", "positive")):
        told = http.ok("POST", f"/api/_private/datasets/acme/{dataset}/labellings/{source_id}.m1", body)
        assert told["labelling"][0]["assigned"] == [{"name": "Staff", "sentiment": sentiment}]


def test_every_page_that_holds_something_has_a_new_mark(http: Http, source_id: str) -> None:
    for row in (3, 1, 0, 4):
        http.ok("POST", f"{PATH}/{source_id}.m{row}", said("A"))
    found, marks, query = [], [], {"source_id": source_id, "return_predictions": "false", "limit": "2"}
    while (page := http.ok("GET", PATH, params=query))["results"]:
        found += [one["comment"]["id"] for one in page["results"]]
        marks.append(page["after"])
        query["after"] = page["after"]
    assert found == ["m0", "m1", "m3", "m4"]
    assert len(set(marks)) == 2 and None not in marks and page["after"] is None
    assert http.ok("GET", PATH, params={"source_id": "0" * 16}) == {"results": [], "after": None}
    assert "no mark" in http.fails(400, "GET", PATH, params={"after": "x"})
    http.fails(400, "GET", PATH, params={"limit": 1000})


def test_some_by_uid(http: Http, source_id: str) -> None:
    ids = [f"{source_id}.m1", f"{source_id}.m0"]
    assert [one["comment"]["uid"] for one in http.ok("GET", PATH, params={"id": ids})["results"]] == ids
    missing = {"id": [*ids, f"{source_id}.none"]}
    http.fails(404, "GET", PATH, params=missing)
    assert len(http.ok("GET", PATH, params={**missing, "allow_missing": "true"})["results"]) == 2
    assert "129 comments" in http.fails(400, "GET", PATH, params={"id": ["x"] * 129})


def test_annotations_are_taken_over_and_taken_off(http: Http, source_id: str) -> None:
    uids = [f"{source_id}.m0", f"{source_id}.m1"]
    one = {"comment_uid": uids, "labels": [{"name": "A", "external_id": "a-1"}]}
    unknown = {"comment_uid": f"{source_id}.none", "labels": []}
    http.fails(404, "POST", SYNC, {"annotations": [one, unknown]})
    assert n_reviews(http) == 0
    for _ in range(2):
        assert http.ok("POST", SYNC, {"annotations": [one, {"comment_uid": uids[0]}]}) == {}
    assert n_reviews(http) == 2
    assert http.ok("GET", "/api/v1/datasets/acme/all")["dataset"]["label_defs"] == [
        {"name": "A", "external_id": "a-1"}
    ]
    assert "confirm='acme/all'" in http.fails(409, "POST", RESET, {})
    assert len(http.ok("GET", PATH)["results"]) == 2
    for _ in range(2):
        assert http.ok("POST", RESET, {"confirm": "acme/all"}) == {}
    assert http.ok("GET", PATH)["results"] == []
    assert n_reviews(http) == 4


def test_who_may_only_look_says_nothing(http: Http, source_id: str) -> None:
    http.role = "viewer"
    assert http.ok("GET", PATH)["results"] == []
    for path, body in (
        (f"{PATH}/{source_id}.m0", said("A")),
        (SYNC, {"annotations": [{"comment_uid": f"{source_id}.m0", "labels": [{"name": "A"}]}]}),
    ):
        assert "may not" in http.fails(403, "POST", path, body)


def test_thirty_two_at_once_and_the_last_one_counts(http: Http, source_id: str) -> None:
    def say(number: int) -> list[str]:
        return names(http.ok("POST", f"{PATH}/{source_id}.m{number % 6}", said(f"L{number % 7}")))[0]

    with ThreadPoolExecutor(32) as pool:
        told = list(pool.map(say, range(96)))
    assert all(len(one) == 1 for one in told)  # never two of two writers
    assert all(len(names(one)[0]) == 1 for one in http.ok("GET", PATH)["results"])
    assert 6 <= n_reviews(http) <= 96
