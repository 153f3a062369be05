"""Fixtures for everybody: nothing leaks from one test to the next, nothing leaves the machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

HERE = Path(__file__).parent
ROOT = HERE.parent

# How long an example takes depends on what else the machine does: speed is for benchmarks.
settings.register_profile("workbench", deadline=None)
settings.load_profile("workbench")


# Files that take longest, and wait most of it, come first: the short ones fill what is left at the end.
SLOW_FIRST = (
    "docs/test_tutorial",
    "notebooks/",
    "browser/",
    "recovery/",
    "connect/",
    "contract/",
    "property/",
)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: servers, browsers and killed processes leave a core idle half of the time."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring slow folders to the front; within a folder the order stays random."""

    def place(item: pytest.Item) -> int:
        path = item.path.relative_to(HERE).as_posix()
        return next((at for at, part in enumerate(SLOW_FIRST) if path.startswith(part)), len(SLOW_FIRST))

    items.sort(key=place)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings come from the test alone, never from the shell that started it."""
    for name in list(os.environ):
        if name.startswith("WORKBENCH_") and name not in {
            "WORKBENCH_REAL_DATA",
            "WORKBENCH_CHROMIUM",
            "WORKBENCH_RENEW_GOLDEN",
            "WORKBENCH_KILLS",
        }:
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def cache_dir() -> Path:
    """Encoder graphs and compiled code: shared by all tests, as on a user's machine."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "workbench"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real data sets; tests that need it are skipped, and say so, where it is absent."""
    folder = Path(os.environ.get("WORKBENCH_REAL_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("real data sets are not at WORKBENCH_REAL_DATA or ../shared/data")
    return folder


@pytest.fixture(scope="session")
def short_runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A runtime folder of this test session, so that sockets never meet those of a user.

    Defined here alone: a fixture that other modules import is made once for each, and the last one would win.
    """
    folder = tmp_path_factory.mktemp("run")
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    yield folder
    if before is None:
        del os.environ["XDG_RUNTIME_DIR"]
    else:
        os.environ["XDG_RUNTIME_DIR"] = before
