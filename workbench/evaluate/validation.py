"""Everything about one model version's quality, assembled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from workbench.domain import (
    AveragePrecision,
    DatasetId,
    FactorName,
    LabelId,
    LabelValidation,
    ThresholdChoice,
    ValidationReport,
)
from workbench.errors import InputError
from workbench.evaluate.curves import (
    Bools,
    Curve,
    Floats,
    Scores,
    area_under,
    precision_at_recall,
    precision_recall_curve,
    thin,
)
from workbench.evaluate.health import MIN_TRAIN, LabelEvidence, label_health, label_state, label_warnings
from workbench.evaluate.intervals import (
    percentile_interval,
    resample_weights,
    weighted_average_precision,
    wilson_interval,
)
from workbench.evaluate.rating import WEIGHTS, RatingEvidence, rate
from workbench.evaluate.thresholds import choose_thresholds

MIN_TEST = 10
"""Test positives below which out-of-fold predictions of all reviewed messages replace the test part."""
_SURE = 0.9


@dataclass(frozen=True, kw_only=True)
class ReviewEvidence:
    """What other rooms know of how the reviews came about.

    Attributes
    ----------
    coverage, similarity
        See ``RatingEvidence``; None = unknown.
    mode_shares
        Share of reviews by review mode, 0-1.
    search_shares
        float64, (n_labels,): share of each label's examples found by text search; None = none.
    trainable
        bool, (n_labels,): labels that count in the rating; None = all.
    """

    coverage: float | None = None
    similarity: float | None = None
    mode_shares: Mapping[str, float]
    search_shares: Floats | None = None
    trainable: Bools | None = None


def validate(
    y_true: Bools,
    scores: Scores,
    is_test: Bools,
    *,
    label_ids: Sequence[LabelId],
    names: Sequence[str],
    dataset_id: DatasetId,
    version: int,
    created_at: datetime,
    out_of_fold: Scores | None = None,
    groups: npt.NDArray[np.int64] | None = None,
    evidence: ReviewEvidence | None = None,
    weights: Mapping[FactorName, float] = WEIGHTS,
    n_resamples: int = 200,
    random_state: int = 0,
) -> ValidationReport:
    """Validate one model version.

    Parameters
    ----------
    y_true
        bool, (n, n_labels): labels of the reviewed messages, ancestors set.
    scores
        float, (n, n_labels): probabilities of a model trained on the training part only; rows of the
        training part are not looked at and may be NaN.
    is_test
        bool, (n,): from ``split``.
    label_ids, names
        Column order and what to call them.
    dataset_id, version, created_at
        Copied into the report.
    out_of_fold
        float, (n, n_labels): cross-validated probabilities of all reviewed messages, NaN where there is
        none. Labels with under 10 test positives are judged on them (marked approximate). The training part's
        choose the automatic thresholds of the others, which are measured on the test part. None = never.
    groups
        int64, (n,): rows with one number (thread-mates) are resampled together; None = each on its own.
    evidence
        Balance, coverage and review modes; None = unknown, so there is no rating.
    weights
        Of the rating's factors.
    n_resamples, random_state
        Bootstrap of the intervals.

    Raises
    ------
    InputError
        Shapes do not fit, or a test score is not finite.
    """
    shapes = {y_true.shape, scores.shape, (len(is_test), len(label_ids)), (len(is_test), len(names))}
    if out_of_fold is not None:
        shapes.add(out_of_fold.shape)
    if len(shapes) > 1:
        raise InputError(
            f"shapes of truth, scores, test mask and labels differ: {sorted(shapes)}.",
            next_step="Give one row per reviewed message and one column per label.",
        )
    if groups is not None and len(groups) != len(is_test):
        raise InputError(
            f"{len(groups)} groups came with {len(is_test)} reviewed messages.",
            next_step="Give one group number per row.",
        )
    units = np.arange(len(is_test)) if groups is None else groups
    known = evidence or ReviewEvidence(mode_shares={})
    on_test = _Rows(y_true[is_test], scores[is_test], units[is_test], n_resamples, random_state)
    on_all = (
        None if out_of_fold is None else _finite_rows(y_true, out_of_fold, units, n_resamples, random_state)
    )
    on_train = (
        None
        if out_of_fold is None
        else _finite_rows(y_true[~is_test], out_of_fold[~is_test], units[~is_test], 0, random_state)
    )
    n_train = y_true[~is_test].sum(axis=0)
    n_test = y_true[is_test].sum(axis=0)
    disagreement = (
        np.zeros(len(names)) if on_all is None else disagreement_shares(on_all.truth, on_all.scores)
    )
    labels, resampled = [], []
    for index, label_id in enumerate(label_ids):
        fair = LabelEvidence(
            n_pins=int(n_train[index] + n_test[index]),
            n_train=int(n_train[index]),
            search_share=0.0 if known.search_shares is None else float(known.search_shares[index]),
            disagreement_share=float(disagreement[index]),
        )
        counts = n_train[index] >= MIN_TRAIN and n_test[index] >= 1
        judged, again = on_test.judge(index, approximate=False)
        if counts:
            resampled.append((judged.value or 0.0, again))
        rows, choosing = on_test, on_train
        if n_test[index] < MIN_TEST and on_all is not None and on_all.truth[:, index].any():
            rows, choosing = on_all, None
            judged, _ = on_all.judge(index, approximate=True)
        curve = precision_recall_curve(rows.truth[:, index], rows.scores[:, index])
        choices = _choices(curve, choosing, index)
        labels.append(_label(curve, choices, label_id, names[index], judged, fair, int(n_test[index])))
    eligible = np.flatnonzero((n_train >= MIN_TRAIN) & (n_test >= 1))
    trainable = np.ones(len(names), dtype=bool) if known.trainable is None else known.trainable
    rating = rate(
        RatingEvidence(
            healths={label.name: label.health for label, use in zip(labels, trainable, strict=True) if use},
            n_ready=sum(
                label.state not in ("untrained", "gathering")
                for label, use in zip(labels, trainable, strict=True)
                if use
            ),
            n_reviewed=len(y_true),
            coverage=known.coverage,
            similarity=known.similarity,
            mode_shares=known.mode_shares,
        ),
        weights=weights,
    )
    return ValidationReport(
        dataset_id=dataset_id,
        version=version,
        created_at=created_at,
        n_train=int((~is_test).sum()),
        n_test=int(is_test.sum()),
        n_reviewed=len(y_true),
        n_labels=len(names),
        mean_average_precision=_mean(resampled, len(on_test.truth), int(n_test[eligible].sum())),
        recall_grid=tuple(np.linspace(0.0, 1.0, 101).tolist()),
        mean_precision=_mean_precision(on_test, eligible),
        labels=tuple(labels),
        rating=rating,
        seed=random_state,
    )


def disagreement_shares(y_true: Bools, out_of_fold: Scores) -> Floats:
    """Share of each label's examples that out-of-fold probabilities contradict strongly.

    Counted are assigned messages below the mean probability of unassigned ones, and unassigned messages above
    both 0.9 and the mean probability of assigned ones (confident learning: Northcutt, Jiang and Chuang 2021),
    divided by the number of assigned messages.

    Parameters
    ----------
    y_true, out_of_fold
        bool and float, (n, n_labels), no NaN.

    Returns
    -------
    numpy.ndarray
        float64, (n_labels,), 0 without examples; may pass 1.
    """
    n_with = y_true.sum(axis=0)
    n_without = len(y_true) - n_with
    mean_with = (out_of_fold * y_true).sum(axis=0) / np.maximum(n_with, 1)
    mean_without = (out_of_fold * ~y_true).sum(axis=0) / np.maximum(n_without, 1)
    wrong = (y_true & (out_of_fold < mean_without)).sum(axis=0)
    missed = (~y_true & (out_of_fold > np.maximum(mean_with, _SURE))).sum(axis=0)
    result: Floats = np.where(n_with > 0, (wrong + missed) / np.maximum(n_with, 1), 0.0)
    return result


class _Rows:
    """Rows that labels are judged on, with one set of resamples for all labels."""

    def __init__(
        self,
        truth: Bools,
        scores: Scores,
        units: npt.NDArray[np.int64],
        n_resamples: int,
        random_state: int,
    ) -> None:
        self.truth, self.scores = truth, scores
        self._weights = resample_weights(len(truth), n_resamples, random_state, groups=units)

    def judge(self, index: int, *, approximate: bool) -> tuple[AveragePrecision, Floats]:
        """Average precision with interval, and its value in each resample."""
        truth, scores = self.truth[:, index], self.scores[:, index]
        curve = precision_recall_curve(truth, scores)
        n = len(truth)
        again = weighted_average_precision(truth, scores, self._weights)
        if curve.n_positive == 0:
            none = AveragePrecision(
                value=None, low=None, high=None, n_positive=0, n=n, approximate=approximate
            )
            return none, again
        value = area_under(curve)
        low, high, method = percentile_interval(value, again, curve.n_positive)
        judged = AveragePrecision(
            value=value,
            low=low,
            high=high,
            n_positive=curve.n_positive,
            n=n,
            method=method,
            approximate=approximate,
        )
        return judged, again


def _finite_rows(
    y_true: Bools, scores: Scores, units: npt.NDArray[np.int64], n_resamples: int, random_state: int
) -> _Rows:
    usable = np.isfinite(scores).all(axis=1)
    return _Rows(y_true[usable], scores[usable], units[usable], n_resamples, random_state)


def _choices(curve: Curve, choosing: _Rows | None, index: int) -> tuple[ThresholdChoice, ...]:
    """Thresholds chosen on other rows than they are measured on, where these hold enough examples."""
    if choosing is None or curve.n_positive == 0 or choosing.truth[:, index].sum() < MIN_TRAIN:
        return choose_thresholds(curve)
    chosen_on = precision_recall_curve(choosing.truth[:, index], choosing.scores[:, index])
    return choose_thresholds(chosen_on, measured_on=curve)


def _label(
    curve: Curve,
    choices: tuple[ThresholdChoice, ...],
    label_id: LabelId,
    name: str,
    judged: AveragePrecision,
    fair: LabelEvidence,
    n_test: int,
) -> LabelValidation:
    shown = thin(curve)
    correct, predicted = curve.true_positives[shown], curve.predicted[shown]
    precision_low, precision_high = wilson_interval(correct, predicted)
    recall_low, recall_high = wilson_interval(correct, np.full(len(shown), curve.n_positive))
    return LabelValidation(
        label_id=label_id,
        name=name,
        average_precision=judged,
        thresholds=tuple(curve.thresholds[shown].tolist()),
        precisions=tuple(curve.precisions[shown].tolist()),
        recalls=tuple(curve.recalls[shown].tolist()),
        precision_low=tuple(precision_low.tolist()),
        precision_high=tuple(precision_high.tolist()),
        recall_low=tuple(recall_low.tolist()),
        recall_high=tuple(recall_high.tolist()),
        choices=choices,
        n_train=fair.n_train,
        n_test=n_test,
        n_pins=fair.n_pins,
        health=label_health(fair, judged.value),
        state=label_state(fair, judged),
        warnings=label_warnings(fair, judged.value),
    )


def _mean(
    resampled: Sequence[tuple[float, npt.NDArray[np.float64]]], n: int, n_positive: int
) -> AveragePrecision:
    """Mean over labels; resamples are shared, so the interval knows that messages carry several labels."""
    if not resampled:
        return AveragePrecision(value=None, low=None, high=None, n_positive=0, n=n)
    value = float(np.mean([one for one, _ in resampled]))
    stacked = np.stack([again for _, again in resampled])
    usable = stacked[:, np.isfinite(stacked).any(axis=0)]
    low, high, method = percentile_interval(value, np.nanmean(usable, axis=0), n_positive)
    return AveragePrecision(value=value, low=low, high=high, n_positive=n_positive, n=n, method=method)


def _mean_precision(rows: _Rows, eligible: npt.NDArray[np.int64]) -> tuple[float, ...]:
    """Mean precision at recall over the eligible labels, 101 points; zeros without one."""
    if not len(eligible):
        return (0.0,) * 101
    curves = [
        precision_at_recall(precision_recall_curve(rows.truth[:, index], rows.scores[:, index]))
        for index in eligible
    ]
    return tuple(np.mean(curves, axis=0).tolist())
