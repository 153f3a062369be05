"""Owners started by several threads at once are all kept: a forgotten one would stay behind as a zombie."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from workbench.client import launch
from workbench.settings import Settings


def test_no_owner_is_forgotten_when_threads_start_them_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    n_threads = 8
    together = threading.Barrier(n_threads)

    def popen(*_: object, **__: object) -> SimpleNamespace:
        together.wait(10)
        return SimpleNamespace(poll=lambda: None)

    monkeypatch.setattr(launch.subprocess, "Popen", popen)
    kept: list[object] = [SimpleNamespace(poll=lambda: 0), SimpleNamespace(poll=lambda: None)]
    monkeypatch.setattr(launch, "_started", kept)
    named = {"settings": Settings(owner_idle_s=1)}
    threads = [
        threading.Thread(target=launch.start_owner, args=(tmp_path / "w.duckdb",), kwargs=named)
        for _ in range(n_threads)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept) == n_threads + 1, "the one that had left is gone, all others are kept"
