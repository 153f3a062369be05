"""The Monitor panel: what rang and why, what to do about it, and labels that begin on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.contract.messages import batch
from tests.unit.charts import make_results as make
from tests.unit.widgets.panels.screens import check_screen
from workbench.domain import (
    BalanceReport,
    ClusterChange,
    DriftReport,
    DriftTest,
    ExceptionChange,
    LabelChange,
    LabelId,
    MessageFilter,
    Uid,
    UncoveredGroup,
)
from workbench.door import Dataset, Workspace
from workbench.settings import Settings
from workbench.widgets.panels import MonitorPanel
from workbench.widgets.panels.alarms import alarms_html, quoted
from workbench.workspace.opening import OpenedWorkspace, open_workspace

HOSTILE = make.HOSTILE
START, END = datetime(2026, 3, 3, tzinfo=UTC), datetime(2026, 3, 5, tzinfo=UTC)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[OpenedWorkspace]:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as made:
        yield made


@pytest.fixture
def ds(opened: OpenedWorkspace) -> Dataset:
    """Sixty messages, and the label Late."""
    ops = opened.operations("tester")
    source = ops.create_source("demo", "mail")
    ops.put_messages(source.source_id, batch(60), "first", 60)
    made = ops.create_dataset("demo", "support", (source.source_id,), title="Support")
    ops.create_label(made.dataset_id, "Late")
    return Dataset(ops, made.dataset_id)


def rang(name: str, effect: float = 0.05, *, alarm: bool = True) -> DriftTest:
    return DriftTest(
        name=name, window_start=START, window_end=END, n=40, statistic=5.0, p_value=1e-4, p_adjusted=6e-4,
        effect=effect, effect_unit="share of messages", material=True, alarm=alarm,
    )  # fmt: skip


def reports(ds: Dataset, *tests: DriftTest) -> tuple[DriftReport, BalanceReport]:
    """Reports that speak of messages and labels that are there."""
    uids = [Uid(uid) for uid in ds.messages()["uid"]]
    late = ds.label_ids("Late")[0]
    drift = replace(
        make.drift(),
        dataset_id=ds.dataset_id,
        tests=tests,
        labels=(
            LabelChange(
                label_id=LabelId(late), name=HOSTILE, share_before=0.02, share_now=0.09, z=6.0, p_adjusted=1e-4,
                alarm=True, messages=(uids[0],), phrases=("not arrived", HOSTILE),
            ),
        ),
        clusters=(
            ClusterChange(
                name=HOSTILE, share_before=0.0, share_now=0.1, residual=8.0, mean_confidence=0.2, messages=tuple(uids[:2]),
                phrases=("parcel",), seeds=tuple(uids[:8]), share_new=0.1, share_new_low=0.07, share_new_high=0.14,
            ),
        ),
    )  # fmt: skip
    group = UncoveredGroup(name="vase", phrases=("vase",), n=9, share=0.15, seeds=tuple(uids[8:12]))
    return drift, replace(make.balance(), dataset_id=ds.dataset_id, uncovered=(group,))


def keep(opened: OpenedWorkspace, drift: DriftReport, balance: BalanceReport) -> None:
    with opened._workspace.store.write() as session:
        session.monitoring.put_drift(drift)
        session.monitoring.put_balance(balance)


@pytest.fixture
def panel(opened: OpenedWorkspace, ds: Dataset) -> Iterator[MonitorPanel]:
    keep(opened, *reports(ds, rang("low_confidence"), rang("label_rates"), rang("wording", alarm=False)))
    made = MonitorPanel(ds)
    yield made
    made.close()


def test_each_alarm_says_how_large_it_is_and_what_stands_behind_it(panel: MonitorPanel) -> None:
    told = panel.drift_view.alarms.value
    assert told.count("<section") == 2
    assert "More messages that no label fits" in told and "+5.0\N{NO-BREAK SPACE}points" in told
    assert (
        "10\N{NO-BREAK SPACE}% of the window are new with its topic (95 % interval 7–14\N{NO-BREAK SPACE}%)"
        in told
    )
    assert "went from 2.0\N{NO-BREAK SPACE}% to 9.0\N{NO-BREAK SPACE}%" in told
    assert '<i dir="auto">not arrived</i>' in told and "<blockquote" in told
    assert "People use other words" not in told
    assert HOSTILE not in told and "&lt;script&gt;" in told
    check_screen(panel, Workspace(panel.operations, address="test"))


def test_an_alarm_offers_rebalance_limited_to_the_newest_window(panel: MonitorPanel) -> None:
    view = panel.drift_view
    assert (
        "ds.next_batch(&#x27;rebalance&#x27;, 20, since=datetime(2026, 3, 3, tzinfo=UTC))"
        in view.actions.value
    )
    panel.address.visitor = "anna & co"
    assert (
        'href="annotate.ipynb?dataset=demo%2Fsupport&amp;since=2026-03-03&amp;mode=rebalance&amp;user=anna+%26+co"'
        in view.actions.value
    )
    assert "mode=low_confidence" in view.actions.value


def test_more_mail_alone_asks_nothing_of_the_model(opened: OpenedWorkspace, ds: Dataset) -> None:
    keep(opened, *reports(ds, rang("volume", 0.4)))
    panel = MonitorPanel(ds)
    assert "the model needs nothing" in panel.drift_view.actions.value
    assert "More messages come in" in panel.drift_view.alarms.value
    assert "+40\N{NO-BREAK SPACE}% a week" in panel.drift_view.alarms.value
    panel.close()


def test_a_parent_whose_child_says_the_same_is_not_told_twice(ds: Dataset) -> None:
    drift, _ = reports(ds, rang("label_rates"))
    (one,) = drift.labels
    child = replace(one, name="Delivery > Late", messages=(), phrases=())
    fell = replace(child, name="Delivery > Lost", share_before=0.09, share_now=0.02)
    told = alarms_html(replace(drift, labels=(replace(child, name="Delivery"), child, fell)), {})
    assert told.count("went from") == 2
    assert ">Delivery</b>" not in told


def test_more_confidence_is_no_hunt_for_groups(ds: Dataset) -> None:
    drift, _ = reports(ds, rang("low_confidence", -0.05))
    assert "surer of what comes in now" in alarms_html(drift, {})
    assert "new with its topic" not in alarms_html(drift, {})


def test_nothing_is_offered_without_an_alarm(opened: OpenedWorkspace, ds: Dataset) -> None:
    keep(opened, *reports(ds, rang("volume", alarm=False)))
    panel = MonitorPanel(ds)
    panel.address.visitor = "anna"
    assert panel.drift_view.actions.value == panel.drift_view.alarms.value == ""
    panel.close()


def test_a_group_that_came_new_becomes_a_label_of_its_selected_messages(
    panel: MonitorPanel, ds: Dataset
) -> None:
    grid = panel.drift_view.groups.grid
    (card,) = grid.clusters
    seeds = [snippet["uid"] for snippet in card["snippets"]]
    assert len(seeds) == 8 and card["size"] == 4
    panel.drift_view.groups.grid._applied(
        {"label": "Delivery > Drone", "new": True, "cluster_ids": ["0"], "excluded": seeds[6:]}, []
    )
    made = ds.label_ids("Delivery > Drone")[0]
    seen = {one.uid: one for one in ds.operations.get_messages(ds.dataset_id, tuple(seeds))}
    assert {uid for uid, one in seen.items() if made in one.assigned} == set(seeds[:6])
    events = ds.operations.review_events(ds.dataset_id)
    assert set(events["mode"].to_pylist()) == {"cluster"}
    assert grid.clusters[0]["done"] and made in grid.clusters[0]["labels"]
    assert made in {one["id"] for one in grid.taxonomy}
    assert panel.notice.title == "6 messages labelled Delivery > Drone."


def test_a_group_without_a_label_takes_one_that_is_there(panel: MonitorPanel, ds: Dataset) -> None:
    late = ds.label_ids("Late")[0]
    grid = panel.balance_view.uncovered.grid
    assert grid.title.startswith("What no label covers")
    grid._applied({"label": late, "new": False, "cluster_ids": ["0"], "excluded": []}, [])
    reviewed = ds.operations.find_messages(ds.dataset_id, MessageFilter(reviewed=True)).messages
    assert {late in one.assigned for one in reviewed} == {True} and len(reviewed) == 4


def test_a_label_is_looked_at_over_time(panel: MonitorPanel) -> None:
    assert [name for name, _ in panel.drift_view.label.options] == ["Late · changed"]
    assert (
        "Late over time" in panel.drift_view.course.spec
        or panel.drift_view.course_part.layout.display == "none"
    )


def test_properties_are_chosen_and_those_that_differ_say_so(panel: MonitorPanel) -> None:
    view = panel.balance_view
    assert [name for name, _ in view.property.options] == ["Team · differs", "month"]
    assert "Reviewed messages by Team" in view.by_property.spec
    view.property.value = "month"
    assert "Reviewed messages by month" in view.by_property.spec
    assert "They differ by Team." in view.said.value and "71%" in view.said.value


def test_reports_of_older_versions_are_shown(opened: OpenedWorkspace, ds: Dataset) -> None:
    drift, balance = reports(ds, rang("embedding", 0.002))
    (group,) = drift.clusters
    old = replace(group, seeds=(), share_new=0.0, share_new_low=0.0, share_new_high=0.0)
    told = alarms_html(replace(drift, clusters=(old,)), {})
    assert "0\N{NO-BREAK SPACE}% before, 10\N{NO-BREAK SPACE}% now" in told
    keep(
        opened,
        replace(drift, clusters=(old,)),
        replace(balance, properties=(), uncovered=(), share_covered=None),
    )
    panel = MonitorPanel(ds)
    assert len(panel.drift_view.groups.grid.clusters[0]["snippets"]) == 2  # its medoids
    assert panel.balance_view.uncovered.widget.layout.display == "none"
    assert panel.balance_view._property_part.layout.display == "none"
    panel.close()


def test_an_alarm_of_exceptions_names_types_streams_and_messages(ds: Dataset) -> None:
    drift, _ = reports(ds, rang("exception_rate", 0.04))
    message = ds.operations.get_messages(ds.dataset_id, drift.labels[0].messages)[0]
    one = ExceptionChange(
        stream="refunds", type=HOSTILE, share_before=0.02, share_now=0.06, n_before=20, n_now=1_060, messages=(message.uid,)
    )  # fmt: skip
    told = alarms_html(replace(drift, exceptions=(one,)), {message.uid: message})
    assert "More messages could not be handled" in told and "+4.0\N{NO-BREAK SPACE}points" in told
    assert (
        "in stream refunds: 2.0\N{NO-BREAK SPACE}% before, 6.0\N{NO-BREAK SPACE}% now (1,060 messages)"
        in told
    )
    assert told.count("<blockquote") == 1
    assert HOSTILE not in told and "&lt;script&gt;" in told
    assert quoted(replace(drift, labels=(), exceptions=(one,))) == (message.uid,)
    calm, _ = reports(ds, rang("exception_rate", alarm=False))
    assert quoted(replace(calm, labels=(), exceptions=(one,))) == ()
    assert "They are of streams that you may not ask" in alarms_html(replace(drift, exceptions=()), {})
    fewer, _ = reports(ds, rang("exception_rate", -0.04))
    assert "Fewer messages could not be handled" in alarms_html(fewer, {})
