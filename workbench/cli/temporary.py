"""Temporary files of what serves an encrypted workspace: in memory, never on the disk."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.settings import Settings
from workbench.workspace import temporary_folder


@contextmanager
def temporary_files(file: Path, settings: Settings) -> Iterator[None]:
    """Let this process and its children keep temporary files of an encrypted workspace in memory."""
    folder = temporary_folder(file, settings)
    if folder is None:
        yield
        return
    before = {name: os.environ.get(name) for name in ("TMPDIR", "XDG_RUNTIME_DIR")}
    # Without a runtime folder the owner's socket lies with temporary files, and must be found where it was.
    os.environ["XDG_RUNTIME_DIR"] = before["XDG_RUNTIME_DIR"] or tempfile.gettempdir()
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = None
        for name, value in before.items():
            del os.environ[name]
            if value is not None:
                os.environ[name] = value
        shutil.rmtree(folder, ignore_errors=True)
