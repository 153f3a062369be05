"""What is charged, in one sentence made from the rules in force."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from workbench.charts import price_words
from workbench.domain import ChargedReason, ChargeTariff

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Row = tuple[str, ChargedReason, int]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            [("sync", "created", 1), ("import", "text_modified", 1), ("predict", "predicted", 1)],
            (
                "1 unit for each new message, each message whose text changed and each message handed in to be predicted; "
                "everything else is free."
            ),
        ),
        (
            [("sync", "created", 2), ("import", "created", 1), ("sync", "text_modified", 3)],
            (
                "1 to 2 units, by operation, for each new message; 3 units for each message whose text changed; "
                "everything else is free."
            ),
        ),
        (
            [("sync", "created", 1), ("sync", "text_modified", 0), ("predict", "predicted", 1)],
            "1 unit for each new message and each message handed in to be predicted; everything else is free.",
        ),
        ([("sync", "created", 0)], "Everything is free."),
        ([], "Everything is free."),
    ],
)
def test_prices_are_said_as_the_rules_are(rows: list[Row], words: str) -> None:
    rules = [
        ChargeTariff(
            operation=operation, reason=reason, units=units, valid_from=EPOCH, set_at=EPOCH, set_by="ann"
        )
        for operation, reason, units in rows
    ]
    assert price_words(rules) == words
