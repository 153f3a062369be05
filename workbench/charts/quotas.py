"""How much of what there may be there is, and what is stored for longer than is included."""

from __future__ import annotations

from collections.abc import Iterable

from workbench.charts.figure import Numbers, Value, numbers, schema
from workbench.charts.words import count, plain
from workbench.domain import INCLUDED_DAYS, Quota, RetentionReport


def quota_use(quotas: Iterable[Quota]) -> Numbers:
    """Each quota with what is used of it, in [0, 1] as ``share``; ``n`` = how many there are."""
    rows: list[dict[str, Value]] = [
        {
            "quota": one.kind,
            "used": one.used,
            "limit": one.hard_limit,
            "share": one.used / one.hard_limit if one.hard_limit else None,
            "peak": one.peak,
            "rises_to": one.auto_increase_up_to,
            "where": plain(one.where) or None,
            "limit_from": _limit_from(one),
            "n": one.used,
        }
        for one in quotas
    ]
    return numbers(
        rows,
        schema(
            String=("quota",),
            Int64=("used", "limit"),
            Float64=("share",),
        )
        | schema(Int64=("peak", "rises_to"), String=("where", "limit_from"))
        | schema(Int64=("n",)),
        title="Quotas",
        caption=f"n = {count(len(rows))} quotas; of one per source or dataset, where there are most.",
        line="charts.quota_use(ws.quotas())",
    )


def retention_past(report: RetentionReport) -> Numbers:
    """Messages stored longer than was asked about, by source; ``n`` = messages."""
    rows: list[dict[str, Value]] = [
        {
            "source": plain(one.source),
            "n": one.n_messages,
            "n_annotated": one.n_annotated,
            "megabytes": one.n_bytes / 1e6,
            "oldest": one.oldest.date(),
        }
        for one in report.sources
    ]
    asked = "" if report.keep_days == INCLUDED_DAYS else f"keep_days={report.keep_days}"
    return numbers(
        rows,
        schema(String=("source",), Int64=("n", "n_annotated"), Float64=("megabytes",), Date=("oldest",)),
        title="Stored for longer than is included",
        caption=f"n = {count(report.n_messages)} messages stored for more than {count(report.keep_days)} days.",
        line=f"charts.retention_past(ws.retention_report({asked}))",
    )


def _limit_from(quota: Quota) -> str:
    if quota.missing:
        return f"none yet: {quota.missing}"
    if quota.is_set:
        return "set here"
    return f"setting {quota.setting}" if quota.setting else "no limit"
