"""Everything about one model version's quality, assembled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from workbench.domain import (
    MIN_TRAIN_EXAMPLES,
    AveragePrecision,
    DatasetId,
    FactorName,
    LabelId,
    LabelValidation,
    ReviewStep,
    ThresholdChoice,
    ValidationReport,
)
from workbench.errors import InputError
from workbench.evaluate.corrected import corrected_metrics
from workbench.evaluate.curves import (
    Bools,
    Curve,
    Floats,
    Scores,
    precision_at_recall,
    precision_recall_curve,
    thin,
)
from workbench.evaluate.health import LabelEvidence, label_health, label_state, label_steps, label_warnings
from workbench.evaluate.held_out import HeldOut
from workbench.evaluate.means import mean_interval
from workbench.evaluate.points import measure_points
from workbench.evaluate.rating import WEIGHTS, RatingEvidence, rate
from workbench.evaluate.thresholds import choose_thresholds
from workbench.evaluate.weighting import Draws

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
    draws: Draws | None = None,
    test_totals: Floats | None = None,
    weights: Mapping[FactorName, float] = WEIGHTS,
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
        none. Labels with under 10 test positives are judged on them (marked approximate), and a label is healthy
        when the lower bound on all of them is. The training part's choose the automatic thresholds of the others,
        which are measured on the test part. None = never.
    groups
        int64, (n,): rows with one number (thread-mates) count together; None = each on its own.
    evidence
        Balance, coverage and review modes; None = unknown, so there is no rating.
    draws
        How the reviewed messages were chosen, which the corrected figures undo; None = not known, so there are none.
    test_totals
        float64, (3,): ``expected_counts`` of the model that made ``scores``, summed over all messages of the test part,
        reviewed or not; None = not known, so there are no corrected figures over all labels.
    weights
        Of the rating's factors.
    random_state
        What the scores were made with, copied into the report.

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
    if draws is not None and len(draws.places) != len(is_test):
        raise InputError(
            f"draws of {len(draws.places)} messages came with {len(is_test)} reviewed ones.",
            next_step="Say of each reviewed message how it was chosen.",
        )
    units = np.arange(len(is_test)) if groups is None else groups
    known = evidence or ReviewEvidence(mode_shares={})
    n_messages, n_population = (0, 0) if draws is None else (draws.n_messages, draws.n_test)
    on_test = HeldOut.of(y_true, scores, units, is_test, draws, n_population)
    on_all = on_train = None
    if out_of_fold is not None:
        every = np.ones(len(is_test), dtype=bool)
        on_all = HeldOut.of(y_true, out_of_fold, units, every, draws, n_messages).finite()
        on_train = HeldOut.of(y_true, out_of_fold, units, ~is_test).finite()
    n_train = y_true[~is_test].sum(axis=0)
    n_test = y_true[is_test].sum(axis=0)
    disagreement = (
        np.zeros(len(names)) if on_all is None else disagreement_shares(on_all.truth, on_all.scores)
    )
    labels = []
    for index, label_id in enumerate(label_ids):
        rows, choosing, judged = on_test, on_train, on_test.judge(index, approximate=False)
        crossed = None if on_all is None else on_all.judge(index, approximate=True)
        if n_test[index] < MIN_TEST and on_all is not None and crossed is not None and crossed.n_positive:
            rows, choosing, judged = on_all, None, crossed
        fair = LabelEvidence(
            n_pins=int(n_train[index] + n_test[index]),
            n_train=int(n_train[index]),
            search_share=0.0 if known.search_shares is None else float(known.search_shares[index]),
            disagreement_share=float(disagreement[index]),
            lower_bound=judged.low if crossed is None or crossed.low is None else crossed.low,
        )
        curve = precision_recall_curve(rows.truth[:, index], rows.scores[:, index])
        labels.append(
            _label(
                rows,
                index,
                curve,
                _choices(curve, choosing, index),
                label_id,
                names[index],
                judged,
                crossed,
                fair,
                int(n_test[index]),
            )
        )
    eligible = np.flatnonzero([one.has_enough and one.n_test >= 1 for one in labels])
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
            steps={label.name: label.steps for label in labels},
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
        mean_average_precision=mean_interval(on_test.truth, on_test.scores, eligible, groups=on_test.groups),
        recall_grid=tuple(np.linspace(0.0, 1.0, 101).tolist()),
        mean_precision=_mean_precision(on_test, eligible),
        labels=tuple(labels),
        rating=rating,
        seed=random_state,
        corrected=None
        if draws is None
        else corrected_metrics(
            on_test.truth, on_test.scores, eligible, draws, is_test, on_test.groups, test_totals
        ),
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


def _choices(curve: Curve, choosing: HeldOut | None, index: int) -> tuple[ThresholdChoice, ...]:
    """Thresholds chosen on other rows than they are measured on, where these hold enough examples."""
    if choosing is None or curve.n_positive == 0 or choosing.truth[:, index].sum() < MIN_TRAIN_EXAMPLES:
        return choose_thresholds(curve)
    chosen_on = precision_recall_curve(choosing.truth[:, index], choosing.scores[:, index])
    return choose_thresholds(chosen_on, measured_on=curve)


def _label(
    rows: HeldOut,
    index: int,
    curve: Curve,
    choices: tuple[ThresholdChoice, ...],
    label_id: LabelId,
    name: str,
    judged: AveragePrecision,
    crossed: AveragePrecision | None,
    fair: LabelEvidence,
    n_test: int,
) -> LabelValidation:
    thresholds = curve.thresholds[thin(curve)]
    found = measure_points(rows.truth[:, index], rows.scores[:, index], thresholds, groups=rows.groups)
    shown = tuple(thresholds.tolist())
    return LabelValidation(
        label_id=label_id,
        name=name,
        average_precision=judged,
        thresholds=shown,
        precisions=tuple(found.precisions.tolist()),
        recalls=_numbers(found.recalls),
        precision_low=tuple(found.precision_low.tolist()),
        precision_high=tuple(found.precision_high.tolist()),
        recall_low=_numbers(found.recall_low),
        recall_high=_numbers(found.recall_high, 1.0),
        choices=choices,
        n_train=fair.n_train,
        n_test=n_test,
        n_pins=fair.n_pins,
        health=label_health(fair, judged.value),
        state=label_state(fair, judged),
        warnings=label_warnings(fair, judged.value),
        n_predicted=tuple(found.n_predicted.tolist()),
        cross_validated=crossed,
        corrected=rows.correct(index, shown, approximate=judged.approximate),
        steps=tuple(
            ReviewStep(mode=mode, label_id=None if mode == "shuffle" else label_id)
            for mode in label_steps(fair, judged.value)
        ),
    )


def _numbers(values: Floats, unknown: float = 0.0) -> tuple[float, ...]:
    """Recalls without a positive are 0, and anything is possible."""
    return tuple(np.nan_to_num(values, nan=unknown).tolist())


def _mean_precision(rows: HeldOut, eligible: npt.NDArray[np.int64]) -> tuple[float, ...]:
    """Mean precision at recall over the eligible labels, 101 points; zeros without one."""
    if not len(eligible):
        return (0.0,) * 101
    curves = [
        precision_at_recall(precision_recall_curve(rows.truth[:, index], rows.scores[:, index]))
        for index in eligible
    ]
    return tuple(np.mean(curves, axis=0).tolist())
