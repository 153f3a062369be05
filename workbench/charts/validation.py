"""How good a model version is: curves, labels, rating."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from workbench.charts.corrected import corrected_line, corrected_value
from workbench.charts.display import Chart
from workbench.charts.drawings import Axis, Column, Dial, DialPart, Line, Plot, Points, Rule, Table
from workbench.charts.theme import BAND_ROLES, LABEL_PREFIX, STATE_ROLES, STATE_SHAPES
from workbench.charts.words import count, percent, percent_range, plain, title_case
from workbench.domain import AveragePrecision, LabelState, LabelValidation, ValidationReport
from workbench.errors import InputError, UnknownNameError

_STATES: tuple[LabelState, ...] = ("excellent", "healthy", "fair", "poor", "gathering", "untrained")

_NAME_WIDTH, _NAME_HEIGHT = 0.7, 0.06
"""Room of a name on the chart of training sizes: powers of ten, and average precision."""


def _call(report: ValidationReport) -> str:
    return f"ws.operations.validation({str(report.dataset_id)!r}, {report.version})"


def average_precision_words(value: AveragePrecision) -> str:
    """``78 % (95 % score interval 71–83 %, n = 412 test messages, 63 with the label, 58 effective)``, or not known yet."""
    n = f"n = {count(value.n)} test messages, {count(value.n_positive)} with the label"
    if value.n_effective is not None:
        n += f", {count(value.n_effective)} effective"
    if value.value is None:
        return f"not known yet ({n})"
    interval = percent_range(value.low, value.high)
    method = "cross-validated" if value.approximate else value.method
    return f"{percent(value.value, 0)} (95 % {method} interval {interval or 'not known'}, {n})"


def find_label(report: ValidationReport, label: str) -> LabelValidation:
    """The label of that id or name.

    Raises
    ------
    UnknownNameError
        The report holds no such label.
    """
    for found in report.labels:
        if label in (found.label_id, found.name):
            return found
    raise UnknownNameError("label", label, [found.name for found in report.labels])


def precision_recall(report: ValidationReport, label: str, *, threshold: float | None = None) -> Chart:
    """Precision against recall of one label, with its 95 % Wilson band and a marker at a threshold.

    Parameters
    ----------
    report, label
        The label's id or name.
    threshold
        In [0, 1]; None = the balanced choice, where there is one.

    Raises
    ------
    UnknownNameError
        The report holds no such label.
    InputError
        The threshold is outside [0, 1].
    """
    found = find_label(report, label)
    if threshold is not None and not 0 <= threshold <= 1:
        raise InputError(
            f"threshold {threshold} is outside 0 to 1.", next_step="Give a probability, e.g. 0.5."
        )
    chosen = threshold
    if chosen is None:
        chosen = next((c.threshold for c in found.choices if c.name == "balanced"), None)
    index = at_threshold(found.thresholds, chosen)
    marker: tuple[Points, ...] = ()
    if index is not None and chosen is not None:
        words = f"{percent(found.precisions[index], 0)} precise, {percent(found.recalls[index], 0)} found"
        marker = (
            Points(
                name="threshold",
                x=(found.recalls[index],),
                y=(found.precisions[index],),
                texts=(f"threshold {percent(chosen)}: {words}",),
                labels=(f"at {percent(chosen)}: {words}",),
                shape="diamond",
                colour="ink",
            ),
        )
    name = plain(found.name)
    weighted = corrected_line(found)
    points = len(found.thresholds)
    unknown: tuple[float | None, ...] = (None,) * points
    return Chart(
        title=f"Precision and recall: {name}",
        caption=(
            f"Average precision {average_precision_words(found.average_precision)}. "
            "Band: 95 % Wilson interval of the precision."
            + (" Dashed: corrected for how messages were chosen." if weighted else "")
        ),
        columns={
            "threshold": found.thresholds,
            "precision": found.precisions,
            "precision_low": found.precision_low,
            "precision_high": found.precision_high,
            "recall": found.recalls,
            "recall_low": found.recall_low,
            "recall_high": found.recall_high,
            "corrected_precision": found.corrected.precisions if found.corrected else unknown,
            "corrected_recall": found.corrected.recalls if found.corrected else unknown,
            "n": [found.average_precision.n] * points,
            "n_positive": [found.average_precision.n_positive] * points,
            "n_effective": [found.average_precision.n_effective] * points,
        },
        types={
            "threshold": "Float64",
            "precision": "Float64",
            "precision_low": "Float64",
            "precision_high": "Float64",
            "recall": "Float64",
            "recall_low": "Float64",
            "recall_high": "Float64",
            "corrected_precision": "Float64",
            "corrected_recall": "Float64",
            "n": "Int64",
            "n_positive": "Int64",
            "n_effective": "Float64",
        },
        line=f"charts.precision_recall({_call(report)}, {str(found.label_id)!r}, threshold={threshold!r})",
        drawing=Plot(
            x=Axis(title="Recall: share of the label's messages found", kind="percent", low=0.0, high=1.0),
            y=Axis(
                title="Precision: share of the found messages that are right",
                kind="percent",
                low=0.0,
                high=1.0,
            ),
            lines=(
                Line(
                    name=name,
                    x=found.recalls,
                    y=found.precisions,
                    low=found.precision_low,
                    high=found.precision_high,
                    colour=LABEL_PREFIX + found.label_id,
                ),
                *weighted,
            ),
            points=marker,
        ),
    )


def at_threshold(thresholds: Sequence[float], threshold: float | None) -> int | None:
    """The first point at or above the threshold: a prediction is "yes" there; None = nothing is predicted.

    Compared in the precision of what is predicted, as a filter compares.
    """
    if threshold is None:
        return None
    at = float(np.float32(threshold))
    return next((i for i, t in enumerate(thresholds) if t >= at), None)


def mean_precision_at_recall(report: ValidationReport) -> Chart:
    """Precision at each recall, averaged over the labels with enough examples."""
    mean = report.mean_average_precision
    return Chart(
        title="Mean precision at recall",
        caption=f"Mean average precision {_mean_words(report)}.",
        columns={
            "recall": report.recall_grid,
            "mean_precision": report.mean_precision,
            "n": [mean.n] * len(report.recall_grid),
        },
        types={"recall": "Float64", "mean_precision": "Float64", "n": "Int64"},
        line=f"charts.mean_precision_at_recall({_call(report)})",
        drawing=Plot(
            x=Axis(title="Recall", kind="percent", low=0.0, high=1.0),
            y=Axis(title="Mean precision", kind="percent", low=0.0, high=1.0),
            lines=(Line(name="mean precision", x=report.recall_grid, y=report.mean_precision),),
        ),
    )


def _mean_words(report: ValidationReport) -> str:
    mean = report.mean_average_precision
    if mean.value is None:
        return f"not known yet (n = {count(report.n_test)} test messages)"
    used = sum(label.has_enough and label.n_test >= 1 for label in report.labels)
    return (
        f"{percent(mean.value, 0)} (95 % {mean.method} interval {percent_range(mean.low, mean.high)}, "
        f"n = {count(mean.n)} test messages, {used} of {report.n_labels} labels have enough examples)"
    )


def precision_by_training_size(report: ValidationReport) -> Chart:
    """Average precision of each label against its training examples; state by shape, colour and word.

    Labels without an estimate are left out of the picture, not of the frame.
    """
    drawn = [label for label in report.labels if label.average_precision.value is not None]
    named = _apart(sorted(drawn, key=_quality)[:3])
    groups = []
    for state in _STATES:
        members = [label for label in drawn if label.state == state]
        if members:
            groups.append(
                Points(
                    name=f"{state} ({len(members)})",
                    x=tuple(float(max(1, label.n_train)) for label in members),
                    y=tuple(_quality(label) for label in members),
                    texts=tuple(
                        f"{plain(label.name)}, {state}: average precision "
                        f"{average_precision_words(label.average_precision)}, {count(label.n_train)} training examples"
                        for label in members
                    ),
                    labels=tuple(
                        plain(label.name, 32) if label.label_id in named else "" for label in members
                    ),
                    shape=STATE_SHAPES[state],
                    colour=STATE_ROLES[state],
                )
            )
    return Chart(
        title="Average precision by training size",
        caption=(
            f"{len(drawn)} of {report.n_labels} labels have an estimate, n = {count(report.n_test)} test messages. "
            "The three weakest are named where there is room. Intervals: label table."
        ),
        columns=_label_columns(report.labels),
        types=_LABEL_TYPES,
        line=f"charts.precision_by_training_size({_call(report)})",
        drawing=Plot(
            x=Axis(title="Training examples of the label", kind="log"),
            y=Axis(title="Average precision", kind="percent", low=0.0, high=1.0),
            points=tuple(groups),
            rules=(Rule(value=0.75, text="healthy from 75 %", colour="muted"),),
            legend=True,
        ),
    )


def _quality(label: LabelValidation) -> float:
    return label.average_precision.value or 0.0


def _apart(labels: Sequence[LabelValidation]) -> set[str]:
    """Ids of those whose names do not run over the name of an earlier one, as far as a chart's size can be foreseen."""
    taken: dict[str, tuple[float, float]] = {}
    for label in labels:
        x, y = math.log10(max(1, label.n_train)), _quality(label)
        if all(abs(x - one) > _NAME_WIDTH or abs(y - other) > _NAME_HEIGHT for one, other in taken.values()):
            taken[str(label.label_id)] = (x, y)
    return set(taken)


def rating_dial(report: ValidationReport) -> Chart:
    """The model rating on a dial, and the four factors it is made of."""
    rating = report.rating
    parts = tuple(
        DialPart(
            name=f"{title_case(factor.name)} ({percent(factor.weight, 0)} of the rating)",
            score=factor.score,
            band=factor.band.capitalize(),
            colour=BAND_ROLES[factor.band],
            text=factor.reason or factor.action,
        )
        for factor in rating.factors
    )
    band = "No rating yet" if rating.score is None else rating.band.capitalize()
    return Chart(
        title="Model rating",
        caption=(
            f"Version {report.version}, n = {count(report.n_reviewed)} reviewed messages "
            f"({count(report.n_test)} held back as test). Poor below 50, average from 50, good from 70, "
            f"excellent from 90. {rating.reason}"
        ).strip(),
        columns={
            "factor": ["rating", *(factor.name for factor in rating.factors)],
            "score": [rating.score, *(factor.score for factor in rating.factors)],
            "band": [rating.band, *(factor.band for factor in rating.factors)],
            "weight": [1.0, *(factor.weight for factor in rating.factors)],
            "action": ["", *(factor.action for factor in rating.factors)],
            "n": [report.n_reviewed] * (1 + len(rating.factors)),
        },
        types={
            "factor": "String",
            "score": "Float64",
            "band": "String",
            "weight": "Float64",
            "action": "String",
            "n": "Int64",
        },
        line=f"charts.rating_dial({_call(report)})",
        drawing=Dial(score=rating.score, band=band, colour=BAND_ROLES[rating.band], parts=parts),
    )


_LABEL_TYPES = {
    "label_id": "String",
    "label": "String",
    "state": "String",
    "average_precision": "Float64",
    "low": "Float64",
    "high": "Float64",
    "approximate": "Boolean",
    "n_effective": "Float64",
    "corrected": "Float64",
    "corrected_low": "Float64",
    "corrected_high": "Float64",
    "n_train": "Int64",
    "n_test": "Int64",
    "health": "Float64",
    "warning": "String",
    "n": "Int64",
}


def _label_columns(
    labels: Sequence[LabelValidation],
) -> dict[str, list[str | float | None]]:
    return {
        "label_id": [label.label_id for label in labels],
        "label": [label.name for label in labels],
        "state": [label.state for label in labels],
        "average_precision": [label.average_precision.value for label in labels],
        "low": [label.average_precision.low for label in labels],
        "high": [label.average_precision.high for label in labels],
        "approximate": [label.average_precision.approximate for label in labels],
        "n_effective": [label.average_precision.n_effective for label in labels],
        "corrected": [corrected_value(label, "value") for label in labels],
        "corrected_low": [corrected_value(label, "low") for label in labels],
        "corrected_high": [corrected_value(label, "high") for label in labels],
        "n_train": [label.n_train for label in labels],
        "n_test": [label.n_test for label in labels],
        "health": [label.health for label in labels],
        "warning": [label.warnings[0] if label.warnings else "" for label in labels],
        "n": [label.average_precision.n for label in labels],
    }


def label_table(report: ValidationReport, *, top: int | None = None) -> Chart:
    """Every label with its state, average precision and examples, the least healthy first."""
    labels = sorted(report.labels, key=lambda label: (label.health, label.name))[:top]
    rows = tuple(
        (
            plain(label.name),
            label.state,
            percent(label.average_precision.value, 0) + (" ≈" if label.average_precision.approximate else ""),
            percent_range(label.average_precision.low, label.average_precision.high) or "–",
            count(label.n_train),
            count(label.n_test),
        )
        for label in labels
    )
    return Chart(
        title="Labels by health",
        caption=(
            f"n = {count(report.n_test)} test messages; average precision with its 95 % interval, "
            "≈ = cross-validated because the test part holds under 10 examples."
        ),
        columns=_label_columns(labels),
        types=_LABEL_TYPES,
        line=f"charts.label_table({_call(report)}, top={top!r})",
        drawing=Table(
            columns=(
                Column(title="Label", weight=3.2),
                Column(title="State", weight=1.2),
                Column(title="Average precision", align="right", weight=1.5),
                Column(title="95 % interval", align="right", weight=1.4),
                Column(title="Training", align="right"),
                Column(title="Test", align="right"),
            ),
            rows=rows,
            marks=tuple((STATE_SHAPES[label.state], STATE_ROLES[label.state]) for label in labels),
        ),
    )
