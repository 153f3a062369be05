"""What validation says once reviewed messages are weighted by how they were chosen, in words."""

from __future__ import annotations

import html

from workbench import charts
from workbench.domain import AveragePrecision, LabelValidation, ValidationReport


def corrected_html(report: ValidationReport) -> str:
    """The corrected mean below the raw one, and the warning when it rests on too little; empty in older reports."""
    found = report.corrected
    if found is None:
        return ""
    said = ""
    if found.n_random:
        said = (
            '<p class="wb-status">Corrected for how messages were chosen: '
            f"<b>{html.escape(charts.corrected_words(found))}</b></p>"
        )
    if not found.warning:
        return said
    return f'{said}<p class="wb-status wb-careful" role="note">⚠ {html.escape(found.warning)}</p>'


def corrected_at(one: LabelValidation, place: int | None) -> str:
    """Corrected figures of a label at a threshold, and its cross-validated ones; empty where neither is known."""
    return _weighted(one, place) + _cross_validated(one)


def _weighted(one: LabelValidation, place: int | None) -> str:
    found = one.corrected
    if found is None or found.average_precision.value is None or place is None:
        return ""
    precision, recall = found.precisions[place], found.recalls[place]
    if precision is None or recall is None:
        return ""
    effective = found.average_precision.n_effective or 0.0
    return (
        f'<p class="wb-status">Corrected for how messages were chosen: precision <b>{precision:.0%}</b> '
        f"({_between(found.precision_low[place], found.precision_high[place])}), recall <b>{recall:.0%}</b> "
        f"({_between(found.recall_low[place], found.recall_high[place])}), average precision "
        f"<b>{found.average_precision.value:.0%}</b> "
        f"({_between(found.average_precision.low, found.average_precision.high)}), from "
        f"{found.average_precision.n_positive} test messages with this label, {effective:.1f} effective.</p>"
    )


def _cross_validated(one: LabelValidation) -> str:
    """The figure whose lower bound makes a label healthy, where it is not the one that is shown already."""
    found: AveragePrecision | None = one.cross_validated
    if found is None or found.value is None or one.average_precision.approximate:
        return ""
    return (
        f'<p class="wb-status">Cross-validated on all {found.n_positive} examples (approximate): average precision '
        f"<b>{found.value:.0%}</b> ({_between(found.low, found.high)}); the lower figure decides whether the "
        "label is healthy.</p>"
    )


def _between(low: float | None, high: float | None) -> str:
    return "not known" if low is None or high is None else f"{low:.0%} to {high:.0%}"
