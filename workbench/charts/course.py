"""One label over time, beside what was usual before."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from workbench.charts.display import Chart
from workbench.charts.drawings import Axis, Line, Plot
from workbench.charts.theme import LABEL_PREFIX
from workbench.charts.totals import Totals, period_start
from workbench.charts.words import as_date, count, percent, plain
from workbench.domain import DriftReport, Label, Resolution
from workbench.primitives import wilson

if TYPE_CHECKING:
    import pyarrow as pa

_ADVERB = {"day": "Day", "week": "Week", "month": "Month"}


def label_course(
    table: pa.Table,
    resolution: Resolution = "week",
    *,
    label: Label,
    drift: DriftReport | None = None,
    dataset_id: str = "",
) -> Chart:
    """The share of messages with a label, period by period, with its level in the reference and in the newest window.

    Parameters
    ----------
    table
        ``label_totals``, as fine as ``resolution`` or finer.
    resolution
        Width of a period.
    label
        The label.
    drift
        The report whose reference and newest window are marked; None = no levels.
    dataset_id
        For ``query``.

    Returns
    -------
    Chart
        Expected counts are treated as counts for the 95 % Wilson band, which is a little conservative. A level covers the
        periods that begin inside its span.
    """
    totals = Totals.read(table, resolution, [label])
    series = totals.expected.get(str(label.label_id), {})
    periods = [p for p in totals.periods if totals.messages.get(p, 0)]
    n = [totals.messages[p] for p in periods]
    shares = [series.get(p, 0.0) / total for p, total in zip(periods, n, strict=True)]
    bounds = [wilson(min(share, 1.0), total) for share, total in zip(shares, n, strict=True)]
    name = plain(label.name)
    lines = [
        Line(
            name=name,
            x=tuple(periods),
            y=tuple(shares),
            low=tuple(low for low, _ in bounds),
            high=tuple(high for _, high in bounds),
            colour=LABEL_PREFIX + str(label.label_id),
            markers=True,
        )
    ]
    told = []
    for called, since, until, colour in _spans(drift):
        inside = [p for p in periods if period_start(since, resolution) <= p < until]
        total = sum(totals.messages[p] for p in inside)
        if total:
            level = sum(series.get(p, 0.0) for p in inside) / total
            told.append(f"{called} {percent(level)} of n = {count(total)}")
            lines.append(
                Line(
                    name=called,
                    x=(inside[0], inside[-1]),
                    y=(level, level),
                    colour=colour,
                    dashed=True,
                    label=f"{called} {percent(level)}" if called == "now" else "",
                )
            )
    changed = next((one for one in drift.labels if one.label_id == label.label_id), None) if drift else None
    verdict = ""
    if changed is not None:
        sure = "beyond chance and material" if changed.alarm else "no alarm"
        verdict = f" Change {sure}, p = {changed.p_adjusted:.2g} corrected over all labels."
    levels = f"; {', '.join(told)}" if told else ""
    return Chart(
        title=f"{name} over time",
        caption=f"n = {count(sum(n))} messages{levels}. Band: 95 % Wilson interval.{verdict}",
        columns={
            "period": periods,
            "share": shares,
            "low": [low for low, _ in bounds],
            "high": [high for _, high in bounds],
            "expected": [series.get(p, 0.0) for p in periods],
            "n": n,
        },
        types={
            "period": "Date",
            "share": "Float64",
            "low": "Float64",
            "high": "Float64",
            "expected": "Float64",
            "n": "Int64",
        },
        line=_line(label, resolution, dataset_id, has_drift=drift is not None),
        drawing=Plot(
            x=Axis(title=f"{_ADVERB[resolution]} from", kind="time"),
            y=Axis(title="Share of messages", kind="percent", low=0.0),
            lines=tuple(lines),
        ),
    )


def _spans(drift: DriftReport | None) -> list[tuple[str, date, date, str]]:
    """Name, first day, day after the last, and colour of the reference and of the newest window."""
    if drift is None:
        return []
    spans = [("before", as_date(drift.reference_start), as_date(drift.reference_end), "muted")]
    newest = max(drift.tests, key=lambda test: test.window_end, default=None)
    if newest is not None:
        end = date.fromordinal(as_date(newest.window_end).toordinal() + 1)
        spans.append(("now", as_date(newest.window_start), end, "warn"))
    return spans


def _line(label: Label, resolution: Resolution, dataset_id: str, *, has_drift: bool) -> str:
    chosen = f"next(one for one in ws.operations.labels({dataset_id!r}) if one.label_id == {str(label.label_id)!r})"
    drift = f", drift=ws.operations.drift({dataset_id!r})" if has_drift else ""
    return (
        f"charts.label_course(ws.operations.label_totals({dataset_id!r}, 'day'), {resolution!r}, "
        f"label={chosen}{drift}, dataset_id={dataset_id!r})"
    )
