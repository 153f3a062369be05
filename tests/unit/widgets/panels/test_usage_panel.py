"""The Usage page: with nothing, with a history, and what can be taken away from it."""

from __future__ import annotations

import base64
import io
import re
import shutil
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.contract.messages import batch
from tests.unit.widgets.panels.screens import check_screen
from workbench.domain import Operations
from workbench.door import Workspace
from workbench.primitives import utc_now
from workbench.settings import Settings
from workbench.widgets.panels import UsagePanel
from workbench.workspace.opening import open_workspace

N_DAYS = 40
SETTINGS = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)


class SetClock:
    """Now, and before that whatever it is set to."""

    def __init__(self) -> None:
        self.now = utc_now().astimezone(UTC) - timedelta(days=N_DAYS)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def ops(tmp_path: Path, clock: SetClock) -> Iterator[Operations]:
    with open_workspace(tmp_path / "w.duckdb", settings=SETTINGS, clock=clock) as opened:
        yield opened.operations("tester")


@pytest.fixture(scope="module")
def used_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, datetime]:
    """A workspace file with two sources and forty days of them, and when they end."""
    file, clock = tmp_path_factory.mktemp("used") / "w.duckdb", SetClock()
    with open_workspace(file, settings=SETTINGS, clock=clock) as opened:
        fill(opened.operations("tester"), clock)
    return file, clock.now


@pytest.fixture
def used(used_file: tuple[Path, datetime], tmp_path: Path, clock: SetClock) -> Iterator[Operations]:
    """Two sources and forty days of them; one source is gone, and there is no dataset."""
    file, clock.now = used_file
    with open_workspace(
        shutil.copy(file, tmp_path / "used.duckdb"), settings=SETTINGS, clock=clock
    ) as opened:
        yield opened.operations("tester")


def fill(ops: Operations, clock: SetClock) -> None:
    sources = [ops.create_source("demo", name).source_id for name in ("mail", "chat")]
    for day in range(N_DAYS):
        name = f"day-{day}"
        n = 60 if day == 20 else 3 + day % 2
        ops.put_messages(sources[day % 2], batch(n, first=100 * day), name, n)
        clock.now += timedelta(days=1)
    ops.delete_source(sources[1], "demo/chat")
    ops.set_budget("", "once", None, 400)
    ops.measure_storage()


def test_a_new_workspace_needs_no_dataset_and_says_what_to_do(ops: Operations) -> None:
    panel = UsagePanel(ops)
    assert "Import messages in Sources" in panel.headline.value
    assert panel._charged.layout.display == "none" and not ops.datasets()
    assert panel.papers._accounts.layout.display == panel.papers._reports.layout.display == "none"
    panel.close()


def test_consumption_forecast_and_budget_stand_on_the_page(used: Operations) -> None:
    panel = UsagePanel(used)
    assert "demo/chat" in {row["source"] for row in panel.table._rows}
    assert "next 30 days" in panel.forecast_words.value and "next 90 days" in panel.forecast_words.value
    assert (
        "It rests on 40 days of history. Left out as not expected again: 60 units"
        in panel.forecast_words.value
    )
    assert "Budget (once): 197 of 400 units are used" in panel.forecast_words.value
    assert "usage_forecast" in check_screen(panel, Workspace(used, address="test"))
    assert {row["what"] for row in panel.measures._rows} == {"Storage"}
    assert {"messages", "ledger"} <= {row["subject"] for row in panel.measures._rows}
    panel.by.value = ("user",)
    assert {row["user"] for row in panel.table._rows} == {"tester"}
    assert "ws.consumption('user', every='day', since=datetime(" in panel.code.code
    panel.period.value = 0
    panel.every.value = "month"
    assert sum(row["units"] for row in panel.table._rows) == used.usage().units == 197
    panel.close()


def test_the_account_of_a_month_can_be_taken_away(used: Operations) -> None:
    panel = UsagePanel(used)
    newest = panel.papers.month.options[0][1]
    assert panel.papers.month.value == newest
    panel.papers.make_account()
    found = re.search(
        r'download="([^"]+)" href="data:application/zip;base64,([^"]+)"', panel.papers.account.value
    )
    assert found and found[1] == f"account-{newest}.zip"
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(found[2]))) as packed:
        assert f"invoice-{newest}.csv" in packed.namelist()
    panel.close()


def test_what_is_chosen_stays_when_news_come(used: Operations, clock: SetClock) -> None:
    panel = UsagePanel(used)
    oldest = panel.papers.month.options[-1][1]
    panel.papers.month.value = oldest
    clock.now += timedelta(days=31)
    source = used.sources()[0].source_id
    used.put_messages(source, batch(2, first=9000), "later", 2)
    panel.refresh()
    assert panel.papers.month.value == oldest and len(panel.papers.month.options) >= 3
    panel.close()
