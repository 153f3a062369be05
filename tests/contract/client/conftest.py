"""One server for all tests of the client, in this process for every change and as ``workbench serve`` at night."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.contract.client.generations import NEW, Generation
from tests.contract.client.session import Cli
from tests.contract.conftest import TOKEN, served_over_http, stop_owner
from tests.contract.test_versions import reviewed_dataset, train
from tests.ports import free_port
from workbench.client import connect_http
from workbench.domain import DatasetId, Operations
from workbench.settings import Settings
from workbench.wire import Call, Reply, perform
from workbench.workspace import open_workspace
from workbench.workspace.opening import OpenedWorkspace

SETTINGS = 'encoder = "hash-test"\nfast_encoder = ""\nretrain_after_reviews = 0\nkernel_preheat = 0\n'
BOSS = "boss"


@dataclass
class Server:
    """A server that answers real HTTP.

    Attributes
    ----------
    there
        The same workspace, with every right.
    opened
        The workspace, where it is in this process.
    breaks
        Whether what is asked of the workspace ends in a crash; for one in this process.
    """

    base: str
    token: str
    there: Operations = field(init=False)
    opened: OpenedWorkspace | None = None
    breaks: bool = False
    clis: list[Cli] = field(default_factory=list)
    _names: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def cli(self, generation: Generation = NEW, token: str | None = None) -> Cli:
        """A client of it."""
        self.clis.append(Cli(self.base, self.token if token is None else token, generation))
        return self.clis[-1]

    def fresh(self) -> str:
        """The name of a project of its own."""
        name = f"p{next(self._names)}"
        self.there.create_project(name)
        return name


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give ``server`` its ways."""
    if "server" in metafunc.fixturenames:
        # A model is trained at night alone.
        here = pytest.param("here", marks=[pytest.mark.nightly] if "trained" in metafunc.fixturenames else [])
        ways = [here]
        if "breaking" not in metafunc.fixturenames:
            ways.append(pytest.param("serve", marks=pytest.mark.nightly))
        metafunc.parametrize("server", ways, indirect=True, scope="session")


@pytest.fixture(scope="session")
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, short_runtime: Path
) -> Iterator[Server]:
    how: Callable[[Path], object] = {"here": _here, "serve": _served}[request.param]
    with how(tmp_path_factory.mktemp("client") / "w.duckdb") as found:  # type: ignore[attr-defined]
        yield found


@contextmanager
def _here(file: Path) -> Iterator[Server]:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(file, settings=settings) as opened:
        found = Server(base="", token=TOKEN, opened=opened)
        found.there = opened.operations(BOSS)
        found.there.create_user(BOSS, f"{BOSS}@mail.example")

        def ask(call: Call) -> Reply:
            if found.breaks:
                raise RuntimeError("a secret of the mail")
            return perform(opened.operations(BOSS, call.channel, call.call_id), call)

        with served_over_http(ask) as found.base:
            yield found


@contextmanager
def _served(file: Path) -> Iterator[Server]:
    (file.parent / "workbench.toml").write_text(SETTINGS, "utf-8")
    run = [sys.executable, "-m", "workbench"]
    subprocess.run(
        [*run, "users", "add", str(file), BOSS, "--admin", "--no-password"], check=True, capture_output=True
    )
    told = subprocess.run(
        [*run, "tokens", "add", str(file), BOSS, "tests"], check=True, capture_output=True, text=True
    )
    process, port = _started(file)
    try:
        found = Server(base=f"http://127.0.0.1:{port + 1}", token=_token_in(told.stdout))
        _until_up(found.base)
        found.there = connect_http(found.base, token=found.token)
        yield found
    finally:
        process.terminate()
        process.wait(60)
        assert process.stdout
        process.stdout.close()
        stop_owner(file)


def _started(file: Path, *, tries: int = 3) -> tuple[subprocess.Popen[str], int]:
    """A server that answers, and its port; somebody else may take a port between its choice and its use."""
    for _ in range(tries):
        port = free_port()
        process = subprocess.Popen(
            [sys.executable, "-m", "workbench", "serve", str(file), "--port", str(port)],
            stdout=subprocess.PIPE,
            text=True,
            env=dict(os.environ),
        )
        assert process.stdout
        if any("Press Ctrl-C" in line for line in process.stdout):
            return process, port
        process.stdout.close()
        process.wait(60)
    raise AssertionError("the server does not start")


def _token_in(text: str) -> str:
    return next(word for word in text.split() if word.startswith("wbt_"))


def _until_up(base: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            httpx.get(f"{base}/live", trust_env=False)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("it does not answer")


@pytest.fixture
def cli(server: Server) -> Cli:
    """A client of the newer generation."""
    return server.cli()


@pytest.fixture
def breaking(server: Server) -> Iterator[Server]:
    """One that crashes while ``breaks`` is set: only a server in this process can be made to."""
    yield server
    server.breaks = False


@pytest.fixture(autouse=True)
def _hung_up(request: pytest.FixtureRequest) -> Iterator[None]:
    """No client keeps a connection after its test."""
    yield
    if "server" in request.fixturenames:
        found: Server = request.getfixturevalue("server")
        while found.clis:
            found.clis.pop().client.close()


@pytest.fixture
def project(server: Server) -> str:
    """A project of the test's own."""
    return server.fresh()


@dataclass(frozen=True)
class Trained:
    """The dataset ``demo/support`` with two versions."""

    dataset_id: DatasetId
    name: str = "demo/support"


@pytest.fixture(scope="session")
def trained(server: Server) -> Trained:
    """One for all tests that need a model; whoever changes it puts it back."""
    did = reviewed_dataset(server.there, 60)
    train(server.there, did)
    train(server.there, did)
    return Trained(did)
