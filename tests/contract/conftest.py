"""One suite, three ways in: in this process, over the owner's socket, and over HTTP to an encrypted file.

Encryption is the owner's affair and HTTP the door's, so one way shows both. All ways for all tests are for the night;
for every change ``DAILY`` goes over HTTP too, and ``test_operations`` by all ways.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from workbench.api import Rules, make_app, make_server
from workbench.client import SocketDoor, connect_http, connect_local
from workbench.domain import Operations, UploadId
from workbench.settings import Settings
from workbench.store import new_key_file
from workbench.wire import Call, Reply, companion_folder

TOKEN = "a-token-for-tests"
DAILY = (
    "test_operations",
    "test_full_messages",
    "test_guide",
    "test_label_sentiment",
    "test_overlap",
    "test_taxonomy",
    "test_zero_shot",
)
"""Modules that go over HTTP for every change; between them they carry each kind of argument and answer."""


@contextmanager
def served_over_http(
    door: SocketDoor | Callable[[Call], Reply], *, rules: Rules | None = None, finish_s: int = 10
) -> Iterator[str]:
    """Serve the HTTP door on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ask = door.ask if isinstance(door, SocketDoor) else door
    app = make_app(ask, token=TOKEN, rules=rules)
    server = make_server(app, host="127.0.0.1", port=port, finish_s=finish_s)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)


def stop_owner(file: Path) -> None:
    """End the owner of a file, when one runs, and wait until the file is free."""
    pid_file = companion_folder(file) / "owner.pid"
    try:
        os.kill(int(pid_file.read_text("ascii")), signal.SIGTERM)
    except (OSError, ValueError):
        return
    deadline = time.monotonic() + 20
    while pid_file.exists() and time.monotonic() < deadline:
        time.sleep(0.02)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give ``operations`` its ways."""
    if "operations" in metafunc.fixturenames and metafunc.definition.parent is not None:
        module = metafunc.module.__name__.rpartition(".")[2]
        always = {"process"} | ({"http"} if module in DAILY else set())
        if module == "test_operations":
            always.add("socket")
        ways = [
            way if way in always else pytest.param(way, marks=pytest.mark.nightly)
            for way in ("process", "socket", "http")
        ]
        metafunc.parametrize("operations", ways, indirect=True)


@pytest.fixture
def operations(request: pytest.FixtureRequest, tmp_path: Path, short_runtime: Path) -> Iterator[Operations]:
    """``Operations`` on an empty workspace, by each way."""
    file = tmp_path / "test.duckdb"
    settings = Settings(encoder="hash-test", fast_encoder="", owner_idle_s=60, retrain_after_reviews=0)
    (tmp_path / "workbench.toml").write_text(
        'encoder = "hash-test"\nfast_encoder = ""\nretrain_after_reviews = 0\n', "utf-8"
    )
    if request.param == "process":
        from workbench.workspace.opening import open_workspace

        with open_workspace(file, settings=settings) as opened:
            yield opened.operations("tester")
        return
    try:
        if request.param == "socket":
            yield connect_local(file, actor="tester", settings=settings)
        else:
            settings = replace(settings, key_file=str(new_key_file(tmp_path / "key")))
            door = SocketDoor(file, settings=settings)
            with served_over_http(door) as address:
                yield connect_http(address, token=TOKEN)
            door.close()
    finally:
        stop_owner(file)


def upload(operations: Operations, content: bytes, name: str = "mail.csv") -> UploadId:
    """Hand in a file of one piece or several."""
    upload_id = UploadId(secrets.token_hex(16))
    operations.begin_upload(upload_id, name, len(content))
    pieces = [content[start : start + (1 << 20)] for start in range(0, len(content), 1 << 20)]
    for index, piece in enumerate(pieces):
        operations.upload_piece(upload_id, index, piece)
    operations.finish_upload(upload_id, len(pieces), hashlib.sha256(content).hexdigest())
    return upload_id


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=60,
        check=False,
    )
