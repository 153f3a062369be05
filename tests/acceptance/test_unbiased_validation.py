"""Acceptance tests of validation after active learning: corrected figures beside the raw ones, from reviews to report."""

from __future__ import annotations

import secrets
from pathlib import Path

import numpy as np

from tests.acceptance.corpus import dataset, door, fill, opened, train, truth, uids
from workbench.domain import Judgement, ReviewMode, Uid
from workbench.door import Dataset
from workbench.evaluate import split
from workbench.widgets.panels import ValidationPanel

N = 300
BATCHES = 6


def follow(ds: Dataset, mode: ReviewMode, n: int, seed: int) -> list[str]:
    """Review the next batch of a mode as the screen does: each message with its chance."""
    batch = ds.operations.next_batch(ds.dataset_id, mode, n, seed=seed)
    names = {label.name: label.label_id for label in ds.operations.labels(ds.dataset_id)}
    chances = dict(zip(batch.uids, batch.probabilities, strict=True))
    judgements = [
        Judgement(
            event_id=secrets.token_hex(8),
            uid=seen.uid,
            assigned=tuple(names[name] for name in truth(seen)),
            mode=mode,
            revision=seen.revision,
            probability=chances[seen.uid],
            n_population=batch.n_population,
        )
        for seen in ds.operations.get_messages(ds.dataset_id, batch.uids)
    ]
    ds.operations.judge(ds.dataset_id, tuple(judgements))
    return list(batch.uids)


def test_corrected_figures_rest_on_what_shuffle_drew(tmp_path: Path) -> None:
    with opened(tmp_path / "w.duckdb") as made:
        ws = door(made)
        fill(ws, N)
        ds = dataset(ws, "support")
        shuffled, chosen = [], []
        for seed in range(BATCHES):
            shuffled += follow(ds, "shuffle", 10, seed)
            chosen += follow(ds, "recent", 20, seed)
        version = train(ds)
        report = ds.validation(version)
        threads = {
            one.uid: one.thread_id
            for one in ds.operations.get_messages(ds.dataset_id, tuple(map(Uid, uids(ds))))
        }

        def in_test(some: list[str]) -> int:
            source = ds.info.source_ids[0]
            return int(split([f"{source}.{threads[uid]}" if threads[uid] else uid for uid in some]).sum())

        found = report.corrected
        assert found is not None
        assert found.n_random == in_test(sorted(set(shuffled)))
        assert found.n_population == in_test(uids(ds))
        assert report.n_test == in_test(sorted({*shuffled, *chosen}))
        assert 0 < found.n_effective < 50
        assert "with Shuffle" in found.warning
        overall = found.overall
        assert overall is not None
        for one in (overall.recall, overall.precision):
            assert 0 < one.low <= one.value <= one.high <= 1
        assert 0 < overall.raw_recall <= 1
        assert 0 < overall.raw_precision <= 1
        label = max(report.labels, key=lambda one: one.n_pins)
        assert label.corrected is not None
        corrected, raw = label.corrected.average_precision, label.average_precision
        assert corrected.n_effective < raw.n_effective
        assert corrected.high - corrected.low > raw.high - raw.low

        panel = ValidationPanel(ds)
        try:
            assert "Corrected for how messages were chosen" in panel.headline.value
            assert f"from {found.n_random} test messages drawn at random" in panel.headline.value
            assert found.warning in panel.headline.value
            panel.label.value = str(label.label_id)
            assert "Corrected for how messages were chosen: precision" in panel.at_threshold.value
            assert "corrected_precision" in panel.curve.rows[0]
            assert np.isfinite(panel.curve.rows[0]["corrected_recall"])
        finally:
            panel.close()


def test_without_shuffle_nothing_is_corrected_and_the_screen_says_what_to_do(tmp_path: Path) -> None:
    with opened(tmp_path / "w.duckdb") as made:
        ws = door(made)
        fill(ws, N)
        ds = dataset(ws, "support")
        follow(ds, "recent", 150, 0)
        found = ds.validation(train(ds)).corrected
        assert found is not None
        assert (found.n_random, found.n_effective) == (0, 0.0)
        assert found.mean_average_precision.value is None
        assert found.overall is not None
        assert (found.overall.recall.value, found.overall.precision.value) == (None, None)
        panel = ValidationPanel(ds)
        try:
            assert "No test message was drawn at random" in panel.headline.value
            assert "Corrected for how" not in panel.headline.value + panel.at_threshold.value
        finally:
            panel.close()
