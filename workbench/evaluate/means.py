"""Mean average precision over labels, with its interval."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workbench.domain import AveragePrecision
from workbench.evaluate.curves import Bools, Floats, Scores
from workbench.evaluate.influence import precision_influence, variance
from workbench.evaluate.intervals import ap_interval, largest_spread, wilson_interval, worth_trials
from workbench.evaluate.jackknife import precision_bias


def mean_interval(
    y_true: Bools,
    scores: Scores,
    columns: npt.NDArray[np.int64],
    *,
    weights: Floats | None = None,
    groups: npt.NDArray[np.int64] | None = None,
) -> AveragePrecision:
    """Mean average precision over some labels with its 95 % interval.

    A message that carries several labels moves all of them together, and the interval knows it. With few positives to a
    label average precision is a little too good, and the same for all labels, which does not average out: the interval lies
    around the mean less its ``precision_bias``. To its variance is added what single labels have hidden
    (``score_interval``), as few positives hide the hard ones. One label has the interval of ``ap_interval``.

    Parameters
    ----------
    y_true, scores
        bool and float, (n, n_labels).
    columns
        int64, (k,): the labels of the mean; those whose positives have no weight are left out of it.
    weights, groups
        As for ``ap_interval``.

    Raises
    ------
    InputError
        Shapes differ or a score is not finite.
    """
    n = len(y_true)
    judged, biases, together = [], [], np.zeros(n)
    alone = enlarged = 0.0
    for column in columns.tolist():
        truth, said = y_true[:, column], scores[:, column]
        one = ap_interval(truth, said, weights=weights, groups=groups)
        if one.value is None or not one.n_effective:
            continue
        shares = precision_influence(truth, said, weights)[1]
        spread = variance(shares, groups)
        judged.append(one)
        biases.append(precision_bias(truth, said, weights))
        together += shares
        alone += spread
        enlarged += largest_spread(one.value, one.n_effective) / worth_trials(
            one.value, spread, one.n_effective
        )
    if len(judged) == 1:
        return judged[0]
    if not judged:
        return AveragePrecision(
            value=None, low=None, high=None, n_positive=0, n=n, method="score", n_effective=0.0
        )
    value = float(np.mean([one.value for one in judged]))
    n_effective = sum(one.n_effective or 0.0 for one in judged)
    known = [bias for bias in biases if bias is not None]
    centre = min(max(value - (float(np.mean(known)) if known else 0.0), 0.0), 1.0)
    hidden = max(enlarged - alone, 0.0) / len(judged) ** 2
    spread = variance(together / len(judged), groups) + hidden
    trials = np.array([largest_spread(centre, n_effective) / max(spread, 1e-12)])
    low, high = wilson_interval(centre * trials, trials)
    return AveragePrecision(
        value=value,
        low=min(float(low[0]), value),
        high=max(float(high[0]), value),
        n_positive=sum(one.n_positive for one in judged),
        n=n,
        method="score",
        n_effective=n_effective,
    )
