"""How well people agree on each label."""

from __future__ import annotations

from workbench.charts.display import Chart
from workbench.charts.drawings import Axis, Row, Rows
from workbench.charts.words import count, plain
from workbench.domain import AgreementReport, LabelAgreement

GOOD_ALPHA = 0.8
"""From here conclusions may rest on a label (Krippendorff 2019, chapter 12)."""
USABLE_ALPHA = 0.667
"""Below, not even tentative ones may."""


def agreement(report: AgreementReport, *, top: int = 15) -> Chart:
    """Krippendorff's alpha of labels with its interval, and Gwet's AC1 beside it: the ``top`` lowest that anybody gave."""
    given = [one for one in report.labels if one.n_yes and one.n_messages]
    labels = sorted(given, key=_shown)[:top]
    rows = tuple(
        Row(
            name=plain(one.name),
            value=_shown(one),
            other=one.ac1.value,
            low=one.alpha.low,
            high=one.alpha.high,
            colour=_role(one),
            text=_words(one.alpha.value),
        )
        for one in labels
    )
    overall = report.overall
    return Chart(
        title="Labels that people agree on least",
        caption=(
            f"All labels: alpha {_words(overall.alpha.value)} {_range(overall.alpha.low, overall.alpha.high)}, "
            f"AC1 {_words(overall.ac1.value)} {_range(overall.ac1.low, overall.ac1.high)}; "
            f"n = {count(overall.n_messages)} messages that at least two people judged. 95 % bootstrap intervals."
        ),
        columns={
            "label": [one.name for one in report.labels],
            "alpha": [one.alpha.value for one in report.labels],
            "alpha_low": [one.alpha.low for one in report.labels],
            "alpha_high": [one.alpha.high for one in report.labels],
            "ac1": [one.ac1.value for one in report.labels],
            "ac1_low": [one.ac1.low for one in report.labels],
            "ac1_high": [one.ac1.high for one in report.labels],
            "observed": [one.observed for one in report.labels],
            "n_yes": [one.n_yes for one in report.labels],
            "n": [one.n_messages for one in report.labels],
        },
        types={
            "label": "String",
            **dict.fromkeys(
                ("alpha", "alpha_low", "alpha_high", "ac1", "ac1_low", "ac1_high", "observed"), "Float64"
            ),
            "n_yes": "Int64",
            "n": "Int64",
        },
        line=(
            f"charts.agreement(ws.operations.agreement({str(report.overlap.dataset_id)!r}, "
            f"{str(report.overlap.overlap_id)!r}), top={top})"
        ),
        drawing=Rows(
            axis=Axis(title="Agreement beyond chance", kind="number", high=1.0),
            rows=rows,
            style="dumbbell",
            value_name="alpha",
            other_name="AC1",
            range_name="95 % interval of alpha",
        ),
    )


def _shown(one: LabelAgreement) -> float:
    """Alpha, or AC1 where everybody always said the same."""
    value = one.ac1.value if one.alpha.value is None else one.alpha.value
    return 1.0 if value is None else value


def _role(one: LabelAgreement) -> str:
    value = _shown(one)
    return "good" if value >= GOOD_ALPHA else "warn" if value >= USABLE_ALPHA else "bad"


def _words(value: float | None) -> str:
    return "not known" if value is None else f"{value:.2f}"


def _range(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"({low:.2f} to {high:.2f})"
