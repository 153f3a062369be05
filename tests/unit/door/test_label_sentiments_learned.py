"""Sentiments of labels that a model learned: predicted, served, validated, rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from workbench.domain import Judgement, MessageFilter, Sentiment
from workbench.door import Dataset, Workspace
from workbench.settings import Settings
from workbench.widgets.panels.label_words import sentiment_html
from workbench.workspace import open_workspace

SETTINGS = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0, predict_after_s=-1)
SAID: dict[str, Sentiment] = {"kind helpful great": "positive", "rude late awful": "negative"}
THINGS = {"Staff": "driver courier", "Parcel": "box parcel"}
N, N_REVIEWED = 96, 64


@pytest.fixture(scope="module")
def ds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dataset]:
    folder = tmp_path_factory.mktemp("learned")
    words, things = list(SAID), list(THINGS)
    rows = [(things[i // 2 % 2], words[i % 2]) for i in range(N)]
    lines = [f"{i},2026-03-{1 + i % 28:02},the {THINGS[t]} was {w} no {i}" for i, (t, w) in enumerate(rows)]
    (folder / "m.csv").write_text("id,time,text\n" + "\n".join(lines), "utf-8")
    with open_workspace(folder / "w.duckdb", settings=SETTINGS) as opened:
        ws = Workspace(opened.operations("tester"), address="w")
        ws.import_(folder / "m.csv", source="demo/mail", progress=False)
        made = ws.create_dataset("demo/felt", sources=["demo/mail"], has_sentiment=True)
        ids = {thing: made.create_label(thing).label_id for thing in THINGS}
        judgements = tuple(
            Judgement(
                event_id=f"{i:016x}",
                uid=uid,
                assigned=(ids[thing],),
                sentiments={ids[thing]: SAID[word]},
                mode="shuffle",
            )
            for i, (uid, (thing, word)) in enumerate(zip(made.messages()["uid"], rows, strict=True))
        )
        made.operations.judge(made.dataset_id, judgements[:N_REVIEWED])
        made.train(progress=False)
        yield made


def test_predicted_and_served(ds: Dataset, tmp_path: Path) -> None:
    open_ = ds.operations.find_messages(ds.dataset_id, MessageFilter(reviewed=False), limit=40).messages
    assert len(open_) == N - N_REVIEWED
    right = 0
    for message in open_:
        likeliest = message.predicted[0]
        assert likeliest.sentiment is not None
        assert -1 <= likeliest.sentiment <= 1
        right += (likeliest.sentiment > 0) == ("kind" in message.body)
    assert right >= 0.9 * len(open_)
    frame = pl.DataFrame(ds.operations.predictions_table(ds.dataset_id, MessageFilter()))
    assert frame["sentiment"].null_count() == 0
    assert frame["sentiment"].abs().max() <= 1  # type: ignore[operator]
    exported = pl.read_parquet(ds.export(tmp_path / "out.parquet"))
    shown = exported["Staff"] >= 0.05
    assert exported["Staff (sentiment)"].is_not_null().to_list() == shown.to_list()


def test_accuracy_stands_beside_average_precision(ds: Dataset) -> None:
    report = ds.operations.validation(ds.dataset_id)
    assert report is not None
    assert report.sentiment is not None
    assert report.sentiment.n == sum(one.n_test for one in report.labels)
    assert "always saying the more frequent one" in sentiment_html(report.labels[0].sentiment)
    assert sentiment_html(None) == ""
    for one in report.labels:
        assert one.sentiment is not None
        if one.sentiment.n:
            assert one.sentiment.low <= one.sentiment.value <= one.sentiment.high  # type: ignore[operator]


def test_teach_begins_where_three_outcomes_are_as_likely_as_each_other(ds: Dataset) -> None:
    first = ds.next_batch("teach", 1, label="Staff").uids[0]
    open_ = pl.DataFrame(ds.operations.predictions_table(ds.dataset_id, MessageFilter(reviewed=False)))
    staff = open_.filter(pl.col("label") == "Staff")
    nearest = (staff["probability"] - 2 / 3).abs().min()
    (found,) = staff.filter(pl.col("uid") == first)["probability"]
    assert abs(found - 2 / 3) == pytest.approx(nearest)


def test_an_older_version_says_the_same_again(ds: Dataset) -> None:
    everything = MessageFilter()
    before = pl.DataFrame(ds.operations.predictions_table(ds.dataset_id, everything))
    ds.train(progress=False)
    ds.rollback(1, progress=False)
    after = pl.DataFrame(ds.operations.predictions_table(ds.dataset_id, everything))
    assert after["uid"].to_list() == before["uid"].to_list()
    np.testing.assert_allclose(after["sentiment"], before["sentiment"], atol=1e-6)
