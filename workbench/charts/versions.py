"""Model versions: how quality went from one to the next, and what the second of two gained and lost."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.charts.display import Chart
from workbench.charts.drawings import Axis, Line, Plot, Row, Rows, Rule
from workbench.charts.words import count, plain, points
from workbench.domain import ModelVersion, PrecisionPair, VersionComparison

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


def version_history(versions: Sequence[ModelVersion]) -> Chart:
    """Rating and mean average precision of each validated version that is kept, oldest first.

    Parameters
    ----------
    versions
        Of one dataset, in any order.
    """
    listed = sorted(versions, key=lambda one: one.version)
    judged = [one for one in listed if one.mean_average_precision is not None]
    dataset_id = str(listed[0].dataset_id) if listed else ""
    return Chart(
        title="Quality from version to version",
        caption=(
            f"n = {count(len(listed))} versions kept, {count(len(judged))} of them validated. Band: 95 % interval of mean "
            "average precision; each version was judged on the test messages of its time."
        ),
        columns={
            "version": [one.version for one in listed],
            "created_at": [one.created_at.isoformat() for one in listed],
            "rating": [one.rating for one in listed],
            "mean_average_precision": [one.mean_average_precision for one in listed],
            "low": [one.mean_average_precision_low for one in listed],
            "high": [one.mean_average_precision_high for one in listed],
            "n": [one.n_reviewed for one in listed],
        },
        types={
            "version": "Int64",
            "created_at": "String",
            **dict.fromkeys(("rating", "mean_average_precision", "low", "high"), "Float64"),
            "n": "Int64",
        },
        line=f"charts.version_history(ws.operations.model_versions({dataset_id!r}))",
        drawing=Plot(
            x=Axis(title="Version", whole=True),
            y=Axis(title="Rating, and mean average precision", kind="percent", low=0.0, high=1.0),
            lines=_lines(listed),
            rules=(Rule(value=0.7, text="good from 70", colour="muted"),),
        ),
    )


def _lines(listed: Sequence[ModelVersion]) -> tuple[Line, ...]:
    """Quality and rating of those versions that have them."""
    judged = [one for one in listed if one.mean_average_precision is not None]
    rated = [one for one in listed if one.rating is not None]
    quality = Line(
        name="mean average precision",
        x=tuple(float(one.version) for one in judged),
        y=tuple(one.mean_average_precision or 0.0 for one in judged),
        low=tuple(one.mean_average_precision_low or 0.0 for one in judged),
        high=tuple(one.mean_average_precision_high or 0.0 for one in judged),
        label="precision",
        markers=True,
    )
    rating = Line(
        name="rating",
        x=tuple(float(one.version) for one in rated),
        y=tuple((one.rating or 0.0) / 100 for one in rated),
        colour="good",
        label="rating",
        markers=True,
        dashed=True,
    )
    return tuple(line for line in (quality, rating) if line.x)


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
