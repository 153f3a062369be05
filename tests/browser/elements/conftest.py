"""A real Voila on loopback, a real Chromium, and a watch for requests that leave the machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser

from tests.browser.visits import Visit
from workbench.widgets.template import voila_config, voila_environment, write_voila_config

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder, config = tmp_path_factory.mktemp("apps"), tmp_path_factory.mktemp("config")
    shutil.copy(HERE / "gallery.py", folder / "gallery_page.py")
    for name, text in (
        ("discover", "from gallery_page import gallery\ngallery()"),
        ("monitor", "import gallery_page as g, ipywidgets\nipywidgets.VBox(g.charts())"),
        ("annotate", "from gallery_page import taxonomy\ntaxonomy()"),
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


@pytest.fixture
def visit(served: tuple[str, Path], browser: Browser) -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    context.set_default_timeout(40_000)
    one = Visit(context.new_page(), *served)
    yield one
    context.close()
    assert one.outside == []
    assert one.errors == []
