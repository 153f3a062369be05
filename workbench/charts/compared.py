"""Versions and annotators compared, in numbers: the tables and the verdicts beside their pictures."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.charts.figure import Numbers, Value, numbers, schema
from workbench.charts.versions import is_clear
from workbench.charts.words import count
from workbench.domain import (
    AgreementReport,
    LabelAgreement,
    ModelVersion,
    OverlapTask,
    PrecisionPair,
    VersionComparison,
)


def model_versions(versions: Sequence[ModelVersion], *, dataset_id: str) -> Numbers:
    """The versions that are kept, oldest first, with what each learned from and how good it is."""
    rows: list[dict[str, Value]] = [
        {
            "version": one.version,
            "created_at": one.created_at.isoformat(),
            "n_labels": one.n_labels,
            "rating": one.rating,
            "mean_average_precision": one.mean_average_precision,
            "low": one.mean_average_precision_low,
            "high": one.mean_average_precision_high,
            "pinned": one.pinned,
            "predicted": one.predicted,
            "n": one.n_reviewed,
        }
        for one in sorted(versions, key=lambda one: one.version)
    ]
    return numbers(
        rows,
        {
            **schema(Int64=("version",), String=("created_at",)),
            "n_labels": "Int64",
            **schema(Float64=("rating", "mean_average_precision", "low", "high")),
            **schema(Boolean=("pinned", "predicted"), Int64=("n",)),
        },
        title="Versions kept",
        caption=f"{count(len(rows))} versions; n = reviewed messages each learned from. 95 % intervals.",
        line=f"charts.model_versions(ws.operations.model_versions({str(dataset_id)!r}), dataset_id={str(dataset_id)!r})",
    )


def _compared(comparison: VersionComparison) -> str:
    return f"ws.operations.compare_versions({str(comparison.dataset_id)!r}, {comparison.first}, {comparison.second})"


def version_verdict(comparison: VersionComparison) -> Numbers:
    """The change of mean average precision from the first version to the second, with its 95 % interval: one row."""
    row: dict[str, Value] = {
        "first_version": comparison.first,
        "second_version": comparison.second,
        **_pair(comparison.overall),
        "is_clear": is_clear(comparison.overall),
        "n_only_first": len(comparison.only_first),
        "n_only_second": len(comparison.only_second),
        "n": comparison.n,
    }
    kinds = dict.fromkeys(_pair(comparison.overall), "Float64") | {"is_clear": "Boolean"}
    return numbers(
        [row],
        {name: kinds.get(name, "Int64") for name in row},
        title=f"Version {comparison.second} against version {comparison.first}",
        caption=f"n = {count(comparison.n)} messages in the test part of both; 95 % interval.",
        line=f"charts.version_verdict({_compared(comparison)})",
    )


def labels_compared(comparison: VersionComparison) -> Numbers:
    """Labels of two versions, the largest differences first, those nobody can judge last.

    ``n`` counts the test messages with the label.
    """
    listed = [(one.name, one.precision) for one in comparison.labels]
    listed.sort(key=lambda row: (row[1].difference is None, -abs(row[1].difference or 0.0), row[0]))
    rows: list[dict[str, Value]] = [
        {"label": name, "verdict": _verdict(pair, comparison), **_pair(pair), "n": pair.second.n_positive}
        for name, pair in listed
    ]
    return numbers(
        rows,
        schema(
            String=("label", "verdict"),
            Float64=("first", "second", "difference", "low", "high"),
            Int64=("n",),
        ),
        title=f"Labels of version {comparison.second} against version {comparison.first}",
        caption=f"n = test messages with the label, of {count(comparison.n)} in both; 95 % intervals.",
        line=f"charts.labels_compared({_compared(comparison)})",
    )


def _pair(pair: PrecisionPair) -> dict[str, Value]:
    return {
        "first": pair.first.value,
        "second": pair.second.value,
        "difference": pair.difference,
        "low": pair.difference_low,
        "high": pair.difference_high,
    }


def _verdict(pair: PrecisionPair, comparison: VersionComparison) -> str:
    """Which of two versions is better, in a word."""
    if pair.difference is None:
        return "cannot be judged"
    if not is_clear(pair):
        return "no clear difference"
    return f"version {comparison.second if pair.difference > 0 else comparison.first} is better"


def _agreed(report: AgreementReport) -> str:
    return f"ws.operations.agreement({str(report.overlap.dataset_id)!r}, {str(report.overlap.overlap_id)!r})"


def agreement_summary(report: AgreementReport) -> Numbers:
    """Agreement over all labels with its 95 % interval, and how far the answers have come: one row."""
    row: dict[str, Value] = {
        "alpha": report.overall.alpha.value,
        "low": report.overall.alpha.low,
        "high": report.overall.alpha.high,
        "n_open": sum(not one.resolved for one in report.disagreements),
        "n_messages": report.overlap.n_messages,
        "n_population": report.overlap.n_population,
        "n_given": report.overlap.n_given,
        "n_asked": report.overlap.n_asked,
        "created_on": report.overlap.created_at.date(),
        "n": report.overall.n_messages,
    }
    kinds = dict.fromkeys(("alpha", "low", "high"), "Float64") | {"created_on": "Date"}
    return numbers(
        [row],
        {name: kinds.get(name, "Int64") for name in row},
        title="Agreement over all labels",
        caption=f"n = {count(report.overall.n_messages)} messages that at least two people judged; 95 % interval.",
        line=f"charts.agreement_summary({_agreed(report)})",
    )


def agreement_labels(report: AgreementReport) -> Numbers:
    """Agreement on all labels together and on each, with 95 % intervals; ``n`` counts the messages judged."""

    def row(one: LabelAgreement) -> dict[str, Value]:
        return {
            "label": one.name,
            "alpha": one.alpha.value,
            "alpha_low": one.alpha.low,
            "alpha_high": one.alpha.high,
            "ac1": one.ac1.value,
            "ac1_low": one.ac1.low,
            "ac1_high": one.ac1.high,
            "observed": one.observed,
            "n_yes": one.n_yes,
            "is_all": one.label_id is None,
            "n": one.n_messages,
        }

    shares = ("alpha", "alpha_low", "alpha_high", "ac1", "ac1_low", "ac1_high", "observed")
    return numbers(
        [row(one) for one in (report.overall, *report.labels)],
        schema(String=("label",), Float64=shares) | {"n_yes": "Int64", "is_all": "Boolean", "n": "Int64"},
        title="Agreement by label",
        caption=f"n = {count(report.overall.n_messages)} messages that at least two people judged; 95 % intervals.",
        line=f"charts.agreement_labels({_agreed(report)})",
    )


def agreement_people(report: AgreementReport) -> Numbers:
    """Each person's answers, repeats judged the same, and pace; ``n`` counts the answers given."""
    rows: list[dict[str, Value]] = [
        {
            "person": one.person,
            "n_asked": one.n_asked,
            "n_equal": one.n_equal,
            "n_repeats": one.n_repeats,
            "seconds_per_message": one.seconds_per_message,
            "n_judgements": one.n_judgements,
            "n": one.n_given,
        }
        for one in report.people
    ]
    return numbers(
        rows,
        schema(String=("person",), Int64=("n_asked", "n_equal", "n_repeats"))
        | {"seconds_per_message": "Float64", "n_judgements": "Int64", "n": "Int64"},
        title="People",
        caption=f"n = answers given, by {count(len(rows))} people.",
        line=f"charts.agreement_people({_agreed(report)})",
    )


def overlap_waiting(tasks: Sequence[OverlapTask], *, dataset_id: str, n: int = 256) -> Numbers:
    """How many messages wait for the caller's own answer, one row; at most ``n`` were asked for."""
    return numbers(
        [{"n": len(tasks)}],
        schema(Int64=("n",)),
        title="Messages that wait for your answer",
        caption=f"n = {count(len(tasks))} messages, counted up to {count(n)}.",
        line=(
            f"charts.overlap_waiting(ws.operations.overlap_due({str(dataset_id)!r}, {n}), "
            f"dataset_id={str(dataset_id)!r}, n={n})"
        ),
    )
