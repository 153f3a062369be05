"""Figures of reviewed messages that are weighted to stand for the whole dataset."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workbench.domain import CorrectedLabel, CorrectedMetrics
from workbench.evaluate.assisted import assisted_figures, expected_counts
from workbench.evaluate.curves import Bools, Floats, Scores
from workbench.evaluate.influence import effective_number
from workbench.evaluate.intervals import ap_interval
from workbench.evaluate.means import mean_interval
from workbench.evaluate.points import measure_points
from workbench.evaluate.weighting import Draws, inverse_weights, reserve_warning


def corrected_label(
    y_true: Bools,
    scores: Scores,
    thresholds: tuple[float, ...],
    weights: Floats,
    is_random: Bools,
    groups: npt.NDArray[np.int64],
    *,
    approximate: bool,
) -> CorrectedLabel:
    """Average precision, and precision and recall at ``thresholds``, of one label.

    Nothing is known when no positive was drawn at random: those that were chosen stand for themselves alone.

    Parameters
    ----------
    y_true, scores, weights, groups
        (n,), as for ``ap_interval``; n may be 0.
    is_random
        bool, (n,), see ``random_picks``.
    approximate
        Scores are out-of-fold ones.

    Raises
    ------
    InputError
        Shapes differ or a score is not finite.
    """
    if not (y_true & is_random).any():
        weights = np.zeros(len(y_true))
    found = measure_points(y_true, scores, np.array(thresholds), weights=weights, groups=groups)
    return CorrectedLabel(
        average_precision=ap_interval(
            y_true, scores, weights=weights, groups=groups, approximate=approximate
        ),
        precisions=_known(found.precisions),
        recalls=_known(found.recalls),
        precision_low=_known(found.precision_low),
        precision_high=_known(found.precision_high),
        recall_low=_known(found.recall_low),
        recall_high=_known(found.recall_high),
    )


def corrected_metrics(
    y_true: Bools,
    scores: Scores,
    columns: npt.NDArray[np.int64],
    draws: Draws,
    is_test: Bools,
    groups: npt.NDArray[np.int64],
    totals: Floats | None = None,
) -> CorrectedMetrics:
    """Mean average precision of the test rows, recall and precision over all labels, and what the correction rests on.

    The mean is over those of ``columns`` that have a positive drawn at random.

    Parameters
    ----------
    y_true, scores, groups
        (n_test, n_labels) and (n_test,): the reviewed messages of the test part.
    draws, is_test
        Of all reviewed messages.
    totals
        See ``assisted_figures``: of all messages of the test part; None = not known, so nothing is said over all labels.

    Raises
    ------
    InputError
        Shapes differ, a score is not finite, or ``draws`` counts too few messages.
    """
    weights = inverse_weights(draws.is_random[is_test], draws.places[is_test], draws.n_test)
    drawn = draws.is_random[is_test]
    n_random = int(drawn.sum())
    told = columns[(y_true[drawn][:, columns]).any(axis=0)]
    n_effective = effective_number(weights, groups)
    return CorrectedMetrics(
        mean_average_precision=mean_interval(y_true, scores, told, weights=weights, groups=groups),
        n_random=n_random,
        n_population=draws.n_test,
        n_effective=n_effective,
        warning=reserve_warning(n_effective, n_random, draws.n_test / max(draws.n_messages, 1)),
        overall=None
        if totals is None
        else assisted_figures(y_true, scores, weights, drawn, groups, expected_counts(scores), totals),
    )


def _known(values: Floats) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(value) else value for value in values.tolist())
