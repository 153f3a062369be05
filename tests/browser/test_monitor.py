"""The Monitor app: an alarm of a new topic, its explanation, the way to recent messages, and a label of a group."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Served
from tests.browser.test_pages import fits, picture, visit
from tests.contract.messages import batch
from workbench.domain import DatasetId, Judgement, MessageFilter, Operations
from workbench.door import Job

pytestmark = [pytest.mark.browser, pytest.mark.nightly, pytest.mark.timeout(900)]
N, N_NEW = 1_200, 60
START = datetime(2026, 1, 5, tzinfo=UTC)


def watched(ops: Operations) -> DatasetId:
    """Thirty weeks of messages; in the last four a fifth is about drones. Trained on the first weeks, and looked at."""
    source = ops.create_source("demo", "mail")
    table = batch(N)
    times = [START + timedelta(days=210 * row / N) for row in range(N)]
    is_new = [row >= N - 160 and row % 5 < 2 for row in range(N)]
    bodies = [
        f"a drone landed on the roof of my house, case {row}" if new else body
        for row, (new, body) in enumerate(zip(is_new, table["body"].to_pylist(), strict=True))
    ]
    table = table.set_column(
        1, table.schema.field("timestamp"), pa.array(times, table.schema.field("timestamp").type)
    )
    for name in ("body", "full_text"):
        at = table.schema.get_field_index(name)
        table = table.set_column(at, table.schema.field(name), pa.array(bodies, pa.string()))
    ops.put_messages(source.source_id, table, "first", N)
    dataset_id = ops.create_dataset("demo", "support", (source.source_id,), title="Support").dataset_id
    refund, late = (ops.create_label(dataset_id, name).label_id for name in ("Refund", "Delivery > Late"))
    where = MessageFilter(until=START + timedelta(days=60))
    known = ops.messages_table(dataset_id, where).to_pylist()
    ops.judge(
        dataset_id,
        tuple(
            Judgement(
                event_id=secrets.token_hex(8),
                uid=one["uid"],
                assigned=(refund,)
                if "refund" in one["body"]
                else (late,)
                if "not arrived" in one["body"]
                else (),
                mode="shuffle",
            )
            for one in known
        ),
    )
    for start in (ops.start_train, ops.start_monitor):
        Job(ops, start(dataset_id)).wait(progress=False)
    return dataset_id


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (800, "dark")])
def test_an_alarm_leads_to_recent_messages_and_to_a_label(
    browser: Browser, serve: Callable[[Path], Served], tmp_path: Path, width: int, theme: str
) -> None:
    served = serve(tmp_path / "monitor.duckdb")
    dataset_id = watched(served.operations)
    seen = visit(browser, served, width=width)
    page = seen.open("monitor", f"?user=anna&theme={theme}")
    expect(page.get_by_text("Change found")).to_be_visible()
    expect(page.get_by_role("heading", name="People use other words")).to_be_visible()
    cards = page.get_by_role("list", name="What came new: make a label of a group")
    drones = cards.get_by_role("listitem").filter(has_text="drone").first
    expect(drones).to_be_visible()
    fits(page)
    picture(page, f"monitor-alarm-{width}-{theme}")
    box = drones.get_by_placeholder("Label these…")
    box.fill("Drones")
    box.press("Enter")
    expect(page.get_by_text("messages labelled Drones.")).to_be_visible()
    labels = {one.name: one for one in served.operations.labels(dataset_id)}
    assert labels["Drones"].n_assigned == 12
    expect(page.get_by_label("By", exact=True)).to_be_visible()
    picture(page, f"monitor-labelled-{width}-{theme}")

    page.get_by_role("link", name="with Rebalance").click()
    expect(page.get_by_label("Show", exact=True)).to_have_value("Rebalance: under-represented")
    assert "mode=rebalance" in page.url and "since=" in page.url
    assert seen.outside == [] and seen.errors == []
