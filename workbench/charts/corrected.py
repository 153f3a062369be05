"""Figures corrected for how the reviewed messages were chosen, beside the raw ones."""

from __future__ import annotations

from typing import Literal

from workbench.charts.drawings import Line
from workbench.charts.words import count, percent, percent_range
from workbench.domain import CorrectedMetrics, LabelValidation


def corrected_words(found: CorrectedMetrics) -> str:
    """``74 % (95 % interval 68–80 %, from 60 test messages drawn at random, 96 effective, …)``, or not known yet."""
    mean = found.mean_average_precision
    n = (
        f"from {count(found.n_random)} test messages drawn at random, {count(found.n_effective)} effective, "
        f"standing for all {count(found.n_population)}"
    )
    if mean.value is None:
        return f"not known yet ({n})"
    return f"{percent(mean.value, 0)} (95 % interval {percent_range(mean.low, mean.high)}, {n})"


def corrected_value(label: LabelValidation, name: Literal["value", "low", "high"]) -> float | None:
    """Corrected average precision of a label, or an end of its interval; None where it is not known."""
    if label.corrected is None:
        return None
    found = label.corrected.average_precision
    return {"value": found.value, "low": found.low, "high": found.high}[name]


def corrected_line(label: LabelValidation) -> tuple[Line, ...]:
    """Corrected precision against corrected recall where both are known; empty where none is."""
    if label.corrected is None:
        return ()
    known = [
        (recall, precision)
        for recall, precision in zip(label.corrected.recalls, label.corrected.precisions, strict=True)
        if recall is not None and precision is not None
    ]
    if not known:
        return ()
    recalls, precisions = zip(*known, strict=True)
    return (Line(name="corrected", x=recalls, y=precisions, colour="ink", dashed=True),)
