"""How good a model version is, in lines of text."""

from __future__ import annotations

from workbench.domain import AveragePrecision, Estimate, ValidationReport

_SHOWN_LABELS = 30


def validation_lines(found: ValidationReport) -> list[str]:
    """Rating, the weakest labels with their intervals, the corrected mean, and what to do next."""
    score = found.rating.score
    rated = "no rating yet" if score is None else f"rating {score:.0f} ({found.rating.band})"
    known = [label for label in found.labels if label.average_precision.value is not None]
    weakest = sorted(known, key=lambda label: (label.average_precision.value or 0.0, label.name))
    lines = [
        f"{label.average_precision.value:6.2f} {_between(label.average_precision)}  {label.n_train:5,} train  {label.n_test:5,} test  {label.name}"
        for label in weakest[:_SHOWN_LABELS]
    ]
    actions = [f"next: {factor.action}" for factor in found.rating.factors if factor.action]
    felt = found.sentiment
    if felt is not None and felt.value is not None:
        lines.append(
            f"sentiment right on {felt.value:.0%} of {felt.n:,} test examples ({felt.low:.0%} to {felt.high:.0%}); "
            f"the more frequent one is {felt.majority:.0%}"
        )
    corrected = found.corrected
    if corrected is not None and corrected.mean_average_precision.value is not None:
        lines.append(
            f"corrected for how messages were chosen: mean average precision "
            f"{corrected.mean_average_precision.value:.2f} {_between(corrected.mean_average_precision)}, "
            f"raw {_mean(found.mean_average_precision)}; {corrected.n_random:,} random test messages, "
            f"{corrected.n_effective:.0f} effective"
        )
    overall = None if corrected is None else corrected.overall
    if overall is not None and overall.recall.value is not None and overall.precision.value is not None:
        lines.append(
            f"corrected over all labels at 0.5: recall {_corrected(overall.recall, overall.raw_recall)}; "
            f"precision {_corrected(overall.precision, overall.raw_precision)}"
        )
    if corrected is not None and corrected.warning:
        actions.append(f"next: {corrected.warning}")
    return [f"version {found.version}: {rated}, {found.n_test:,} test messages", *lines, *actions]


def _mean(found: AveragePrecision) -> str:
    return "not known" if found.value is None else f"{found.value:.2f} {_between(found)}"


def _corrected(found: Estimate, raw: float | None) -> str:
    beside = "not known" if raw is None else f"{raw:.2f}"
    return f"{found.value:.2f} {_between(found)}, raw {beside}"


def _between(found: AveragePrecision | Estimate) -> str:
    """The 95 % interval, as wide as those of other lines."""
    return " " * 14 if found.low is None or found.high is None else f"({found.low:.2f} to {found.high:.2f})"
