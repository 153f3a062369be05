"""Messages and labels over time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from workbench.charts.display import Chart
from workbench.charts.drawings import Axis, Bars, Column, Line, Plot, Row, Rows, Table
from workbench.charts.theme import LABEL_PREFIX
from workbench.charts.totals import ALPHA, STEP_DAYS, LabelTrend, Totals, period_start, periods_between
from workbench.charts.words import as_date, change, count, day, percent, plain
from workbench.domain import Label, Resolution
from workbench.primitives.colour import colour_of

if TYPE_CHECKING:
    import pyarrow as pa

_ADVERB = {"day": "per day", "week": "per week", "month": "per month"}
_EXPECTED = "Volumes are expected counts: sums of predicted probabilities, 1 or 0 where a person reviewed."


def _window_words(since: date, until: date) -> str:
    last = date.fromordinal(max(until.toordinal() - 1, since.toordinal()))
    return f"{day(since)} to {day(last)}"


def message_volume(
    table: pa.Table,
    resolution: Resolution = "week",
    *,
    since: date | None = None,
    until: date | None = None,
    dataset_id: str = "",
) -> Chart:
    """Messages per day, week or month.

    Parameters
    ----------
    table
        ``label_totals`` (columns ``period`` and ``n_messages``) or any table with a ``timestamp`` column.
    resolution
        Width of a period; ``label_totals`` must be as fine or finer.
    since, until
        First day shown, and the day after the last; None = all.
    dataset_id
        For ``query``.
    """
    counts: dict[date, int] = {}
    if "period" in table.column_names:
        counts = Totals.read(table, resolution, since=since, until=until).messages
        call = f"ws.operations.label_totals({dataset_id!r}, 'day')"
    else:
        for value in table.column("timestamp").to_pylist():
            at = as_date(value)
            if (since and at < since) or (until and at >= until):
                continue
            period = period_start(at, resolution)
            counts[period] = counts.get(period, 0) + 1
        call = f"ws.operations.messages_table({dataset_id!r}, MessageFilter())"
    periods = periods_between(min(counts), max(counts), resolution) if counts else ()
    values = [counts.get(p, 0) for p in periods]
    title = f"Messages {_ADVERB[resolution]}"
    return Chart(
        title=title,
        caption=f"n = {count(sum(values))} messages; all are counted, so there is no sampling error.",
        columns={"period": periods, "n": values},
        types={"period": "Date", "n": "Int64"},
        line=f"charts.message_volume({call}, {resolution!r}{_window_code(since, until)}, dataset_id={dataset_id!r})",
        drawing=Plot(
            x=Axis(title="", kind="time"),
            y=Axis(title=title, low=0.0),
            bars=(Bars(name="messages", x=periods, y=tuple(float(v) for v in values)),),
            bar_days=STEP_DAYS[resolution],
        ),
    )


def _trend_line(function: str, dataset_id: str, resolution: str, rest: str) -> str:
    return (
        f"charts.{function}(ws.operations.label_totals({dataset_id!r}, 'day'), {resolution!r}, "
        f"labels=ws.operations.labels({dataset_id!r}), dataset_id={dataset_id!r}{rest})"
    )


def label_trends(
    table: pa.Table,
    resolution: Resolution = "week",
    *,
    labels: Iterable[Label] = (),
    since: date | None = None,
    until: date | None = None,
    top: int = 6,
    dataset_id: str = "",
) -> Chart:
    """Expected messages per period of the ``top`` most frequent labels, each named at its line's end.

    Labels that share a colour are told apart by a dashed line.
    """
    totals = Totals.read(table, resolution, labels, since=since, until=until)
    sums = {key: sum(series.values()) for key, series in totals.expected.items()}
    chosen = sorted(sums, key=lambda key: (-sums[key], totals.names[key]))[:top]
    seen: set[str] = set()
    lines = []
    for key in chosen:
        values = tuple(totals.expected[key].get(p, 0.0) for p in totals.periods)
        name = plain(totals.names[key])
        lines.append(
            Line(
                name=name,
                x=totals.periods,
                y=values,
                colour=LABEL_PREFIX + key,
                label=name,
                dashed=colour_of(key) in seen,
            )
        )
        seen.add(colour_of(key))
    rows = [(p, key) for key in chosen for p in totals.periods]
    return Chart(
        title=f"Top labels {_ADVERB[resolution]}",
        caption=f"n = {count(sum(totals.messages.values()))} messages. {_EXPECTED}",
        columns={
            "period": [p for p, _ in rows],
            "label_id": [key for _, key in rows],
            "label": [totals.names[key] for _, key in rows],
            "expected": [totals.expected[key].get(p, 0.0) for p, key in rows],
            "n": [totals.messages.get(p, 0) for p, _ in rows],
        },
        types={
            "period": "Date",
            "label_id": "String",
            "label": "String",
            "expected": "Float64",
            "n": "Int64",
        },
        line=_trend_line("label_trends", dataset_id, resolution, _window_code(since, until) + f", top={top}"),
        drawing=Plot(
            x=Axis(title="", kind="time"),
            y=Axis(title=f"Expected messages {_ADVERB[resolution]}", low=0.0),
            lines=tuple(lines),
        ),
    )


def _trend_columns(trends: list[LabelTrend]) -> dict[str, list[str | float | int | date | bool | None]]:
    return {
        "label_id": [t.label_id for t in trends],
        "label": [t.name for t in trends],
        "expected": [t.now for t in trends],
        "expected_before": [t.before for t in trends],
        "share": [t.share_now for t in trends],
        "share_before": [t.share_before for t in trends],
        "p_adjusted": [t.p_adjusted for t in trends],
        "n": [t.n_now for t in trends],
        "n_before": [t.n_before for t in trends],
    }


_TREND_TYPES = {
    "label_id": "String",
    "label": "String",
    "expected": "Float64",
    "expected_before": "Float64",
    "share": "Float64",
    "share_before": "Float64",
    "p_adjusted": "Float64",
    "n": "Int64",
    "n_before": "Int64",
}


def label_volumes(
    table: pa.Table,
    resolution: Resolution = "week",
    *,
    labels: Iterable[Label] = (),
    since: date | None = None,
    until: date | None = None,
    top: int = 12,
    dataset_id: str = "",
) -> Chart:
    """Expected messages of the most frequent labels in a window (default: the last four periods)."""
    totals = Totals.read(table, resolution, labels)
    start, end = totals.window(since, until)
    trends = list(totals.trends(since, until))[:top]
    n = trends[0].n_now if trends else 0
    return Chart(
        title="Most frequent labels",
        caption=f"n = {count(n)} messages, {_window_words(start, end)}. {_EXPECTED}",
        columns=_trend_columns(trends),
        types=_TREND_TYPES,
        line=_trend_line(
            "label_volumes", dataset_id, resolution, _window_code(since, until) + f", top={top}"
        ),
        drawing=Rows(
            axis=Axis(title="Expected messages", low=0.0),
            rows=tuple(
                Row(
                    name=plain(t.name),
                    value=t.now,
                    colour=LABEL_PREFIX + t.label_id,
                    text=f"{count(t.now)} · {percent(t.share_now)}",
                )
                for t in trends
            ),
            value_name="expected messages",
        ),
    )


def _window_code(since: date | None, until: date | None) -> str:
    bounds = (("since", since), ("until", until))
    return "".join(f", {name}=date({v.year}, {v.month}, {v.day})" for name, v in bounds if v)


def label_trend_table(
    table: pa.Table,
    resolution: Resolution = "week",
    *,
    labels: Iterable[Label] = (),
    since: date | None = None,
    until: date | None = None,
    top: int = 10,
    dataset_id: str = "",
) -> Chart:
    """The most frequent labels with their course, share, and change against the previous window.

    A change of share is marked ``●`` when its adjusted p value is below 0.05.
    """
    totals = Totals.read(table, resolution, labels)
    start, end = totals.window(since, until)
    trends = list(totals.trends(since, until))[:top]
    n = trends[0].n_now if trends else 0
    n_before = trends[0].n_before if trends else 0
    rows = tuple(
        (
            plain(t.name),
            t.series,
            count(t.now),
            percent(t.share_now),
            (change(t.share_now, t.share_before) + (" ●" if t.p_adjusted < ALPHA else ""))
            if n_before
            else "–",
        )
        for t in trends
    )
    return Chart(
        title="Label trends",
        caption=(
            f"n = {count(n)} messages, {_window_words(start, end)}; n = {count(n_before)} in the window before. "
            f"Change is of the share; ● = p < 0.05 after Benjamini-Hochberg correction. {_EXPECTED}"
        ),
        columns=_trend_columns(trends),
        types=_TREND_TYPES,
        line=_trend_line(
            "label_trend_table", dataset_id, resolution, _window_code(since, until) + f", top={top}"
        ),
        drawing=Table(
            columns=(
                Column(title="Label", weight=3.2),
                Column(title="Course", weight=1.6),
                Column(title="Messages", align="right"),
                Column(title="Share", align="right"),
                Column(title="Change", align="right", weight=1.2),
            ),
            rows=rows,
            marks=tuple(("circle", LABEL_PREFIX + t.label_id) for t in trends),
        ),
    )
