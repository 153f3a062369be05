"""One server for all routes: each test makes what it needs under names of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.routes.bench import Bench, served


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory, short_runtime: Path) -> Iterator[Bench]:
    with served(tmp_path_factory.mktemp("routes")) as found:
        yield found
