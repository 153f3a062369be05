"""How much of what there may be there is, what is stored for long, and what a run of the policies takes of it."""

from __future__ import annotations

from collections.abc import Iterable

from workbench.charts.figure import Numbers, Value, numbers, schema
from workbench.charts.words import count, plain
from workbench.domain import INCLUDED_DAYS, Quota, RetentionPreview, RetentionReport


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


def retention_planned(preview: RetentionPreview) -> Numbers:
    """What a run of the retention policies takes of each source; ``n`` = messages that go."""
    rows: list[dict[str, Value]] = [
        {
            "source": plain(one.source),
            "action": one.policy.action,
            "n": one.n_messages,
            "n_kept": one.n_kept,
            "megabytes": one.n_bytes / 1e6,
            "oldest": one.oldest.date() if one.oldest else None,
            "announced": one.noticed_at.date() if one.noticed_at else None,
            "possible": one.possible_at.date() if one.possible_at else None,
            "is_due": one.is_due,
        }
        for one in preview.sources
    ]
    return numbers(
        rows,
        schema(String=("source", "action"), Int64=("n", "n_kept"), Float64=("megabytes",))
        | schema(Date=("oldest", "announced", "possible"), Boolean=("is_due",)),
        title="What a run takes",
        caption=f"n = {count(sum(one.n_messages for one in preview.sources))} messages past their policy, of which a run "
        f"now takes {count(preview.n_due)}.",
        line="charts.retention_planned(ws.retention_preview())",
    )


def _limit_from(quota: Quota) -> str:
    if quota.missing:
        return f"none yet: {quota.missing}"
    if quota.is_set:
        return "set here"
    return f"setting {quota.setting}" if quota.setting else "no limit"
