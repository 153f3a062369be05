"""A sentence on screen: its filter stands in the bar, and what it leaves is told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.widgets.panels.conftest import mail_csv
from workbench.domain import MessageFilter, PropertyFilter, Remark, SentenceReading
from workbench.door import Dataset, Workspace
from workbench.widgets.panels import DiscoverPanel
from workbench.widgets.panels.asking import remarks_of, state_of
from workbench.widgets.panels.conditions import one_by_one


def test_a_sentence_becomes_the_filter_of_the_screen(dataset: Dataset, tmp_path: Path) -> None:
    Workspace(dataset.operations, address="").import_(
        mail_csv(tmp_path / "mail.csv", 30), source="demo/mail", progress=False
    )
    panel = DiscoverPanel(dataset)
    line = panel.filters.asking
    assert line is not None and panel.notice.title == ""
    line.sentence.value = "unreviewed, about refund since 2026-03-10, tier is gold, <b>furious</b>"
    assert (panel.state.text, panel.state.review, panel.state.since) == ("refund", "no", "2026-03-10")
    assert panel.state.more == MessageFilter(
        properties=(PropertyFilter(name="string:tier", one_of=("gold",)),)
    )
    assert len(panel.filters.chips.chips) == 1
    assert panel.notice.level == "info"
    assert panel.notice.title == "Not understood, so not in the filter: “b>furious</b”."
    assert panel.found.total == dataset.operations.count_messages(
        dataset.dataset_id, panel.filters.where(panel.state)
    )

    # It is the bar's: what it chose is corrected there, and the next sentence takes its place.
    panel.filters.remove(0)
    assert panel.state.more == MessageFilter()
    line.sentence.value = "reviewed"
    assert (panel.state.text, panel.state.review, panel.state.since) == ("", "yes", "")
    assert panel.notice.title == ""

    line.sentence.value = "furious"
    assert panel.state.review == "yes"
    assert panel.notice.text == "No condition was found; the filter stays as it was."
    line.sentence.value = "x" * 1_001
    assert panel.notice.level == "error" and "has 1,001 characters" in panel.notice.title
    line.sentence.value = " "
    assert panel.notice.title == ""


def test_every_whole_day_keeps_its_bounds() -> None:
    where = MessageFilter(
        text="refund",
        reviewed=True,
        since=datetime(2026, 3, 1, tzinfo=UTC),
        until=datetime(2026, 4, 1, tzinfo=UTC),
        languages=("de",),
    )
    state = state_of(where)
    assert (state.since, state.until) == ("2026-03-01", "2026-03-31")
    assert state.where() == where
    assert len(one_by_one(state.more)) == 1


@pytest.mark.parametrize("problem", ["", "the language model failed."])
def test_what_a_model_read_is_marked(problem: str) -> None:
    read = SentenceReading(
        where=MessageFilter(reviewed=True),
        understood=(Remark(start=0, end=4, text="seen", by="model"),),
        left=(),
        problem=problem,
    )
    told = ["The language model failed."] if problem else []
    assert remarks_of(read) == ["Read by the language model, look twice: “seen”.", *told]
