"""Datasets and taxonomies over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.http.conftest import Http
from tests.contract.messages import batch

DATASET_KEYS = {
    "id", "name", "owner", "title", "description", "created", "last_modified", "model_family", "source_ids",
    "has_sentiment", "entity_defs", "general_fields", "label_defs", "label_groups", "_dataset_flags", "_model_config",
}  # fmt: skip
ONE = "/api/v1/datasets/acme/all"
LABELS = "/api/_private/datasets/acme/all/labels/default"
GROUPS = "/api/_private/datasets/acme/all/label-groups"
DEFS = [
    {"name": "Refund", "title": "Money back", "instructions": "=wants money"},
    {"name": "Parcel > Late", "external_id": "L-1"},
    {"name": "Kind"},
]
KEPT = [
    {"name": "Refund", "title": "Money back", "instructions": "=wants money"},
    {"name": "Parcel"},
    {"name": "Parcel > Late", "external_id": "L-1"},
    {"name": "Kind"},
]
"""With the parent that it needs; the order is kept."""


@pytest.fixture
def source_id(http: Http) -> str:
    return http.there.create_source("acme", "mail").source_id


def new(source_ids: list[str], **more: Any) -> dict[str, Any]:
    return {"dataset": {"source_ids": source_ids, "has_sentiment": False, **more}}


def test_a_dataset_has_every_key_that_clients_demand(http: Http, source_id: str) -> None:
    made = http.ok("PUT", ONE, new([source_id], title="All", description="x", label_defs=DEFS))["dataset"]
    assert set(made) == DATASET_KEYS
    assert (made["owner"], made["name"], made["title"], made["description"]) == ("acme", "all", "All", "x")
    assert made["source_ids"] == [source_id] and made["has_sentiment"] is False
    assert made["created"].endswith("Z") and made["last_modified"].endswith("Z")
    assert made["entity_defs"] == made["general_fields"] == []
    assert made["label_defs"] == KEPT
    assert made["label_groups"] == [{"name": "default", "label_defs": KEPT}]
    assert made["_dataset_flags"] == ["zero_shot_labels"] and made["_model_config"] == {"kind": "cm"}
    assert made["model_family"] == "english"
    for path in (ONE, "/api/v1/datasets/acme%2Fall", f"/api/v1/datasets/id:{made['id']}"):
        assert http.ok("GET", path) == {"dataset": made}
    for path in ("/api/v1/datasets", "/api/v1/datasets/acme"):
        assert http.ok("GET", path) == {"datasets": [made]}
    assert http.ok("GET", "/api/v1/datasets/other") == {"datasets": []}


def test_the_same_creation_again_is_taken_and_another_is_not(http: Http, source_id: str) -> None:
    body = new([source_id], title="All", label_defs=DEFS)
    made = http.ok("PUT", ONE, body)
    n_events = http.there.audit_table().num_rows
    assert http.ok("PUT", ONE, body) == made
    assert http.there.audit_table().num_rows == n_events
    for other in (
        new([source_id], title="Other", label_defs=DEFS),
        new([], title="All", label_defs=DEFS),
        new([source_id], title="All", label_defs=[{"name": "New"}]),
        new([source_id], title="All", has_sentiment=True),
    ):
        assert "'acme/all' exists already" in http.fails(409, "PUT", ONE, other)
    assert http.ok("GET", ONE) == made


@pytest.mark.parametrize(
    ("more", "status", "words"),
    [
        ({"model_family": "klingon"}, 400, "'klingon' is not one of ["),
        ({"_dataset_flags": ["fast"]}, 400, "'fast' is not one of ["),
        ({"_dataset_flags": ["gpt4"]}, 422, "'_dataset_flags: gpt4'"),
        ({"entity_defs": [{"name": "x"}]}, 422, "'entity_defs'"),
        ({"general_fields": [{"api_name": "x"}]}, 422, "'general_fields'"),
        ({"_timezone": "Asia/Tokyo"}, 422, "'_timezone'"),
        ({"label_groups": [{"name": "b", "label_defs": []}]}, 422, "no label group 'b'"),
        ({"label_defs": [{"name": "A", "moon_form": [{"name": "x", "kind": "y"}]}]}, 422, "'moon_form'"),
        ({"label_defs": [{"name": "A", "trainable": False}]}, 422, "'trainable: false'"),
        ({"label_defs": [{"name": "A > "}]}, 400, "empty level"),
        ({"label_defs": [{"name": "A" * 65}]}, 400, "65 characters"),
        ({"colour": 1}, 400, "colour"),
        ({"source_ids": ["0" * 16]}, 404, "unknown source"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_is_made(
    http: Http, source_id: str, more: dict[str, Any], status: int, words: str
) -> None:
    said = http.fails(status, "PUT", ONE, new(more.pop("source_ids", [source_id]), **more))
    assert words in said
    if status == 400 and "is not one of" in words:
        assert said.startswith(words)
    if "label_defs" not in more or status == 422:
        http.fails(404, "GET", ONE)


def test_empty_lists_of_what_cannot_be_kept_are_taken(http: Http) -> None:
    http.there.create_project("acme")
    empty = {
        "entity_defs": [], "general_fields": None, "_dataset_flags": ["zero_shot_labels"], "_timezone": "UTC",
        "label_groups": [{"name": "default", "label_defs": [{"name": "A", "moon_form": []}]}],
        "model_family": "german",
    }  # fmt: skip
    made = http.ok("PUT", ONE, new([], **empty))["dataset"]
    assert (made["source_ids"], made["model_family"]) == ([], "german")
    assert made["label_defs"] == [{"name": "A"}]


def test_no_project_is_made_by_the_way(http: Http) -> None:
    assert "No such project: 'none'" in http.fails(404, "PUT", "/api/v1/datasets/none/all", new([]))
    assert "405" in http.fails(405, "PUT", f"/api/v1/datasets/id:{'0' * 16}", new([]))


def test_sources_and_texts_change_and_what_is_left_out_stays(http: Http, source_id: str) -> None:
    made = http.ok("PUT", ONE, new([source_id], title="All", description="x"))["dataset"]
    other = http.there.create_source("acme", "chat").source_id

    def changed(**what: Any) -> dict[str, Any]:
        told: dict[str, Any] = http.ok("POST", ONE, {"dataset": what})["dataset"]
        return told

    assert changed() | {"last_modified": 0} == made | {"last_modified": 0}
    assert changed(source_ids=[other, source_id])["source_ids"] == [source_id, other]
    assert changed(source_ids=[other], title="Chat")["source_ids"] == [other]
    assert "unknown source" in http.fails(404, "POST", ONE, {"dataset": {"source_ids": ["0" * 16]}})
    now = changed(source_ids=[])
    assert (now["source_ids"], now["title"], now["description"]) == ([], "Chat", "x")
    assert changed(source_ids=[source_id])["source_ids"] == [source_id]
    assert "'entity_defs'" in http.fails(422, "POST", ONE, {"dataset": {"entity_defs": [{"name": "x"}]}})
    http.fails(404, "POST", "/api/v1/datasets/acme/none", {"dataset": {}})


def test_annotations_are_copied(http: Http, source_id: str) -> None:
    there = http.there
    there.put_messages(source_id, batch(2), "first", 2)  # type: ignore[arg-type]
    made = http.ok("PUT", ONE, new([source_id], label_defs=DEFS))["dataset"]
    path = f"/api/_private/datasets/acme/all/labellings/{source_id}.m0"
    http.ok("POST", path, {"labelling": [{"group": "default", "assigned": [{"name": "Kind"}]}]})
    body = new([source_id], copy_annotations_from=made["id"])
    copied = http.ok("PUT", "/api/v1/datasets/acme/copy", body)["dataset"]
    assert copied["label_defs"] == KEPT and copied["id"] != made["id"]
    assert http.ok("PUT", "/api/v1/datasets/acme/copy", body)["dataset"] == copied
    listed = http.ok("GET", "/api/_private/datasets/acme/copy/labellings")["results"]
    assert [one["comment"]["id"] for one in listed] == ["m0"]
    other = new([source_id], copy_annotations_from=made["id"], has_sentiment=True)
    assert "only one of the two has label sentiment" in http.fails(
        400, "PUT", "/api/v1/datasets/acme/c", other
    )


def test_a_dataset_is_deleted_by_name_and_by_id(http: Http, source_id: str) -> None:
    for path in (ONE, None):
        made = http.ok("PUT", ONE, new([source_id]))["dataset"]
        assert http.ok("DELETE", path or f"/api/v1/datasets/id:{made['id']}") == {}
        http.fails(404, "DELETE", path or f"/api/v1/datasets/id:{made['id']}")
        http.fails(404, "GET", ONE)


def test_who_may_only_look_changes_nothing(http: Http, source_id: str) -> None:
    http.ok("PUT", ONE, new([source_id], label_defs=DEFS))
    http.role = "viewer"
    http.ok("GET", ONE)
    http.ok("GET", GROUPS)
    for method, path, body in (
        ("PUT", "/api/v1/datasets/acme/other", new([])),
        ("POST", ONE, {"dataset": {"title": "x"}}),
        ("DELETE", ONE, None),
        ("PUT", LABELS, {"label_defs": [{"name": "New"}]}),
        ("POST", f"{LABELS}/Kind", {"label_def": {"name": "Kind", "title": "x"}}),
        ("DELETE", f"{LABELS}/Kind", None),
        ("POST", f"{GROUPS}/default", {"label_group": {"label_defs": [{"name": "New"}]}}),
    ):
        assert "may not" in http.fails(403, method, path, body)


def test_labels_one_by_one(http: Http, source_id: str) -> None:
    http.ok("PUT", ONE, new([source_id], label_defs=DEFS))
    late = f"{LABELS}/Parcel%20%3E%20Late"
    assert http.ok("GET", late) == {"label_def": DEFS[1]}
    body = {"label_def": {"name": "Parcel > Slow", "instructions": "takes long"}}
    assert http.ok("POST", late, body) == {"label_def": {**body["label_def"], "external_id": "L-1"}}
    assert http.ok("POST", late, body)["label_def"]["name"] == "Parcel > Slow"  # its answer was lost
    http.fails(404, "GET", late)
    assert http.ok("POST", f"{LABELS}/New", {"label_def": {"name": "New"}}) == {"label_def": {"name": "New"}}
    assert "cannot move" in http.fails(400, "POST", f"{LABELS}/New", {"label_def": {"name": "Kind > New"}})
    assert "unknown label 'No'" in http.fails(404, "POST", f"{LABELS}/No", {"label_def": {"name": "Yes"}})
    assert http.ok("DELETE", f"{LABELS}/Parcel") == {}
    http.fails(404, "DELETE", f"{LABELS}/Parcel")
    assert [one["name"] for one in http.ok("GET", ONE)["dataset"]["label_defs"]] == ["Refund", "Kind", "New"]


def test_the_one_group_of_labels(http: Http, source_id: str) -> None:
    http.ok("PUT", ONE, new([source_id]))
    assert http.ok("PUT", LABELS, {"label_defs": DEFS}) == {}
    assert http.ok("PUT", LABELS, {"label_defs": DEFS[1:]}) == {}  # what is not named stays
    group = {"name": "default", "label_defs": http.ok("GET", ONE)["dataset"]["label_defs"]}
    assert {one["name"] for one in group["label_defs"]} == {one["name"] for one in KEPT}
    assert http.ok("GET", GROUPS) == {"label_groups": [group]}
    assert http.ok("GET", f"{GROUPS}/default") == {"label_group": group}
    same = {"label_group": {"name": "default", "label_defs": group["label_defs"]}}
    assert http.ok("POST", f"{GROUPS}/default", same) == {"label_group": group}
    assert "cannot be deleted" in http.fails(422, "DELETE", f"{GROUPS}/default")
    for method, path, body in (
        ("PUT", LABELS.replace("default", "b"), {"label_defs": []}),
        ("GET", f"{GROUPS}/b", None),
        ("POST", f"{GROUPS}/b", same),
    ):
        assert "no label group 'b'" in http.fails(422, method, path, body)
    assert "empty level" in http.fails(400, "PUT", LABELS, {"label_defs": [{"name": ">"}]})
