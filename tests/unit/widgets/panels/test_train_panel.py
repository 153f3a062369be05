"""The Train panel through its state and public methods."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import ipywidgets as ipw
import pytest

from tests.contract.messages import batch
from tests.unit.widgets.panels.screens import check_words
from workbench import charts
from workbench.domain import (
    DatasetId,
    Guide,
    GuidedBatch,
    LabelId,
    MeasuredGain,
    MessageFilter,
    NextStep,
    Rating,
    RatingFactor,
    Uid,
    VersionScore,
)
from workbench.domain.guide import ExpectedGain, StopAdvice
from workbench.door import Dataset
from workbench.widgets.elements import JudgementEvent
from workbench.widgets.panels import TrainPanel
from workbench.widgets.panels.figures import Said
from workbench.widgets.panels.train_view import change_words, effect_html, standing_html, step_html, step_line
from workbench.widgets.state import PanelState

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def show(dataset: Dataset) -> Iterator[Callable[[], TrainPanel]]:
    """Make a panel on the dataset; closed afterwards."""
    made: list[TrainPanel] = []

    def make(state: PanelState | None = None) -> TrainPanel:
        made.append(TrainPanel(dataset, state=state))
        return made[-1]

    yield make
    for panel in made:
        panel.close()


def fill(dataset: Dataset, n: int = 30) -> LabelId:
    dataset.operations.put_messages(dataset.info.source_ids[0], batch(n), "first", n)
    return dataset.create_label("Refund").label_id


def n_models(widget: ipw.Widget) -> int:
    return 1 + sum(n_models(one) for one in getattr(widget, "children", ()))


def judged(panel: TrainPanel, row: int, *labels: str) -> None:
    """What the card tells when Enter is pressed on a message."""
    event = JudgementEvent(
        seq=secrets.token_hex(8),
        uid=panel.card.queue[row]["uid"],
        assigned=list(labels),
        dismissed=[],
        new=[],
        reviewed=True,
        before_revision=0,
        sentiments={},
    )
    panel.judging.judge([event])
    panel.card.cursor = row + 1


def test_a_batch_that_doubts_offers_the_verdict_on_its_label(
    show: Callable[..., TrainPanel], dataset: Dataset
) -> None:
    fill(dataset)
    other = dataset.operations.create_label(dataset.dataset_id, "Another").label_id
    panel = show()
    uids = tuple(dataset.operations.message_uids(dataset.dataset_id, MessageFilter())["uid"].to_pylist()[:2])
    doubting = GuidedBatch(
        batch_id="b" * 16,
        dataset_id=dataset.dataset_id,
        actor="tester",
        mode="check",
        label_id=other,
        label="Another",
        begun_at=datetime(2026, 3, 1, tzinfo=UTC),
        uids=uids,
        probabilities=(1.0, 1.0),
        n_population=2,
    )
    panel.show_batch(doubting)
    assert panel.keeping.keep.layout.display is None
    assert panel.label.value == other
    assert panel.taxonomy.splitting.widget in panel.taxonomy.asking.children


def test_a_dataset_without_messages_is_told_to_bring_some_in(show: Callable[[], TrainPanel]) -> None:
    panel = show()
    assert "Bring messages in" in panel.next.value
    assert panel.start_button.description == "Look again"
    assert panel.other_button.disabled
    assert panel.at_work.layout.display == "none"
    assert "Model rating: not known yet" in panel.standing.value
    assert panel.effect_box.layout.display == "none"
    panel.start()
    assert not panel.notice.title


def test_a_batch_is_reviewed_right_there_and_gone_on_with(
    show: Callable[..., TrainPanel], dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    label_id = fill(dataset)
    panel = show()
    trained: list[bool] = []
    monkeypatch.setattr(panel, "train", lambda: trained.append(True))
    assert "Map the messages" in panel.next.value
    assert panel.start_button.description == "Map now"
    assert n_models(panel.widget) <= 50
    panel.turn_drawer()
    assert panel.drawer.layout.display is None
    assert [one.description for one in panel.proposed if one.layout.display is None] != []
    assert panel.proposed[0].description.startswith("Review with Shuffle · 20 messages · 2 to 7 minutes")
    panel.mode.value = "teach"
    assert panel.label.layout.display is None
    panel.mode.value = "shuffle"
    panel.start_chosen()
    assert n_models(panel.widget) <= 50
    assert panel.keeping.keep.layout.display == "none"  # nothing is doubted here
    assert (len(panel.card.queue), panel.batch_bar.total, panel.batch_bar.done) == (20, 20, 0)
    assert panel.between.layout.display == "none"
    assert panel.at_work.layout.display is None
    assert "ds.begin_batch('shuffle', 20)" in panel.code.code
    assert "mode=shuffle" not in panel.address.query  # as usual, so it is not written out
    judged(panel, 0, label_id)
    judged(panel, 1)
    panel.skip()
    assert (panel.batch_bar.done, panel.batch_bar.skipped, panel.card.cursor) == (2, 1, 3)

    again = show()  # the page is opened again
    assert "Go on with your batch" in again.next.value
    assert "2 of 20 messages are reviewed" in again.next.value
    again.start()
    assert again.card.cursor == 2
    assert again.batch_bar.done == 2

    panel.finish()
    assert trained == [True]
    assert panel.notice.title == "2 messages reviewed."
    assert panel.between.layout.display is None
    assert panel.drawer.layout.display == "none"
    assert "ds.guide()" in panel.code.code
    events = dataset.operations.review_events(dataset.dataset_id).to_pylist()
    assert [(one["mode"], one["n_population"]) for one in events] == [("shuffle", 30)] * 2
    assert [one["probability"] for one in events] == pytest.approx([20 / 30] * 2)
    assert events[0]["assigned"] == [label_id]


def test_a_batch_that_is_all_reviewed_ends_by_itself(
    show: Callable[..., TrainPanel], dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(dataset, 4)
    panel = show(PanelState(mode="recent"))
    trained: list[bool] = []
    monkeypatch.setattr(panel, "train", lambda: trained.append(True))
    assert panel.mode.value == "recent"
    panel.start_chosen()
    for row in range(3):
        judged(panel, row)
    panel.skip()
    assert panel.card.cursor == 4
    assert panel.batch is not None  # one was skipped: it does not end by itself
    assert not trained
    panel.card.cursor = 3
    judged(panel, 3)
    assert panel.batch is None
    assert trained == [True]
    assert dataset.guide().n_reviewed == 4


def guide(**changes: object) -> Guide:
    score = VersionScore(version=3, rating=68, mean_average_precision=0.61, factors={"coverage": 70.0})
    step = NextStep(
        kind="batch",
        rule="teach",
        mode="teach",
        label_id=LabelId("l1"),
        label=HOSTILE,
        n=20,
        gain=ExpectedGain(value=0.018, low=-0.004, high=0.031),
        minutes_low=2.6,
        minutes_high=5.8,
        title=f"Teach label {HOSTILE}",
        reason="Because.",
    )
    told = Guide(
        dataset_id=DatasetId("d"),
        version=4,
        rating=Rating(
            score=71,
            band="good",
            factors=(
                RatingFactor(
                    name="coverage", score=74, band="good", weight=0.25, contributors={}, action="Go on."
                ),
            ),
        ),
        mean_average_precision=0.63,
        n_messages=1200,
        n_reviewed=300,
        n_labels=9,
        n_labels_ready=7,
        seconds_per_message=11.0,
        recommended=step,
        alternatives=(step,),
        last_batch=GuidedBatch(
            batch_id="b",
            dataset_id=DatasetId("d"),
            actor=HOSTILE,
            mode="teach",
            label_id=LabelId("l1"),
            label=HOSTILE,
            begun_at=datetime(2026, 3, 1, tzinfo=UTC),
            uids=(Uid("s.1"), Uid("s.2")),
            probabilities=(1.0, 1.0),
            n_population=2,
            done=(Uid("s.1"),),
            before=score,
            after=VersionScore(
                version=4,
                rating=71,
                mean_average_precision=0.628,
                factors={"coverage": 74.0, "balance": 60.0},
            ),
            promised=ExpectedGain(value=0.02, low=-0.01, high=0.05),
            gained=MeasuredGain(value=0.018, low=-0.004, high=0.031, n=240),
        ),
        open_batch=None,
        advice=StopAdvice(readiness="go_on", text="Go on.", missing=(f"label {HOSTILE}",)),
    )
    return replace(told, **changes)  # type: ignore[arg-type]


def test_every_number_that_the_guide_says_stands_in_a_frame() -> None:
    told = guide()
    standing, steps, effect = (
        make(told) for make in (charts.guide_standing, charts.guide_steps, charts.guide_effect)
    )
    for words, figure in (
        (standing_html(told), standing),
        (step_html(told.recommended, told), steps),
        (effect_html(told), effect),
    ):
        place = Said()
        place.say(words, figure)
        check_words(place)
    assert standing.frame()["n_labels_ready"].to_list() == [7]
    change = {row["what"]: row["change"] for row in effect.frame().to_dicts()}
    assert change["coverage"] == 4 and change["mean_average_precision"] == 0.018 and change["balance"] is None
    assert charts.guide_effect(replace(told, last_batch=None)).frame().is_empty()


def test_standing_step_and_effect_in_words() -> None:
    told = guide()
    head = standing_html(told)
    assert 'aria-label="Model rating: 71 of 100, good"' in head
    assert "74 · Good" in head
    assert head.count("not known yet") == 3  # factors that nobody knows yet
    assert "<b>7</b><span>labels with 25 or more examples" in head
    step = step_html(told.recommended, told)
    assert "<b>20 messages</b> · <b>3 to 6 minutes</b> by the pace so far" in step
    assert "<b>+1.8 points (−0.4 to +3.1)</b> of mean average precision" in step
    effect = effect_html(told)
    assert "<th>Rating</th><td>68</td><td>71</td><td><b>+3</b>" in effect
    assert "<td>61.0 %</td><td>62.8 %</td><td><b>+1.8</b>" in effect
    assert "<th>Coverage</th><td>70</td><td>74</td><td><b>+4</b>" in effect
    assert "<th>Balance</th><td>–</td><td>60</td><td><b>new</b>" in effect
    assert "1 of 2 messages reviewed" in effect
    assert "On the 240 test messages of both versions" in effect
    assert "by +1.8 points (95 % interval −0.4 to +3.1): may be chance." in effect
    assert "Expected were +2 points (−1 to +5)." in effect
    assert told.last_batch is not None
    sure = replace(told.last_batch, gained=MeasuredGain(value=0.02, low=0.01, high=0.03, n=240))
    assert "more than chance" in change_words(sure)
    assert change_words(replace(told.last_batch, gained=None, promised=None)) == ""
    for shown in (head, step, effect):
        assert HOSTILE not in shown
    assert effect_html(replace(told, last_batch=None)) == ""
    unknown = replace(told.recommended, gain=None, minutes_low=0.1, minutes_high=0.4)
    assert "about 1 minute</b>" in step_html(unknown, replace(told, seconds_per_message=None))
    assert step_line(unknown).endswith(" · 20 messages · about 1 minute · gain not known")
