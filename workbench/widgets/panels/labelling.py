"""One label for many messages."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import get_args

import ipywidgets as ipw

from workbench.domain import DatasetId, Judgement, LabelId, Operations, ReviewMode, Sentiment, Uid
from workbench.errors import UnknownNameError
from workbench.widgets.elements import JudgementEvent

_AT_ONCE = 500


def said_of(event: JudgementEvent, assigned: Sequence[LabelId]) -> dict[LabelId, Sentiment]:
    """The sentiments of a card's judgement, by the ids that its assigned labels have now.

    Raises
    ------
    UnknownNameError
        One is neither positive nor negative.
    """
    known: dict[str, Sentiment] = {one: one for one in get_args(Sentiment)}
    said = {}
    for label, label_id in zip(event["assigned"], assigned, strict=True):
        word = event["sentiments"].get(label)
        if word is None:
            continue
        if word not in known:
            raise UnknownNameError("sentiment", word, known)
        said[label_id] = known[word]
    return said


def in_words(said: Mapping[LabelId, Sentiment]) -> dict[str, str]:
    """Sentiments as the card reads them."""
    return {str(label_id): str(sentiment) for label_id, sentiment in said.items()}


def sentiment_choice() -> ipw.Dropdown:
    """Positive or negative, for labels that go to many messages at once."""
    return ipw.Dropdown(
        options=[("Sentiment …", None), ("Positive (+)", "positive"), ("Negative (−)", "negative")],
        value=None,
        tooltip="How the label is meant on the selected messages",
        layout=ipw.Layout(width="130px"),
    )


def add_label(
    operations: Operations,
    dataset_id: DatasetId,
    uids: Sequence[Uid],
    label_id: LabelId,
    mode: ReviewMode,
    sentiment: Sentiment | None = None,
) -> None:
    """Add a label to messages, keeping what they have; with a sentiment where the dataset has label sentiment."""
    for start in range(0, len(uids), _AT_ONCE):
        seen = operations.get_messages(dataset_id, tuple(uids[start : start + _AT_ONCE]))
        judgements = tuple(
            Judgement(
                event_id=secrets.token_hex(8),
                uid=one.uid,
                assigned=tuple(dict.fromkeys((*one.assigned, label_id))),
                dismissed=tuple(other for other in one.dismissed if other != label_id),
                mode=mode,
                revision=one.revision,
                sentiments={} if sentiment is None else {label_id: sentiment},
            )
            for one in seen
        )
        if judgements:
            operations.judge(dataset_id, judgements)
