"""Sentiments of labels through files and changes of the taxonomy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from workbench.door import Dataset, Workspace
from workbench.errors import FileFormatError
from workbench.settings import Settings
from workbench.workspace import open_workspace

ROWS = "id,time,text\n1,2026-03-04,the driver came late and was kind\n2,2026-03-05,rude driver\n3,2026-03-06,so so\n"
SETTINGS = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
WORDS = {"Delivery": "negative", "Delivery > Late": "negative", "Staff": "positive"}


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("felt")
    (folder / "m.csv").write_text(ROWS, "utf-8")
    with open_workspace(folder / "w.duckdb", settings=SETTINGS) as opened:
        ws = Workspace(opened.operations("tester"), address="w")
        ws.import_(folder / "m.csv", source="demo/mail", progress=False)
        made = ws.create_dataset("demo/felt", sources=["demo/mail"], has_sentiment=True)
        first, second, _ = made.messages()["uid"]
        made.annotate(first, sentiments={"Delivery > Late": "negative", "Staff": "positive"}, create=True)
        made.annotate(second, sentiments={"Staff": "negative"})
        yield ws


def said(ds: Dataset) -> list[dict[str, str]]:
    names = {label.label_id: label.name for label in ds.operations.labels(ds.dataset_id)}
    found = ds.operations.get_messages(ds.dataset_id, tuple(ds.messages()["uid"]))
    return [{names[one]: str(word) for one, word in message.sentiments.items()} for message in found]


def test_there_and_back_in_a_file(ws: Workspace, tmp_path: Path) -> None:
    ds = ws.dataset("demo/felt")
    lines = [json.loads(line) for line in ds.export(tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert lines[1]["labelling"][0]["assigned"] == [{"name": "Staff", "sentiment": "negative"}]
    ws.import_(tmp_path / "out.jsonl", source="demo/other", progress=False)
    there = ws.create_dataset("demo/there", sources=["demo/other"], has_sentiment=True)
    there.import_(tmp_path / "out.jsonl", annotate=True, progress=False)
    assert said(there) == said(ds) == [WORDS, {"Staff": "negative"}, {}]
    again = there.import_(tmp_path / "out.jsonl", annotate=True, progress=False)
    assert again.n_annotated == 0
    # A file of a dataset without sentiments cannot be taken in, and says which label lacks one.
    del lines[1]["labelling"][0]["assigned"][0]["sentiment"]
    (tmp_path / "bare.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    with pytest.raises(FileFormatError, match="label 'Staff' without a sentiment"):
        there.import_(tmp_path / "bare.jsonl", annotate=True, progress=False)
    # Without label sentiment they are left out.
    plain = ws.create_dataset("demo/plain", sources=["demo/other"])
    assert plain.import_(tmp_path / "out.jsonl", annotate=True, progress=False).n_annotated == 2
    assert said(plain) == [{}, {}, {}]


def test_columns_of_tables(ws: Workspace, tmp_path: Path) -> None:
    ds = ws.dataset("demo/felt")
    frame = pl.read_csv(ds.export(tmp_path / "out.csv"))
    assert frame["assigned_positive"].to_list() == ["Staff", "", ""]
    assert frame["assigned_negative"].to_list() == ["Delivery; Delivery > Late", "Staff", ""]
    typed = pl.read_parquet(ds.export(tmp_path / "out.parquet"))
    assert typed["assigned_negative"].to_list() == [["Delivery", "Delivery > Late"], ["Staff"], []]
    assert typed.columns[-3:] == [f"{name} (sentiment)" for name in WORDS]
    assert typed["Staff (sentiment)"].null_count() == 3
    assert "label sentiment" in repr(ds)
    assert "with label sentiment" in ds._repr_html_()


def test_merged_and_taken_back(ws: Workspace) -> None:
    copy = ws.copy_dataset("demo/felt", "demo/copy")
    ds = ws.dataset(copy.full_name)
    assert copy.has_sentiment
    ds.taxonomy.merge(["Staff"], into="Delivery")
    assert said(ds)[1] == {"Delivery": "negative"}
    ds.taxonomy.undo()
    assert said(ds) == said(ws.dataset("demo/felt"))
