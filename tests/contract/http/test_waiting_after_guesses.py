"""Who comes from where tokens are guessed is told to wait, and how long; not that the token is wrong."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient

from tests.contract.conftest import TOKEN, served_over_http
from tests.people import OTHER, PASSWORD, Time
from workbench.api import make_app
from workbench.cli.main import main
from workbench.client import connect_http
from workbench.errors import SignInError, ThrottledError, WorkbenchError
from workbench.settings import Settings
from workbench.wire import Call, Reply, failure_of, perform
from workbench.workspace import open_workspace
from workbench.workspace.owner.doorkeeper import Doorkeeper, channel_of

ME = "/auth/user"
SMALL = Settings(encoder="hash-test", fast_encoder="", password_memory_kib=8, password_passes=1)


@dataclass
class Guarded:
    """A workspace with ann and her two tokens, of which one was used and one never and long ago."""

    path: Path
    time: Time
    used: str
    unused: str

    @contextmanager
    def owner(self) -> Iterator[Callable[[Call], Reply]]:
        """What an owner answers, from its start to its end."""
        with open_workspace(self.path, settings=SMALL, clock=self.time) as opened:
            keeper = Doorkeeper(opened.accounts, operator_token="of the operator")

            def ask(call: Call) -> Reply:
                try:
                    who = keeper.principal(call, "me")
                    return perform(
                        opened.operations_for(who, channel=channel_of(call), call_id=call.call_id), call
                    )
                except WorkbenchError as error:
                    return Reply(failure=failure_of(error))

            yield ask
            opened.accounts.settle()

    @contextmanager
    def visitor(self, peer: str = "10.0.0.9") -> Iterator[httpx.Client]:
        """An owner and whoever speaks to it over HTTP."""
        with (
            self.owner() as ask,
            TestClient(make_app(ask, token=TOKEN), client=(peer, 9), raise_server_exceptions=False) as client,
        ):
            yield client


@pytest.fixture
def guarded(tmp_path: Path) -> Guarded:
    time = Time()
    with open_workspace(tmp_path / "w.duckdb", settings=SMALL, clock=time) as opened:
        root = opened.operations("root")
        root.create_user("ann", "ann@buyer.example", password=PASSWORD)
        used, unused = (
            root.create_token(title, time.now + timedelta(days=365), user="ann").secret
            for title in ("used", "unused")
        )
    time.pass_by(40 * 86_400)
    return Guarded(tmp_path / "w.duckdb", time, used, unused)


def asked(client: httpx.Client, token: str, path: str = ME) -> httpx.Response:
    return client.get(path, headers={"Authorization": f"Bearer {token}"})


def guess(client: httpx.Client) -> None:
    for n in range(5):
        assert asked(client, f"guess-{n}").status_code == 401


def test_who_has_to_wait_is_told_how_long_and_not_whether_the_token_is_right(guarded: Guarded) -> None:
    with guarded.visitor() as client:
        assert asked(client, guarded.used).status_code == 200
        guess(client)
        answers = [
            asked(client, token, path)
            for token in (guarded.unused, "guess-6")
            for path in (ME, "/metrics", "/api/v1/sources")
        ]
        answers += [
            client.post("/rpc/whoami", content=b"x", headers={"Authorization": f"Bearer {token}"})
            for token in (guarded.unused, "guess-6")
        ]
        assert {(one.status_code, one.headers["retry-after"], one.text) for one in answers} == {
            (429, "5", answers[0].text)
        }
        assert json.loads(answers[0].text) == {
            "status": "error",
            "message": "too many unknown tokens came from 10.0.0.9: for a while none that is new is looked at from "
            "there. Send this again in 5 s; the token may well be right.",
        }
        assert asked(client, guarded.used).status_code == 200
        guarded.time.pass_by(5)
        assert asked(client, guarded.unused).status_code == 200


def test_who_was_known_to_the_owner_before_is_known_to_the_next_one(guarded: Guarded) -> None:
    with guarded.visitor() as client:
        assert asked(client, guarded.used).status_code == 200
    with guarded.visitor() as client:
        guess(client)
        assert asked(client, guarded.unused).status_code == 429
        assert asked(client, guarded.used).status_code == 200


def test_our_own_client_waits_and_gets_in(guarded: Guarded) -> None:
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        guarded.time.pass_by(seconds)

    with guarded.owner() as ask, served_over_http(ask) as address:
        with httpx.Client(base_url=address, trust_env=False) as client:
            guess(client)
        assert connect_http(address, token=guarded.unused, sleep=sleep).whoami() == "ann"
        assert waited == [5]


def test_our_own_client_says_how_long_a_long_wait_is(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with guarded.owner() as ask, served_over_http(ask) as address:
        with httpx.Client(base_url=address, trust_env=False) as client:
            guess(client)
            for wait_s in (5, 10, 20, 40):
                guarded.time.pass_by(wait_s)
                assert asked(client, f"guess-{wait_s}").status_code == 401
        remote = connect_http(address, token=guarded.unused, sleep=lambda _: pytest.fail("slept"))
        with pytest.raises(
            ThrottledError, match="the server asks to wait: too many unknown tokens"
        ) as caught:
            remote.whoami()
        assert caught.value.retry_after_s == 80
        assert "Send this again in 80 s; the token may well be right." in str(caught.value)
        monkeypatch.setenv("WORKBENCH_TOKEN", guarded.unused)
        monkeypatch.setattr(sys, "argv", ["workbench", "whoami", address])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 1
        assert capsys.readouterr().err == (
            "error: the server asks to wait: too many unknown tokens came from 127.0.0.1: for a while none that is new "
            "is looked at from there. Send this again in 80 s; the token may well be right.\n"
            "  next: Try again in 80 s.\n"
        )


def test_a_server_that_says_wait_again_and_again_is_not_said_to_be_away(guarded: Guarded) -> None:
    waited: list[float] = []
    with guarded.owner() as ask, served_over_http(ask) as address:
        with httpx.Client(base_url=address, trust_env=False) as client:
            guess(client)
        with pytest.raises(ThrottledError, match="the server asks to wait"):
            connect_http(address, token="guess-6", sleep=waited.append).whoami()
        assert waited == [5, 5]


def test_a_password_that_is_wrong_is_not_said_to_be_a_wrong_token(guarded: Guarded) -> None:
    with guarded.owner() as ask, served_over_http(ask) as address:
        ann = connect_http(address, token=guarded.used)
        for _ in range(5):
            with pytest.raises(SignInError) as caught:
                ann.sign_in("ann", OTHER)
            assert caught.value.message == "name or password is wrong, or the account is disabled."
        with pytest.raises(SignInError) as caught:
            ann.sign_in("ann", PASSWORD)
        assert caught.value.message == "too many failed tries of a password."
        with pytest.raises(SignInError, match="the server refused the token: the token is not known here"):
            connect_http(address, token="nonsense").whoami()
