"""Thresholds in the label view, and suspects on the Annotate screen, through state and public methods."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import ipywidgets as ipw
import pytest

from tests.contract.messages import batch
from tests.contract.test_thresholds import spoil
from tests.contract.test_versions import say, train
from workbench.domain import (
    DatasetId,
    Estimate,
    KeptThreshold,
    LabelId,
    LabelSuspect,
    PromisedThreshold,
    SuspectReport,
    Uid,
)
from workbench.door import Dataset
from workbench.errors import InputError, UnknownNameError
from workbench.widgets.elements import JudgementEvent
from workbench.widgets.panels import AnnotatePanel, ValidationPanel
from workbench.widgets.panels.figures import Said
from workbench.widgets.panels.suspecting import suspect_words, yield_words
from workbench.widgets.panels.threshold_words import kept_html, number, promise_html

HOSTILE = "<img src=x onerror=alert(1)>"


def n_models(widget: ipw.Widget) -> int:
    return 1 + sum(n_models(one) for one in getattr(widget, "children", ()))


@pytest.fixture
def trained(dataset: Dataset) -> Dataset:
    ops, did = dataset.operations, dataset.dataset_id
    ops.put_messages(ops.sources()[0].source_id, batch(400), "first", 400)
    say(ops, did, 360)
    spoil(ops, did)
    train(ops, did)
    return dataset


def answer(part: Any, **values: str) -> None:
    part.form._submitted({"values": {**part.form.values, **values}}, [])


def test_thresholds_are_found_shown_and_kept_and_suspects_reviewed(trained: Dataset) -> None:
    check_label_view(trained)
    check_suspects(trained)
    check_notebook(trained)


def check_label_view(trained: Dataset) -> None:
    panel = ValidationPanel(trained)
    assert n_models(panel.widget) <= 50
    part = panel.thresholds
    panel.open_row("Refund")
    chosen = panel.chosen()
    assert chosen is not None and "No threshold is kept with version 1" in part.kept.value
    balanced = next(one.threshold for one in chosen.choices if one.name == "balanced")
    assert (part.basis, part.threshold, part.automatic.value) == ("balanced", balanced, "balanced")
    part.automatic.value = "high_recall"
    wanted = next(one.threshold for one in chosen.choices if one.name == "high_recall")
    assert part.threshold == wanted and panel.slider.value == round(wanted, 2)
    part.automatic.value = "sampled_2"
    assert part.basis == "sampled_2" and ("Recall 50 %", "sampled_2") in part.automatic.options
    panel.slider.value = 0.5
    assert (part.basis, part.threshold, part.automatic.value) == ("chosen", 0.5, "chosen")
    part.show_week()
    assert "A week of 168 messages" in part.found.value and "95 % intervals" in part.found.value
    panel.slider.value = 0.51
    assert part.found.value == "", "what was said of another threshold goes"
    part.ask_cost()
    answer(part, wrong_action="many")
    assert "'many' is no number. Type digits" in part.form.errors["wrong_action"] and part.form.shown
    answer(part, wrong_action="20", missed="10", manual_check="2", checks_per_day="")
    assert not part.form.shown and (part.basis, part.threshold, part.check_from) == ("cost", 0.9, 0.2)
    assert "Act from <b>90 %</b>, let people check from <b>20 %</b>" in part.found.value
    assert part.automatic.value == "cost"
    part.keep()
    assert "Refund <b>90 %</b>, check from 20 % (by cost)" in part.kept.value
    part.ask_cost()
    assert part.form.values["wrong_action"] == "20", "the costs given last are there again"
    part.ask_promise()
    answer(part, at_most="0")
    assert "at_most is 0.0" in part.form.errors["at_most"]
    answer(part, at_most="1")
    assert "<b>Nothing can be promised.</b> Too few held-out messages" in part.found.value
    assert part.basis == "cost", "the threshold on screen stays"
    part.ask_promise()
    answer(part, risk="missed", at_most="30", sure="60", over_next="40")
    assert part.basis == "promise" and "over the next 40 messages" in part.found.value
    part.drop()
    assert "No threshold is kept" in part.kept.value
    panel.close()


def check_suspects(trained: Dataset) -> None:
    ops, did = trained.operations, trained.dataset_id
    panel = AnnotatePanel(trained)
    line = panel.suspecting.line
    assert line.layout.display == "none"
    panel.mode.value = "suspects"
    assert n_models(panel.widget) <= 50
    report = ops.label_suspects(did, 256)
    assert [row["uid"] for row in panel.card.queue] == [one.uid for one in report.suspects[:20]]
    assert "May be wrong: <b>Delivery &gt; Late</b>" in line.value and "expected <b>Refund</b>" in line.value
    assert "none was looked at yet" in line.value and panel.code.code.endswith("ds.suspects(20)")
    assert panel.label.layout.display == "none"
    # One kept as it is, with both of its labels, one taken back, one corrected.
    first = panel.card.queue[0]["uid"]
    panel.keeping.keep.click()
    assert first not in {one.uid for one in ops.label_suspects(did, 256).suspects}
    panel.keeping.undo.click()
    assert panel.card.cursor == 0
    assert first in {one.uid for one in ops.label_suspects(did, 256).suspects}
    refund = next(one.label_id for one in ops.labels(did) if one.name == "Refund")
    event = JudgementEvent(
        seq=secrets.token_hex(8),
        uid=first,
        assigned=[refund],
        dismissed=[],
        new=[],
        reviewed=True,
        before_revision=panel.card.queue[0]["revision"],
        before_assigned=list(panel.card.queue[0]["assigned"]),
        sentiments={},
    )
    panel.judging.judge([event])
    modes = [one["mode"] for one in ops.review_events(did).to_pylist() if one["uid"] == first]
    assert modes[-1] == "check"
    panel.new_batch()
    assert first not in {row["uid"] for row in panel.card.queue}
    assert "Of 1 looked at, 1 were changed (100%" in line.value
    panel.filters.text.value = "nothing has these words"
    panel.new_batch()
    assert panel.card.queue == [] and "passes the filter" in panel.card.empty_text
    panel.mode.value = "shuffle"
    assert line.layout.display == "none" and panel.doubted(first) == ()
    panel.close()


def check_notebook(trained: Dataset) -> None:
    found = trained.suspects(3)
    assert found.columns[:3] == ["uid", "kind", "said"] and len(found) == 3
    assert set(trained.suspects(50, label="Refund")["expected"]) <= {"Refund", None}
    cost = trained.threshold_for_cost("Refund", wrong_action=20, missed=10)
    trained.keep_threshold("Refund", cost.act_from, basis="cost", reason="20 : 10")
    assert trained.kept_thresholds().row(0)[:5] == ("Refund", 0.6667, None, "cost", "20 : 10") or (
        trained.kept_thresholds()["threshold"].to_list() == [cost.act_from]
    )
    assert trained.expected_errors("Refund", 0.5).threshold == 0.5
    assert trained.threshold_with_promise("Refund", at_most=0.01).threshold is None
    with pytest.raises(UnknownNameError, match="unknown label 'Nope'"):
        trained.expected_errors("Nope", 0.5)


def test_names_are_shown_as_text() -> None:
    kept = KeptThreshold(
        dataset_id=DatasetId("d"),
        version=1,
        label_id=LabelId("l"),
        name=HOSTILE,
        threshold=0.5,
        check_from=None,
        basis="chosen",
        reason="",
        kept_at=datetime(2026, 1, 1, tzinfo=UTC),
        kept_by="ann",
    )
    suspect = LabelSuspect(
        uid=Uid("s.a"),
        kind="instead",
        said=LabelId("l"),
        expected=LabelId("gone"),
        said_probability=0.1,
        expected_probability=0.9,
        score=2.0,
    )
    told = kept_html((kept,), 1) + suspect_words(suspect, {LabelId("l"): HOSTILE})
    assert "<img" not in told and "&lt;img" in told and "a label that is gone" in told


def test_a_promise_says_how_many_came_by_shuffle() -> None:
    about: dict[str, Any] = {
        "dataset_id": DatasetId("d"),
        "version": 1,
        "label_id": LabelId("l"),
        "risk": "wrong",
        "at_most": 0.02,
        "sure": 0.95,
        "held_out": "test",
        "over_next": None,
        "threshold": 0.87,
        "n": 200,
        "n_bad": 1,
        "upper": 0.019,
        "recall": 0.7,
        "n_needed": 149,
        "n_held_out": 900,
        "seed": 0,
    }
    few = promise_html(PromisedThreshold(**about, n_random=100))
    assert "From <b>87 %</b> on at most 2 % of what reaches it is wrong in the long run, 95 % sure" in few
    assert "1 of the 200 test messages that reach it were wrong; 70% of those with the label reach it" in few
    assert "Only 100 of 900 came by Shuffle" in few
    assert "Shuffle" not in promise_html(PromisedThreshold(**about, n_random=450))
    drawn = promise_html(PromisedThreshold(**about, n_random=900, sample="random"))
    assert "Tested on 900 messages that came by Shuffle." in drawn


def test_the_yield_before_the_first_validation() -> None:
    nothing = Estimate(value=None, low=None, high=None)
    report = SuspectReport(
        dataset_id=DatasetId("d"),
        version=None,
        n_judged=0,
        n_suspects=0,
        suspects=(),
        n_looked_at=0,
        n_changed=0,
        found=nothing,
    )
    assert yield_words(report).startswith("Nothing is suspect before the first validation")


@pytest.mark.parametrize("typed", ["x", "inf", "nan", "1,5"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    assert number({"a": " "}, "a") is None and number({"a": "1.5"}, "a") == 1.5
    with pytest.raises(InputError, match=r"is no number\. Type digits, with a point before decimals"):
        number({"a": typed}, "a")


def test_a_part_without_a_threshold_says_nothing_of_a_week() -> None:
    from workbench.widgets.panels.threshold_part import ThresholdPart

    panel: Any = SimpleNamespace(guard=lambda action: action, words=Said)
    part = ThresholdPart(panel)
    part.show_week()
    assert part.found.value == ""
