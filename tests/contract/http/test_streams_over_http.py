"""Streams as clients of the field consume them: every address, under both names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from tests.contract.conftest import TOKEN
from tests.contract.http.conftest import Http
from tests.contract.messages import batch
from tests.stores import model_version
from workbench.api import make_app
from workbench.domain import Dataset, MessageFilter
from workbench.settings import Settings
from workbench.workspace import open_workspace

HOME = "/api/v1/datasets/demo/support/streams"
PAST = "2000-01-01T00:00:00"


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Http]:
    """One workspace for all; ``without_streams`` leaves it as it was."""
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0, predict_after_s=-1)
    with open_workspace(tmp_path_factory.mktemp("streams") / "w.duckdb", settings=settings) as opened:
        found = Http(opened)
        with TestClient(make_app(found.ask, token=TOKEN), raise_server_exceptions=False) as client:
            client.headers["Authorization"] = f"Bearer {TOKEN}"
            found.client = client
            yield found


@pytest.fixture(autouse=True)
def without_streams(http: Http, dataset: Dataset) -> Iterator[None]:
    yield
    http.role = ""
    for one in http.there.streams(dataset.dataset_id):
        http.there.delete_stream(dataset.dataset_id, one.name)


@pytest.fixture(scope="module")
def dataset(http: Http) -> Dataset:
    """Six messages, two labels, and what version 1 says of them."""
    there = http.there
    source = there.create_source("demo", "mail")
    there.put_messages(source.source_id, batch(6), "first", 6)
    made = there.create_dataset("demo", "support", (source.source_id,))
    for name in ("Refund", "Delivery > Late"):
        there.create_label(made.dataset_id, name)
    labels = {one.name: one.label_id for one in there.labels(made.dataset_id)}
    uids = there.message_uids(made.dataset_id, MessageFilter())["uid"].to_pylist()
    about = replace(model_version(1, n_labels=2), dataset_id=made.dataset_id)
    with http.opened._workspace.store.write() as session:
        session.models.add_version(
            about,
            weights=b"w",
            parameters="{}",
            label_ids=[labels["Refund"], labels["Delivery > Late"]],
        )
        matrix = np.array([[0.9, 0.25]] * 6, np.float32)
        session.models.put_predictions(made.dataset_id, 1, uids, matrix)
    return made


def model(**thresholds: float) -> dict[str, Any]:
    listed = [{"name": name.split("_"), "threshold": value} for name, value in thresholds.items()]
    return {"version": 1, "label_thresholds": listed}


def made(http: Http, name: str = "one", **settings: Any) -> dict[str, Any]:
    stream: dict[str, Any] = http.ok("PUT", HOME, {"stream": {"name": name, **settings}})["stream"]
    return stream


def test_a_stream_is_made_once_read_changed_and_deleted(http: Http, dataset: Dataset) -> None:
    where = {"user_properties": {"string:Team": {"one_of": ["N"]}}}
    asked = {"title": "Refunds", "comment_filter": where, "model": model(Refund=0.5, Delivery_Late=1)}
    one = made(http, **asked)
    # Mandatory, never null, and times with an offset.
    assert set(one) == {
        "id",
        "dataset_id",
        "name",
        "title",
        "description",
        "created_at",
        "updated_at",
        "comment_filter",
        "model",
    }
    assert (one["dataset_id"], one["name"], one["title"]) == (dataset.dataset_id, "one", "Refunds")
    assert one["description"] == "" and one["created_at"].endswith(("Z", "+00:00"))
    assert one["comment_filter"]["user_properties"] == where["user_properties"]
    assert one["model"] == model(Refund=0.5, Delivery_Late=1)
    assert made(http, **asked) == one  # sent again
    assert "a stream named 'one' exists" in http.fails(409, "PUT", HOME, {"stream": {"name": "one"}})
    plain = made(http, "plain")
    assert "model" not in plain and "comment_filter" not in plain and plain["title"] == "plain"
    assert http.ok("GET", HOME) == {"streams": [one, plain]}
    assert http.ok("GET", f"{HOME}/one") == {"stream": one}
    by_id = f"/api/v1/datasets/id:{dataset.dataset_id}/streams/one"
    assert http.ok("GET", by_id) == {"stream": one}

    changed = {"stream": {"description": "for the robots", "model": {"version": 1, "label_thresholds": []}}}
    told = http.ok("POST", f"{HOME}/one", changed)["stream"]
    assert told["title"] == "Refunds" and told["comment_filter"] == one["comment_filter"]
    assert told["model"] == {"version": 1, "label_thresholds": []} and told["description"] == "for the robots"
    assert http.ok("POST", f"{HOME}/one", changed)["stream"] == told  # and changes nothing
    without = http.ok("POST", f"{HOME}/one", {"stream": {"model": None, "comment_filter": None}})["stream"]
    assert "model" not in without and "comment_filter" not in without
    assert http.ok("DELETE", f"{HOME}/one") == {}
    assert "unknown stream 'one'" in http.fails(404, "DELETE", f"{HOME}/one")
    assert http.ok("GET", HOME)["streams"] == [plain]


def test_bad_streams_are_refused(http: Http, dataset: Dataset) -> None:
    made(http, "there")
    for status, body in (
        (400, {"stream": {"name": "a/b"}}),
        (400, {"stream": {"title": "no name"}}),
        (400, {"stream": {"name": "a", "colour": "red"}}),
        (400, {"stream": {"name": "a", "title": "x" * 129}}),
        (400, {"stream": {"name": "a", "model": {"version": -1}}}),
        (400, {"stream": {"name": "a", "model": model(Refund=1.5)}}),
        (404, {"stream": {"name": "a", "model": {"version": 9}}}),
        (404, {"stream": {"name": "a", "model": model(Nothing=0.5)}}),
        (400, {"trigger": {"name": "a"}}),
    ):
        http.fails(status, "PUT", HOME, body)
    assert "cannot be called 'b'" in http.fails(400, "POST", f"{HOME}/there", {"stream": {"name": "b"}})
    http.fails(404, "POST", f"{HOME}/gone", {"stream": {}})
    http.fails(404, "GET", "/api/v1/datasets/demo/gone/streams")
    assert [one["name"] for one in http.ok("GET", HOME)["streams"]] == ["there"]


def test_fetch_advance_and_reset(http: Http, dataset: Dataset) -> None:
    made(http, model=model(Refund=0.5))
    first = http.ok("POST", f"{HOME}/one/fetch", {"size": 4})
    assert first["results"] == [] and first["filtered"] == 0 and first["is_end_sequence"] is True
    told = http.ok("POST", f"{HOME}/one/reset", {"to_comment_created_at": PAST})
    assert set(told) == {"sequence_id", "stream"} and told["stream"]["name"] == "one"
    found = http.ok("POST", f"{HOME}/one/fetch", {"size": 4})
    assert set(found) == {"results", "filtered", "sequence_id", "is_end_sequence"}
    assert [one["comment"]["id"] for one in found["results"]] == ["m0", "m1", "m2", "m3"]
    assert (found["filtered"], found["is_end_sequence"]) == (0, False)
    one = found["results"][0]
    assert set(one) == {"comment", "sequence_id", "labels", "entities"} and one["entities"] == []
    assert one["labels"] == [{"name": ["Refund"], "probability": pytest.approx(0.9)}]
    assert {"id", "uid", "timestamp", "messages", "created_at"} <= set(one["comment"])
    assert http.ok("POST", f"{HOME}/one/fetch", {"size": 4}) == found
    here = found["results"][1]["sequence_id"]
    assert http.ok("POST", f"{HOME}/one/advance", {"sequence_id": here}) == {"sequence_id": here}
    for _ in range(2):
        moved = http.ok("POST", f"{HOME}/one/advance", {"sequence_id": found["sequence_id"]})
        assert moved == {"sequence_id": found["sequence_id"]}
    assert http.ok("POST", f"{HOME}/one/advance", {"sequence_id": here}) == moved  # not back
    rest = http.ok("POST", f"{HOME}/one/fetch", {"size": 1024, "max_filtered": 1024})
    assert [one["comment"]["id"] for one in rest["results"]] == ["m4", "m5"] and rest["is_end_sequence"]


def test_a_stream_without_a_model_says_nothing_of_labels(http: Http, dataset: Dataset) -> None:
    made(http)
    http.ok("POST", f"{HOME}/one/reset", {"to_comment_created_at": "2000-01-01T00:00:00+02:00"})
    (one,) = http.ok("POST", f"{HOME}/one/fetch", {"size": 1})["results"]
    assert set(one) == {"comment", "sequence_id"}
    told = http.ok("GET", f"{HOME}/one/results?max_results=1")
    assert told["results"][0]["prediction"] is None and "model" not in told


def test_results_tell_confidences_and_the_threshold_that_is_met(http: Http, dataset: Dataset) -> None:
    made(http, model=model(Refund=0.5))
    made(http, "every", model={"version": 1, "label_thresholds": []})
    for name in ("one", "every"):
        http.ok("POST", f"{HOME}/{name}/reset", {"to_comment_created_at": PAST})
    told = http.ok("GET", f"{HOME}/one/results?max_results=2&max_filtered=5")
    assert set(told) == {"results", "num_filtered", "more_results", "continuation", "model"}
    assert (told["num_filtered"], told["more_results"], told["model"]) == (0, True, {"version": 1})
    assert [one["comment"]["id"] for one in told["results"]] == ["m0", "m1"]
    ((taxonomy,),) = [told["results"][0]["prediction"]["taxonomies"]]
    assert (taxonomy["name"], taxonomy["general_fields"]) == ("default", [])
    sure = {"value": pytest.approx(0.9), "thresholds": ["stream"]}
    assert taxonomy["labels"] == [
        {"name": "Refund", "occurrence_confidence": sure, "extraction_confidence": sure, "fields": []}
    ]
    every = http.ok("GET", "/api/preview/datasets/demo/support/streams/every/results")
    labels = every["results"][0]["prediction"]["taxonomies"][0]["labels"]
    assert [(one["name"], one["occurrence_confidence"]["thresholds"]) for one in labels] == [
        ("Refund", []),
        ("Delivery > Late", []),
    ]
    # What it gives can be advanced to.
    http.ok("POST", f"{HOME}/one/advance", {"sequence_id": told["results"][0]["continuation"]})
    after = http.ok("GET", f"{HOME}/one/results")
    assert after["results"][0]["comment"]["id"] == "m1" and after["more_results"] is False


def test_bad_asking_is_refused(http: Http, dataset: Dataset) -> None:
    made(http)
    made(http, "two")
    foreign = http.ok("POST", f"{HOME}/two/fetch", {"size": 1})["sequence_id"]
    stale = http.ok("POST", f"{HOME}/one/fetch", {"size": 1})["sequence_id"]
    http.ok("POST", f"{HOME}/one/reset", {"to_comment_created_at": PAST})
    for body in ({}, {"size": 0}, {"size": 1025}, {"size": 1, "max_filtered": 0}, {"size": "1"}):
        http.fails(400, "POST", f"{HOME}/one/fetch", body)
    for given in ("", "garbage", foreign, "AAAA" * 8, "ä"):
        text = http.fails(400, "POST", f"{HOME}/one/advance", {"sequence_id": given})
        assert "is no sequence id of this stream" in text
    assert "before the stream was reset" in http.fails(
        400, "POST", f"{HOME}/one/advance", {"sequence_id": stale}
    )
    http.fails(400, "POST", f"{HOME}/one/reset", {"to_comment_created_at": "yesterday"})
    http.fails(400, "GET", f"{HOME}/one/results?max_results=0")
    for method, path, body in (
        ("POST", "fetch", {"size": 1}),
        ("POST", "advance", {"sequence_id": stale}),
        ("POST", "reset", {"to_comment_created_at": PAST}),
        ("GET", "results", None),
        ("PUT", "exceptions", {"exceptions": []}),
        ("DELETE", "exceptions?uid=a.b", None),
    ):
        assert "unknown stream 'gone'" in http.fails(404, method, f"{HOME}/gone/{path}", body)


def test_exceptions_are_tagged_and_taken_off(http: Http, dataset: Dataset) -> None:
    made(http)
    uids = http.there.message_uids(dataset.dataset_id, MessageFilter())["uid"].to_pylist()

    def tag(*given: tuple[str, str]) -> dict[str, Any]:
        return {"exceptions": [{"uid": uid, "metadata": {"type": kind}} for uid, kind in given]}

    body = tag((uids[0], "No Prediction"), (uids[1], "Wrong Prediction"))
    for _ in range(2):
        assert http.ok("PUT", f"{HOME}/one/exceptions", body) == {}
    known = http.there.stream_exceptions(dataset.dataset_id, "one").to_pylist()
    assert {(one["uid"], one["type"]) for one in known} == {
        (uids[0], "No Prediction"),
        (uids[1], "Wrong Prediction"),
    }
    for status, bad in (
        (404, tag(("nobody.1", "x"))),
        (400, tag((uids[0], ""))),
        (400, tag((uids[0], "a"), (uids[0], "b"))),
        (400, {"exceptions": [{"uid": uids[0]}]}),
    ):
        http.fails(status, "PUT", f"{HOME}/one/exceptions", bad)
    for _ in range(2):
        assert http.ok("DELETE", f"{HOME}/one/exceptions?uid={uids[0]}&uid={uids[1]}&uid=a.b") == {}
    assert http.there.stream_exceptions(dataset.dataset_id, "one").num_rows == 0
    http.fails(400, "DELETE", f"{HOME}/one/exceptions")


def test_the_old_name_has_the_same_addresses(http: Http, dataset: Dataset) -> None:
    home = HOME.replace("streams", "triggers")
    one = http.ok("PUT", home, {"trigger": {"name": "one", "model": model(Refund=0.5)}})["trigger"]
    assert http.ok("GET", home) == {"triggers": [one]}
    assert http.ok("GET", f"{home}/one") == {"trigger": one} and http.ok("GET", f"{HOME}/one") == {
        "stream": one
    }
    told = http.ok("POST", f"{home}/one", {"trigger": {"title": "T"}})["trigger"]
    assert told["title"] == "T" and told["model"] == one["model"]
    http.fails(400, "PUT", home, {"stream": {"name": "two"}})
    assert set(http.ok("POST", f"{home}/one/reset", {"to_comment_created_at": PAST})) == {
        "sequence_id",
        "trigger",
    }
    found = http.ok("POST", f"{home}/one/fetch", {"size": 2})
    assert found == http.ok("POST", f"{HOME}/one/fetch", {"size": 2})
    assert http.ok("GET", f"{home}/one/results")["model"] == {"version": 1}
    assert http.ok("GET", "/api/preview/datasets/demo/support/triggers/one/results")["results"]
    http.ok("POST", f"{home}/one/advance", {"sequence_id": found["sequence_id"]})
    uid = found["results"][0]["comment"]["uid"]
    body = {"exceptions": [{"uid": uid, "metadata": {"type": "x"}}]}
    assert http.ok("PUT", f"{home}/one/exceptions", body) == {}
    assert http.ok("DELETE", f"{home}/one/exceptions?uid={uid}") == {}
    assert http.ok("DELETE", f"{home}/one") == {}
    assert "404 Not Found" in http.fails(404, "POST", f"{_preview()}/one/gx-fetch", {"size": 1})


def _preview() -> str:
    return HOME.replace("/v1/", "/preview/")


def test_without_the_right_nothing_is_said(http: Http, dataset: Dataset) -> None:
    made(http)
    told = http.ok("POST", f"{HOME}/one/fetch", {"size": 1})
    http.role = "viewer"
    assert len(http.ok("GET", HOME)["streams"]) == 1 and http.ok("GET", f"{HOME}/one")
    for method, path, body in (
        ("PUT", "", {"stream": {"name": "two"}}),
        ("POST", "/one", {"stream": {"title": "x"}}),
        ("DELETE", "/one", None),
        ("POST", "/one/fetch", {"size": 1}),
        ("GET", "/one/results", None),
        ("POST", "/one/advance", {"sequence_id": told["sequence_id"]}),
        ("POST", "/one/reset", {"to_comment_created_at": PAST}),
        ("PUT", "/one/exceptions", {"exceptions": []}),
        ("DELETE", "/one/exceptions?uid=a.b", None),
    ):
        assert "may not" in http.fails(403, method, f"{HOME}{path}", body)
    http.role = "automation_user"
    assert http.ok("POST", f"{HOME}/one/fetch", {"size": 1}) == told
    http.fails(403, "DELETE", f"{HOME}/one")
