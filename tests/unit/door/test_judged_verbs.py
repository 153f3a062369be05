"""The test messages behind a validation, as frames."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.test_versions import reviewed_dataset, train
from workbench.door import Dataset
from workbench.errors import UnknownNameError
from workbench.settings import Settings
from workbench.workspace.opening import open_workspace


def test_outcomes_messages_and_groups(tmp_path: Path) -> None:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as opened:
        operations = opened.operations("tester")
        did = reviewed_dataset(operations, 120)
        train(operations, did)
        ds = Dataset(operations, did)
        found = ds.outcomes("Refund", 0.0)
        assert found.counts.true_negative == found.counts.false_negative == 0
        wrong = ds.outcome_messages("Refund", "false_positive", 0.0, n=5)
        assert wrong.columns == ["uid", "probability", "subject", "body"]
        assert len(wrong) == min(5, found.counts.false_positive) > 0
        groups = ds.breakdown("month", "Refund", 0.0)
        assert groups["n"].sum() == found.counts.n == groups["n_precision"].sum()
        assert groups["n_recall"].sum() == found.counts.true_positive
        assert (groups["precision_low"] <= groups["precision"].fill_null(0)).all()
        assert ds.breakdown("source")["n"].to_list() == [found.counts.n]
        with pytest.raises(UnknownNameError, match=r"unknown label 'Refnd'.*Refund"):
            ds.outcomes("Refnd")
