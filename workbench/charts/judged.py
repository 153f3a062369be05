"""A validation in numbers: its summary, the factors of the rating, the labels, and one label at a threshold."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.charts.corrected import corrected_value
from workbench.charts.figure import Numbers, Value, numbers, schema
from workbench.charts.validation import at_threshold, find_label
from workbench.charts.words import count, percent, plain
from workbench.domain import (
    AveragePrecision,
    Estimate,
    Label,
    LabelFilter,
    LabelValidation,
    MessageFilter,
    OverallFigures,
    ValidationReport,
)
from workbench.domain.stopping import advise

_NOT_KNOWN = AveragePrecision(value=None, low=None, high=None, n_positive=0, n=0)


def _call(report: ValidationReport) -> str:
    return f"ws.operations.validation({str(report.dataset_id)!r}, {report.version})"


def validation_summary(report: ValidationReport) -> Numbers:
    """Mean average precision, as measured and corrected for how messages were chosen, and what it rests on: one row."""
    mean, weighted = report.mean_average_precision, report.corrected
    corrected = weighted.mean_average_precision if weighted else _NOT_KNOWN
    row: dict[str, Value] = {
        "mean_average_precision": mean.value,
        "low": mean.low,
        "high": mean.high,
        "n_positive": mean.n_positive,
        "n_effective": mean.n_effective,
        "corrected": corrected.value,
        "corrected_low": corrected.low,
        "corrected_high": corrected.high,
        "n_random": weighted.n_random if weighted else None,
        "n_population": weighted.n_population if weighted else None,
        "corrected_n_effective": weighted.n_effective if weighted else None,
        **_overall(weighted.overall if weighted else None),
        "warning": weighted.warning if weighted else "",
        "n_train": report.n_train,
        "n_test": report.n_test,
        "n_labels": report.n_labels,
        "version": report.version,
        "n": mean.n,
    }
    whole = ("n_positive", "n_random", "n_population", "n_train", "n_test", "n_labels", "version", "n")
    kinds = dict.fromkeys(whole, "Int64") | {"warning": "String"}
    return numbers(
        [row],
        {name: kinds.get(name, "Float64") for name in row},
        title="Quality of the model",
        caption=f"Version {report.version}, n = {count(mean.n)} test messages; 95 % intervals.",
        line=f"charts.validation_summary({_call(report)})",
    )


def _overall(known: OverallFigures | None) -> dict[str, Value]:
    """Recall and precision over all labels at 0.5, corrected with what the model expects of every message."""
    unknown = Estimate(value=None, low=None, high=None)
    found: dict[str, Value] = {}
    for name, one in (
        ("overall_recall", known.recall if known else unknown),
        ("overall_precision", known.precision if known else unknown),
    ):
        found |= {name: one.value, f"{name}_low": one.low, f"{name}_high": one.high}
    return found


def stop_advice(report: ValidationReport, labels: Sequence[Label]) -> Numbers:
    """Whether to stop training or go on with a version, and what it lacks: one row; ``labels`` are those there are now."""
    advice = advise(report, {one.label_id: one.name for one in labels})
    row: dict[str, Value] = {
        "readiness": advice.readiness,
        "advice": advice.text,
        "missing": "; ".join(advice.missing),
        "n": report.n_test,
    }
    return numbers(
        [row],
        schema(String=("readiness", "advice", "missing"), Int64=("n",)),
        title="Stop or go on",
        caption=f"Version {report.version}, n = {count(report.n_test)} test messages.",
        line=f"charts.stop_advice({_call(report)}, ws.operations.labels({str(report.dataset_id)!r}))",
    )


def rating_factors(report: ValidationReport) -> Numbers:
    """The rating, and its factors: one row for each thing that contributes to one."""
    nothing: dict[str, float | None] = {"": None}
    scores = [one.score for one in report.rating.factors if one.weight]
    whole: dict[str, Value] = {
        "factor": "rating",
        "score": report.rating.score,
        "band": report.rating.band,
        "weight": 1.0,
        "contributor": "weighted sum",
        "value": None
        if None in scores
        else sum(one.weight * (one.score or 0.0) for one in report.rating.factors),
        "reason": report.rating.reason,
        "action": "",
        "n": report.n_reviewed,
    }
    rows: list[dict[str, Value]] = [
        {
            "factor": factor.name,
            "score": factor.score,
            "band": factor.band,
            "weight": factor.weight,
            "contributor": name,
            "value": value,
            "reason": factor.reason,
            "action": factor.action,
            "n": report.n_reviewed,
        }
        for factor in report.rating.factors
        for name, value in {**(factor.contributors or nothing)}.items()
    ]
    return numbers(
        [whole, *rows],
        {
            "factor": "String",
            "score": "Float64",
            "band": "String",
            "weight": "Float64",
            "contributor": "String",
            "value": "Float64",
            **schema(String=("reason", "action"), Int64=("n",)),
        },
        title="Factors of the rating",
        caption=f"Version {report.version}, n = {count(report.n_reviewed)} reviewed messages.",
        line=f"charts.rating_factors({_call(report)})",
    )


def validation_labels(report: ValidationReport) -> Numbers:
    """Every label in the order of the report: state, average precision, examples, and what to do."""
    return numbers(
        [_label_row(one) for one in report.labels],
        {
            "label": "String",
            "state": "String",
            **schema(Float64=("average_precision", "low", "high", "corrected")),
            "n_pins": "Int64",
            "n_test": "Int64",
            "n_effective": "Float64",
            **schema(String=("action", "warnings"), Int64=("n",)),
        },
        title="Labels",
        caption=f"Version {report.version}, n = {count(report.n_test)} test messages; 95 % intervals.",
        line=f"charts.validation_labels({_call(report)})",
    )


def _label_row(one: LabelValidation) -> dict[str, Value]:
    quality = one.average_precision
    return {
        "label": one.name,
        "state": one.state,
        "average_precision": quality.value,
        "low": quality.low,
        "high": quality.high,
        "corrected": corrected_value(one, "value"),
        "n_pins": one.n_pins,
        "n_test": one.n_test,
        "n_effective": quality.n_effective,
        "action": one.warnings[0] if one.warnings else "",
        "warnings": "\n".join(one.warnings),
        "n": quality.n,
    }


def label_at_threshold(report: ValidationReport, label: str, threshold: float) -> Numbers:
    """What a threshold makes of a label, one row: precision and recall, corrected, cross-validated, its sentiment.

    Parameters
    ----------
    report, label, threshold
        The label's id or name; a probability in [0, 1]. Where nothing is predicted at it, nothing is known of
        precision and recall.

    Raises
    ------
    UnknownNameError
        The report holds no such label.
    """
    one = find_label(report, label)
    place = at_threshold(one.thresholds, threshold)
    quality, crossed, felt = one.average_precision, one.cross_validated or _NOT_KNOWN, one.sentiment
    weighted = one.corrected
    mean = weighted.average_precision if weighted else _NOT_KNOWN
    row: dict[str, Value] = {"threshold": threshold}
    for name, source in (
        ("precision", one.precisions),
        ("precision_low", one.precision_low),
        ("precision_high", one.precision_high),
        ("recall", one.recalls),
        ("recall_low", one.recall_low),
        ("recall_high", one.recall_high),
    ):
        row[name] = None if place is None else source[place]
    row |= {
        "n_predicted": one.n_predicted[place] if one.n_predicted and place is not None else None,
        "n_positive": quality.n_positive,
        "n_effective": quality.n_effective,
    }
    for name in ("precision", "recall"):
        listed = (
            (weighted.precisions, weighted.precision_low, weighted.precision_high)
            if weighted and name == "precision"
            else (weighted.recalls, weighted.recall_low, weighted.recall_high)
            if weighted
            else ((), (), ())
        )
        for end, values in zip(("", "_low", "_high"), listed, strict=True):
            row[f"corrected_{name}{end}"] = values[place] if values and place is not None else None
    row |= {
        "corrected_average_precision": mean.value,
        "corrected_low": mean.low,
        "corrected_high": mean.high,
        "corrected_n_positive": mean.n_positive,
        "corrected_n_effective": mean.n_effective,
        "cross_validated": crossed.value,
        "cross_validated_low": crossed.low,
        "cross_validated_high": crossed.high,
        "cross_validated_n_positive": crossed.n_positive,
        "approximate": quality.approximate,
        "sentiment_right": felt.value if felt else None,
        "sentiment_low": felt.low if felt else None,
        "sentiment_high": felt.high if felt else None,
        "sentiment_majority": felt.majority if felt else None,
        "sentiment_n": felt.n if felt else None,
        "n": quality.n,
    }
    whole = (
        "n_predicted",
        "n_positive",
        "corrected_n_positive",
        "cross_validated_n_positive",
        "sentiment_n",
        "n",
    )
    kinds = {"approximate": "Boolean"} | dict.fromkeys(whole, "Int64")
    return numbers(
        [row],
        {name: kinds.get(name, "Float64") for name in row},
        title=f"{plain(one.name)} at a threshold",
        caption=f"Threshold {percent(threshold)}, n = {count(quality.n)} test messages; 95 % intervals.",
        line=f"charts.label_at_threshold({_call(report)}, {str(one.label_id)!r}, {threshold!r})",
    )


def unread(label: LabelValidation, threshold: float) -> MessageFilter:
    """Messages that nobody has read and that a label is predicted of at a threshold."""
    predicted = LabelFilter(label_id=label.label_id, status="predicted", at_least=threshold)
    return MessageFilter(labels=(predicted,), reviewed=False)


def unread_at_threshold(report: ValidationReport, label: str, threshold: float, n: int) -> Numbers:
    """How many of ``n`` unread messages with a label predicted to expect right, and how many more missed: one row.

    Precision and recall are those of the test messages, with the bounds of the precision; see ``label_at_threshold``.
    """
    one = find_label(report, label)
    place = at_threshold(one.thresholds, threshold)
    row: dict[str, Value] = dict.fromkeys(("right", "right_low", "right_high", "missed"))
    if place is not None:
        right, recall = n * one.precisions[place], one.recalls[place]
        row = {
            "right": right,
            "right_low": n * one.precision_low[place],
            "right_high": n * one.precision_high[place],
            "missed": right / recall - right if recall > 0 else None,
        }
    where = (
        f"MessageFilter(labels=(LabelFilter(label_id={str(one.label_id)!r}, status='predicted', at_least={threshold!r}),), "
        "reviewed=False)"
    )
    counted = f"ws.operations.count_messages({str(report.dataset_id)!r}, {where})"
    return numbers(
        [row | {"n": n}],
        schema(Float64=tuple(row), Int64=("n",)),
        title=f"{plain(one.name)} among unread messages",
        caption=f"Threshold {percent(threshold)}, n = {count(n)} messages that nobody has read; 95 % interval.",
        line=f"charts.unread_at_threshold({_call(report)}, {str(one.label_id)!r}, {threshold!r}, {counted})",
    )
