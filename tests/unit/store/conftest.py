"""An open store on disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stores import lay_out
from workbench.store import Store


@pytest.fixture
def empty_store(tmp_path: Path) -> Iterator[Store]:
    """A fresh, migrated workspace file."""
    with Store.open(tmp_path / "test.duckdb", n_threads=1) as store:
        yield store


@pytest.fixture
def store(empty_store: Store) -> Store:
    """With a project, two sources, a dataset and four labels."""
    with empty_store.write() as session:
        lay_out(session)
    return empty_store
