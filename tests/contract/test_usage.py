"""Usage by every way in: consumption, forecast, invoice, measures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.contract.messages import batch
from workbench.domain import Operations, Source
from workbench.door import Job
from workbench.errors import InputError


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
        "platform_units": pytest.approx(3.0),
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


def test_an_invoice_is_confirmed_by_the_ledger(operations: Operations, source: Source) -> None:
    operations.delete_source(source.source_id, "demo/mail")
    ledger = operations.ledger_table().to_pylist()
    found = operations.invoice(ledger[0]["at"], ledger[-1]["at"] + timedelta(seconds=1))
    assert (found.opening_units, found.units, found.closing_units) == (0, 15, 15)
    assert (found.n_entries, found.platform_units, found.projects) == (15, pytest.approx(3.0), None)
    assert (found.first_entry_id, found.last_entry_id) == (ledger[0]["entry_id"], ledger[-1]["entry_id"])
    (line,) = found.lines
    assert (line.kind, line.project, line.source, line.units) == ("charge", "demo", "demo/mail", 15)
    later = operations.invoice(found.until, found.until + timedelta(days=1))
    assert (later.opening_units, later.units, later.lines, later.first_entry_id) == (15, 0, (), "")


def test_what_is_no_period_is_refused(operations: Operations) -> None:
    at = datetime(2026, 10, 1, tzinfo=UTC)
    with pytest.raises(InputError, match="is empty"):
        operations.invoice(at, at)
    with pytest.raises(InputError, match="without a zone"):
        operations.invoice(at.replace(tzinfo=None), at)


def test_storage_is_measured_on_demand_and_by_day(operations: Operations, source: Source) -> None:
    first = operations.measure_storage()
    assert first > 0 and operations.measure_storage() > 0
    rows = operations.measures().to_pylist()
    assert {row["kind"] for row in rows} == {"storage_bytes"} and {row["n_measures"] for row in rows} == {2}
    assert {"messages", "ledger", "others"} <= {row["subject"] for row in rows}
    assert operations.measures(datetime(2200, 1, 1, tzinfo=UTC)).num_rows == 0


def test_processor_time_of_jobs_is_measured(operations: Operations, source: Source) -> None:
    dataset = operations.create_dataset("demo", "support", (source.source_id,))
    Job(operations, operations.start_embed(dataset.dataset_id)).wait(progress=False)
    rows = [row for row in operations.measures().to_pylist() if row["kind"] == "compute_seconds"]
    assert ("embed", "demo", "demo/support") in {
        (row["subject"], row["project"], row["dataset"]) for row in rows
    }
    assert all(0 < row["amount"] < 600 for row in rows)
