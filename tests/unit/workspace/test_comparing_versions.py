"""Comparing two model versions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.test_versions import reviewed_dataset, train
from workbench.errors import TooFewAnnotationsError
from workbench.settings import Settings
from workbench.workspace.opening import open_workspace


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
