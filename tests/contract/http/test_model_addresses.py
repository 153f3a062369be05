"""Model versions and their validation over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.contract.http.conftest import Http, Trained
from workbench.domain import ModelVersion

PRIVATE = "/api/_private/datasets/demo/support"
PUBLIC = "/api/v1/datasets/demo/support"
OF = f"{PRIVATE}/labellers"
QUALITIES = {"none", "poor", "average", "good", "excellent"}


def version(trained: Trained, number: int) -> ModelVersion:
    return next(one for one in trained.there.model_versions(trained.did) if one.version == number)


def test_versions_are_listed_newest_first(trained: Trained) -> None:
    told = trained.ok("POST", OF, {})
    assert [one["version"] for one in told["labellers"]] == [2, 1]
    newest = told["labellers"][0]
    assert set(newest) == {
        "version", "trained_time", "validated", "pinned", "reviewed_counts", "used_by_triggers", "settings",
        "freshness", "flags",
    }  # fmt: skip
    assert (newest["validated"], newest["pinned"], newest["reviewed_counts"]) == (
        True,
        False,
        {"comments": 120},
    )
    assert datetime.fromisoformat(newest["trained_time"]).utcoffset() is not None
    assert [(one["name"], one["version"]) for one in told["model_tags"]] == [("live", 1)]

    def listed(**body: Any) -> list[int]:
        return [one["version"] for one in trained.ok("POST", OF, body)["labellers"]]

    assert listed(older_than_version=2) == [1] and listed(limit=1) == [2]
    assert listed(starred=True) == [] and listed(starred=False, validated=True) == [2, 1]
    for bad in ({"limit": 0}, {"limit": 101}, {"older_than_version": "x"}, {"more": 1}):
        assert "the body is not as described" in trained.fails(400, "POST", OF, bad)


def test_marks_are_changed_and_stay_the_same_when_sent_again(trained: Trained) -> None:
    change = {"starred": True, "description": "<b> best"}
    for _ in range(2):
        told = trained.ok("PATCH", f"{OF}/2", change)["labeller"]
        assert told["settings"] == change and told["version"] == 2
    assert trained.ok("PATCH", f"{OF}/2", {})["labeller"] == told
    assert "not as described" in trained.fails(400, "PATCH", f"{OF}/2", {"description": "x" * 16_385})
    trained.ok("PATCH", f"{OF}/2", {"starred": False, "description": ""})
    assert not version(trained, 2).starred


def test_a_version_is_pinned_and_unpinned_any_number_of_times(trained: Trained) -> None:
    for method, pinned in (("PUT", True), ("PUT", True), ("DELETE", False), ("DELETE", False)):
        assert trained.ok(method, f"{OF}/2/pin") == {}
        assert version(trained, 2).pinned is pinned
    assert "carries the tag 'live'" in trained.fails(400, "DELETE", f"{OF}/live/pin")
    assert "unknown model version '9'" in trained.fails(404, "PUT", f"{OF}/9/pin")
    trained.role = "viewer"
    for method, path, body in (
        ("PUT", f"{OF}/2/pin", None),
        ("DELETE", f"{OF}/2/pin", None),
        ("PATCH", f"{OF}/2", {"starred": True}),
        ("PUT", f"{PRIVATE}/model-tags/live", {"model_tag": {"version": 2}}),
        ("DELETE", f"{PRIVATE}/model-tags/live", None),
    ):
        assert "may not" in trained.fails(403, method, path, body)
    for path in (f"{PUBLIC}/model-tags", f"{OF}/status", f"{OF}/2/validation"):
        trained.ok("GET", path)


def test_tags_move_and_go(trained: Trained) -> None:
    def tags() -> dict[str, int]:
        found = trained.ok("GET", f"{PUBLIC}/model-tags")["model_tags"]
        assert all(set(one) == {"name", "version", "updated_at"} for one in found)
        return {one["name"]: one["version"] for one in found}

    assert tags() == {"live": 1}
    for _ in range(2):
        trained.ok("PUT", f"{PRIVATE}/model-tags/staging", {"model_tag": {"version": 2}})
        assert tags() == {"live": 1, "staging": 2}
    trained.ok("PUT", f"{PRIVATE}/model-tags/live", {"model_tag": {"version": 2}})
    assert tags() == {"live": 2}
    for _ in range(2):
        trained.ok("DELETE", f"{PRIVATE}/model-tags/live")
        assert tags() == {}
    trained.ok("PUT", f"{PRIVATE}/model-tags/live", {"model_tag": {"version": 1}})
    trained.ok("DELETE", f"{OF}/2/pin")
    assert "unknown tag 'best'" in trained.fails(404, "DELETE", f"{PRIVATE}/model-tags/best")
    body = {"model_tag": {"version": 9}}
    assert "unknown model version '9'" in trained.fails(404, "PUT", f"{PRIVATE}/model-tags/live", body)
    body = {"model_tag": {"version": "two"}}
    assert "not as described" in trained.fails(400, "PUT", f"{PRIVATE}/model-tags/live", body)


def test_how_the_model_of_a_dataset_stands(trained: Trained) -> None:
    told = trained.ok("GET", f"{OF}/status")["dataset_status"]
    assert told == {
        "training_complete": True, "validation_complete": True, "inference_complete": True, "state": "idle",
        "version": 2, "validated_version": 2, "num_unlearned_comments": 0,
    }  # fmt: skip


def test_the_private_validation_has_what_clients_need(trained: Trained) -> None:
    told = trained.ok("GET", f"{OF}/latest/validation")
    assert set(told) == {"label_groups", "validation"}
    (group,) = told["label_groups"]
    assert group["name"] == "default" and {"name": "Refund"} in group["label_defs"]
    found = told["validation"]
    assert (found["version"], found["reviewed_size"]) == (2, 120)
    assert isinstance(found["model_rating"]["score"], int) and found["model_rating"]["quality"] in QUALITIES
    assert found["train_size"] + found["test_size"] == 120
    label = found["labels"]["Refund"]
    assert set(label) == {
        "train_size", "test_size", "reviewed_size", "average_precision", "optimal_thresholds", "health",
    }  # fmt: skip
    assert label["train_size"] + label["test_size"] == label["reviewed_size"] == 48
    assert set(label["optimal_thresholds"]) == {"high_precision", "balanced", "high_recall"}
    assert len(found["recalls"]) == len(found["mean_precision_curve_safe"]) == 101
    for word, number in (("1", 1), ("live", 1), ("2", 2)):
        assert trained.ok("GET", f"{OF}/{word}/validation")["validation"]["version"] == number
    for word in ("9", "staging", "none"):
        assert "unknown" in trained.fails(404, "GET", f"{OF}/{word}/validation")


def test_the_public_validation_sums_up(trained: Trained) -> None:
    found = trained.ok("GET", f"{PUBLIC}/labellers/2/validation")["validation"]
    assert found["labels"][1] == {"name": "Delivery > Late", "parts": ["Delivery", "Late"]}
    assert (found["version"], found["num_labels"], found["num_reviewed_comments"]) == (2, 3, 120)
    assert found["num_amber_labels"] + found["num_red_labels"] <= 3
    report = trained.there.validation(trained.did, 2)
    assert report is not None
    assert found["mean_average_precision_safe"] == report.mean_average_precision.value
    for name in ("dataset", "balance", "coverage", "underperforming_labels", "all_labels"):
        assert found[f"{name}_quality"] in QUALITIES
    assert found["entities"] == []


def test_the_curve_of_a_label_is_in_the_order_that_clients_search_it(trained: Trained) -> None:
    for name in ("Refund", "Delivery > Late"):
        curve = trained.ok("POST", f"{OF}/2/label-validation", {"label": name})["label_validation"]
        thresholds, precisions, recalls = (curve[key] for key in ("thresholds", "precisions", "recalls"))
        assert len(thresholds) == len(precisions) == len(recalls) > 1
        assert thresholds == sorted(thresholds, reverse=True) and thresholds[0] > thresholds[-1]
        assert recalls == sorted(recalls) and recalls[-1] > recalls[0]
        report = trained.there.validation(trained.did, 2)
        assert report is not None
        (label,) = (one for one in report.labels if one.name == name)
        assert dict(zip(thresholds, precisions, strict=True)) == dict(
            zip(label.thresholds, label.precisions, strict=True)
        )
    assert "unknown label of version 2 'None'" in trained.fails(
        404, "POST", f"{OF}/2/label-validation", {"label": "None"}
    )
    assert "not as described" in trained.fails(400, "POST", f"{OF}/2/label-validation", {"label": ["Refund"]})


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"{OF}/latest/validation", None),
        ("GET", f"{OF}/1/validation", None),
        ("GET", f"{PUBLIC}/labellers/latest/validation", None),
        ("POST", f"{OF}/1/label-validation", {"label": "Refund"}),
        ("PUT", f"{OF}/1/pin", None),
        ("POST", f"{PUBLIC}/labellers/1/predict", {"documents": [{"messages": [{"body": {"text": "x"}}]}]}),
    ],
)
def test_without_a_model_the_answer_is_one_that_is_not_tried_again(
    http: Http, method: str, path: str, body: Any
) -> None:
    source = http.there.create_source("demo", "mail")
    http.there.create_dataset("demo", "support", (source.source_id,))
    message = http.fails(404, method, path, body)
    assert "model version" in message and "rain" in message
    assert http.ok("POST", OF, {}) == {"labellers": [], "model_tags": []}
    told = http.ok("GET", f"{OF}/status")["dataset_status"]
    assert told["version"] is None and not told["training_complete"]
    assert "has no messages and 0 labels" in http.fails(422, "POST", f"{OF}/train", {})


def test_a_training_is_asked_for_by_those_who_may(trained: Trained) -> None:
    job_id = trained.ok("POST", f"{OF}/train", {})["job_id"]
    assert any(one.job_id == job_id and one.kind == "train" for one in trained.there.jobs())
    trained.there.cancel_job(job_id)
    trained.role = "viewer"
    assert "'Dataset - Write'" in trained.fails(403, "POST", f"{OF}/train", {})
