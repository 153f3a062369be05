"""Charge rules and the ledger rows they make."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from workbench.domain import LedgerEntry, ProjectName, SourceId
from workbench.errors import InputError, UnknownNameError
from workbench.metering import (
    DEFAULT_RULES,
    LEDGER_SCHEMA,
    REASONS,
    ChargeRule,
    charge,
    correction,
    most_units,
    platform_units,
)

AT = datetime(2026, 3, 4, 10, tzinfo=UTC)


def ledger(
    outcome: Sequence[tuple[str, str]], *, operation: str = "import", batch_id: str = "b1", **more: object
) -> pa.Table:
    table = pa.table({"message_id": [m for m, _ in outcome], "reason": [r for _, r in outcome]})
    return charge(
        table,
        source_id=SourceId("00aa"),
        project=ProjectName("demo"),
        channel="python",
        operation=operation,
        at=AT,
        actor="kim",
        batch_id=batch_id,
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("operation", "reason", "units"),
    [
        (operation, reason, units)
        for operation in ("import", "sync", "sync_raw_mails")
        for reason, units in zip(REASONS, (1, 1, 0, 0, 0), strict=True)
    ]
    + [
        (operation, reason, units)
        for operation in ("predict", "predict_raw_mails")
        for reason, units in zip(REASONS, (0, 0, 1, 0, 0), strict=True)
    ],
)
def test_default_rules(operation: str, reason: str, units: int) -> None:
    assert ledger([("m", reason)], operation=operation)["units"].to_pylist() == [units] * units


def test_row() -> None:
    (row,) = ledger([("m-1", "created")]).to_pylist()
    assert len(row.pop("entry_id")) == 16
    assert len(row.pop("idempotency_key")) == 32
    assert row == {
        "at": AT,
        "project": "demo",
        "source": "00aa",
        "channel": "python",
        "operation": "import",
        "uid": "00aa.m-1",
        "units": 1,
        "charged": True,
        "actor": "kim",
        "rate": Decimal("0.2"),
        "corrects": None,
        "note": None,
    }


def test_schema_of_an_empty_outcome() -> None:
    assert ledger([]).schema == LEDGER_SCHEMA
    assert ledger([("m", "unchanged")]).num_rows == 0


def test_retry_has_the_same_keys_whatever_the_order() -> None:
    outcome = [(f"m{i}", "created") for i in range(5)]
    first, again = ledger(outcome), ledger(outcome[::-1])
    for name in ("entry_id", "idempotency_key"):
        assert set(first[name].to_pylist()) == set(again[name].to_pylist())
        assert len(set(first[name].to_pylist())) == 5


def test_a_second_change_of_the_text_is_charged_even_back_to_an_old_text() -> None:
    keys = [
        ledger([("m", reason)], batch_id=batch)["idempotency_key"][0].as_py()
        for batch, reason in [("b1", "created"), ("b2", "text_modified"), ("b3", "text_modified")]
    ]
    assert len(set(keys)) == 3


def test_deleted_and_uploaded_again_is_charged_again() -> None:
    first, second = (ledger([("m", "created")], batch_id=batch) for batch in ("b1", "b2"))
    assert first["idempotency_key"] != second["idempotency_key"]


def test_predicting_one_message_twice_costs_twice() -> None:
    rows = ledger([("m", "predicted")] * 2, operation="predict")
    assert rows["units"].to_pylist() == [1, 1]
    assert len(set(rows["idempotency_key"].to_pylist())) == 2


def test_created_twice_in_one_batch_is_a_mistake() -> None:
    with pytest.raises(InputError, match="twice in batch"):
        ledger([("m", "created")] * 2)


def test_no_charge_records_without_charging() -> None:
    assert ledger([("m", "created")], no_charge=True).select(["units", "charged"]).to_pylist() == [
        {"units": 1, "charged": False}
    ]


def test_own_rules() -> None:
    rules = {"import": ChargeRule(operation="import", created=3)}
    rows = ledger([("a", "created"), ("b", "text_modified")], rules=rules)
    assert rows["units"].to_pylist() == [3]
    assert most_units(10, "import", rules) == 30


def test_unknown_operation_and_reason_are_never_free() -> None:
    with pytest.raises(UnknownNameError, match="imprt"):
        ledger([("m", "created")], operation="imprt")
    with pytest.raises(UnknownNameError, match="made"):
        ledger([("m", "made")])


def test_time_without_zone_is_refused() -> None:
    with pytest.raises(InputError, match="no zone"):
        charge(
            pa.table({"message_id": ["m"], "reason": ["created"]}),
            source_id=SourceId("s"),
            project=ProjectName("p"),
            channel="api",
            operation="sync",
            at=AT.replace(tzinfo=None),
            actor="a",
            batch_id="b",
        )


@pytest.mark.parametrize("operation", sorted(DEFAULT_RULES))
def test_most_units_is_one_per_message(operation: str) -> None:
    assert most_units(6_623, operation) == 6_623


@pytest.mark.parametrize(
    ("units", "expected"), [(0, 0.0), (1, 0.2), (3, 0.6), (7, 1.4), (10**12 + 1, 200000000000.2)]
)
def test_platform_units_are_rounded_once(units: int, expected: float) -> None:
    assert platform_units(units) == expected


def test_two_corrections_of_one_entry_have_one_key() -> None:
    entry = LedgerEntry(
        entry_id="e1",
        at=AT,
        project="demo",
        source="00aa",
        channel="cli",
        operation="sync",
        uid="00aa.m",
        units=2,
        charged=True,
        actor="kim",
        rate=Decimal("0.25"),
    )
    first, second = (
        correction(entry, entry_id=made, at=AT, actor="ann", channel="http", reason="why").to_pylist()[0]
        for made in ("c1", "c2")
    )
    assert first["idempotency_key"] == second["idempotency_key"]
    assert (first["entry_id"], first["units"], first["corrects"]) == ("c1", -2, "e1")
    assert (first["rate"], first["uid"], first["note"]) == (Decimal("0.25"), "00aa.m", "why")
