"""A served workspace: owner, apps and HTTP door as ``workbench serve`` starts them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.contract.conftest import stop_owner
from tests.ports import free_port
from workbench.client import connect_local
from workbench.domain import Operations
from workbench.settings import Settings

TOML = 'encoder = "hash-test"\nfast_encoder = ""\nretrain_after_reviews = 0\nkernel_preheat = 0\n'

CHROMIUM = os.environ.get("WORKBENCH_CHROMIUM") or shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-component-update",
    "--no-first-run",
]


@dataclass(frozen=True, kw_only=True)
class Served:
    """Where it is, and a way in that is not the browser."""

    address: str
    file: Path
    operations: Operations


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One for all tests: Playwright allows one per process."""
    if not CHROMIUM:
        pytest.skip("no chromium: set WORKBENCH_CHROMIUM to its path")
    expect.set_options(timeout=20_000)  # how soon something shows depends on what else the machine does
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def _no_page_stays_open(request: pytest.FixtureRequest) -> Iterator[None]:
    """The pages of a test end with it: one that is left goes on asking for its server, and takes the next test's time."""
    if "browser" not in request.fixturenames:
        yield
        return
    browser = request.getfixturevalue("browser")
    yield
    for context in browser.contexts:
        context.close()


@pytest.fixture
def serve(short_runtime: Path) -> Iterator[Callable[[Path], Served]]:
    """Start ``workbench serve`` on a workspace file; everything is stopped afterwards."""
    running: list[tuple[subprocess.Popen[bytes], Path]] = []

    def start(file: Path) -> Served:
        (file.parent / "workbench.toml").write_text(TOML, "utf-8")
        port = free_port()
        log = (file.parent / "serve.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", "workbench", "serve", str(file), "--port", str(port)],
            stdout=log,
            stderr=log,
            env={**os.environ, "XDG_RUNTIME_DIR": str(short_runtime)},
        )
        log.close()
        running.append((process, file))
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(address, timeout=2).close()
                break
            except OSError:
                assert process.poll() is None, (file.parent / "serve.log").read_text()
                time.sleep(0.1)
        settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
        return Served(
            address=address, file=file, operations=connect_local(file, actor="test", settings=settings)
        )

    yield start
    for process, file in running:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        finally:
            process.kill()
            process.wait()
        stop_owner(file)
