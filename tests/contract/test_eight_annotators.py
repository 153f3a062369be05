"""Eight people at once while the model retrains, for a moment; the benchmark of the same name takes five minutes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "eight_annotators.py"


@pytest.mark.nightly  # twenty seconds of eight processes, and as long to start them
@pytest.mark.usefixtures("short_runtime")
def test_nothing_is_lost_and_nothing_doubled() -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--seconds", "20", "--messages", "1500", "--labels", "10"],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing lost, nothing doubled, ledger untouched" in done.stdout
    assert "judgement, while it retrains: n=" in done.stdout
