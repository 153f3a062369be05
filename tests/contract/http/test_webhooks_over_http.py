"""Webhooks of streams over HTTP: every address, in success, with bad input, without the right, and again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.contract.conftest import TOKEN
from tests.contract.http.conftest import Http
from tests.contract.messages import batch
from tests.receivers import Receiver, receiving
from workbench.api import make_app
from workbench.settings import Settings
from workbench.workspace import open_workspace

STREAMS = "/api/v1/datasets/demo/support/streams"
HERE = f"{STREAMS}/one/webhook"


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Http]:
    settings = Settings(
        encoder="hash-test", fast_encoder="", retrain_after_reviews=0, predict_after_s=-1, webhook_inner_hosts="127.0.0.1"
    )  # fmt: skip
    with open_workspace(tmp_path_factory.mktemp("hooks") / "w.duckdb", settings=settings) as opened:
        found = Http(opened)
        source = found.there.create_source("demo", "mail")
        found.there.put_messages(source.source_id, batch(3), "first", 3)
        found.there.create_dataset("demo", "support", (source.source_id,))
        with TestClient(make_app(found.ask, token=TOKEN), raise_server_exceptions=False) as client:
            client.headers["Authorization"] = f"Bearer {TOKEN}"
            found.client = client
            found.ok("PUT", STREAMS, {"stream": {"name": "one"}})
            yield found


@pytest.fixture(scope="module")
def there() -> Iterator[Receiver]:
    with receiving(Receiver()) as found:
        yield found


def given(url: str, **more: Any) -> dict[str, Any]:
    return {"webhook": {"url": url, **more}}


def test_the_whole_life_of_a_webhook(http: Http, there: Receiver) -> None:
    assert "unknown webhook of stream 'one'" in http.fails(404, "GET", HERE)
    assert http.ok("GET", f"{STREAMS}/one/status")["webhook"] is None
    made = http.ok("PUT", HERE, given(there.url, since="2000-01-01T00:00:00", batch_size=2))
    assert made["secret"].startswith("whsec_")
    assert made["webhook"]["url"] == there.url and made["webhook"]["batch_size"] == 2
    assert set(made["webhook"]["status"]) == {
        "paused", "num_waiting", "oldest_waiting", "num_delivered", "rates", "num_failures", "last_success",
        "last_failure", "last_error", "next_try",
    }  # fmt: skip
    ends = time.monotonic() + 20
    while http.ok("GET", HERE)["webhook"]["status"]["num_delivered"] < 3 and time.monotonic() < ends:
        time.sleep(0.02)
    assert [one.messages for one in there.accepted] == [["m0", "m1"], ["m2"]]
    status = http.ok("GET", f"{STREAMS}/one/status")["webhook"]
    assert (status["num_delivered"], status["num_waiting"], status["paused"]) == (3, 0, "")
    again = http.ok("PUT", HERE, given(there.url, batch_size=2))
    assert "secret" not in again and again["webhook"]["created_at"] == made["webhook"]["created_at"]
    assert http.ok("PUT", HERE, given(there.url, new_secret=True))["secret"] != made["secret"]
    for _ in range(2):  # sent again, it is as it was
        assert http.ok("POST", f"{HERE}/pause")["webhook"]["status"]["paused"] == "user"
    tested = http.ok("POST", f"{HERE}/test")
    assert (tested["accepted"], tested["status_code"], tested["error"]) == (True, 204, "")
    for _ in range(2):
        assert http.ok("POST", f"{HERE}/resume")["webhook"]["status"]["paused"] == ""
    assert http.ok("DELETE", HERE) == {}
    for method, path in (
        ("DELETE", ""),
        ("GET", ""),
        ("POST", "/pause"),
        ("POST", "/resume"),
        ("POST", "/test"),
    ):
        http.fails(404, method, HERE + path)


def test_bad_input_is_refused(http: Http) -> None:
    for told in (
        {},
        given(""),
        given("https://other.example/x"),
        given("http://127.0.0.1/x?token=1"),
        given("http://u:p@127.0.0.1/x"),
        given("http://127.0.0.1/x", batch_size=0),
        given("http://127.0.0.1/x", timeout_seconds=0),
        given("http://127.0.0.1/x", timeout_seconds=61),
        given("http://127.0.0.1/x", since="soon"),
        given("http://127.0.0.1/x", colour="red"),
    ):
        http.fails(400, "PUT", HERE, told)
    assert "unknown stream 'two'" in http.fails(
        404, "PUT", f"{STREAMS}/two/webhook", given("http://127.0.0.1/x")
    )
    assert "do not let streams be sent" in http.fails(400, "PUT", HERE, given("https://other.example/x"))


def test_it_takes_the_right_to_manage_streams(http: Http, there: Receiver) -> None:
    http.ok("PUT", HERE, given(there.url))
    http.role = "viewer"
    try:
        assert http.ok("GET", HERE)["webhook"]["url"] == there.url
        http.fails(403, "PUT", HERE, given(there.url))
        http.fails(403, "DELETE", HERE)
        for path in ("/pause", "/resume", "/test"):
            http.fails(403, "POST", HERE + path)
    finally:
        http.role = ""
        http.ok("DELETE", HERE)
