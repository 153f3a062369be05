"""Which model versions are kept, and that a pinned one never changes its mind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.test_versions import reviewed_dataset, say, table_of, train
from workbench.errors import TooFewAnnotationsError
from workbench.settings import Settings
from workbench.workspace.opening import open_workspace


def test_a_pinned_version_predicts_the_same_for_ever_and_others_go(tmp_path: Path) -> None:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as opened:
        operations = opened.operations("tester")
        did = reviewed_dataset(operations)
        train(operations, did)
        operations.pin_version(did, 1)
        said = table_of(operations, did, 1)
        assert said
        say(operations, did, 50, twisted=True)
        for _ in range(7):
            newest = train(operations, did)
        assert newest == 8
        assert table_of(operations, did, 1) == said != table_of(operations, did, None)
        kept = [one.version for one in operations.model_versions(did)]
        assert kept == [8, 7, 6, 5, 4, 3, 1]


def test_too_few_common_messages_are_not_compared(tmp_path: Path) -> None:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as opened:
        operations = opened.operations("tester")
        did = reviewed_dataset(operations, 20)
        train(operations, did)
        said = (
            "versions 1 and 1 have .* test messages in common; at least 10 are needed. Review more messages"
        )
        with pytest.raises(TooFewAnnotationsError, match=said):
            operations.compare_versions(did, 1, 1)
