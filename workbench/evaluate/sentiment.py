"""How often the sentiment of a label is right: apart from average precision, which asks whether the label applies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from workbench.domain import SentimentAccuracy, ValidationReport
from workbench.evaluate.intervals import wilson_interval

Signs = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float32]
EVEN = np.float32(0.5)
"""From here on a sentiment is said to be positive."""


def sentiment_accuracy(signs: Signs, positive: Floats) -> SentimentAccuracy:
    """Over the examples of one label or of all, in any shape.

    Parameters
    ----------
    signs
        int8: 1 = positive, -1 = negative, 0 = no example.
    positive
        float32, of the same shape: P(positive | the label applies); ``EVEN`` and above say positive.

    Returns
    -------
    SentimentAccuracy
        With a 95 % Wilson interval, and beside it what always saying the more frequent of the two would reach.
    """
    known = signs != 0
    n = int(known.sum())
    if not n:
        return SentimentAccuracy(value=None, low=None, high=None, majority=None, n=0)
    right = int(((positive[known] >= EVEN) == (signs[known] > 0)).sum())
    n_positive = int((signs[known] > 0).sum())
    low, high = wilson_interval(np.array([right]), np.array([n]))
    return SentimentAccuracy(
        value=right / n,
        low=float(low[0]),
        high=float(high[0]),
        majority=max(n_positive, n - n_positive) / n,
        n=n,
    )


def with_sentiment_accuracy(report: ValidationReport, signs: Signs, positive: Floats) -> ValidationReport:
    """The report with the accuracy of each label and of all together.

    ``signs`` and ``positive`` are of the test messages, (n_test, n_labels), labels as in the report.
    """
    return replace(
        report,
        sentiment=sentiment_accuracy(signs, positive),
        labels=tuple(
            replace(one, sentiment=sentiment_accuracy(signs[:, column], positive[:, column]))
            for column, one in enumerate(report.labels)
        ),
    )
