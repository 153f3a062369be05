"""A real Voila on loopback, a real Chromium, and a watch for requests that leave the machine."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from workbench.widgets.template import voila_config, voila_environment, write_voila_config

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
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


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder, config = tmp_path_factory.mktemp("apps"), tmp_path_factory.mktemp("config")
    shutil.copy(HERE / "gallery.py", folder / "gallery_page.py")
    for name, text in (
        ("discover", "from gallery_page import gallery\ngallery()"),
        ("monitor", "import gallery_page as g, ipywidgets\nipywidgets.VBox(g.charts())"),
    ):
        cell = nbformat.v4.new_code_cell(text)
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=kernel), folder / f"{name}.ipynb")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    write_voila_config(config, voila_config(port=port, preheat=0))
    environment = voila_environment(config, os.environ)
    environment["PYTHONPATH"] = str(ROOT)
    log = (config / "voila.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "voila", str(folder)], env=environment, stdout=log, stderr=log
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(address, timeout=5).close()
                break
            except OSError:
                assert process.poll() is None, (config / "voila.log").read_text()
                time.sleep(0.1)
        yield address, folder
    finally:
        process.terminate()
        process.wait(20)
        log.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("no chromium: set WORKBENCH_CHROMIUM to its path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Visit:
    """A page with what went wrong on it."""

    def __init__(self, page: Page, address: str, folder: Path) -> None:
        self.page, self.address, self.folder = page, address, folder
        self.outside: list[str] = []
        self.errors: list[str] = []
        page.on("request", self._request)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _said(self, message: object) -> None:
        # Voila's own farewell on leaving a page is refused for want of a token (its kernel is culled instead).
        farewell = "/voila/api/shutdown/" in message.location["url"]  # type: ignore[attr-defined]
        if message.type == "error" and not farewell:  # type: ignore[attr-defined]
            self.errors.append(message.text)  # type: ignore[attr-defined]

    def _request(self, request: object) -> None:
        url = request.url  # type: ignore[attr-defined]
        if urlsplit(url).scheme in ("http", "https", "ws", "wss") and urlsplit(url).hostname != "127.0.0.1":
            self.outside.append(url)

    def open(self, app: str = "discover", query: str = "") -> Page:
        self.page.goto(f"{self.address}/voila/render/{app}.ipynb{query}")
        return self.page

    def events(self, kind: str) -> list[dict[str, object]]:
        lines = (self.folder / "events.jsonl").read_text().splitlines()
        return [one for one in map(json.loads, lines) if one["kind"] == kind]

    def wait_for(self, kind: str, n: int = 1) -> list[dict[str, object]]:
        """Wait until Python has heard n events of a kind."""
        end = time.monotonic() + 30
        while len(found := self.events(kind)) < n:
            assert time.monotonic() < end, f"no {kind} event; browser said {self.errors}"
            self.page.wait_for_timeout(30)
        return found


@pytest.fixture
def visit(served: tuple[str, Path], browser: Browser) -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    context.set_default_timeout(40_000)
    one = Visit(context.new_page(), *served)
    yield one
    context.close()
    assert one.outside == []
    assert one.errors == []
