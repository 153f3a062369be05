"""An open store on disk: copied from a template, since migrating a fresh file is most of a test's time."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stores import lay_out
from workbench.store import Store


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``empty.duckdb``, migrated, and ``laid_out.duckdb``, with a dataset and labels."""
    folder = tmp_path_factory.mktemp("templates")
    with Store.open(folder / "empty.duckdb", n_threads=1):
        pass
    shutil.copyfile(folder / "empty.duckdb", folder / "laid_out.duckdb")
    with Store.open(folder / "laid_out.duckdb", n_threads=1) as made, made.write() as session:
        lay_out(session)
    return folder


@pytest.fixture
def empty_store(templates: Path, tmp_path: Path) -> Iterator[Store]:
    """A migrated workspace file without content."""
    shutil.copyfile(templates / "empty.duckdb", tmp_path / "test.duckdb")
    with Store.open(tmp_path / "test.duckdb", n_threads=1) as opened:
        yield opened


@pytest.fixture
def store(templates: Path, tmp_path: Path) -> Iterator[Store]:
    """With a project, two sources, a dataset and four labels."""
    shutil.copyfile(templates / "laid_out.duckdb", tmp_path / "test.duckdb")
    with Store.open(tmp_path / "test.duckdb", n_threads=1) as opened:
        yield opened
