"""Exceptions of streams as a notebook has them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from tests.contract.messages import batch
from workbench.domain import StreamSettings, TagCounts
from workbench.door import Dataset
from workbench.errors import LimitError
from workbench.settings import Settings
from workbench.workspace.opening import open_workspace

N = 1_100  # more than one call takes


@pytest.fixture
def ds(tmp_path: Path) -> Iterator[Dataset]:
    with open_workspace(tmp_path / "w.duckdb", settings=Settings(encoder="hash-test")) as opened:
        operations = opened.operations("tester")
        source = operations.create_source("demo", "mail")
        operations.put_messages(source.source_id, batch(N), "first", N)
        made = Dataset(
            operations, operations.create_dataset("demo", "support", (source.source_id,)).dataset_id
        )
        operations.create_stream(made.dataset_id, "refunds", StreamSettings())
        yield made


def test_many_are_tagged_counted_listed_and_taken_off(ds: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ds.exceptions("refunds").is_empty() and ds.exception_totals().is_empty()
    uids = [f"{ds.operations.sources()[0].source_id}.m{i}" for i in range(N)]
    assert ds.tag_exceptions("refunds", [*uids, uids[0]], "No Prediction") == TagCounts(new=N)
    some = ds.tag_exceptions("refunds", uids[:2], "Wrong Prediction", {"robot": "r1"})
    assert some == TagCounts(updated=2)
    monkeypatch.setattr("workbench.door.excepting._ROWS_AT_ONCE", 400)
    frame = ds.exceptions("refunds")
    assert sorted(frame["uid"]) == sorted(uids)
    assert frame.filter(pl.col("type") == "Wrong Prediction")["metadata"].to_list() == ['{"robot":"r1"}'] * 2
    totals = ds.exception_totals()
    assert totals.select("stream", "type", "n").rows() == [
        ("refunds", "No Prediction", N - 2),
        ("refunds", "Wrong Prediction", 2),
    ]
    assert ds.untag_exceptions("refunds", uids[1:]) == N - 1
    assert ds.exceptions("refunds")["uid"].to_list() == uids[:1]
    with pytest.raises(LimitError, match="whose type has 0 characters"):
        ds.tag_exceptions("refunds", uids[:1], "")
