"""One request to a target: its signature, where it may go, and what is said of a failure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ssl
import threading
import time
from pathlib import Path

import pytest

from tests.connect.certificates import make_certificate
from tests.receivers import Receiver, receiving
from workbench.connect import Push, PushTarget, allows, is_public, new_secret, signature

PRIVATE = (
    "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%eth0",
    "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "2002:7f00:1::",
    "2002:a00:1::1", "64:ff9b::a00:1", "64:ff9b::7f00:1", "::127.0.0.1", "2001:db8::1",
    "2001:0:0:0:0:0:f5ff:fffe",
)  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_are_not_public_are_seen(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "1.1.1.1", "2606:2800:21f:cb07::1", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_public_addresses_are_too(address: str) -> None:
    assert is_public(address)


def test_hosts_are_allowed_by_name_or_below_one() -> None:
    listed = " Hooks.example.org, *.shop.example ,,"
    for host, allowed in (
        ("hooks.example.org", True), ("HOOKS.example.org", True), ("a.shop.example", True), ("b.a.shop.example", True),
        ("shop.example", False), ("badshop.example", False), ("example.org", False), ("", False), ("*", False),
    ):  # fmt: skip
        assert allows(listed, host) is allowed, host
    assert not allows("", "hooks.example.org") and not allows("*", "a.example")


def test_the_signature_is_that_of_the_scheme() -> None:
    # Computed by hand after the published scheme: the key is what stands behind the prefix, in Base64.
    secret = new_secret()
    key = base64.b64decode(secret[len("whsec_") :])
    digest = hmac.new(key, b'evt_1.1700000000.{"a":1}', hashlib.sha256).digest()
    assert len(key) == 32 and new_secret() != secret
    assert signature(secret, "evt_1", 1_700_000_000, b'{"a":1}') == "v1," + base64.b64encode(digest).decode()


def push(url: str, *, timeout_s: float = 5.0, inner: bool = True) -> Push:
    return Push(PushTarget(url=url, timeout_s=timeout_s, inner=inner))


def test_a_request_is_signed_and_its_answer_read_no_further_than_its_status() -> None:
    secret = new_secret()
    with receiving(Receiver()) as there:
        assert push(there.url).send(secret, "evt_1", b"{}", now=1_700_000_000.9).ok
        (taken,) = there.requests
        assert (taken.path, taken.body) == ("/hook", b"{}")
        assert taken.headers["webhook-id"] == "evt_1" and taken.headers["webhook-timestamp"] == "1700000000"
        assert taken.headers["webhook-signature"] == signature(secret, "evt_1", 1_700_000_000, b"{}")
        assert taken.headers["host"] == f"127.0.0.1:{there.port}"
        for status in (302, 307, 404, 500):
            there.answer = lambda _, status=status: status  # type: ignore[misc]
            said = push(there.url).send(secret, "evt_1", b"{}", now=1.0)
            assert said.status == status and f"answers with status {status}" in said.error
            assert "secret" not in said.error
            assert ("redirects are not followed" in said.error) == (status < 400)
        assert all(one.path == "/hook" for one in there.requests)
        there.retry_after, there.answer = "7", lambda _: 503
        assert push(there.url).send(secret, "evt_1", b"{}", now=1.0).retry_after_s == 7
        there.answer = lambda _: None
        said = push(there.url).send(secret, "evt_1", b"{}", now=1.0)
        assert said.status is None and said.error
        port = there.port
    said = push(f"http://127.0.0.1:{port}/hook").send(secret, "evt_1", b"{}", now=1.0)
    assert "cannot be reached" in said.error


def test_a_target_that_keeps_silent_is_given_up_in_time_and_one_can_be_broken_off() -> None:
    secret, late = new_secret(), threading.Event()
    with receiving(Receiver(answer=lambda _: 204 + 0 * late.wait(20))) as there:
        said = push(there.url, timeout_s=0.2).send(secret, "evt_1", b"{}", now=1.0)
        assert "no answer in time" in said.error
        one = push(there.url, timeout_s=20)
        threading.Thread(target=lambda: (_until(lambda: len(there.requests) == 2), one.abort())).start()
        assert "the workbench stopped" in one.send(secret, "evt_1", b"{}", now=1.0).error
        late.set()


def test_no_address_is_gone_to_that_is_not_public_whatever_the_name_says_the_second_time() -> None:
    asked: list[str] = []

    def changing(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["1.1.1.1", "10.0.0.1"] if len(asked) == 1 else ["127.0.0.1"]

    with receiving(Receiver()) as there:
        url = f"http://rebound.example:{there.port}/hook"
        for _ in range(2):
            said = Push(PushTarget(url=url, timeout_s=5), resolved=changing).send(
                "whsec_AAAA", "e", b"{}", now=1.0
            )
            assert "is not public" in said.error and said.status is None
        assert there.requests == [] and len(asked) == 2
        inner = Push(PushTarget(url=url, timeout_s=5, inner=True), resolved=changing)
        assert inner.send("whsec_AAAA", "e", b"{}", now=1.0).ok
        assert there.requests[0].headers["host"] == f"rebound.example:{there.port}"
    for url in ("http://localhost:1/", "http://127.0.0.1:1/", "http://[::1]:1/", "http://2130706433:1/"):
        assert "is not public" in push(url, inner=False).send("whsec_AAAA", "e", b"{}", now=1.0).error


def _until(done: object, limit_s: float = 20) -> None:
    ends = time.monotonic() + limit_s
    while not done() and time.monotonic() < ends:  # type: ignore[operator]
        time.sleep(0.01)


@pytest.mark.nightly
def test_over_tls_the_certificate_must_be_that_of_the_host(tmp_path: Path) -> None:
    make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")
    with receiving(Receiver(), context=context) as there:
        ca_file = str(tmp_path / "server.pem")
        for host, believed, words in (
            ("localhost", ca_file, ""),
            ("localhost", "", "certificate of localhost"),
            ("hooks.example.org", ca_file, "certificate of hooks.example.org"),
        ):
            target = PushTarget(
                url=f"https://{host}:{there.port}/hook", timeout_s=10, inner=True, ca_file=believed
            )
            said = Push(target, resolved=lambda *_: ["127.0.0.1"]).send("whsec_AAAA", "e", b"{}", now=1.0)
            assert (said.error == "") if not words else words in said.error, said
        assert len(there.requests) == 1
