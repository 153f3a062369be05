"""An open workspace whose time stands still until it is told to go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.people import Time, caller_of
from workbench.settings import Settings
from workbench.workspace.context import Caller, Workspace
from workbench.workspace.opening import open_workspace
from workbench.workspace.people.recognising import Recogniser


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def workspace(tmp_path: Path, time: Time) -> Iterator[Workspace]:
    settings = Settings(
        encoder="hash-test", fast_encoder="", password_memory_kib=8, password_passes=1, n_threads=1
    )
    with open_workspace(tmp_path / "w.duckdb", settings=settings, clock=time) as opened:
        yield opened._workspace


@pytest.fixture
def root(workspace: Workspace) -> Caller:
    """The person whose file it is."""
    return Caller(workspace=workspace, actor="root")


@pytest.fixture
def recogniser(workspace: Workspace, time: Time) -> Recogniser:
    return Recogniser(workspace.store, time, workspace.settings)


@pytest.fixture
def known(workspace: Workspace, recogniser: Recogniser) -> Callable[[str], Caller]:
    """The caller whom a secret stands for."""
    return lambda secret: caller_of(workspace, recogniser, secret)
