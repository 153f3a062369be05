"""Watching a server: whether it lives, whether its owner answers, its figures; and limits, queues, owners that are gone."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import httpx
import msgspec
import pytest
from starlette.testclient import TestClient

from tests.contract.conftest import TOKEN
from tests.contract.http.conftest import Http
from workbench.api import Rules, make_app
from workbench.api.pulse import Pulse
from workbench.errors import ConnectionLostError, InputError, SignInError, StoreLockedError, WorkbenchError
from workbench.wire import Call, Reply, encode, failure_of

ME = "/auth/user"
TOKENS = {"Authorization": f"Bearer {TOKEN}"}


@contextmanager
def speaking_to(http: Http, rules: Rules, peer: str = "testclient") -> Iterator[httpx.Client]:
    """The same workspace under other rules, for a caller who comes from somewhere."""
    app = make_app(http.ask, token=TOKEN, rules=rules)
    with TestClient(app, headers=TOKENS, client=(peer, 1)) as client:
        yield client


def test_the_figures_count_what_was_answered(http: Http) -> None:
    http.ok("GET", ME)
    http.ok("GET", ME)
    http.fails(404, "GET", "/api/v1/nothing")
    http.fails(405, "INVENTED", ME)
    answer = http.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    figures = dict(re.findall(r"(?m)^([a-z_]+(?:\{[^}]*\})?) (\S+)$", answer.text))

    def n(**labels: str) -> str:
        named = ",".join(f'{name}="{value}"' for name, value in sorted(labels.items()))
        return figures[f"workbench_http_requests_total{{{named}}}"]

    assert n(route=ME, method="GET", status="200") == "2.0"
    assert n(route="-", method="GET", status="404") == "1.0"
    assert n(route="-", method="other", status="405") == "1.0"
    count = f'workbench_http_request_seconds_count{{method="GET",route="{ME}"}}'
    assert figures[count] == "2.0"
    assert (figures["workbench_http_in_flight"], figures["workbench_owner_up"]) == ("1.0", "1.0")


def test_figures_are_for_who_may_read_the_audit_log(http: Http) -> None:
    http.role = "viewer"
    assert "may not read the figures" in http.fails(403, "GET", "/metrics")
    del http.client.headers["Authorization"]
    assert "the token is missing" in http.fails(401, "GET", "/metrics")


@pytest.mark.parametrize(("peer", "status"), [("127.0.0.1", 200), ("::1", 200), ("10.0.0.1", 401)])
def test_a_setting_opens_the_figures_to_this_machine(http: Http, peer: str, status: int) -> None:
    with speaking_to(http, Rules(metrics_for="loopback"), peer) as client:
        del client.headers["Authorization"]
        assert client.get("/metrics").status_code == status
    with speaking_to(http, Rules(), "127.0.0.1") as client:
        del client.headers["Authorization"]
        assert client.get("/metrics").status_code == 401


def test_a_server_lives_without_its_owner_but_is_not_well() -> None:
    asked = []

    def gone(call: Call) -> Reply:
        asked.append(call)
        raise ConnectionLostError("no owner answered.", next_step="Read owner.log.")

    with TestClient(make_app(gone, token=TOKEN)) as client:
        assert client.get("/live").json() == {"status": "ok"}
        assert not asked
        for _ in range(3):
            answer = client.get("/health")
            assert answer.json() == {
                "status": "error",
                "message": "the owner of the workspace does not answer.",
            }
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert len(asked) == 1
        answer = client.get(ME, headers=TOKENS)
        assert (answer.status_code, answer.json()["message"]) == (503, "no owner answered. Read owner.log.")
        answer = client.get(ME, headers={"Authorization": "Bearer of anna"})
        assert answer.status_code == 503


def test_an_owner_that_keeps_silent_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    go, asked = threading.Event(), []

    def silent(call: Call) -> Reply:
        asked.append(call)
        assert go.wait(30)
        return Reply(answer=encode("here"))

    monkeypatch.setattr("workbench.api.app.Pulse", partial(Pulse, patience_s=0.05))
    with TestClient(make_app(silent, token=TOKEN)) as client:
        assert [client.get("/health").status_code for _ in range(3)] == [503, 503, 503]
        assert len(asked) == 1
        go.set()
        deadline = time.monotonic() + 20
        while client.get("/health").status_code == 503 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert client.get("/health").json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (StoreLockedError("another process holds it."), 503),
        (WorkbenchError("the owner failed: KeyError: 'a secret'."), 500),
        (InputError("no."), 400),
    ],
)
def test_what_the_owner_says_has_its_status(error: WorkbenchError, status: int) -> None:
    def refuse(_call: Call) -> Reply:
        return Reply(failure=failure_of(error))

    with TestClient(make_app(refuse, token=TOKEN)) as client:
        answer = client.get(ME, headers=TOKENS)
    assert (answer.status_code, answer.json()["status"]) == (status, "error")
    assert "secret" not in answer.text


def test_who_asks_too_often_is_told_when_to_come_again(http: Http) -> None:
    with speaking_to(http, Rules(requests_per_minute=2)) as client:
        assert [client.get(ME).status_code for _ in range(2)] == [200, 200]
        answer = client.get(ME)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
        assert answer.json()["message"] == "more than 2 requests in a minute. Send this again in 30 s."
        assert client.post("/rpc/whoami", content=b"").status_code == 429
        assert client.get("/live").status_code == client.get("/health").status_code == 200


def test_tokens_have_limits_of_their_own_and_unknown_ones_share_that_of_their_address(http: Http) -> None:
    def ask(call: Call) -> Reply:
        if call.token.startswith("wrong"):
            return Reply(failure=failure_of(SignInError("nobody's.")))
        return http.ask(msgspec.structs.replace(call, actor=call.token or "me"))

    def asks(client: httpx.Client, token: str) -> int:
        return client.get(ME, headers={"Authorization": f"Bearer {token}"}).status_code

    app = make_app(ask, token=TOKEN, rules=Rules(requests_per_minute=3))
    with TestClient(app) as client:
        assert [asks(client, "ann") for _ in range(4)] == [200, 200, 200, 429]
        assert [asks(client, "bob") for _ in range(3)] == [200, 200, 200]
        # ann and bob were unknown once each.
        assert [asks(client, f"wrong{n}") for n in range(3)] == [401, 429, 429]
        assert asks(client, "bob") == 429


def test_bytes_are_limited_as_well(http: Http) -> None:
    with speaking_to(http, Rules(bytes_per_minute=600)) as client:
        body = {"project": {"title": "x" * 128, "description": "y" * 1_000}}
        assert client.put("/api/_private/projects/acme", json=body).status_code == 200
        answer = client.get(ME)
        assert answer.status_code == 429 and "600 bytes" in answer.json()["message"]
        assert 50 < int(answer.headers["retry-after"]) < 65


@pytest.mark.parametrize("queue", [0, 4])
def test_who_waits_is_answered_in_turn_and_too_many_are_sent_away(queue: int) -> None:
    go, began = threading.Event(), threading.Semaphore(0)

    def slow(_call: Call) -> Reply:
        began.release()
        assert go.wait(30)
        return Reply(failure=failure_of(InputError("done.")))

    with TestClient(make_app(slow, token=TOKEN, rules=Rules(threads=1, queue=queue))) as client:
        statuses: list[int] = []

        def ask() -> None:
            statuses.append(client.get(ME, headers=TOKENS).status_code)

        threads = [threading.Thread(target=ask) for _ in range(1 + queue)]
        for one in threads:
            one.start()
        assert began.acquire(timeout=20)
        if not queue:
            answer = client.get(ME, headers=TOKENS)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
            assert (
                answer.json()["message"] == "1 requests are worked on or wait. Send this again in a moment."
            )
            assert client.get("/live").status_code == 200
        go.set()
        for one in threads:
            one.join(30)
    assert statuses == [400] * (1 + queue)
