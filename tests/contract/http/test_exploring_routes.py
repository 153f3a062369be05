"""Queries, counts, properties and exports over HTTP."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.contract.http.conftest import Http
from tests.contract.messages import batch
from tests.stores import model_version
from workbench.domain import Labelling, SourceId, Uid

PATH = "/api/_private/datasets/acme/all"
EXPORT = "/api/v1/datasets/acme/all/export"
NEWEST_FIRST = ["m5", "m4", "m3", "m2", "m1", "m0"]


@pytest.fixture
def source_id(http: Http) -> SourceId:
    """Six messages, an hour apart; m0 and m1 are reviewed, the model says B of the odd ones and m4."""
    there = http.there
    source_id = there.create_source("acme", "mail").source_id
    there.put_messages(source_id, batch(6), "first", 6)
    did = there.create_dataset("acme", "all", (source_id,)).dataset_id
    there.set_labels(did, Uid(f"{source_id}.m0"), Labelling(assigned=("A > X",), dismissed=("B",)))
    there.set_labels(did, Uid(f"{source_id}.m1"), Labelling(assigned=("B",)))
    labels = {label.name: label.label_id for label in there.taxonomy(did)}
    about = replace(model_version(1, n_labels=2), dataset_id=did)
    said = np.array([(0.1, 0.2), (0.2, 0.9), (0.6, 0.3), (0.1, 0.7), (0.1, 0.5), (0.7, 0.8)], np.float32)
    with http.opened._workspace.store.write() as session:
        session.models.add_version(about, weights=b"w", parameters="{}", label_ids=[labels["A"], labels["B"]])
        session.models.put_predictions(did, 1, [Uid(f"{source_id}.m{row}") for row in range(6)], said)
    return source_id


def ids(told: dict[str, Any], key: str = "results") -> list[str]:
    return [one["comment"]["id"] for one in told[key]]


def query(http: Http, **body: Any) -> list[str]:
    return ids(http.ok("POST", f"{PATH}/query", body))


def labels(kind: str, **values: Any) -> list[dict[str, Any]]:
    return [{"attribute": "labels", "filter": {"kind": kind, **values}}]


def test_what_a_query_tells(http: Http, source_id: SourceId) -> None:
    body = {"filter": {"timestamp": {}, "messages": {}}, "attribute_filters": [], "limit": 2}
    told = http.ok("POST", f"{PATH}/query", body)
    assert set(told) == {"results", "continuation", "entity_defs"}
    first = told["results"][0]
    assert first["comment"]["id"] == "m5" and first["model_version"] == 1
    assert first["labelling"] == [
        {
            "group": "default",
            "assigned": [],
            "dismissed": [],
            "predicted": [
                {"name": ["B"], "probability": pytest.approx(0.8)},
                {"name": ["A"], "probability": pytest.approx(0.7)},
            ],
        }
    ]
    assert http.ok("POST", f"{PATH}/query", body) == told
    assert http.ok("POST", f"{PATH}/recent", {"limit": 2})["results"] == told["results"]


@pytest.mark.parametrize("order", [{}, {"kind": "recent"}, {"kind": "sample", "seed": 7}])
def test_pages_hold_everything_once(http: Http, source_id: SourceId, order: dict[str, Any]) -> None:
    found: list[str] = []
    body: dict[str, Any] = {"order": order, "limit": 4}
    while page := http.ok("POST", f"{PATH}/query", body):
        found += ids(page)
        if (mark := page["continuation"]) is None:
            break
        if order.get("kind") != "sample":  # what comes meanwhile moves nothing
            late = batch(1, first=10 + len(found))
            http.there.put_messages(source_id, late, f"b{len(found)}", 1)
        body["continuation"] = mark
    assert sorted(found) == sorted(NEWEST_FIRST)
    assert order.get("kind") == "sample" or found == NEWEST_FIRST
    assert "no mark" in http.fails(400, "POST", f"{PATH}/query", {"continuation": "shuffle.x"})


def test_orders(http: Http, source_id: SourceId) -> None:
    assert query(http, order={"kind": "by_label", "label": "B"}) == ["m1", "m5", "m3", "m4", "m2", "m0"]
    assert query(http, order={"kind": "by_label", "label": ["A"]}, limit=2) == ["m5", "m2"]
    assert set(query(http, order={"kind": "text_search", "query": "refund"})) == {"m1", "m2"}
    seeded = [query(http, order={"kind": "sample", "seed": seed}) for seed in (1, 1, 2)]
    assert seeded[0] == seeded[1] != seeded[2]
    assert set(query(http, order={"kind": "learning", "label": "B"})) <= {"m2", "m3", "m4", "m5"}
    both = http.ok("POST", f"{PATH}/query", {"order": {"kind": "learning"}})
    assert both["results"] and both["continuation"] is None
    for kind, words in (("label_property", "'label_property'"), ("diagnostic", "'diagnostic'")):
        assert words in http.fails(422, "POST", f"{PATH}/query", {"order": {"kind": kind}})
    for order, words in (
        ({"kind": "sample"}, "needs 'seed'"),
        ({"kind": "by_label"}, "needs 'label'"),
        ({"kind": "text_search"}, "needs 'query'"),
        ({"kind": "check"}, "needs 'label'"),
        ({"kind": "odd"}, "odd"),
    ):
        assert words in http.fails(400, "POST", f"{PATH}/query", {"order": order})
    assert "unknown label 'No'" in http.fails(
        404, "POST", f"{PATH}/query", {"order": {"kind": "by_label", "label": "No"}}
    )
    both_labels = {
        "order": {"kind": "by_label", "label": "B"},
        "attribute_filters": labels("string_any_of", any_of=["A"]),
    }
    assert "cannot be ordered" in http.fails(422, "POST", f"{PATH}/query", both_labels)
    for limit in (0, 1025):
        http.fails(400, "POST", f"{PATH}/query", {"limit": limit})


def test_filters_pass_what_they_say(http: Http, source_id: SourceId) -> None:
    of_b = labels("string_any_of", any_of=["B"])
    assert query(http, attribute_filters=of_b) == ["m5", "m4", "m3", "m1"]
    assert query(http, attribute_filters=of_b, filter={"reviewed": "only_reviewed"}) == ["m1"]
    assert query(http, filter={"annotations": {"labels": {"one_of": ["A > X"]}}}) == ["m0"]
    bounds = {"minimum": "2026-03-02T10:00:00Z", "maximum": "2026-03-02T12:00:00Z"}
    assert query(http, filter={"timestamp": bounds}) == ["m3", "m2", "m1"]  # inclusive at both ends
    assert query(http, filter={"user_properties": {"number:NPS": {"minimum": 4}}}) == ["m5", "m4"]
    senders = {"messages": {"from": {"one_of": ["customer2@mail.example"]}}}
    assert query(http, filter=senders) == ["m2"]
    assert "'entities'" in http.fails(
        422, "POST", f"{PATH}/query", {"filter": {"entities": {"one_of": ["x"]}}}
    )


def test_the_last_full_page_is_followed_by_an_empty_one(http: Http, source_id: SourceId) -> None:
    page = http.ok("POST", f"{PATH}/query", {"limit": 6})
    last = http.ok("POST", f"{PATH}/query", {"limit": 6, "continuation": page["continuation"]})
    assert (last["results"], last["continuation"]) == ([], None)


def test_a_query_as_a_table(http: Http, source_id: SourceId) -> None:
    http.there.create_label(http.there.dataset("acme/all").dataset_id, "=1+1")
    answer = http.client.post(f"{PATH}/query", json={}, headers={"Accept": "text/csv"})
    assert answer.status_code == 200 and answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert list(rows[0]) == ["Date", "Comment UID", "'=1+1", "A", "A > X", "B"]
    assert [row["Comment UID"] for row in rows] == [f"{source_id}.{one}" for one in NEWEST_FIRST]
    assert rows[0]["Date"] == "2026-03-02T14:00:00+00:00"
    assert (rows[0]["A"], rows[0]["B"], rows[5]["A > X"], rows[5]["B"]) == ("0.7", "0.8", "1", "0")
    for body in ({"order": {"kind": "sample", "seed": 1}}, {"continuation": "recent.1.1"}):
        refused = http.client.post(f"{PATH}/query", json=body, headers={"Accept": "text/csv"})
        assert refused.status_code == 422 and refused.json()["status"] == "error"
    http.role = "viewer"
    assert http.client.post(f"{PATH}/query", json={}, headers={"Accept": "text/csv"}).status_code == 403


def test_statistics(http: Http, source_id: SourceId) -> None:
    body = {
        "attribute_filters": [], "comment_filter": {}, "label_property_timeseries": False, "label_timeseries": False,
    }  # fmt: skip
    told = http.ok("POST", f"{PATH}/statistics", body)["statistics"]
    assert told == {
        "num_comments": 6,
        "label_counts": {
            "A": {"positive": 3, "negative": 0},
            "A > X": {"positive": 1, "negative": 0},
            "B": {"positive": 4, "negative": 0},
        },
        "label_timeseries": [],
        "label_timeseries_labels": [],
    }
    body = {
        "comment_filter": {"reviewed": "only_reviewed"}, "attribute_filters": labels("string_any_of", any_of=["B"]),
        "label_timeseries": True, "time_resolution": "month",
    }  # fmt: skip
    told = http.ok("POST", f"{PATH}/statistics", body)["statistics"]
    assert told["num_comments"] == 1 and told["label_timeseries"] == [["2026-03-01", 1]]
    assert told["label_timeseries_labels"] == ["B"]
    for wrong in ({"source_counts": True}, {"timezone": "Asia/Tokyo"}, {"label_property_timeseries": True}):
        assert "cannot be counted" in http.fails(422, "POST", f"{PATH}/statistics", wrong)
    http.fails(400, "POST", f"{PATH}/statistics", {"time_resolution": "hour"})


def test_sentiments_are_counted_apart(http: Http, source_id: SourceId) -> None:
    did = http.there.create_dataset("acme", "felt", (source_id,), has_sentiment=True).dataset_id
    for row, sentiment in enumerate(("negative", "negative", "positive")):
        said = Labelling(assigned=("Staff > Rude",), sentiments={"Staff > Rude": sentiment})  # type: ignore[dict-item]
        http.there.set_labels(did, Uid(f"{source_id}.m{row}"), said)
    told = http.ok("POST", f"{PATH.replace('all', 'felt')}/statistics", {})["statistics"]["label_counts"]
    assert told == {name: {"positive": 1, "negative": 2} for name in ("Staff", "Staff > Rude")}


def test_properties_and_cohorts(http: Http, source_id: SourceId) -> None:
    summary = http.ok("POST", f"{PATH}/summary", {"filter": {}})["summary"]
    teams = [{"value": "N", "num_comments": 3}, {"value": "S", "num_comments": 3}]
    assert summary == {
        "user_properties": {
            "string": [{"full_name": "string:Team", "values": teams}],
            "number": [{"full_name": "number:NPS"}],
        }
    }
    some = {"filter": {"reviewed": "only_reviewed"}}
    assert "not of some" in http.fails(422, "POST", f"{PATH}/summary", some)
    assert http.ok("GET", f"{PATH}/user-properties")["user_properties"] == [
        {"full_name": "number:NPS", "num_comments": 6},
        {"full_name": "string:Team", "num_comments": 6},
    ]
    values = http.ok("POST", f"{PATH}/user-properties/values", {"full_name": "number:NPS"})
    assert (values["minimum"], values["maximum"]) == (0.0, 5.0)
    http.fails(400, "POST", f"{PATH}/user-properties/values", {"full_name": "Team"})
    a = {"comment_filter": {"user_properties": {"string:Team": {"one_of": ["N"]}}}}
    assert http.ok("POST", f"{PATH}/compare", {"cohort_a": a, "cohort_b": {}})["compare"] == {
        "num_comments": [3, 6],
        "label_counts": {"A": [2, 3], "A > X": [1, 1], "B": [1, 4]},
    }
    http.fails(400, "POST", f"{PATH}/compare", {"cohort_a": a})
    assert http.fails(404, "GET", f"{PATH}/themes") == "404 Not Found"


@pytest.mark.parametrize("order_by", ["timestamp", "created_at"])
def test_an_export_tells_names_as_texts(http: Http, source_id: SourceId, order_by: str) -> None:
    found: list[dict[str, Any]] = []
    body: dict[str, Any] = {"limit": 4, "order_by": order_by}
    n_before = http.there.audit_table().num_rows
    while page := http.ok("POST", EXPORT, body):
        found += page["comments"]
        if (mark := page["continuation"]) is None:
            break
        body["continuation"] = mark
    assert [one["comment"]["id"] for one in found] == NEWEST_FIRST[::-1]
    assert http.there.audit_table().num_rows == n_before + 1
    assert found[0]["annotations"] == {
        "labels": {
            "assigned": [{"name": "A", "sentiment": "positive"}, {"name": "A > X", "sentiment": "positive"}]
        }
    }
    assert [one["name"] for one in found[5]["predictions"]["labels"]] == ["B", "A"]
    assert found[0]["thread_properties"]["num_messages"] == 2


def test_an_export_of_some(http: Http, source_id: SourceId) -> None:
    for body, wanted in (
        ({"comment_uids": [f"{source_id}.m3", "x.y"]}, ["m3"]),
        ({"source_ids": ["0" * 16]}, []),
        ({"from": "2026-03-02T13:00:00", "to": "2026-03-02T14:00:00Z"}, ["m4", "m5"]),
    ):
        assert ids(http.ok("POST", EXPORT, body), "comments") == wanted
    http.fails(400, "POST", EXPORT, {"order_by": "size"})
    assert "no mark" in http.fails(400, "POST", EXPORT, {"continuation": "arrival.1.1"})
    http.role = "viewer"
    assert "'" in http.fails(403, "POST", EXPORT, {})


def test_who_may_read_nothing_finds_nothing(http: Http, source_id: SourceId) -> None:
    http.role = "viewer"
    assert query(http) == NEWEST_FIRST
    assert http.ok("POST", f"{PATH}/statistics", {})["statistics"]["num_comments"] == 6
    http.role = "audit_viewer"
    cohorts = {"cohort_a": {}, "cohort_b": {}}
    for path, body in (
        ("query", {}),
        ("recent", {}),
        ("statistics", {}),
        ("summary", {}),
        ("compare", cohorts),
    ):
        assert http.client.post(f"{PATH}/{path}", json=body).status_code in (403, 404)
    assert http.client.get(f"{PATH}/user-properties").status_code in (403, 404)
