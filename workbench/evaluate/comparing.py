"""Two models on the same messages."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from workbench.domain import AveragePrecision, PrecisionPair
from workbench.evaluate.curves import Bools, Floats, Scores
from workbench.evaluate.influence import precision_influence, variance
from workbench.evaluate.intervals import ap_interval
from workbench.evaluate.means import mean_interval


def compare(
    y_true: Bools,
    first: Scores,
    second: Scores,
    *,
    counts: Bools,
    groups: npt.NDArray[np.int64] | None = None,
) -> tuple[PrecisionPair, tuple[PrecisionPair, ...]]:
    """Average precision of two models over all labels and of each.

    A message that both find hard moves both figures, so the interval of their difference rests on how differently it
    moves them (``precision_influence``), with Student's quantile for one positive less than there are.

    Parameters
    ----------
    y_true, first, second
        bool and float, (n, n_labels): what people say, and what each model said.
    counts
        bool, (n_labels,): labels of the mean; those without a positive are left out of it.
    groups
        int64, (n,): rows with one number (thread-mates) count together; None = each on its own.

    Raises
    ------
    InputError
        Shapes differ or a score is not finite.
    """
    pairs = []
    together, used = np.zeros(len(y_true)), np.flatnonzero(counts & y_true.any(axis=0))
    for label in range(y_true.shape[1]):
        truth = y_true[:, label]
        judged = [ap_interval(truth, scores[:, label], groups=groups) for scores in (first, second)]
        shares = [precision_influence(truth, scores[:, label])[1] for scores in (first, second)]
        apart = shares[1] - shares[0]
        pairs.append(_pair(judged[0], judged[1], apart, groups))
        if label in used:
            together += apart / len(used)
    means = [mean_interval(y_true, scores, used, groups=groups) for scores in (first, second)]
    return _pair(means[0], means[1], together, groups), tuple(pairs)


def _pair(
    first: AveragePrecision, second: AveragePrecision, apart: Floats, groups: npt.NDArray[np.int64] | None
) -> PrecisionPair:
    if first.value is None or second.value is None:
        return PrecisionPair(
            first=first, second=second, difference=None, difference_low=None, difference_high=None
        )
    value = second.value - first.value
    half = float(stdtrit(max(first.n_positive - 1, 1), 0.975)) * variance(apart, groups) ** 0.5
    return PrecisionPair(
        first=first,
        second=second,
        difference=value,
        difference_low=max(-1.0, value - half),
        difference_high=min(1.0, value + half),
    )
