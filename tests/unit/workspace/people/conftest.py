"""A workspace whose time stands still until it is told to go on; nothing runs on it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.people import Time, caller_of
from workbench.settings import Settings
from workbench.store import Store
from workbench.workspace.context import Caller, Workspace
from workbench.workspace.events import EventHub
from workbench.workspace.people.recognising import Recogniser


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace file as a new one is: made once, since migrations cost most of a test here."""
    file = tmp_path_factory.mktemp("people") / "empty.duckdb"
    Store.open(file, n_threads=1).close()
    return file


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def workspace(tmp_path: Path, time: Time, empty_file: Path) -> Iterator[Workspace]:
    settings = Settings(
        encoder="hash-test", fast_encoder="", password_memory_kib=8, password_passes=1, n_threads=1
    )
    file = shutil.copyfile(empty_file, tmp_path / "w.duckdb")
    with Store.open(file, n_threads=1) as store:
        yield Workspace(
            path=file,
            folder=tmp_path,
            store=store,
            settings=settings,
            clock=time,
            events=EventHub(started_ms=0),
            cache_dir=tmp_path,
            opened_at=time(),
        )


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
