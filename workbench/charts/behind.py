"""What stands behind the figures of one label: outcomes, labels mixed up, groups, and reviews that may be wrong."""

from __future__ import annotations

from workbench.charts.figure import Numbers, Value, numbers, schema
from workbench.charts.words import count, percent, plain
from workbench.domain import LabelOutcomes, SuspectReport, ValidationBreakdown


def _outcomes(found: LabelOutcomes) -> str:
    return (
        f"ws.operations.label_outcomes({str(found.dataset_id)!r}, {str(found.label_id)!r}, {found.threshold!r}, "
        f"{found.version})"
    )


def outcome_counts(found: LabelOutcomes) -> Numbers:
    """How many test messages a threshold gets right and wrong for a label: one row."""
    row: dict[str, Value] = {
        "true_positive": found.counts.true_positive,
        "false_positive": found.counts.false_positive,
        "false_negative": found.counts.false_negative,
        "true_negative": found.counts.true_negative,
        "n_mixed_up": len(found.mixed_up),
        "n": found.counts.n,
    }
    return numbers(
        [row],
        schema(Int64=tuple(row)),
        title=f"Test messages of {plain(found.name)}",
        caption=f"Threshold {percent(found.threshold)}, n = {count(found.counts.n)} test messages.",
        line=f"charts.outcome_counts({_outcomes(found)})",
    )


def labels_mixed_up(found: LabelOutcomes) -> Numbers:
    """Labels that messages got in the place of one, or this one in their place, the most frequent first."""
    rows: list[dict[str, Value]] = [
        {"label": one.name, "taken_for": one.taken_for, "taken_from": one.taken_from, "n": found.counts.n}
        for one in found.mixed_up
    ]
    return numbers(
        rows,
        schema(String=("label",), Int64=("taken_for", "taken_from", "n")),
        title=f"Labels mixed up with {plain(found.name)}",
        caption=f"Threshold {percent(found.threshold)}, n = {count(found.counts.n)} test messages.",
        line=f"charts.labels_mixed_up({_outcomes(found)})",
    )


def breakdown_groups(found: ValidationBreakdown, threshold: float | None = None) -> Numbers:
    """Precision and recall by what messages have in common; ``threshold`` is the one that was asked for."""
    rows: list[dict[str, Value]] = [
        {
            "value": one.value or "(none)",
            "n": one.n_messages,
            "n_label": one.recall.n,
            "precision": one.precision.value,
            "precision_low": one.precision.low if one.precision.n else None,
            "precision_high": one.precision.high if one.precision.n else None,
            "recall": one.recall.value,
            "recall_low": one.recall.low if one.recall.n else None,
            "recall_high": one.recall.high if one.recall.n else None,
        }
        for one in found.groups
    ]
    shares = [f"{name}{end}" for name in ("precision", "recall") for end in ("", "_low", "_high")]
    label = None if found.label_id is None else str(found.label_id)
    return numbers(
        rows,
        schema(String=("value",), Int64=("n", "n_label"), Float64=shares),
        title="Precision and recall by group",
        caption=f"n = {count(found.whole.n_messages)} test messages of version {found.version}; 95 % intervals.",
        line=(
            f"charts.breakdown_groups(ws.operations.validation_breakdown({str(found.dataset_id)!r}, {found.by!r}, "
            f"{label!r}, {threshold!r}, {found.version}), {threshold!r})"
        ),
    )


def _suspects(report: SuspectReport, n: int) -> str:
    return f"ws.operations.label_suspects({str(report.dataset_id)!r}, {n})"


def label_suspects(report: SuspectReport, *, n: int = 20) -> Numbers:
    """Reviewed messages whose labels may be wrong, most suspect first; each row rests on one message.

    ``n`` is how many were asked for.
    """
    rows: list[dict[str, Value]] = [
        {
            "uid": one.uid,
            "kind": one.kind,
            "said": one.said,
            "said_probability": one.said_probability,
            "expected": one.expected,
            "expected_probability": one.expected_probability,
            "score": one.score,
            "n": 1,
        }
        for one in report.suspects
    ]
    return numbers(
        rows,
        schema(
            String=("uid", "kind", "said", "expected"),
            Float64=("said_probability", "expected_probability", "score"),
            Int64=("n",),
        ),
        title="Suspect labels",
        caption=f"n = {count(report.n_judged)} reviewed messages judged; each row is one message.",
        line=f"charts.label_suspects({_suspects(report, n)}, n={n})",
    )


def suspect_yield(report: SuspectReport, *, n: int = 20) -> Numbers:
    """How many reviews are suspect, and how many of those looked at turned out wrong, one row; ``n`` were asked for."""
    row: dict[str, Value] = {
        "n_judged": report.n_judged,
        "n_suspects": report.n_suspects,
        "n_changed": report.n_changed,
        "share_changed": report.found.value,
        "low": report.found.low,
        "high": report.found.high,
        "n": report.n_looked_at,
    }
    return numbers(
        [row],
        schema(Int64=("n_judged", "n_suspects", "n_changed"), Float64=("share_changed", "low", "high"))
        | {"n": "Int64"},
        title="What looking at suspects brought",
        caption=f"n = {count(report.n_looked_at)} suspects looked at; 95 % interval.",
        line=f"charts.suspect_yield({_suspects(report, n)}, n={n})",
    )
