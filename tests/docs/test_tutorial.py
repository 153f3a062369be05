"""The tutorial's Python runs as it is printed, from the first block to the last."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.contract.conftest import stop_owner

ROOT = Path(__file__).parent.parent.parent
BLOCKS = re.findall(r"(?ms)^```python\n(.*?)^```", (ROOT / "docs/tutorial.md").read_text("utf-8"))


@pytest.mark.nightly
@pytest.mark.slow
def test_the_tutorial_runs(tmp_path: Path, short_runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").symlink_to(ROOT / "data")
    (tmp_path / "workbench.toml").write_text(
        'encoder = "hash-test"\nfast_encoder = ""\nretrain_after_reviews = 0\n', "utf-8"
    )
    names: dict[str, object] = {}
    try:
        for block in BLOCKS:
            exec(compile(block, "tutorial.md", "exec"), names)
    finally:
        stop_owner(tmp_path / "tutorial.duckdb")
    assert (tmp_path / "report/report.html").exists()
    assert (tmp_path / "labelled.csv").exists()
    ds = names["ds"]
    assert ds.info.n_reviewed >= 500  # type: ignore[attr-defined]
    assert ds.validate().n_test > 50  # type: ignore[attr-defined]
