"""Drift: whether and what changed against the reference window."""

from __future__ import annotations

import math

from workbench.charts.display import Chart
from workbench.charts.drawings import Axis, Line, Plot, Row, Rows, Rule
from workbench.charts.theme import LABEL_PREFIX
from workbench.charts.words import as_date, count, day, percent, percent_range, plain, points, title_case
from workbench.domain import ClusterChange, DriftReport

_COLOURS = {
    "low_confidence": "info",
    "label_mix": "accent",
    "label_rates": "good",
    "embedding": "warn",
    "wording": "bad",
    "volume": "muted",
    "exception_rate": "ink",
}
_LEAST_P = 1e-12


def _call(report: DriftReport) -> str:
    return f"ws.operations.drift({str(report.dataset_id)!r})"


def _n_now(report: DriftReport) -> int:
    """Messages of the newest window."""
    newest = max((t.window_end for t in report.tests), default=None)
    return max((t.n for t in report.tests if t.window_end == newest), default=0)


def _caption(report: DriftReport) -> str:
    return (
        f"n = {count(report.n_reference)} messages from {day(as_date(report.reference_start))} to "
        f"{day(as_date(report.reference_end))} against n = {count(_n_now(report))} in the newest window."
    )


def drift_tests(report: DriftReport) -> Chart:
    """Evidence of change per window and test; above the line a test alone would alarm.

    The height is -log10 of the Holm-adjusted p value, so that tests of different kinds share one axis.
    """
    tests = sorted(report.tests, key=lambda t: (t.name, t.window_end))
    names = list(dict.fromkeys(t.name for t in tests))
    lines = []
    for name in names:
        mine = [t for t in tests if t.name == name]
        lines.append(
            Line(
                name=title_case(name),
                x=tuple(as_date(t.window_end) for t in mine),
                y=tuple(-math.log10(max(_LEAST_P, t.p_adjusted)) for t in mine),
                colour=_COLOURS.get(name, "accent"),
                label=title_case(name),
                markers=True,
            )
        )
    rate = report.false_alarm_rate
    return Chart(
        title="Drift tests",
        caption=(
            f"{_caption(report)} The procedure raises a false alarm in at most {percent(rate)} of the windows "
            "when nothing changed; an alarm also needs a change of material size."
            + "".join(f" {text}" for text in report.untested)
        ),
        columns={
            "test": [t.name for t in tests],
            "window_start": [as_date(t.window_start) for t in tests],
            "window_end": [as_date(t.window_end) for t in tests],
            "statistic": [t.statistic for t in tests],
            "p_value": [t.p_value for t in tests],
            "p_adjusted": [t.p_adjusted for t in tests],
            "effect": [t.effect for t in tests],
            "effect_unit": [t.effect_unit for t in tests],
            "material": [t.material for t in tests],
            "alarm": [t.alarm for t in tests],
            "n": [t.n for t in tests],
        },
        types={
            "test": "String",
            "window_start": "Date",
            "window_end": "Date",
            "statistic": "Float64",
            "p_value": "Float64",
            "p_adjusted": "Float64",
            "effect": "Float64",
            "effect_unit": "String",
            "material": "Boolean",
            "alarm": "Boolean",
            "n": "Int64",
        },
        line=f"charts.drift_tests({_call(report)})",
        drawing=Plot(
            x=Axis(title="End of window", kind="time"),
            y=Axis(title="Evidence of change, −log10 p", low=0.0),
            lines=tuple(lines),
            rules=(Rule(value=-math.log10(max(_LEAST_P, rate)), text="alarm line"),),
        ),
    )


def _dumbbell(rows: list[Row], axis: str) -> Rows:
    return Rows(
        axis=Axis(title=axis, kind="percent", low=0.0),
        rows=tuple(rows),
        style="dumbbell",
        value_name="now",
        other_name="before",
    )


_SHARE_TYPES = {"share_before": "Float64", "share_now": "Float64"}


def label_changes(report: DriftReport, *, top: int = 12) -> Chart:
    """Label shares before and now, the largest changes first; alarms are named as such."""
    changes = sorted(report.labels, key=lambda c: (-abs(c.share_now - c.share_before), c.name))[:top]
    rows = [
        Row(
            name=plain(c.name),
            value=c.share_now,
            other=c.share_before,
            colour=LABEL_PREFIX + c.label_id,
            text=points(c.share_now, c.share_before) + (" · alarm" if c.alarm else ""),
        )
        for c in changes
    ]
    return Chart(
        title="Label shares before and now",
        caption=f"{_caption(report)} Shares are means of probabilities; alarms are corrected over all labels by permutation.",
        columns={
            "label_id": [c.label_id for c in changes],
            "label": [c.name for c in changes],
            "share_before": [c.share_before for c in changes],
            "share_now": [c.share_now for c in changes],
            "z": [c.z for c in changes],
            "p_adjusted": [c.p_adjusted for c in changes],
            "alarm": [c.alarm for c in changes],
            "n": [_n_now(report)] * len(changes),
        },
        types={
            "label_id": "String",
            "label": "String",
            **_SHARE_TYPES,
            "z": "Float64",
            "p_adjusted": "Float64",
            "alarm": "Boolean",
            "n": "Int64",
        },
        line=f"charts.label_changes({_call(report)}, top={top})",
        drawing=_dumbbell(rows, "Share of messages"),
    )


def phrase_changes(report: DriftReport, *, top: int = 12) -> Chart:
    """Phrases used more or less than before, by log-odds."""
    changes = sorted(report.phrases, key=lambda c: (-abs(c.log_odds), c.phrase))[:top]
    rows = [
        Row(
            name=plain(c.phrase),
            value=c.share_now,
            other=c.share_before,
            colour="warn" if c.share_now > c.share_before else "info",
            text=points(c.share_now, c.share_before),
        )
        for c in changes
    ]
    return Chart(
        title="Phrases before and now",
        caption=f"{_caption(report)} Share of messages that hold the phrase; chosen by smoothed log-odds, not tested.",
        columns={
            "phrase": [c.phrase for c in changes],
            "share_before": [c.share_before for c in changes],
            "share_now": [c.share_now for c in changes],
            "log_odds": [c.log_odds for c in changes],
            "n": [_n_now(report)] * len(changes),
        },
        types={"phrase": "String", **_SHARE_TYPES, "log_odds": "Float64", "n": "Int64"},
        line=f"charts.phrase_changes({_call(report)}, top={top})",
        drawing=_dumbbell(rows, "Share of messages"),
    )


def _new(change: ClusterChange) -> str:
    """The share of the window that is new with a group; reports of older versions do not know it."""
    if not change.share_new_high:
        return points(change.share_now, change.share_before)
    return f"{percent_range(max(0.0, change.share_new_low), change.share_new_high)} new"


def group_size(report: DriftReport, group: ClusterChange) -> int:
    """How many messages of the newest window are of a group."""
    return round(group.share_now * _n_now(report))


def cluster_changes(report: DriftReport, *, top: int = 8) -> Chart:
    """Groups that are over-represented now: what came new."""
    changes = sorted(report.clusters, key=lambda c: (-c.residual, c.name))[:top]
    rows = [
        Row(
            name=plain(c.name),
            value=c.share_now,
            other=c.share_before,
            colour="accent",
            text=_new(c),
        )
        for c in changes
    ]
    return Chart(
        title="Groups that came new",
        caption=f"{_caption(report)} Beside each: share of the window that is new with its topic, 95 % interval.",
        columns={
            "group": [c.name for c in changes],
            "share_before": [c.share_before for c in changes],
            "share_now": [c.share_now for c in changes],
            "share_new": [c.share_new for c in changes],
            "share_new_low": [c.share_new_low for c in changes],
            "share_new_high": [c.share_new_high for c in changes],
            "n_messages": [group_size(report, c) for c in changes],
            "residual": [c.residual for c in changes],
            "mean_confidence": [c.mean_confidence for c in changes],
            "n": [_n_now(report)] * len(changes),
        },
        types={
            "group": "String",
            **_SHARE_TYPES,
            "share_new": "Float64",
            "share_new_low": "Float64",
            "share_new_high": "Float64",
            "n_messages": "Int64",
            "residual": "Float64",
            "mean_confidence": "Float64",
            "n": "Int64",
        },
        line=f"charts.cluster_changes({_call(report)}, top={top})",
        drawing=_dumbbell(rows, "Share of messages"),
    )


def exception_changes(report: DriftReport, *, top: int = 12) -> Chart:
    """Messages that could not be handled, by stream and type: their share before and now, the largest change first."""
    changes = report.exceptions[:top]
    rows = [
        Row(
            name=plain(f"{c.type} ({c.stream})"),
            value=c.share_now,
            other=c.share_before,
            colour="warn" if c.share_now > c.share_before else "info",
            text=f"{points(c.share_now, c.share_before)} · {count(c.n_before)} before, {count(c.n_now)} now",
        )
        for c in changes
    ]
    return Chart(
        title="Exceptions before and now",
        caption=f"{_caption(report)} Share of the messages that came since exceptions are tagged.",
        columns={
            "stream": [c.stream for c in changes],
            "type": [c.type for c in changes],
            "share_before": [c.share_before for c in changes],
            "share_now": [c.share_now for c in changes],
            "n_before": [c.n_before for c in changes],
            "n_now": [c.n_now for c in changes],
            "n": [_n_now(report)] * len(changes),
        },
        types={
            "stream": "String",
            "type": "String",
            **_SHARE_TYPES,
            "n_before": "Int64",
            "n_now": "Int64",
            "n": "Int64",
        },
        line=f"charts.exception_changes({_call(report)}, top={top})",
        drawing=_dumbbell(rows, "Share of messages"),
    )
