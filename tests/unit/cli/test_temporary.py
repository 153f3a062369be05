"""Temporary files of an encrypted workspace that is served."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from workbench.cli.temporary import temporary_files
from workbench.settings import Settings
from workbench.store import Key, Store
from workbench.wire import socket_path
from workbench.workspace import temporary_folder


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
    with temporary_files(sealed, settings):
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
    with temporary_files(plain, settings):
        assert os.environ["TMPDIR"] == str(tmp_path)
    left = temporary_folder(sealed, settings)
    assert left is not None
    (left / "of a server that was killed").touch()
    again = temporary_folder(sealed, settings)
    assert again == left
    assert list(left.iterdir()) == []
    shutil.rmtree(left)
