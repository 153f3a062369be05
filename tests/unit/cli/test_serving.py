"""Serving and stopping: what is refused before anything starts."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from workbench.cli import serving
from workbench.cli.serving import run_server, stop
from workbench.errors import InputError
from workbench.settings import Settings
from workbench.store import Key, Store
from workbench.wire import companion_folder, socket_path
from workbench.workspace import temporary_folder


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


def test_temporary_files_of_an_encrypted_workspace_lie_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an app packs for a download, or a door keeps of an upload, would else lie on the disk."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    sealed, plain = tmp_path / "sealed.duckdb", tmp_path / "plain.duckdb"
    Store.open(sealed, n_threads=1, key=Key(b"k" * 32)).close()
    Store.open(plain, n_threads=1).close()
    settings = Settings()
    listens = socket_path(sealed)
    with serving.temporary_files(sealed, settings):
        assert socket_path(sealed) == listens
        folder = Path(os.environ["TMPDIR"])
        assert folder.is_relative_to(settings.memory_folder)
        assert folder.stat().st_mode & 0o077 == 0
        with tempfile.TemporaryDirectory() as made:
            assert Path(made).parent == folder
        (folder / "left").touch()
        told = subprocess.run(
            [sys.executable, "-c", "import tempfile; print(tempfile.gettempdir())"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        assert told.strip() == str(folder)
    assert os.environ["TMPDIR"] == tempfile.gettempdir() == str(tmp_path)
    assert "XDG_RUNTIME_DIR" not in os.environ
    assert not folder.exists()
    with serving.temporary_files(plain, settings):
        assert os.environ["TMPDIR"] == str(tmp_path)
    left = temporary_folder(sealed, settings)
    assert left is not None
    (left / "of a server that was killed").touch()
    again = temporary_folder(sealed, settings)
    assert again == left
    assert list(left.iterdir()) == []
    shutil.rmtree(left)
