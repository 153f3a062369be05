"""The HTTP door by hand: who may come in, what an error looks like, how large a request may be."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import httpx
import pytest
from starlette.testclient import TestClient

from tests.contract.conftest import TOKEN
from workbench.api import bodies, make_app
from workbench.errors import InputError, SignInError
from workbench.wire import Call, Reply, decode, encode, failure_of

AUTHORISED = {"Authorization": f"Bearer {TOKEN}"}


class Owner:
    """Keeps what it was asked; ``wait_events`` waits until it is let go."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.go = threading.Event()

    def __call__(self, call: Call) -> Reply:
        if call.token not in ("operator", "of anna"):
            return Reply(failure=failure_of(SignInError("the token is wrong.", next_step="Use another one.")))
        self.calls.append(call)
        if call.operation == "wait_events":
            assert self.go.wait(30)
        return Reply(answer=encode(call.actor))


@pytest.fixture
def owner() -> Owner:
    return Owner()


@pytest.fixture
def client(owner: Owner) -> Iterator[httpx.Client]:
    with TestClient(make_app(owner, token=TOKEN, operator="operator")) as found:
        yield found
        owner.go.set()


def body(operation: str = "whoami", actor: str = "") -> bytes:
    return encode(Call(operation=operation, arguments=encode({}), actor=actor, call_id="ab"))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": TOKEN},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": "Bearer "},
        {"Cookie": f"token={TOKEN}", "Origin": "https://elsewhere.example", "Host": "elsewhere.example"},
    ],
)
def test_without_the_token_nothing_is_asked(
    client: httpx.Client, owner: Owner, headers: dict[str, str]
) -> None:
    """A page elsewhere, or a name pointed at this address, has no token: a browser never adds it by itself."""
    answer = client.post("/rpc/whoami", content=body(), headers=headers)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert set(answer.json()) == {"status", "message"}
    assert TOKEN not in answer.text
    assert not owner.calls


def test_a_token_of_somebodys_own_is_shown_to_the_owner_and_the_name_they_give_is_not(
    client: httpx.Client, owner: Owner
) -> None:
    headers = {"Authorization": "Bearer of anna"}
    assert client.post("/rpc/whoami", content=body(actor="bob"), headers=headers).status_code == 200
    for call in owner.calls:
        assert call.channel == "http" and call.token == "of anna"
    call = owner.calls[-1]
    assert (call.actor, call.token, call.channel) == ("", "of anna", "http")


def test_other_pages_get_no_leave_to_read(client: httpx.Client) -> None:
    preflight = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    answer = client.options("/rpc/whoami", headers=preflight)
    assert answer.status_code == 405
    assert "access-control-allow-origin" not in answer.headers
    assert client.get("/rpc/whoami", headers=AUTHORISED).status_code == 405
    assert client.get("/health").json() == {"status": "ok"}


def test_the_caller_does_not_choose_who_it_is(client: httpx.Client, owner: Owner) -> None:
    answer = client.post("/rpc/whoami", content=body(actor="the boss"), headers=AUTHORISED)
    assert decode(decode(answer.content, Reply).answer, str) == "http"
    assert (owner.calls[0].actor, owner.calls[0].call_id) == ("http", "ab")


@pytest.mark.parametrize(
    ("path", "content"),
    [("/rpc/whoami", b""), ("/rpc/whoami", b"\xc1"), ("/rpc/whoami", b"{}"), ("/rpc/health", body())],
)
def test_what_cannot_be_read_is_a_failure_like_any_other(
    client: httpx.Client, owner: Owner, path: str, content: bytes
) -> None:
    answer = client.post(path, content=content, headers=AUTHORISED)
    failure = decode(answer.content, Reply).failure
    assert answer.status_code == 200
    assert failure.code == "input"
    assert not owner.calls


def test_a_request_too_large_is_told_so(
    client: httpx.Client, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "MAX_BODY", 1 << 20)
    for size, status in (((1 << 20), 200), ((1 << 20) + 1, 413), (8 << 20, 413)):
        answer = client.post("/rpc/whoami", content=b"x" * size, headers=AUTHORISED)
        assert answer.status_code == status
        assert decode(answer.content, Reply).failure.code == "input"
    assert "1 MiB" in decode(answer.content, Reply).failure.message
    assert not owner.calls


def test_who_waits_for_news_takes_nobodys_place(client: httpx.Client, owner: Owner) -> None:
    def wait() -> None:
        client.post("/rpc/wait_events", content=body("wait_events"), headers=AUTHORISED)

    waiting = [threading.Thread(target=wait) for _ in range(60)]
    for one in waiting:
        one.start()
    while len(owner.calls) < 60:
        time.sleep(0.01)
    answer = client.post("/rpc/whoami", content=body(), headers=AUTHORISED)
    assert answer.status_code == 200
    assert owner.calls[-1].operation == "whoami"
    owner.go.set()
    for one in waiting:
        one.join(30)


def test_a_failure_keeps_its_class(client: httpx.Client) -> None:
    error = InputError("no.", next_step="yes.", details={"a": 1})

    def refuse(_call: Call) -> Reply:
        return Reply(failure=failure_of(error))

    with TestClient(make_app(refuse, token=TOKEN)) as refusing:
        answer = refusing.post("/rpc/whoami", content=body(), headers=AUTHORISED)
    found = decode(answer.content, Reply).failure
    assert (found.code, found.message, found.next_step, found.details) == ("input", "no.", "yes.", {"a": 1})
