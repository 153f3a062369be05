"""Every figure on every screen gives its frame and its call, and the call gives the same frame again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.contract.messages import batch
from tests.contract.test_thresholds import spoil
from tests.contract.test_versions import say, train
from tests.unit.widgets.panels.screens import check_screen, on_screen
from workbench.domain import (
    DiscoverOptions,
    LabelThreshold,
    MessageFilter,
    OverlapAnswer,
    StreamException,
    StreamSettings,
    WebhookSettings,
)
from workbench.door import Dataset, Job, Workspace
from workbench.settings import Settings
from workbench.widgets import panels
from workbench.widgets.panels import (
    AdminPanel,
    AgreementPanel,
    AnnotatePanel,
    DatasetsPanel,
    DiscoverPanel,
    ModelsPanel,
    MonitorPanel,
    Page,
    Panel,
    SourcesPanel,
    StreamsPanel,
    TaxonomyPanel,
    TrainPanel,
    UsagePanel,
    ValidationPanel,
)
from workbench.widgets.panels.stream_editor import StreamEditor
from workbench.workspace.opening import OpenedWorkspace, open_workspace

pytestmark = pytest.mark.slow
HOSTILE = '<b>L\'été\\ "{x}" # quit()'
"""The name of a label that would end a text, a comment or an element if it were written as it is."""


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenedWorkspace]:
    """Reviews of 360 of 400 messages, two versions, a map, drift, suspects looked at, two people who agree or not."""
    settings = Settings(
        encoder="hash-test", fast_encoder="", retrain_after_reviews=0, webhook_inner_hosts="127.0.0.1"
    )
    with open_workspace(tmp_path_factory.mktemp("figures") / "w.duckdb", settings=settings) as made:
        ops = made.operations("tester")
        source = ops.create_source("demo", "mail")
        ops.put_messages(source.source_id, batch(400), "first", 400)
        did = ops.create_dataset("demo", "support", (source.source_id,), title="Support").dataset_id
        ops.create_label(did, HOSTILE)
        say(ops, did, 300)
        train(ops, did)
        open_batch = ops.begin_batch(did, "shuffle", 8)
        say(ops, did, 360)
        spoil(ops, did)
        ops.finish_batch(did, open_batch.batch_id)
        train(ops, did)
        for job_id in (ops.start_discover(did, DiscoverOptions()), ops.start_monitor(did)):
            Job(ops, job_id).wait(progress=False)
        jo = made.operations("jo")
        refund = next(one.label_id for one in ops.labels(did) if one.name == "Refund")
        ops.assign_overlap(did, ("tester", "jo"), 12, 2, None, 7)
        for person, gives in ((ops, 5), (jo, 7)):
            due = sorted(person.overlap_due(did, 40), key=lambda task: task.uid)[: 14 if person is jo else 11]
            answers = (
                OverlapAnswer(task_id=one.task_id, assigned=(refund,) if place < gives else ())
                for place, one in enumerate(due)
            )
            person.answer_overlap(did, tuple(answers))
        ops.pin_version(did, 1)
        Job(ops, ops.start_predict(did, 1)).wait(progress=False)  # so that the stream has nothing to wait for
        ops.create_stream(
            did,
            "robot",
            StreamSettings(
                where=MessageFilter(text="refund"),
                version=1,
                thresholds=(LabelThreshold(label_id=refund, threshold=0.6),),
            ),
        )
        ops.reset_stream(did, "robot", datetime(2020, 1, 1, tzinfo=UTC))
        uid = ops.message_uids(did, MessageFilter())["uid"].to_pylist()[0]
        ops.tag_exceptions(did, "robot", (StreamException(uid=uid, type=HOSTILE),))
        ops.set_webhook(did, "robot", WebhookSettings(url="http://127.0.0.1:9/hook"))
        ops.pause_webhook(did, "robot")
        yield made


@pytest.fixture(scope="module")
def ds(opened: OpenedWorkspace) -> Dataset:
    ops = opened.operations("tester")
    return Dataset(ops, ops.datasets()[0].dataset_id)


@pytest.fixture(scope="module")
def ws(ds: Dataset) -> Workspace:
    return Workspace(ds.operations, address="test")


@pytest.fixture
def show(ds: Dataset) -> Iterator[Callable[..., Any]]:
    """Open a panel; it is closed at the end."""
    shown: list[Page] = []

    def make(kind: type[Page]) -> Page:
        shown.append(kind(ds if issubclass(kind, Panel) else ds.operations))  # type: ignore[arg-type]
        return shown[-1]

    yield make
    for one in shown:
        one.close()


def answer(part: Any, **values: str) -> None:
    part.form._submitted({"values": {**part.form.values, **values}}, [])


def visit_validation(panel: ValidationPanel, ws: Workspace) -> Iterator[set[str]]:
    for name in [name for name, _ in panel.label.options]:
        panel.open_row(name)
        for threshold in (0.3, 0.5, 1.0):
            panel.set_threshold(threshold)
            panel.show_behind()
            yield check_screen(panel, ws)
    panel.open_row("Refund")
    panel.set_threshold(0.5)
    part = panel.thresholds
    part.show_week()
    yield check_screen(panel, ws)
    for costs in (
        {"checks_per_day": ""},
        {"checks_per_day": "1"},
        {"manual_check": "", "checks_per_day": ""},
    ):
        part.ask_cost()
        answer(part, **{"wrong_action": "20", "missed": "10", "manual_check": "2", **costs})
        assert not part.form.shown
        yield check_screen(panel, ws)
    part.keep()
    part.ask_promise()
    answer(part, risk="missed", at_most="30", sure="60", over_next="40")
    yield check_screen(panel, ws)
    part.ask_promise()
    answer(part, risk="wrong", at_most="1", sure="95", over_next="")
    yield check_screen(panel, ws)
    for view in ("mixed_up", "groups", "true_positive"):
        panel.behind.view.value = view
        for by in [value for _, value in panel.behind.by.options]:
            panel.behind.by.value = by
            yield check_screen(panel, ws)
    panel.version.value = min(number for _, number in panel.version.options)
    yield check_screen(panel, ws)


def visit_monitor(panel: MonitorPanel, ws: Workspace) -> Iterator[set[str]]:
    yield check_screen(panel, ws)
    for _, label_id in panel.drift_view.label.options:
        panel.drift_view.label.value = label_id
        yield check_screen(panel, ws)
    for _, name in panel.balance_view.property.options:
        panel.balance_view.property.value = name
        yield check_screen(panel, ws)


def visit_annotate(panel: AnnotatePanel, ws: Workspace) -> Iterator[set[str]]:
    yield check_screen(panel, ws)
    panel.mode.value = "suspects"
    assert panel.card.queue
    yield check_screen(panel, ws)


def visit_sources(panel: SourcesPanel, ws: Workspace) -> Iterator[set[str]]:
    for _, part in panel.parts.options:
        panel.parts.value = part
        # How many cards are listed is counted on the screen; only the sources' messages are a figure.
        yield check_screen(panel, ws, plain=() if part == "sources" else (panel._status,))


def visit_usage(panel: UsagePanel, ws: Workspace) -> Iterator[set[str]]:
    yield check_screen(panel, ws)
    for _, by in panel.by.options:
        panel.by.value = by
        yield check_screen(panel, ws)
    for every in ("week", "month"):
        panel.every.value = every
        panel.period.value = 0
        yield check_screen(panel, ws)


def visit_streams(panel: StreamsPanel, ws: Workspace) -> Iterator[set[str]]:
    yield check_screen(panel, ws)
    for key in ("next", "exceptions", "webhook", "look", "change"):
        panel.act(key, "robot")
        if isinstance(panel.opened, StreamEditor):
            until_counted(panel.opened)
        yield check_screen(panel, ws)
    assert isinstance(panel.opened, StreamEditor)
    panel.opened.version.value = 2
    until_counted(panel.opened)
    yield check_screen(panel, ws)
    panel.show_list()


def until_counted(editor: StreamEditor) -> None:
    end = time.monotonic() + 60
    while "Counting" in editor.outcome.error_words.value:
        assert time.monotonic() < end, "errors are never counted"
        time.sleep(0.02)


def visit_admin(panel: AdminPanel, ws: Workspace) -> Iterator[set[str]]:
    for tab in panel.tabs.tabs:
        panel.tabs.value = tab["key"]
        yield check_screen(panel, ws)


VISITS: dict[type[Page], Callable[[Any, Workspace], Iterator[set[str]]]] = {
    AdminPanel: visit_admin,
    AnnotatePanel: visit_annotate,
    MonitorPanel: visit_monitor,
    SourcesPanel: visit_sources,
    StreamsPanel: visit_streams,
    UsagePanel: visit_usage,
    ValidationPanel: visit_validation,
}
"""Screens with more than one view; of the others the first is looked at."""
EXPECTED: dict[type[Page], str] = {
    AdminPanel: "quota_use",
    AgreementPanel: "agreement agreement_labels agreement_people agreement_summary dataset_counts "
    "overlap_waiting",
    AnnotatePanel: "dataset_counts label_counts label_suspects suspect_yield",
    DatasetsPanel: "datasets_held workspace_counts",
    DiscoverPanel: "cluster_sizes dataset_counts map_counts",
    ModelsPanel: "dataset_counts labels_compared model_versions version_changes version_history version_verdict",
    MonitorPanel: "balance_groups balance_map balance_summary cluster_changes coverage dataset_counts drift_alarms "
    "drift_summary drift_tests label_changes label_course label_trends message_volume mode_shares phrase_changes "
    "property_balance",
    SourcesPanel: "sources_held workspace_counts",
    StreamsPanel: "dataset_counts stream_ahead stream_change stream_changes stream_errors_expected stream_exceptions "
    "stream_passing stream_webhook streams_standing streams_total",
    TaxonomyPanel: "dataset_counts label_counts",
    TrainPanel: "dataset_counts guide_effect guide_standing guide_steps",
    UsagePanel: "budgets_reached consumption consumption_rows forecast_history forecast_sums measures_taken usage_total",
    ValidationPanel: "breakdown_groups cost_of_threshold dataset_counts kept_thresholds label_at_threshold labels_mixed_up "
    "mean_precision_at_recall outcome_counts precision_by_training_size precision_recall promise_of_threshold rating_dial "
    "rating_factors stop_advice unread_at_threshold validation_labels validation_summary week_of_threshold",
}
"""What each screen must have shown, so that a view that stays empty is no proof."""


def test_every_screen_is_looked_at() -> None:
    made = {getattr(panels, name) for name in panels.__all__} - {Page, Panel}
    assert made == set(EXPECTED)


@pytest.mark.parametrize("kind", sorted(EXPECTED, key=lambda one: one.name), ids=lambda one: one.name)
def test_every_figure_on_a_screen_can_be_got_again(
    kind: type[Page], show: Callable[..., Any], ws: Workspace
) -> None:
    panel = show(kind)
    found: set[str] = set()
    visit = VISITS.get(kind)
    for names in visit(panel, ws) if visit else [check_screen(panel, ws)]:
        found |= names
    assert set(EXPECTED[kind].split()) <= found, set(EXPECTED[kind].split()) - found
    assert len(list(on_screen(panel.widget))) <= 50
