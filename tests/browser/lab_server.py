"""A JupyterLab of its own on loopback, with one notebook."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import nbformat

TOKEN = "lab-test"


@contextmanager
def lab_server(folder: Path, cells: Sequence[str], runtime: Path) -> Iterator[str]:
    """Serve a folder with a notebook ``story.ipynb`` of these cells; gives the address."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, folder / "story.ipynb")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (folder / "lab.log").open("wb")
    arguments = ["--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"]
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *arguments, f"--IdentityProvider.token={TOKEN}"],
        cwd=folder,
        stdout=log,
        stderr=log,
        env={
            **os.environ,
            "XDG_RUNTIME_DIR": str(runtime),
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "JUPYTERLAB_SETTINGS_DIR": str(folder / "lab-settings"),
        },
    )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                with urllib.request.urlopen(f"{address}/api?token={TOKEN}", timeout=2):
                    break
            except OSError:
                assert time.monotonic() < deadline, (folder / "lab.log").read_text("utf-8", "replace")
                time.sleep(0.2)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()
