"""What the card says of labels, in the words of a judgement."""

from __future__ import annotations

import pytest

from workbench.domain import LabelId
from workbench.errors import UnknownNameError
from workbench.widgets.elements import JudgementEvent
from workbench.widgets.panels.labelling import in_words, said_of, sentiment_choice

EVENT = JudgementEvent(
    seq="s",
    uid="s.m",
    assigned=["Staff", "l1", "l2"],
    dismissed=[],
    new=["Staff"],
    reviewed=True,
    before_revision=0,
    sentiments={"Staff": "negative", "l2": "positive"},
)
IDS = tuple(map(LabelId, ("made", "l1", "l2")))


def test_a_label_that_was_just_made_is_named_by_its_id() -> None:
    said = said_of(EVENT, IDS)
    assert said == {"made": "negative", "l2": "positive"}
    assert in_words(said) == dict(said)


def test_words_that_are_none_are_not_passed_on() -> None:
    with pytest.raises(UnknownNameError, match="'neutral'"):
        said_of(JudgementEvent(**(EVENT | {"sentiments": {"l1": "neutral"}})), IDS)  # type: ignore[typeddict-item]


def test_for_many_messages_nothing_is_chosen_beforehand() -> None:
    assert sentiment_choice().value is None
