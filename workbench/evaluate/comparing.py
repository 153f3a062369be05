"""Two models on the same messages."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workbench.domain import AveragePrecision, PrecisionPair
from workbench.evaluate.curves import Bools, Floats, Scores
from workbench.evaluate.intervals import (
    ap_interval,
    percentile_interval,
    resample_weights,
    weighted_average_precision,
)


def compare(
    y_true: Bools,
    first: Scores,
    second: Scores,
    *,
    counts: Bools,
    groups: npt.NDArray[np.int64] | None = None,
    n_resamples: int = 200,
    random_state: int = 0,
) -> tuple[PrecisionPair, tuple[PrecisionPair, ...]]:
    """Average precision of two models over all labels and of each.

    Parameters
    ----------
    y_true, first, second
        bool and float, (n, n_labels): what people say, and what each model said.
    counts
        bool, (n_labels,): labels of the mean; those without a positive are left out of it.
    groups
        int64, (n,): rows with one number are resampled together; None = each on its own.

    Raises
    ------
    InputError
        Shapes differ or a score is not finite.
    """
    weights = resample_weights(len(y_true), n_resamples, random_state, groups=groups)
    pairs, resampled = [], []
    for label in range(y_true.shape[1]):
        truth = y_true[:, label]
        columns = (first[:, label], second[:, label])
        again = [weighted_average_precision(truth, scores, weights) for scores in columns]
        judged = [
            ap_interval(truth, scores, resampled=found) for scores, found in zip(columns, again, strict=True)
        ]
        pairs.append(_pair(judged[0], judged[1], again[1] - again[0]))
        if counts[label] and truth.any():
            resampled.append((judged, again))
    means, drawn = [], []
    n_positive = sum(judged[0].n_positive for judged, _ in resampled)
    for model in range(2):
        if not resampled:
            means.append(AveragePrecision(value=None, low=None, high=None, n_positive=0, n=len(y_true)))
            drawn.append(np.full(n_resamples, np.nan))
            continue
        value = float(np.mean([judged[model].value for judged, _ in resampled]))
        stacked = np.stack([again[model] for _, again in resampled])
        usable = np.isfinite(stacked).any(axis=0)
        mean = np.full(n_resamples, np.nan)
        mean[usable] = np.nanmean(stacked[:, usable], axis=0)
        low, high, method = percentile_interval(value, mean, n_positive)
        means.append(
            AveragePrecision(
                value=value, low=low, high=high, n_positive=n_positive, n=len(y_true), method=method
            )
        )
        drawn.append(mean)
    return _pair(means[0], means[1], drawn[1] - drawn[0]), tuple(pairs)


def _pair(first: AveragePrecision, second: AveragePrecision, differences: Floats) -> PrecisionPair:
    finite = differences[np.isfinite(differences)]
    if first.value is None or second.value is None or not len(finite):
        return PrecisionPair(
            first=first, second=second, difference=None, difference_low=None, difference_high=None
        )
    value = second.value - first.value
    low, high = np.quantile(finite, [0.025, 0.975])
    return PrecisionPair(
        first=first,
        second=second,
        difference=value,
        difference_low=min(float(low), value),
        difference_high=max(float(high), value),
    )
