"""The ledger's total equals the rule applied to the input, however it is cut into batches."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from workbench.domain import ProjectName, SourceId
from workbench.metering import REASONS, charge

OUTCOMES = st.dictionaries(
    st.text("abc0123456789", min_size=1, max_size=6), st.sampled_from(REASONS), max_size=60
)


@given(OUTCOMES, st.integers(1, 20))
def test_total_units(outcome: dict[str, str], size: int) -> None:
    items = list(outcome.items())
    total, keys = 0, []
    for start in range(0, len(items), size):
        part = items[start : start + size]
        rows = charge(
            pa.table(
                {"message_id": [m for m, _ in part], "reason": [r for _, r in part]},
                schema=pa.schema([("message_id", pa.string()), ("reason", pa.string())]),
            ),
            source_id=SourceId("s"),
            project=ProjectName("p"),
            channel="api",
            operation="sync",
            at=datetime(2026, 1, 1, tzinfo=UTC),
            actor="a",
            batch_id=f"upload-{start}",
        )
        total += sum(rows["units"].to_pylist())
        keys += rows["idempotency_key"].to_pylist()
    assert total == sum(reason in ("created", "text_modified") for reason in outcome.values())
    assert len(set(keys)) == len(keys)
