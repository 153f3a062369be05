"""Usage of a workspace whose clock is set: the forecast begins today and rests on whole days."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.contract.messages import batch
from workbench.domain import Grants, Operations
from workbench.settings import Settings
from workbench.workspace.language_model import LanguageModel
from workbench.workspace.measuring import DailyMeasure
from workbench.workspace.opening import open_workspace

START = datetime(2026, 9, 1, 23, 30, tzinfo=UTC)


class SetClock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def ops(tmp_path: Path, clock: SetClock) -> Iterator[Operations]:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "w.duckdb", settings=settings, clock=clock) as opened:
        yield opened.operations("tester")


def use(ops: Operations, clock: SetClock, days: int, n: int = 3) -> None:
    source = ops.sources()[0].source_id if ops.sources() else ops.create_source("demo", "mail").source_id
    for day in range(days):
        name = f"{clock.now:%j}"
        ops.put_messages(source, batch(n, first=1000 * int(name)), name, n)
        clock.now += timedelta(days=1 if day % 5 else 2)


def test_the_forecast_rests_on_whole_days_without_gaps(ops: Operations, clock: SetClock) -> None:
    use(ops, clock, 10)
    ops.put_messages(ops.sources()[0].source_id, batch(40, first=5), "today", 40)
    found = ops.usage_forecast()
    assert found.from_day == clock.now.date() == date(2026, 9, 13)
    assert [one.day for one in found.history] == [date(2026, 9, 1) + timedelta(days=k) for k in range(12)]
    assert [one.units for one in found.history] == [3, 0, 3, 3, 3, 3, 3, 0, 3, 3, 3, 3]
    assert found.n_days == 12 and [one.n_days for one in found.sums] == list(range(1, 91))
    month = found.sums[29]
    assert month.low <= month.low80 <= month.expected <= month.high80 <= month.high
    assert month.low < 75 < month.high < 400


def test_six_days_are_too_few(ops: Operations, clock: SetClock) -> None:
    use(ops, clock, 4)
    assert (ops.usage_forecast().n_days, ops.usage_forecast().sums) == (5, ())


def test_whoever_sees_the_usage_of_one_project_sees_no_other(tmp_path: Path, clock: SetClock) -> None:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "w.duckdb", settings=settings, clock=clock) as opened:
        ops = opened.operations("tester")
        for project, n in (("mine", 4), ("theirs", 7)):
            source = ops.create_source(project, "mail")
            ops.put_messages(source.source_id, batch(n), project, n)
        clock.now += timedelta(days=3)
        held = Grants(projects={"mine": frozenset({"usage.read"})})
        found = opened.operations("jo", grants=held)
        assert [row["project"] for row in found.consumption(("project",)).to_pylist()] == ["mine"]
        assert [one.units for one in found.usage_forecast().history] == [4, 0, 0]
        assert opened.operations("al", grants=Grants()).consumption().num_rows == 0


def test_storage_is_measured_once_a_day(tmp_path: Path, clock: SetClock) -> None:
    with open_workspace(tmp_path / "w.duckdb", settings=Settings(), clock=clock) as opened:
        daily = DailyMeasure(opened._workspace)
        assert [daily.look(), daily.look()] == [True, False]
        clock.now += timedelta(hours=1)  # past midnight
        assert [daily.look(), daily.look()] == [True, False]
        days = opened.operations("tester").measures()["day"].unique().to_pylist()
        assert sorted(days) == [date(2026, 9, 1), date(2026, 9, 2)]


def test_storage_is_measured_by_itself(tmp_path: Path) -> None:
    with open_workspace(tmp_path / "w.duckdb", settings=Settings()) as opened:
        daily = DailyMeasure(opened._workspace, first_look_s=0.01, look_s=0.01)
        daily.start()
        ops, end = opened.operations("tester"), time.monotonic() + 60
        while not ops.measures().num_rows and time.monotonic() < end:
            time.sleep(0.02)
        daily.stop()
        assert ops.measures().num_rows


@pytest.mark.parametrize(("counted", "told"), [(12, (12, True)), (0, (0, True)), (None, (5, False))])
def test_tokens_are_those_the_service_counts_or_a_quarter_of_the_characters(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, counted: int | None, told: tuple[int, bool]
) -> None:
    class Model:
        n_tokens = counted

        def complete(self, instruction: str, text: str) -> str:
            return "0123456789"

    monkeypatch.setattr("workbench.language.make_chat_model", lambda _settings: Model())
    found: list[tuple[int, bool]] = []
    model = LanguageModel(Settings(language_model="openai"), tmp_path)
    model.complete("abcde", "fgh", now=START, on_tokens=lambda n, sure: found.append((n, sure)))
    assert found == [told]
