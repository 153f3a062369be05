"""Golden texts: ``WORKBENCH_RENEW_GOLDEN=1 python -m pytest tests/unit/charts tests/unit/reports`` renews them."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "golden"


def check_golden(name: str, text: str) -> None:
    """Compare with ``tests/golden/<name>``, or write it when the variable is set."""
    path = FOLDER / name
    if os.environ.get("WORKBENCH_RENEW_GOLDEN") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"{name} is missing; renew with WORKBENCH_RENEW_GOLDEN=1"
    assert text == path.read_text(encoding="utf-8"), f"{name} differs; look at the change, then renew"
