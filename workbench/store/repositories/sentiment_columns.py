"""Sentiments beside the labels of many messages: columns that only datasets with label sentiment have."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pyarrow as pa

from workbench.domain import DatasetId, LabelId, LabelPath, Sentiment, Uid, whole_sentiments
from workbench.store.cursor import Cursor
from workbench.store.repositories.judging import has_sentiment


def with_sentiments(cursor: Cursor, dataset_id: DatasetId, messages: pa.Table) -> pa.Table:
    """The messages with a column ``sentiments``, where the dataset has label sentiment: lists beside ``assigned``.

    Each holds "positive", "negative", or null for a label assigned before there were sentiments.
    """
    if not has_sentiment(cursor, dataset_id):
        return messages
    with cursor.staged(messages.select(["uid"])):
        rows = cursor.rows("review.marks", dataset_id=dataset_id)
    paths: dict[LabelId, LabelPath] = {}
    assigned: defaultdict[Uid, dict[LabelId, int | None]] = defaultdict(dict)
    for uid, label_id, path, mark in rows:
        paths[label_id] = tuple(path)
        assigned[uid][label_id] = mark
    said = [_listed(paths, assigned.get(uid, {})) for uid in messages.column("uid").to_pylist()]
    return messages.append_column("sentiments", pa.array(said, pa.list_(pa.string())))


def _listed(paths: dict[LabelId, LabelPath], assigned: dict[LabelId, int | None]) -> list[Sentiment | None]:
    marks = {label_id: mark for label_id, mark in assigned.items() if mark is not None}
    words = whole_sentiments(paths, assigned, marks)
    return [words.get(label_id) for label_id in assigned]


def shown_sentiments(probabilities: np.ndarray, sentiments: np.ndarray, at_least: float) -> pa.Array:
    """Predicted sentiments as lists, null for labels less likely than ``at_least``.

    Both arrays are float32, (n_messages, n_labels).
    """
    n, n_labels = sentiments.shape
    hidden = (probabilities < at_least).reshape(-1)
    values = pa.array(np.ascontiguousarray(sentiments).reshape(-1), mask=hidden)
    return pa.LargeListArray.from_arrays(pa.array(np.arange(n + 1, dtype=np.int64) * n_labels), values)
