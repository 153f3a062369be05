"""Coverage: how many messages an informative label covers, and what the others are about."""

from __future__ import annotations

from workbench.charts.display import Chart
from workbench.charts.drawings import Axis, Row, Rows
from workbench.charts.words import count, percent, percent_range, plain
from workbench.domain import BalanceReport
from workbench.primitives import wilson

GOOD_COVERAGE = 0.70
"""Coverage from which the published rating calls it good."""


def _call(report: BalanceReport) -> str:
    return f"ws.operations.balance({str(report.dataset_id)!r})"


def coverage(report: BalanceReport) -> Chart:
    """The share of messages with at least one confident label."""
    value = report.coverage
    rows: tuple[Row, ...] = ()
    low = high = None
    if value is not None:
        low, high = wilson(value, report.n_messages)
        role = "good" if value >= GOOD_COVERAGE else "warn"
        rows = (Row(name="Expected share", value=value, colour=role, text=percent(value)),)
        if report.share_covered is not None:
            rows += (
                Row(
                    name="Rather covered than not",
                    value=report.share_covered,
                    colour=role,
                    text=percent(report.share_covered),
                ),
            )
    words = f"95 % Wilson interval {percent_range(low, high)}, " if value is not None else "Not known yet, "
    return Chart(
        title="Coverage",
        caption=f"Share of messages with at least one confident label; {words}n = {count(report.n_messages)} messages.",
        columns={
            "coverage": [value],
            "share_covered": [report.share_covered],
            "low": [low],
            "high": [high],
            "n": [report.n_messages],
        },
        types={
            "coverage": "Float64",
            "share_covered": "Float64",
            "low": "Float64",
            "high": "Float64",
            "n": "Int64",
        },
        line=f"charts.coverage({_call(report)})",
        drawing=Rows(
            axis=Axis(title="Share of messages", kind="percent", low=0.0, high=1.0),
            rows=rows,
            value_name="covered",
        ),
    )


def uncovered_groups(report: BalanceReport, *, top: int = 12) -> Chart:
    """Groups of like messages that no informative label covers, the largest first."""
    groups = report.uncovered[:top]
    open_share = None if report.share_covered is None else 1 - report.share_covered
    said = (
        "not known yet"
        if open_share is None
        else f"{percent(open_share)} of n = {count(report.n_messages)} messages"
    )
    return Chart(
        title="What no label covers",
        caption=(
            f"Rather not covered: {said}. Groups are of like messages, named by phrases that the covered ones do not have."
        ),
        columns={
            "group": [one.name for one in groups],
            "share": [one.share for one in groups],
            "phrases": [", ".join(one.phrases) for one in groups],
            "n": [one.n for one in groups],
        },
        types={"group": "String", "share": "Float64", "phrases": "String", "n": "Int64"},
        line=f"charts.uncovered_groups({_call(report)}, top={top})",
        drawing=Rows(
            axis=Axis(title="Messages", low=0.0),
            rows=tuple(
                Row(
                    name=plain(one.name),
                    value=float(one.n),
                    colour="warn",
                    text=percent(one.share),
                )
                for one in groups
            ),
            value_name="messages",
        ),
    )
