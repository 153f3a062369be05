"""Files of other tools come into a workspace, and go back as they were."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from workbench.door import Workspace
from workbench.ingest.bridges import Argilla, LabelStudio, Prodigy, Spacy, Tool, read_items, write_items
from workbench.settings import Settings
from workbench.workspace import convert_file, open_workspace

FIXTURES = Path(__file__).parents[1] / "ingest/bridges/fixtures"
SETTINGS = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
TOOLS: dict[str, tuple[str, Tool]] = {
    "prodigy": ("prodigy", Prodigy()), "argilla": ("argilla", Argilla()),
    "label-studio": ("label_studio", LabelStudio()), "spacy": ("spacy", Spacy()),
}  # fmt: skip


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with open_workspace(tmp_path_factory.mktemp("bridged") / "w.duckdb", settings=SETTINGS) as opened:
        yield Workspace(opened.operations("tester"), address="w")


@pytest.mark.parametrize(
    "name",
    ["prodigy", *(pytest.param(name, marks=pytest.mark.nightly) for name in TOOLS if name != "prodigy")],
)
def test_in_and_out_again(ws: Workspace, name: str, tmp_path: Path) -> None:
    """All ten fixtures of a tool; only the time that was named and what we know beside is added."""
    folder, tool = TOOLS[name]
    items = [item for path in sorted((FIXTURES / folder).iterdir()) for _, item in read_items(path)]
    theirs, ours, exported, back = (tmp_path / one for one in ("in.json", "c.jsonl", "e.jsonl", "out.json"))
    write_items(theirs, items, as_array=True)
    done = convert_file(
        theirs, ours, source=name, goal="comments", when=datetime(2026, 1, 31, tzinfo=UTC)  # type: ignore[arg-type]
    )  # fmt: skip
    ws.operations.create_source("demo", name)
    ds = ws.create_dataset(f"demo/{name}", sources=[f"demo/{name}"])
    report = ws.import_(ours, source=f"demo/{name}", annotate=f"demo/{name}", progress=False)
    assert (report.n_bad_rows, report.counts.new) == (0, done.n_items == len(items) and len(items))
    ds.export(exported)
    convert_file(exported, back, source="comments", goal=name)  # type: ignore[arg-type]
    got: list[Any] = [tool.keep(item, None) for _, item in read_items(back)]
    expected = [tool.keep(item, None) for item in items]
    assert got == expected
