"""Streams as a notebook has them: labels by name, frames."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from tests.contract.test_versions import reviewed_dataset, train
from workbench.domain import MessageFilter, PropertyFilter
from workbench.door import Dataset
from workbench.errors import UnknownNameError
from workbench.settings import Settings
from workbench.workspace.opening import open_workspace


@pytest.fixture
def ds(tmp_path: Path) -> Iterator[Dataset]:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as opened:
        operations = opened.operations("tester")
        made = Dataset(operations, reviewed_dataset(operations))
        train(operations, made.dataset_id)
        yield made


def test_a_stream_by_the_names_of_its_labels(ds: Dataset) -> None:
    assert ds.streams().is_empty()
    north = (PropertyFilter(name="string:Team", one_of=("N",)),)
    made = ds.create_stream("refunds", version=1, thresholds={"Refund": 0.0}, properties=north)
    assert made.settings.where == MessageFilter(properties=north)
    uids = list(ds.messages()["uid"])
    said = ds.stream_predictions("refunds", uids)
    assert list(said["uid"]) == list(ds.messages(properties=north)["uid"])
    assert set(said["predicted"]) == {True} and said["labels"].to_list() == [["Refund"]] * len(said)
    assert said["probabilities"].dtype == pl.List(pl.Float32)
    everything = pl.DataFrame(ds.operations.predictions_table(ds.dataset_id, MessageFilter()))
    sure = everything.filter(pl.col("label") == "Refund").select("uid", "probability")
    both = said.join(sure, on="uid").explode("labels", "probabilities")
    assert len(both) > 0 and (both["probabilities"] == both["probability"]).all()

    assert ds.amend_stream("refunds", title="Refunds").settings.thresholds == made.settings.thresholds
    assert ds.amend_stream("refunds", where=MessageFilter()).settings.title == "Refunds"
    assert set(ds.stream_predictions("refunds", uids * 30)["uid"]) == set(uids)  # more than one call takes
    ds.amend_stream("refunds", thresholds={"Refund": 1, "Delivery > Late": 0})
    assert {tuple(one) for one in ds.stream_predictions("refunds", uids)["labels"]} == {("Delivery > Late",)}
    (row,) = ds.streams().iter_rows(named=True)
    assert (row["name"], row["title"], row["version"], row["thresholds"]) == ("refunds", "Refunds", 1, 2)
    with pytest.raises(UnknownNameError, match=r"unknown label 'Refunds'. did you mean 'Refund'"):
        ds.amend_stream("refunds", thresholds={"Refunds": 0.5})
    assert ds.stream_predictions("refunds", uids[:1])["origins"].to_list() == [["own"]]
    assert ds.amend_stream("refunds", unlisted="every").settings.thresholds
    assert set(ds.stream_thresholds("refunds")["origin"]) == {"own", "every"}
    emptied = ds.amend_stream("refunds", thresholds={}).settings
    assert (emptied.thresholds, emptied.for_unlisted) == ((), "kept")
    ds.keep_threshold("Refund", 0.25, version=1)
    kept = ds.stream_thresholds("refunds").filter(pl.col("origin") == "kept")
    assert kept.rows() == [("Refund", 0.25, "kept")]
    assert list(ds.streams()["unlisted"]) == ["kept"]
    other = ds.create_stream("all", version=1, unlisted="every")
    assert other.settings.for_unlisted == "every"
    assert ds.amend_stream("all", title="All").settings.for_unlisted == "every"
    ds.delete_stream("all")
    assert ds.delete_stream("refunds").name == "refunds"
    assert ds.streams().is_empty()


def test_names_mean_the_labels_that_the_version_held_knows(ds: Dataset) -> None:
    first = ds.create_stream("refunds", version=1, thresholds={"Refund": 0.5}).settings.thresholds
    ds.taxonomy.delete("Refund", emptied="reviewed")
    new = ds.create_label("Refund").label_id
    (kept,) = ds.amend_stream("refunds", thresholds={"Refund": 0.6}).settings.thresholds
    assert (kept.label_id, kept.threshold) == (first[0].label_id, 0.6) and kept.label_id != new
    with pytest.raises(UnknownNameError, match="unknown label of version 1 'Refund'"):
        ds.create_stream("again", version=1, thresholds={"Refund": 0.5})
