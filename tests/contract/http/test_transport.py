"""What a request meets before any route does, over real HTTP: envelopes, tokens, spellings, packing, ids, clocks."""

from __future__ import annotations

import gzip
import json
import logging
import re
import socket
import time
import zlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest

from tests.contract.conftest import TOKEN, served_over_http
from workbench.api import app as application
from workbench.api import bodies
from workbench.api.endpoint import Asked, Endpoint, Nothing
from workbench.api.envelope import Ok
from workbench.settings import Settings
from workbench.wire import Call, Reply, perform
from workbench.workspace import open_workspace

ME = "/auth/user"


class Told(Ok, kw_only=True):
    """What an endpoint of these tests was given."""

    path: dict[str, str]
    text: str = ""


def _tell(asked: Asked) -> Told:
    return Told(path=dict(asked.path), text="x" * int(asked.path.get("n", "0")))


def _break(_asked: Asked) -> Ok:
    raise RuntimeError("a secret of the mail")


EXTRA = (
    Endpoint(method="GET", path="/test/{source}/comments/{id}", summary="-", handle=_tell, reply=Told,
             names={"id": "^.+$"}),
    Endpoint(method="GET", path="/test/long/{n}", summary="-", handle=_tell, reply=Told, names={"n": "^.+$"}),
    Endpoint(method="POST", path="/test/empty", summary="-", handle=lambda _: Ok(), body=Nothing),
    Endpoint(method="GET", path="/test/broken", summary="-", handle=_break),
)  # fmt: skip


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real server, whose owner is in this process."""
    file = tmp_path_factory.mktemp("transport") / "w.duckdb"
    with (
        open_workspace(file, settings=Settings(encoder="hash-test", fast_encoder="")) as opened,
        pytest.MonkeyPatch.context() as patch,
    ):

        def ask(call: Call) -> Reply:
            return perform(opened.operations(call.actor or call.token, call.channel, call.call_id), call)

        patch.setattr(application.make_app, "__kwdefaults__", _with_extra())
        with served_over_http(ask) as found:
            yield found


def _with_extra() -> dict[str, Any]:
    known = dict(application.make_app.__kwdefaults__ or {})
    return {**known, "endpoints": (*application.ENDPOINTS, *EXTRA)}


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=60) as found:
        yield found


def fails(answer: httpx.Response, status: int) -> str:
    """The message of a failure in the envelope."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    told = answer.json()
    assert set(told) == {"status", "message"} and told["status"] == "error"
    return str(told["message"])


def raw(address: str, sent: bytes, until: bytes = b"") -> tuple[int, dict[str, str], bytes]:
    """Bytes as they are to a server, and its one answer, read to its end or to some last bytes."""
    to = urlsplit(address)
    with socket.create_connection((to.hostname, to.port), timeout=30) as peer:
        peer.sendall(sent)
        got = b""
        while piece := peer.recv(1 << 16):
            got += piece
            if until and got.endswith(until):
                break
    head, _, body = got.partition(b"\r\n\r\n")
    first, *lines = head.decode("ascii").split("\r\n")
    return int(first.split()[1]), {k.lower(): v for k, v in (one.split(": ", 1) for one in lines)}, body


AUTHORISED = f"Authorization: Bearer {TOKEN}\r\nHost: here\r\nConnection: close\r\n".encode()


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/api/v1/nothing", 404, "404 Not Found"),
        ("GET", "/", 404, "404 Not Found"),
        ("OPTIONS", "*", 404, "404 Not Found"),
        ("PATCH", ME, 405, "405 Method Not Allowed"),
        ("OPTIONS", ME, 405, "405 Method Not Allowed"),
        ("INVENTED", ME, 405, "405 Method Not Allowed"),
        ("GET", f"{ME}?x=1", 400, "unknown field `x`"),
        ("GET", "/api/v1/audit_events/%FF", 400, "not UTF-8"),
        ("GET", "/test/broken", 500, "the server failed. This is a defect"),
    ],
)
def test_every_refusal_comes_in_the_envelope(
    address: str, method: str, path: str, status: int, words: str
) -> None:
    got, headers, body = raw(address, f"{method} {path} HTTP/1.1\r\n".encode() + AUTHORISED + b"\r\n")
    told = json.loads(body)
    assert (got, set(told), told["status"]) == (status, {"status", "message"}, "error")
    assert words in told["message"] and "secret" not in told["message"]
    assert (headers["content-type"], headers["x-request-id"] != "") == ("application/json", True)
    assert ("allow" in headers) == (status == 405)


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /a b HTTP/1.1\r\nHost: here\r\n\r\n",
        b"GET /\xc3\xa4 HTTP/1.1\r\nHost: here\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: here\r\nContent-Length: many\r\n\r\n",
    ],
)
def test_what_is_no_request_is_told_so_in_the_envelope(address: str, sent: bytes) -> None:
    status, headers, body = raw(address, sent)
    assert (status, headers["content-type"], headers["connection"]) == (400, "application/json", "close")
    assert json.loads(body)["status"] == "error"


def test_an_invalid_body_is_told_so(client: httpx.Client) -> None:
    assert "no JSON" in fails(client.post("/test/empty", content=b"{"), 400)
    assert "unknown field `x`" in fails(client.post("/test/empty", json={"x": 1}), 400)
    assert client.post("/test/empty", json={}).json() == {"status": "ok"}


def test_the_head_of_an_answer_has_no_body(address: str) -> None:
    for path, status in ((ME, 200), ("/api/v1/nothing", 404)):
        got, headers, body = raw(address, f"HEAD {path} HTTP/1.1\r\n".encode() + AUTHORISED + b"\r\n")
        assert (got, body) == (status, b"") and int(headers["content-length"]) > 0


def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_sent(address: str) -> None:
    head = f"POST /test/empty HTTP/1.1\r\nContent-Length: {bodies.MAX_BODY + 1}\r\n".encode()
    for more in (b"Expect: 100-continue\r\n", b""):
        status, _, body = raw(address, head + more + AUTHORISED + b"\r\n", until=b"}")
        assert status == 413 and "64 MiB" in json.loads(body)["message"]


def test_a_body_that_turns_out_too_large_is_refused_and_the_connection_goes_on(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "MAX_BODY", 1 << 20)

    def pieces() -> Iterator[bytes]:
        for _ in range(64):
            yield b" " * (1 << 17)

    assert "1 MiB" in fails(client.post("/test/empty", content=pieces()), 413)
    assert "1 MiB" in fails(client.post("/test/empty", content=b" " * (8 << 20)), 413)
    assert client.get(ME).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic abc"},
        {"Authorization": TOKEN},
        {"X-Auth-Token": ""},
        {"Authorization": "Bearer ", "X-Auth-Token": TOKEN},
    ],
)
def test_without_a_token_nobody_is_recognised(address: str, headers: dict[str, str]) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    sent = f"GET {ME} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n{lines}\r\n"
    status, told, body = raw(address, sent.encode())
    assert (status, told["www-authenticate"]) == (401, "Bearer")
    assert "the token is missing" in json.loads(body)["message"]


def test_the_older_header_for_the_token_is_as_good(address: str) -> None:
    answer = httpx.get(f"{address}{ME}", headers={"X-Auth-Token": TOKEN}, trust_env=False)
    assert answer.json()["user"]["username"] == "http"


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("/test/acme%2Fmail/comments/a%25b", {"owner": "acme", "source": "mail", "id": "a%b"}),
        ("/test/acme/mail/comments/a%252Fb", {"owner": "acme", "source": "mail", "id": "a%2Fb"}),
        ("/test/id:18ba5ce699f8da1f/comments/%C3%A4", {"source_id": "18ba5ce699f8da1f", "id": "ä"}),
        ("/o/t/reinfer_/test/acme%2Fmail/comments/1/", {"owner": "acme", "source": "mail", "id": "1"}),
        ("/o/t/reinfer_/test/acme/mail/comments/1%2F", {"owner": "acme", "source": "mail", "id": "1"}),
    ],
)
def test_an_address_is_decoded_exactly_once(address: str, sent: str, meant: dict[str, str]) -> None:
    status, _, body = raw(address, f"GET {sent} HTTP/1.1\r\n".encode() + AUTHORISED + b"\r\n")
    assert (status, json.loads(body)["path"]) == (200, meant)


@pytest.mark.parametrize(("n", "packed"), [(10, False), (5_000, True), (500_000, True)])
def test_answers_are_packed_for_who_takes_them_so(client: httpx.Client, n: int, packed: bool) -> None:
    answer = client.get(f"/test/long/{n}", headers={"Accept-Encoding": "gzip"})
    assert (answer.headers.get("content-encoding") == "gzip", len(answer.json()["text"])) == (packed, n)
    plain = client.get(f"/test/long/{n}", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers and plain.json() == answer.json()


def test_packed_bodies_are_taken(client: httpx.Client) -> None:
    packed = {"Content-Encoding": "gzip"}
    for body in (gzip.compress(b"{}"), gzip.compress(b"{") + gzip.compress(b"}")):
        answer = client.post("/test/empty", content=body, headers=packed)
        assert answer.json() == {"status": "ok"}
    for body in (b"{}", gzip.compress(b"{}")[:-4], gzip.compress(b"") * 17):
        assert "no gzip" in fails(client.post("/test/empty", content=body, headers=packed), 400)
    answer = client.post("/test/empty", content=b"{}", headers={"Content-Encoding": "br"})
    assert "'br'" in fails(answer, 415)


def test_a_small_body_that_unpacks_to_a_huge_one_is_refused(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "MAX_BODY", 1 << 20)
    bomb = gzip.compress(b" " * (64 << 20))
    assert len(bomb) < 1 << 17
    made: list[int] = []
    real = zlib.decompressobj

    class Watched:
        def __init__(self, *args: int) -> None:
            self._real = real(*args)

        def decompress(self, data: bytes, most: int) -> bytes:
            out = self._real.decompress(data, most)
            made.append(len(out))
            return out

        def __getattr__(self, name: str) -> Any:
            return getattr(self._real, name)

    monkeypatch.setattr(bodies.zlib, "decompressobj", Watched)
    answer = client.post("/test/empty", content=bomb, headers={"Content-Encoding": "gzip"})
    assert "1 MiB" in fails(answer, 413)
    assert made == [(1 << 20) + 1]


def test_every_answer_tells_its_time_and_its_name(
    client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="workbench.api.passage"):
        named = client.get(f"{ME}?x=private", headers={"X-Request-Id": "job-7.a"})
        other = client.get("/test/acme/mail/comments/private", headers={"X-Request-Id": "a b\tc" * 20})
        none = client.get("/nowhere/private", headers={"Authorization": "Bearer private"})
        _until(lambda: len(caplog.records) == 3)
    assert named.headers["x-request-id"] == "job-7.a"
    assert re.fullmatch(r"[\w-]{8,64}", other.headers["x-request-id"])
    for answer in (named, other, none):
        assert re.fullmatch(r"total;dur=\d+\.\d", answer.headers["server-timing"])
    seen = [one.seen for one in caplog.records]  # type: ignore[attr-defined]
    assert [(one["route"], one["status"], one["actor"]) for one in seen] == [
        (ME, 400, "http"),
        ("/test/{source}/comments/{id}", 200, "http"),
        ("-", 404, ""),
    ]
    assert [one["request"] for one in seen] == [
        answer.headers["x-request-id"] for answer in (named, other, none)
    ]
    assert "private" not in str(seen) and TOKEN not in str(seen)
    assert all(one["ms"] > 0 for one in seen)


def test_a_token_is_named_in_the_log_by_whose_it_is(
    client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="workbench.api.passage"):
        client.get(ME, headers={"Authorization": "Bearer ann"})
        _until(lambda: caplog.records)
    (record,) = caplog.records
    assert record.seen["actor"] == "ann"  # type: ignore[attr-defined]


def _until(true: Any) -> None:
    deadline = time.monotonic() + 20
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)


def test_the_document_is_json_that_describes_itself(client: httpx.Client) -> None:
    found = msgspec.json.decode(client.get("/openapi.json", headers={"Authorization": ""}).content)
    answers = found["paths"]["/auth/user"]["get"]["responses"]
    assert {"200", "400", "401", "403", "404", "413", "415", "429", "500", "503"} <= set(answers)
    assert [code for code, told in answers.items() if "Retry-After" in told.get("headers", {})] == [
        "429",
        "503",
    ]
    assert "too many unknown tokens came from the address" in answers["429"]["description"]
