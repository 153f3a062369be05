"""Charge rules, corrections and budgets by every way in."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.contract.messages import batch
from workbench.domain import Operations
from workbench.errors import InputError, LimitError


def test_charges_by_every_way_in(operations: Operations) -> None:
    source_id = operations.create_source("demo", "mail").source_id
    assert {one.units for one in operations.charge_rules()} == {1}
    assert operations.set_charge_rule("sync", "created", 2).units == 2
    assert operations.set_unit_rate(Decimal("0.3")).platform_units == Decimal("0.3")
    assert [one.platform_units for one in operations.unit_rates()] == [Decimal("0.2"), Decimal("0.3")]
    assert operations.set_budget("demo", "year", 3, 5).left == 5
    assert operations.put_messages(source_id, batch(2), "a", 2).units == 4
    with pytest.raises(LimitError, match=r"has 1 left: 4 used, 0 reserved, 1 too few") as refused:
        operations.put_messages(source_id, batch(1, first=2), "b", 1)
    assert refused.value.details["shortfall"] == 1
    entry_id = operations.ledger_table()["entry_id"][0].as_py()
    made = operations.correct_charge(entry_id, "a test")
    assert (made.units, made.rate, made.corrects) == (-2, Decimal("0.3"), entry_id)
    with pytest.raises(InputError, match="was corrected already"):
        operations.correct_charge(entry_id, "a test")
    assert operations.put_messages(source_id, batch(1, first=2), "b", 1).units == 2
    assert operations.remove_budget("demo", "year").used == 4
    assert operations.budgets() == ()
