"""The page of attacks names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/explanation/attacks.md").read_text("utf-8")


def test_each_attack_is_tried_by_a_test() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ")][2:]
    assert len(rows) > 20
    for row in rows:
        named = re.findall(r"`(tests/[^`]+)`", row)
        assert named, row
        for one in named:
            file, _, test = one.partition("::")
            assert (ROOT / file).is_file(), one
            assert not test or f"def {test}(" in (ROOT / file).read_text("utf-8"), one
            nightly = "nightly" in row.split("|")[1]
            assert nightly == ("pytest.mark.nightly" in (ROOT / file).read_text("utf-8").split("def ")[0]), (
                one
            )
