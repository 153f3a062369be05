"""What ``workbench validate`` prints of a report."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.charts.make_results import validation
from workbench.cli.quality import validation_lines
from workbench.domain import AveragePrecision, CorrectedMetrics, Estimate, OverallFigures


def corrected(warning: str = "") -> CorrectedMetrics:
    mean = AveragePrecision(value=0.64, low=0.52, high=0.71, n_positive=120, n=412, n_effective=61.4)
    return CorrectedMetrics(
        mean_average_precision=mean, n_random=90, n_population=5_000, n_effective=123.4, warning=warning
    )


def test_every_figure_has_its_interval() -> None:
    lines = validation_lines(validation())
    weakest = next(line for line in lines if "train" in line)
    assert weakest.split()[:4] == ["0.38", "(0.31", "to", "0.43)"]
    assert not any("corrected" in line for line in lines)


def test_the_corrected_mean_stands_beside_the_raw_one() -> None:
    lines = validation_lines(replace(validation(), corrected=corrected()))
    assert (
        "corrected for how messages were chosen: mean average precision 0.64 (0.52 to 0.71), "
        "raw 0.74 (0.70 to 0.78); 90 random test messages, 123 effective"
    ) in lines
    assert not any("Shuffle" in line for line in lines)


def test_the_warning_is_the_last_thing_to_do() -> None:
    few = replace(validation(), corrected=corrected("Review 90 more messages with Shuffle."))
    assert validation_lines(few)[-1] == "next: Review 90 more messages with Shuffle."


def test_figures_over_all_labels_stand_beside_the_raw_ones() -> None:
    overall = OverallFigures(
        recall=Estimate(value=0.88, low=0.84, high=0.91),
        precision=Estimate(value=0.94, low=0.9, high=0.97),
        raw_recall=0.65,
        raw_precision=None,
    )
    lines = validation_lines(replace(validation(), corrected=replace(corrected(), overall=overall)))
    assert (
        "corrected over all labels at 0.5: recall 0.88 (0.84 to 0.91), raw 0.65; "
        "precision 0.94 (0.90 to 0.97), raw not known"
    ) in lines
    unknown = Estimate(value=None, low=None, high=None)
    none = replace(corrected(), overall=replace(overall, recall=unknown))
    assert not any(
        "over all labels" in line for line in validation_lines(replace(validation(), corrected=none))
    )
