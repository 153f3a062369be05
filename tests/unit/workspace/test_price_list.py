"""Prices that are known by heart are those that the tables say."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.contract.messages import batch
from tests.contract.test_versions import reviewed_dataset, train
from workbench.domain import ChargeTariff, UnitRate
from workbench.errors import LimitError
from workbench.metering import rules_from
from workbench.settings import Settings
from workbench.store import Store, cursor
from workbench.workspace import open_workspace
from workbench.workspace.opening import OpenedWorkspace
from workbench.workspace.price_list import PriceList

SETTINGS = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0, predict_after_s=-1)
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("prices") / "w.duckdb"
    with open_workspace(path, settings=SETTINGS, clock=Clock()) as made:
        train(made.operations("tester"), reviewed_dataset(made.operations("tester")))
    return path


@pytest.fixture
def opened(trained: Path, tmp_path: Path) -> Iterator[OpenedWorkspace]:
    shutil.copy(trained, tmp_path)
    with open_workspace(tmp_path / "w.duckdb", settings=SETTINGS, clock=Clock()) as made:
        yield made


def test_prices_at_any_time_are_those_of_the_tables(tmp_path: Path) -> None:
    """Rules and rates set in any order, several of them for one moment."""
    chance = random.Random(7)

    def some_time() -> datetime:
        return NOW + timedelta(days=chance.randint(0, 9))

    with Store.open(tmp_path / "w.duckdb") as store:
        with store.write() as session:
            for units in range(40):
                session.charge_rules.add_tariff(
                    ChargeTariff(
                        operation=chance.choice(["predict", "sync"]),
                        reason=chance.choice(["created", "predicted"]),
                        units=units,
                        valid_from=some_time(),
                        set_at=some_time(),
                        set_by="tester",
                    )
                )
                session.charge_rules.add_rate(
                    UnitRate(
                        platform_units=Decimal(units),
                        valid_from=some_time(),
                        set_at=some_time(),
                        set_by="tester",
                    )
                )
        with store.read() as session:
            known = PriceList().of(session)
            assert known is not None
            for hours in range(-12, 24 * 11, 12):
                at = NOW + timedelta(hours=hours)
                assert known.rules_at(at) == rules_from(session.charge_rules.tariffs(at))
                assert (known.rate_at(at),) == tuple(
                    one.platform_units for one in session.charge_rules.rates(at)
                )


def test_a_price_or_a_budget_that_is_set_counts_from_the_next_call_on(opened: OpenedWorkspace) -> None:
    here, clock = opened.operations("tester"), opened._workspace.clock
    assert isinstance(clock, Clock)
    (dataset,) = here.datasets()
    did = dataset.dataset_id

    def units() -> int:
        return here.predict_messages(did, batch(2)).units

    assert (units(), units()) == (2, 2)
    here.set_charge_rule("predict", "predicted", 3)
    assert units() == 6
    here.set_charge_rule("predict", "predicted", 5, NOW + timedelta(days=1))
    here.set_unit_rate(Decimal("0.5"), NOW + timedelta(days=1))
    assert units() == 6
    clock.now += timedelta(days=1)  # nothing is written, and still another price holds
    assert units() == 10
    assert here.ledger_table()["rate"].to_pylist()[-3:] == [Decimal("0.2"), Decimal("0.5"), Decimal("0.5")]
    used = here.usage().units
    here.set_budget("", "once", soft=used + 1, hard=used + 10)
    answer = here.predict_messages(did, batch(2))
    assert (answer.units, len(answer.warnings)) == (10, 1)
    with pytest.raises(LimitError, match="10 units are needed"):
        units()
    here.remove_budget("", "once")
    assert units() == 10


def test_a_prediction_takes_three_statements_when_nothing_but_the_ledger_changed(
    opened: OpenedWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = opened.operations("tester")
    (dataset,) = here.datasets()
    here.predict_messages(dataset.dataset_id, batch(1))
    asked: list[str] = []
    look = cursor.statement

    def seen(name: str) -> Any:
        asked.append(name)
        return look(name)

    monkeypatch.setattr(cursor, "statement", seen)
    here.predict_messages(dataset.dataset_id, batch(1))
    assert asked == ["ledger.holds", "ledger.holds", "ledger.add"]
    here.predict_messages(dataset.dataset_id, batch(2))
    assert asked[3:] == ["ledger.holds", "ledger.count", "ledger.append", "ledger.count"]


def test_an_upload_looks_no_price_up_and_still_charges_those_of_now(
    opened: OpenedWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = opened.operations("tester")
    source_id = here.create_source("acme", "uploads").source_id
    asked: list[str] = []
    look = cursor.statement

    def upload(number: int) -> int:
        asked.clear()
        return here.put_messages(source_id, batch(2, first=2 * number), f"b{number}", 2).units

    def seen(name: str) -> Any:
        asked.append(name)
        return look(name)

    monkeypatch.setattr(cursor, "statement", seen)
    assert upload(0) == 2
    assert upload(1) == 2
    assert "upload.remember" in asked and not [name for name in asked if name.startswith("charging.")]
    here.set_charge_rule("sync", "created", 3)
    assert upload(2) == 6
    here.set_budget("acme", "once", hard=7)
    with pytest.raises(LimitError, match="6 units are needed"):
        upload(3)
    here.remove_budget("acme", "once")
    assert upload(3) == 6
    store = opened._workspace.store
    with store.write() as session:  # whoever changes a price sees it, and nobody else before it is committed
        assert session.prices is not None
        session.budgets.drop("acme", "once")
        assert session.prices is None
