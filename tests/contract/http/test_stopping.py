"""The server stops: requests in progress are finished, new ones refused, who only waits is let go, and nobody is waited for forever."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.contract.conftest import TOKEN, served_over_http, stop_owner
from workbench.client import SocketDoor, connect_http
from workbench.errors import ConnectionLostError
from workbench.settings import Settings
from workbench.wire import Call, Reply, companion_folder, encode

TOKENS = {"Authorization": f"Bearer {TOKEN}"}
SERVER = """
import signal, sys, threading, time
from pathlib import Path
from workbench.api import make_app, make_server
from workbench.wire import Reply, encode

def ask(call):
    (Path(sys.argv[2]) / call.operation).touch()
    time.sleep(60 if call.operation == "wait_events" else 1.5)
    return Reply(answer=encode("me"))

server = make_server(make_app(ask, token="a-token-for-tests"), host="127.0.0.1", port=int(sys.argv[1]), finish_s=5)
thread = threading.Thread(target=server.run, daemon=True)
thread.start()
def stop(*_):
    server.should_exit = True
signal.signal(signal.SIGTERM, stop)
while thread.is_alive():
    thread.join(0.05)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def up(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None
        try:
            httpx.get(f"{address}/live", trust_env=False)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("it does not answer")


def call(operation: str = "whoami") -> bytes:
    return encode(Call(operation=operation, arguments=encode({}), call_id="ab"))


def test_what_is_in_progress_is_finished_and_what_is_new_refused(tmp_path: Path) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(port), str(tmp_path)])
    try:
        up(address, process)
        answers: list[httpx.Response] = []

        def ask(operation: str) -> None:
            url = f"{address}/rpc/{operation}"
            with httpx.Client(headers=TOKENS, trust_env=False, timeout=60) as client:
                answers.append(client.post(url, content=call(operation)))

        threads = [threading.Thread(target=ask, args=(one,)) for one in ("wait_events", "whoami")]
        for one in threads:
            one.start()
        while len(list(tmp_path.iterdir())) < len(threads):
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        threads[0].join(20)
        (waited,) = answers
        assert (waited.status_code, waited.headers["retry-after"]) == (503, "1")
        assert waited.json()["message"] == "the server stops. Ask again in a moment."
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{address}/live", trust_env=False)
        threads[1].join(20)
        assert [one.status_code for one in answers] == [503, 200]
    finally:
        process.kill()
        process.wait()


def test_a_client_waits_as_long_as_a_server_asks_it_to() -> None:
    waits: list[float] = []

    def ask(_call: Call) -> Reply:
        if len(waits) < 2:
            raise ConnectionLostError("busy.", details={"retry_after_s": 7})
        return Reply(answer=encode("me"))

    with served_over_http(ask) as address:
        remote = connect_http(address, token="of anna", sleep=waits.append)
        assert remote.whoami() == "me"
        assert waits == [7.0, 7.0]


def test_a_client_gives_up_on_a_server_that_never_takes_a_call() -> None:
    def ask(_call: Call) -> Reply:
        raise ConnectionLostError("busy.")

    with served_over_http(ask) as address:
        remote = connect_http(address, token="of anna", sleep=lambda _: None)
        with pytest.raises(ConnectionLostError, match=r"does not take the call \(503: busy\.\)"):
            remote.whoami()


@pytest.fixture
def door(tmp_path: Path, short_runtime: Path) -> Iterator[SocketDoor]:
    file = tmp_path / "w.duckdb"
    (tmp_path / "workbench.toml").write_text('encoder = "hash-test"\nfast_encoder = ""\n', "utf-8")
    found = SocketDoor(file, settings=Settings(owner_idle_s=60))
    try:
        yield found
    finally:
        found.close()
        stop_owner(file)


def test_an_owner_that_died_is_there_again_for_the_next_request(door: SocketDoor) -> None:
    with (
        served_over_http(door) as address,
        httpx.Client(base_url=address, headers=TOKENS, trust_env=False, timeout=60) as client,
    ):
        body = {"project": {"title": "Acme"}}
        assert client.put("/api/_private/projects/acme", json=body).status_code == 200
        pid_file = companion_folder(door.workspace) / "owner.pid"
        pid = int(pid_file.read_text("ascii"))
        os.kill(pid, signal.SIGKILL)
        assert client.put("/api/_private/projects/acme", json=body).status_code == 200
        assert int(pid_file.read_text("ascii")) != pid
        assert client.get("/health").json() == {"status": "ok"}


def test_a_door_that_is_ended_breaks_off_its_calls_and_takes_no_more(door: SocketDoor) -> None:
    raised: list[str] = []

    def wait() -> None:
        try:
            door.ask(Call(operation="wait_events", arguments=encode({"after": 0, "timeout_s": 30.0})))
        except ConnectionLostError as error:
            raised.append(str(error))

    door.ask(Call(operation="whoami", arguments=encode({})))
    thread = threading.Thread(target=wait)
    thread.start()
    deadline = time.monotonic() + 20
    while not door._busy and time.monotonic() < deadline:
        time.sleep(0.01)
    door.end()
    thread.join(20)
    with pytest.raises(ConnectionLostError, match="'whoami' was not answered: this process ends") as refused:
        door.ask(Call(operation="whoami", arguments=encode({})))
    assert refused.value.next_step == "Ask again elsewhere."
    assert raised == ["'wait_events' was not answered: this process ends. Ask again elsewhere."]


@pytest.mark.nightly
@pytest.mark.slow
def test_the_served_workspace_ends_with_status_0_and_leaves_a_log(
    tmp_path: Path, short_runtime: Path
) -> None:
    file, port = tmp_path / "w.duckdb", free_port()
    toml = 'encoder = "hash-test"\nfast_encoder = ""\nkernel_preheat = 0\n'
    (tmp_path / "workbench.toml").write_text(toml, "utf-8")
    command = [sys.executable, "-m", "workbench", "serve", str(file), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        with process.stdout as told:
            assert any("Press Ctrl-C" in line for line in told)
        token = (companion_folder(file) / "token").read_text("ascii")
        address, headers = f"http://127.0.0.1:{port + 1}", {"Authorization": f"Bearer {token}"}
        answer = httpx.get(f"{address}/auth/user", headers=headers, trust_env=False, timeout=60)
        assert answer.json()["user"]["username"] == "http"

        def wait() -> None:
            url = f"{address}/rpc/wait_events"
            with contextlib.suppress(httpx.TransportError):
                httpx.post(url, headers=headers, content=call("wait_events"), trust_env=False, timeout=60)

        waiting = threading.Thread(target=wait)
        waiting.start()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        waiting.join(30)
    finally:
        process.kill()
        process.wait()
        stop_owner(file)
    log = companion_folder(file) / "serve" / "http.log"
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    assert [one["route"] for one in lines][:1] == ["/auth/user"]
    assert token not in log.read_text("utf-8")
