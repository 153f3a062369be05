"""Usage by every way in: consumption, forecast, invoice, measures."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.contract.messages import batch
from workbench.domain import Operations, Source


@pytest.fixture
def source(operations: Operations) -> Source:
    made = operations.create_source("demo", "mail")
    operations.put_messages(made.source_id, batch(12), "first", 12)
    operations.put_messages(made.source_id, batch(3, suffix=" changed"), "second", 3)
    return made


def test_consumption_is_summed_by_what_is_named(operations: Operations, source: Source) -> None:
    (row,) = operations.consumption(("source", "user"), "month").to_pylist()
    day = row.pop("period")
    assert day.day == 1 and row.pop("user")
    assert row == {
        "project": None,
        "source": "demo/mail",
        "channel": None,
        "operation": None,
        "units": 15,
        "uncharged_units": 0,
        "platform_units": 3.0,
        "n_entries": 15,
    }
    (row,) = operations.consumption((), None).to_pylist()
    assert (row["period"], row["units"]) == (None, 15)
    at = operations.ledger_table()["at"].to_pylist()
    assert operations.consumption((), "day", max(at) + timedelta(seconds=1)).num_rows == 0
    assert operations.consumption((), "day", None, min(at)).num_rows == 0
    assert operations.consumption((), "day", min(at), max(at))["units"].to_pylist() == [12]


def test_a_deleted_source_keeps_its_name(operations: Operations, source: Source) -> None:
    operations.delete_source(source.source_id, "demo/mail")
    (row,) = operations.consumption(("source",)).to_pylist()
    assert (row["source"], row["units"]) == ("demo/mail", 15)
    again = operations.create_source("demo", "mail")
    operations.put_messages(again.source_id, batch(2), "third", 2)
    (row,) = operations.consumption(("source",)).to_pylist()
    assert (row["source"], row["units"], row["n_entries"]) == ("demo/mail", 17, 17)


def test_a_new_workspace_has_no_forecast_and_says_on_how_many_days(
    operations: Operations, source: Source
) -> None:
    found = operations.usage_forecast()
    assert (found.n_days, found.sums, found.history, found.set_aside) == (0, (), (), ())
    assert found.platform_units_per_unit == 0.2
