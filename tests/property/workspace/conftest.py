"""One workspace in this process for the properties of a module."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.domain import Operations
from workbench.settings import Settings
from workbench.workspace.opening import open_workspace


@pytest.fixture(scope="module")
def operations() -> Iterator[Operations]:
    options = Settings(
        encoder="hash-test",
        fast_encoder="",
        retrain_after_reviews=0,
        predict_after_s=-1,
        datasets_per_source=0,
    )
    with (
        tempfile.TemporaryDirectory() as name,
        open_workspace(Path(name) / "w.duckdb", settings=options) as opened,
    ):
        yield opened.operations("tester")
