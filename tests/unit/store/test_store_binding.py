"""DuckDB looks for pandas at every value that is bound; the look is answered without a search."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from workbench.store import Store, binding

pytestmark = pytest.mark.skipif(find_spec("pandas") is not None, reason="where it is, it is found once")


class Searches(MetaPathFinder):
    """Stands where the search through the folders begins, and counts."""

    def __init__(self) -> None:
        self.n = 0

    def find_spec(self, fullname: str, *_: Any) -> None:
        self.n += fullname == "pandas"


@pytest.fixture
def searches(tmp_path: Path) -> Iterator[Searches]:
    found = Searches()
    with Store.open(tmp_path / "w.duckdb", n_threads=1):
        pass
    sys.meta_path.insert(1, found)  # right behind the one who answers
    yield found
    sys.meta_path.remove(found)


def test_binding_values_searches_nothing(searches: Searches, tmp_path: Path) -> None:
    with Store.open(tmp_path / "w.duckdb", n_threads=1) as store, store.read() as session:
        n_before = searches.n
        assert not session.ledger.holds("a")
        assert not session.messages.get("d" * 16, [f"{i}" for i in range(3)])  # type: ignore[list-item, arg-type]
        assert searches.n == n_before
    assert sum(type(one) is binding._NotThere for one in sys.meta_path) == 1


def test_everybody_else_searches_as_ever(searches: Searches) -> None:
    n_seen: list[int] = []

    def ask() -> None:
        with pytest.raises(ModuleNotFoundError, match="No module named 'pandas'"):
            importlib.import_module("pandas")
        assert find_spec("pandas") is None
        n_seen.append(searches.n)

    ask()
    with binding.binding():
        other = threading.Thread(target=ask)
        other.start()
        other.join()
    ask()
    assert n_seen == [2, 4, 6]
