"""Label sentiment: what a person says of an assigned label beside that it applies. There is no neutral.

What stands on a message is kept as marks. A parent that follows from the labels below it has none of its own: it takes
the sentiment of the one that was said last, so a change below shows above without being written twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, get_args

from workbench.domain.ids import LabelId
from workbench.domain.labels import LabelPath

Sentiment = Literal["positive", "negative"]
SENTIMENTS: tuple[Sentiment, ...] = get_args(Sentiment)
SentimentMark = int
"""The revision of the message at which a sentiment was said, negative for a negative one; never 0."""


def sentiment_mark(sentiment: Sentiment, revision: int) -> SentimentMark:
    """What is kept of a sentiment said at a revision, >= 1."""
    return revision if sentiment == "positive" else -revision


def sentiment_of(mark: SentimentMark) -> Sentiment:
    """What a mark says."""
    return "positive" if mark > 0 else "negative"


def whole_marks(
    paths: Mapping[LabelId, LabelPath], assigned: Iterable[LabelId], marks: Mapping[LabelId, SentimentMark]
) -> dict[LabelId, SentimentMark]:
    """The mark that counts for each of the assigned labels: its own, else that said last of a label below it.

    Of two said at once the one last by path counts. A label with neither is left out: it was assigned before
    labels had sentiments.
    """
    if not marks:
        return {}
    last: dict[LabelPath, tuple[int, LabelPath, SentimentMark]] = {}
    for label_id, mark in marks.items():
        path = paths.get(label_id, ())
        for depth in range(1, len(path)):
            said = (abs(mark), path, mark)
            last[path[:depth]] = max(last.get(path[:depth], said), said)
    found = {}
    for label_id in assigned:
        if label_id in marks:
            found[label_id] = marks[label_id]
        elif paths.get(label_id) in last:
            found[label_id] = last[paths[label_id]][2]
    return found


def whole_sentiments(
    paths: Mapping[LabelId, LabelPath], assigned: Iterable[LabelId], marks: Mapping[LabelId, SentimentMark]
) -> dict[LabelId, Sentiment]:
    """``whole_marks`` in words."""
    return {one: sentiment_of(mark) for one, mark in whole_marks(paths, assigned, marks).items()}
