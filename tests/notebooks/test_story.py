"""The story notebooks run from first to last; the last cell of each asserts what it told."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.contract.conftest import stop_owner

ROOT = Path(__file__).parent.parent.parent
BOOKS = sorted((ROOT / "notebooks").glob("0*.ipynb"))


@pytest.fixture
def folder(tmp_path: Path, short_runtime: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "workbench.toml").write_text(
        'encoder = "hash-test"\nfast_encoder = ""\nretrain_after_reviews = 0\n', "utf-8"
    )
    monkeypatch.setenv("STORY_FOLDER", str(tmp_path))
    yield tmp_path
    stop_owner(tmp_path / "story.duckdb")


@pytest.mark.nightly
@pytest.mark.notebook
@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_story_runs(folder: Path) -> None:
    assert [book.name[:2] for book in BOOKS] == ["01", "02", "03", "04", "05"]
    assert os.environ["STORY_FOLDER"] == str(folder)
    for book in BOOKS:
        notebook = nbformat.read(book, as_version=4)
        NotebookClient(notebook, timeout=900, resources={"metadata": {"path": str(book.parent)}}).execute()


@pytest.mark.parametrize("book", sorted((ROOT / "notebooks").rglob("*.ipynb")), ids=lambda b: b.name)
def test_notebooks_are_committed_without_output(book: Path) -> None:
    notebook = nbformat.read(book, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    if book.parent.name == "apps":
        assert len(notebook.cells) <= 3
