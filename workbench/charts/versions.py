"""Two model versions compared: what the second gained and lost."""

from __future__ import annotations

from workbench.charts.display import Chart
from workbench.charts.drawings import Axis, Row, Rows
from workbench.charts.words import count, plain, points
from workbench.domain import PrecisionPair, VersionComparison

OVERALL = "Mean over labels"
SHOWN_CHANGES = 24


def precision_change_words(pair: PrecisionPair) -> str:
    """``+4.2 points (−1.0 to +9.3 points)``, or that it cannot be estimated."""
    if pair.difference is None:
        return "cannot be estimated"
    words = points(pair.difference, 0.0)
    if (
        pair.difference_low is None
        or pair.difference_high is None
        or not (pair.difference_low or pair.difference_high)
    ):
        return words
    low, high = (
        f"{value * 100:+.1f}".replace("-", "−") for value in (pair.difference_low, pair.difference_high)
    )
    return f"{words} ({low} to {high})"


def is_clear(pair: PrecisionPair) -> bool:
    """Whether the interval of the difference leaves out 0: one of the two is better."""
    low, high = pair.difference_low, pair.difference_high
    return low is not None and high is not None and (low > 0 or high < 0)


def version_changes(comparison: VersionComparison, *, top: int = SHOWN_CHANGES) -> Chart:
    """What average precision gained or lost from the first version to the second, the largest changes first.

    Parameters
    ----------
    top
        Labels drawn; the frame has all of them.
    """
    known = [one for one in comparison.labels if one.precision.difference is not None]
    known.sort(key=lambda one: (-abs(one.precision.difference or 0.0), one.name))
    unknown = [one for one in comparison.labels if one.precision.difference is None]
    listed = [(OVERALL, comparison.overall), *((one.name, one.precision) for one in (*known, *unknown))]
    drawn = [one for one in listed if one[1].difference is not None][: top + 1]
    pairs = [pair for _, pair in listed]
    first, second = comparison.first, comparison.second
    return Chart(
        title=f"Version {second} against version {first}",
        caption=(
            f"n = {count(comparison.n)} messages in the test part of both, judged by what people say now. Whisker: "
            "95 % interval of the difference; where it leaves out 0, one of the two is better."
        ),
        columns={
            "label": [name for name, _ in listed],
            "first": [pair.first.value for pair in pairs],
            "second": [pair.second.value for pair in pairs],
            "difference": [pair.difference for pair in pairs],
            "low": [pair.difference_low for pair in pairs],
            "high": [pair.difference_high for pair in pairs],
            "is_clear": [is_clear(pair) for pair in pairs],
            "n_positive": [pair.second.n_positive for pair in pairs],
            "n": [comparison.n] * len(pairs),
        },
        types={
            "label": "String",
            **dict.fromkeys(("first", "second", "difference", "low", "high"), "Float64"),
            "is_clear": "Boolean",
            **dict.fromkeys(("n_positive", "n"), "Int64"),
        },
        line=(
            f"charts.version_changes(ws.operations.compare_versions({str(comparison.dataset_id)!r}, {first}, {second}), "
            f"top={top})"
        ),
        drawing=Rows(
            axis=Axis(title="Change of average precision, second minus first", kind="percent"),
            rows=tuple(
                Row(
                    name=plain(name),
                    value=pair.difference or 0.0,
                    low=pair.difference_low,
                    high=pair.difference_high,
                    colour=_colour(pair),
                    text=precision_change_words(pair),
                )
                for name, pair in drawn
            ),
            value_name="change",
        ),
    )


def _colour(pair: PrecisionPair) -> str:
    if not is_clear(pair):
        return "neutral"
    return "good" if (pair.difference or 0.0) > 0 else "bad"
