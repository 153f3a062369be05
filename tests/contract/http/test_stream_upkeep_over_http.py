"""Expected errors, another version compared and the status of a stream over HTTP: our own addresses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from starlette.testclient import TestClient

from tests.contract.conftest import TOKEN
from tests.contract.http.conftest import Http
from tests.contract.messages import batch
from tests.stores import model_version
from workbench.api import make_app
from workbench.domain import (
    DatasetId,
    Estimate,
    ExpectedErrors,
    LabelId,
    LabelThreshold,
    MessageFilter,
    StreamErrors,
    StreamSettings,
)
from workbench.settings import Settings
from workbench.workspace import open_workspace, stream_upkeep
from workbench.workspace.binding import USE_CASES

HERE = "/api/v1/datasets/demo/support/streams/one"


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Http]:
    """Six messages, two versions that say different things, a stream of the first."""
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0, predict_after_s=-1)
    with open_workspace(tmp_path_factory.mktemp("upkeep") / "w.duckdb", settings=settings) as opened:
        found = Http(opened)
        there = found.there
        source = there.create_source("demo", "mail")
        there.put_messages(source.source_id, batch(6), "first", 6)
        did = there.create_dataset("demo", "support", (source.source_id,)).dataset_id
        for name in ("Refund", "Delivery > Late"):
            there.create_label(did, name)
        ids = {one.name: one.label_id for one in there.labels(did)}
        uids = there.message_uids(did, MessageFilter())["uid"].to_pylist()
        own = tuple(
            LabelThreshold(label_id=ids[name], threshold=0.5) for name in ("Refund", "Delivery > Late")
        )
        for version, likely in ((1, [0.9, 0.25]), (2, [0.4, 0.95])):
            with opened._workspace.store.write() as session:
                session.models.add_version(
                    replace(model_version(version, n_labels=2), dataset_id=did),
                    weights=b"w",
                    parameters="{}",
                    label_ids=[ids["Refund"], ids["Delivery > Late"]],
                )
                session.models.put_predictions(did, version, uids, np.array([likely] * 6, np.float32))
            if version == 1:  # pinned by the stream, it keeps its predictions
                there.create_stream(did, "one", StreamSettings(version=1, thresholds=own))
        there.create_stream(did, "bare", StreamSettings())
        there.put_messages(source.source_id, batch(3, first=10), "more", 3)
        with TestClient(make_app(found.ask, token=TOKEN), raise_server_exceptions=False) as client:
            client.headers["Authorization"] = f"Bearer {TOKEN}"
            found.client = client
            yield found


def test_another_version_is_compared(http: Http) -> None:
    told = http.ok("GET", f"{HERE}/comparison?version=2")
    assert (told["version"], told["other_version"], told["num_compared"], told["num_changed"]) == (1, 2, 6, 6)
    assert told["labels"] == [
        {"name": ["Delivery", "Late"], "num_now": 0, "num_then": 6, "num_gained": 6, "num_lost": 0, "known": True},
        {"name": ["Refund"], "num_now": 6, "num_then": 0, "num_gained": 0, "num_lost": 6, "known": True},
    ]  # fmt: skip
    # Three newest messages were predicted by neither.
    assert http.ok("GET", f"{HERE}/comparison?version=2&max_messages=4")["num_compared"] == 1
    for status, asked in (
        (400, ""),
        (400, "?version=x"),
        (400, "?version=2&max_messages=0"),
        (404, "?version=9"),
    ):
        http.fails(status, "GET", f"{HERE}/comparison{asked}")
    assert "no model version to compare" in http.fails(
        400, "GET", f"{HERE.removesuffix('one')}bare/comparison?version=1"
    )
    assert "unknown stream 'two'" in http.fails(
        404, "GET", f"{HERE.removesuffix('one')}two/comparison?version=2"
    )


def test_expected_errors_are_told_or_said_to_be_unknown(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    told = http.ok("GET", f"{HERE}/expected-errors")
    assert told == {
        "labels": [
            {"name": ["Refund"], "threshold": 0.5, "errors": None},
            {"name": ["Delivery", "Late"], "threshold": 0.5, "errors": None},
        ]
    }
    assert http.ok("GET", f"{HERE.removesuffix('one')}bare/expected-errors") == {"labels": []}
    weekly = ExpectedErrors(
        dataset_id=DatasetId("d"), version=1, label_id=LabelId("l"), threshold=0.5, n_weeks=4, n_messages=70.5,
        predicted=Estimate(value=20.0, low=15.0, high=25.0), wrong=Estimate(value=2.0, low=1.0, high=3.0),
        missed=Estimate(value=None, low=None, high=None), n_held_out=50, n_right=9, n_wrong=1, n_missed=0, seed=1,
    )  # fmt: skip
    one = StreamErrors(label_id=LabelId("l"), name="Delivery > Late", threshold=0.5, errors=weekly)
    assert USE_CASES["stream_errors"] is stream_upkeep.stream_errors
    monkeypatch.setitem(USE_CASES, "stream_errors", lambda *_, **__: (one,))
    (shown,) = http.ok("GET", f"{HERE}/expected-errors")["labels"]
    assert shown["errors"] == {
        "predicted": {"value": 20.0, "low": 15.0, "high": 25.0},
        "false_positives": {"value": 2.0, "low": 1.0, "high": 3.0},
        "missed": {"value": None, "low": None, "high": None},
        "num_weeks": 4,
        "messages_per_week": 70.5,
        "num_test_messages": 50,
        "num_right": 9,
        "num_wrong": 1,
        "num_missed": 0,
    }


def test_the_status_tells_what_waits_and_the_rates(http: Http) -> None:
    bare = f"{HERE.removesuffix('one')}bare"
    told = http.ok("GET", f"{bare}/status")
    assert (told["name"], told["version"], told["num_waiting"], told["num_delivered"]) == ("bare", None, 3, 0)
    assert told["oldest_waiting"].endswith(("Z", "+00:00")) and told["last_fetched"] is None
    fetched = http.ok("POST", f"{bare}/fetch", {"size": 2})
    http.ok("POST", f"{bare}/advance", {"sequence_id": fetched["sequence_id"]})
    told = http.ok("GET", f"{bare}/status")
    assert (told["num_waiting"], told["num_delivered"], told["num_exceptions"]) == (1, 2, 0)
    assert len(told["rates"]) == 24 and sum(one["num_messages"] for one in told["rates"]) == 2
    assert http.ok("GET", f"{HERE}/status")["version"] == 1


def test_who_does_not_see_the_dataset_finds_no_stream(http: Http) -> None:
    http.role = "audit_viewer"
    try:
        for asked in ("status", "expected-errors", "comparison?version=2"):
            http.fails(404, "GET", f"{HERE}/{asked}")
    finally:
        http.role = ""


def test_comments_are_found_by_their_exceptions(http: Http) -> None:
    home = "/api/_private/datasets/demo/support"
    bare = f"{HERE.removesuffix('one')}bare"
    uid = http.ok("POST", f"{home}/query", {"filter": {}, "limit": 1})["results"][0]["comment"]["uid"]
    tagged = {"exceptions": [{"uid": uid, "metadata": {"type": "No Prediction"}}]}
    http.ok("PUT", f"{bare}/exceptions", tagged)
    try:
        for asked, n in (
            ({"tagged": True}, 1),
            ({"tagged": False}, 8),
            ({"types": ["No Prediction"], "streams": ["bare"]}, 1),
            ({"types": ["Wrong Prediction"]}, 0),
            ({"streams": ["one"]}, 0),
            ({}, 9),
        ):
            where = {"trigger_exceptions": asked}
            found = http.ok("POST", f"{home}/query", {"filter": where, "limit": 20})["results"]
            assert len(found) == n and (n != 1 or found[0]["comment"]["uid"] == uid)
            counted = {"comment_filter": where, "label_timeseries": False, "label_property_timeseries": False}
            assert http.ok("POST", f"{home}/statistics", counted)["statistics"]["num_comments"] == n
        unknown = {"filter": {"trigger_exceptions": {"streams": ["gone"]}}}
        assert "unknown stream 'gone'" in http.fails(404, "POST", f"{home}/query", unknown)
    finally:
        http.ok("DELETE", f"{bare}/exceptions?uid={uid}")
