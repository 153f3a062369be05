"""What validation says once reviewed messages are weighted by how they were chosen, in words."""

from __future__ import annotations

import html

from workbench import charts
from workbench.charts import Figure
from workbench.domain import OverallFigures, ValidationReport
from workbench.widgets.panels.figures import Row, rows_of


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
    if found.overall is not None:
        said += _overall(found.overall)
    if not found.warning:
        return said
    return f'{said}<p class="wb-status wb-careful" role="note">⚠ {html.escape(found.warning)}</p>'


def _overall(found: OverallFigures) -> str:
    """Recall and precision over all labels; empty where one of them is not known."""
    if found.recall.value is None or found.precision.value is None:
        return ""
    return (
        f'<p class="wb-status">Over all labels at 50 %: recall <b>{found.recall.value:.0%}</b> '
        f"({_between(found.recall.low, found.recall.high)}), precision <b>{found.precision.value:.0%}</b> "
        f"({_between(found.precision.low, found.precision.high)}), corrected with what the model expects of every "
        "message.</p>"
    )


def corrected_at(at: Figure) -> str:
    """Corrected figures of a label at a threshold, and its cross-validated ones; empty where neither is known."""
    (row,) = rows_of(at)
    return _weighted(row) + _cross_validated(row)


def _weighted(row: Row) -> str:
    needed = ("corrected_average_precision", "corrected_precision", "corrected_recall")
    if any(row[name] is None for name in needed):
        return ""
    return (
        f'<p class="wb-status">Corrected for how messages were chosen: precision <b>{row["corrected_precision"]:.0%}</b> '
        f"({_between(row['corrected_precision_low'], row['corrected_precision_high'])}), recall "
        f"<b>{row['corrected_recall']:.0%}</b> ({_between(row['corrected_recall_low'], row['corrected_recall_high'])}), "
        f"average precision <b>{row['corrected_average_precision']:.0%}</b> "
        f"({_between(row['corrected_low'], row['corrected_high'])}), from {row['corrected_n_positive']} test messages "
        f"with this label, {row['corrected_n_effective'] or 0.0:.1f} effective.</p>"
    )


def _cross_validated(row: Row) -> str:
    """The figure whose lower bound makes a label healthy, where it is not the one that is shown already."""
    if row["cross_validated"] is None or row["approximate"]:
        return ""
    return (
        f'<p class="wb-status">Cross-validated on all {row["cross_validated_n_positive"]} examples (approximate): '
        f"average precision <b>{row['cross_validated']:.0%}</b> "
        f"({_between(row['cross_validated_low'], row['cross_validated_high'])}); the lower figure decides whether the "
        "label is healthy.</p>"
    )


def _between(low: float | None, high: float | None) -> str:
    return "not known" if low is None or high is None else f"{low:.0%} to {high:.0%}"
