"""Serving and stopping: what is refused before anything starts."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.cli.serving import run_server, stop
from workbench.errors import InputError
from workbench.settings import Settings
from workbench.store import Store
from workbench.wire import companion_folder


@pytest.mark.parametrize("further", [0, 1])
def test_a_port_that_is_taken_is_named(tmp_path: Path, further: int) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        with pytest.raises(InputError, match=f"port {port} is taken"):
            run_server(tmp_path / "w.duckdb", settings=Settings(serve_port=port - further))
    assert not (tmp_path / "w.duckdb").exists()


def test_an_unknown_theme_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unknown theme 'pink'") as refused:
        run_server(tmp_path / "w.duckdb", settings=Settings(), theme="pink")
    assert refused.value.next_step == "Use one of: light, dark, auto."


@pytest.mark.parametrize("left", ["nonsense", "999999999", "another process"])
def test_stop_ends_no_process_but_an_owner(
    tmp_path: Path, left: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "w.duckdb"
    Store.open(file).close()
    companion_folder(file).mkdir(parents=True, exist_ok=True)
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        number = str(other.pid) if left == "another process" else left
        (companion_folder(file) / "owner.pid").write_text(number, "ascii")
        stop(file)
        assert capsys.readouterr().out == "no owner runs\n"
        assert other.poll() is None
        os.kill(other.pid, 0)
    finally:
        other.kill()
        other.wait()
