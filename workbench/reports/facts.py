"""What a report needs to know, asked of the operations once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa

from workbench.charts import LabelTrend, Totals
from workbench.domain import (
    BalanceReport,
    ClusterRun,
    Dataset,
    DatasetId,
    DriftReport,
    Label,
    MessageFilter,
    ModelVersion,
    Operations,
    Resolution,
    Uid,
    UsageReport,
    ValidationReport,
)
from workbench.errors import FilterError
from workbench.reports.masking import quoted

SPANS_DAYS = (28, 91, 364)
ENOUGH_MESSAGES = 200
SHOWN_CLUSTERS = 12


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything a report says, before it is put into words.

    Attributes
    ----------
    since, until
        The period: first day, and the day after the last (UTC).
    day_totals
        ``label_totals`` by day; counted messages only, with null labels, while nothing is labelled yet.
    trends
        Labels in the period and in the one of equal length before.
    quotes
        Cluster id to a masked, shortened example.
    usage, usage_all
        The ledger in the period, and since the beginning; all projects of the workspace.
    """

    dataset: Dataset
    since: date
    until: date
    now: datetime
    n_now: int
    n_before: int
    labels: tuple[Label, ...]
    day_totals: pa.Table
    trends: tuple[LabelTrend, ...]
    cluster_run: ClusterRun | None
    quotes: dict[int, str]
    validation: ValidationReport | None
    versions: tuple[ModelVersion, ...]
    drift: DriftReport | None
    balance: BalanceReport | None
    usage: UsageReport
    usage_all: UsageReport
    health: dict[str, str]

    @property
    def before(self) -> date:
        """First day of the period before."""
        return self.since - (self.until - self.since)

    @property
    def resolution(self) -> Resolution:
        """Bars of the volume chart: days up to six weeks, weeks up to a year, months beyond."""
        days = (self.until - self.before).days
        return "day" if days <= 2 * SPANS_DAYS[0] else "week" if days <= 2 * SPANS_DAYS[-1] else "month"


def gather(
    ops: Operations, dataset: Dataset, *, since: datetime | None, until: datetime | None, now: datetime
) -> Facts:
    """Ask the operations; see ``build_report`` for the period."""
    did = dataset.dataset_id
    first, last = _period(ops, did, since, until, now)
    labels = ops.labels(did)
    run = ops.cluster_run(did)
    table = ops.label_totals(did, "day")
    before = first - (last - first)
    if table.num_rows == 0:
        table = _counted(ops, did, before, last)
    totals = Totals.read(table, "day", labels)
    return Facts(
        dataset=dataset,
        since=first,
        until=last,
        now=now,
        n_now=_count(ops, did, first, last),
        n_before=_count(ops, did, before, first),
        labels=labels,
        day_totals=table,
        trends=totals.trends(first, last),
        cluster_run=run,
        quotes=_quotes(ops, did, run) if run else {},
        validation=ops.validation(did),
        versions=ops.model_versions(did),
        drift=ops.drift(did),
        balance=ops.balance(did),
        usage=ops.usage(_midnight(first), _midnight(last)),
        usage_all=ops.usage(),
        health=ops.health(),
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _count(ops: Operations, did: DatasetId, since: date, until: date) -> int:
    return ops.count_messages(did, MessageFilter(since=_midnight(since), until=_midnight(until)))


def _period(
    ops: Operations, did: DatasetId, since: datetime | None, until: datetime | None, now: datetime
) -> tuple[date, date]:
    for name, value in (("since", since), ("until", until), ("now", now)):
        if value is not None and value.tzinfo is None:
            raise FilterError(
                f"{name} = {value.isoformat()} has no time zone.",
                next_step="Pass an aware datetime, e.g. with tzinfo=UTC.",
            )
    if until is None:
        page = ops.find_messages(did, MessageFilter(until=now), "recent", 0, 1)
        newest = page.messages[0].timestamp if page.messages else now
        last = newest.astimezone(UTC).date() + timedelta(days=1)
    else:
        last = (until.astimezone(UTC) + timedelta(days=1, microseconds=-1)).date()
    if since is not None:
        first = since.astimezone(UTC).date()
    else:
        tried = [last - timedelta(days=days) for days in SPANS_DAYS]
        first = next((day for day in tried if _count(ops, did, day, last) >= ENOUGH_MESSAGES), tried[-1])
    if first >= last:
        raise FilterError(
            f"the report would begin on {first.isoformat()} and end before {last.isoformat()}.",
            next_step="Make 'since' earlier than 'until'.",
        )
    return first, last


def _counted(ops: Operations, did: DatasetId, since: date, until: date) -> pa.Table:
    step = max(1, (until - since).days // 60)
    starts = [since + timedelta(days=i) for i in range(0, (until - since).days, step)]
    counts = [_count(ops, did, day, min(until, day + timedelta(days=step))) for day in starts]
    nothing = pa.nulls(len(starts), pa.string())
    return pa.table(
        {
            "period": pa.array(starts, pa.date32()),
            "label": nothing,
            "expected": pa.array([0.0] * len(starts), pa.float64()),
            "n_messages": pa.array(counts, pa.int64()),
        }
    )


def _quotes(ops: Operations, did: DatasetId, run: ClusterRun) -> dict[int, str]:
    shown = run.clusters[:SHOWN_CLUSTERS]
    uids: tuple[Uid, ...] = tuple(cluster.medoid for cluster in shown)
    found = {message.uid: message for message in ops.get_messages(did, uids)}
    return {
        cluster.cluster_id: quoted(f"{found[cluster.medoid].subject} {found[cluster.medoid].body}")
        for cluster in shown
        if cluster.medoid in found
    }
