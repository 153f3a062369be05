"""How a dataset stands, in numbers: its counts, its map, what the guide says of it, and what was charged."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.charts.figure import Numbers, Value, numbers, schema
from workbench.charts.words import count, plain
from workbench.domain import (
    ClusterRun,
    Dataset,
    DatasetStatus,
    Guide,
    NextStep,
    Source,
    UsageReport,
    VersionScore,
)

_FACTORS = ("balance", "coverage", "all_labels", "underperforming_labels")


def dataset_counts(info: Dataset, status: DatasetStatus) -> Numbers:
    """Messages, reviews, labels, the versions that predict and that were validated, and the rating: one row."""
    row: dict[str, Value] = {
        "n_reviewed": info.n_reviewed,
        "n_labels": info.n_labels,
        "predicted_by": status.predicted_by,
        "validated_by": status.validated_by,
        "n": info.n_messages,
        "rating": info.rating,
    }
    did = str(info.dataset_id)
    return numbers(
        [row],
        schema(Int64=tuple(name for name in row if name != "rating"), Float64=("rating",)),
        title=f"Dataset {plain(info.full_name)}",
        caption=f"n = {count(info.n_messages)} messages, all counted.",
        line=f"charts.dataset_counts(ws.operations.dataset({did!r}), ws.operations.dataset_status({did!r}))",
    )


def map_counts(run: ClusterRun) -> Numbers:
    """Messages and clusters of a map, and how many messages came later: one row."""
    row: dict[str, Value] = {
        "n_clusters": len(run.clusters),
        "n_new": run.n_new,
        "n": run.n_messages,
        "share_unclustered": run.share_unclustered,
    }
    return numbers(
        [row],
        schema(Int64=("n_clusters", "n_new", "n"), Float64=("share_unclustered",)),
        title="Messages on the map",
        caption=f"n = {count(run.n_messages)} messages on the map, all counted.",
        line=f"charts.map_counts(ws.operations.cluster_run({str(run.dataset_id)!r}))",
    )


def guide_standing(guide: Guide) -> Numbers:
    """The rating with its factors, and the counts that stand beside it: one row."""
    scores: dict[str, float | None] = {factor.name: factor.score for factor in guide.factors}
    row: dict[str, Value] = {
        "rating": guide.rating.score,
        **{name: scores.get(name) for name in _FACTORS},
        "n_reviewed": guide.n_reviewed,
        "n_labels": guide.n_labels,
        "n_labels_ready": guide.n_labels_ready,
        "version": guide.version,
        "band": guide.rating.band,
        "reason": guide.rating.reason,
        "advice": guide.advice.text,
        "missing": "; ".join(guide.advice.missing),
        "n": guide.n_messages,
    }
    kinds = dict.fromkeys(("rating", *_FACTORS), "Float64")
    kinds |= dict.fromkeys(("band", "reason", "advice", "missing"), "String")
    return numbers(
        [row],
        {name: kinds.get(name, "Int64") for name in row},
        title="How the model stands",
        caption=f"Version {guide.version}, n = {count(guide.n_messages)} messages in the dataset.",
        line=f"charts.guide_standing({_guide(guide)})",
    )


def guide_steps(guide: Guide) -> Numbers:
    """The step that is next and the others that were weighed; ``n`` counts the messages of each.

    ``done`` is how many messages of the open batch are reviewed, where the step is to go on with one.
    """
    rows: list[dict[str, Value]] = [_step(one) for one in (guide.recommended, *guide.alternatives)]
    waiting = guide.open_batch
    if waiting is not None:
        begun: dict[str, Value] = dict.fromkeys(rows[0])
        rows.insert(0, begun | {"mode": waiting.mode, "label": waiting.label, "done": len(waiting.done)})
        rows[0]["n"] = len(waiting.uids)
    texts = ("title", "mode", "label", "reason")
    return numbers(
        rows,
        schema(String=texts, Float64=("minutes_low", "minutes_high", "gain", "low", "high"))
        | schema(Int64=("done", "n")),
        title="Steps that are next",
        caption=f"n = messages of a step; {len(rows)} steps. 95 % intervals of the gain.",
        line=f"charts.guide_steps({_guide(guide)})",
    )


def guide_effect(guide: Guide) -> Numbers:
    """What the last batch brought: each score before and after, and the measured and the promised gain.

    ``n`` counts the reviewed messages of the batch, or the test messages that the gain was measured on; in the first row,
    which says how many were reviewed, all that the batch had.
    """
    batch = guide.last_batch
    rows: list[dict[str, Value]] = []
    if batch is not None and batch.after is not None:
        n = len(batch.done)
        then, now = _scores(batch.before), _scores(batch.after)
        rows = [_effect("reviewed", value=float(n), n=len(batch.uids))]
        rows += [_effect(name, before=then.get(name), after=now[name], n=n) for name in now]
        if batch.gained is not None:
            gain = batch.gained
            rows.append(_effect("gained", value=gain.value, low=gain.low, high=gain.high, n=gain.n))
        if batch.promised is not None:
            sure = batch.promised
            rows.append(
                _effect("promised", value=sure.value, low=sure.low, high=sure.high, n=len(batch.uids))
            )
    return numbers(
        rows,
        schema(String=("what",), Float64=("before", "after", "change", "value", "low", "high"), Int64=("n",)),
        title="What the last batch brought",
        caption=f"n = {count(len(batch.done) if batch else 0)} messages reviewed; 95 % intervals.",
        line=f"charts.guide_effect({_guide(guide)})",
    )


def _guide(guide: Guide) -> str:
    return f"ws.operations.guide({str(guide.dataset_id)!r})"


def _step(step: NextStep) -> dict[str, Value]:
    gain = step.gain
    return {
        "title": step.title,
        "mode": step.mode,
        "label": step.label,
        "reason": step.reason,
        "minutes_low": step.minutes_low,
        "minutes_high": step.minutes_high,
        "gain": gain.value if gain else None,
        "low": gain.low if gain else None,
        "high": gain.high if gain else None,
        "done": None,
        "n": step.n,
    }


def _scores(score: VersionScore | None) -> dict[str, float | None]:
    if score is None:
        return {}
    return {
        "version": float(score.version),
        "rating": score.rating,
        "mean_average_precision": score.mean_average_precision,
        **{name: score.factors.get(name) for name in _FACTORS},
    }


def _effect(
    what: str,
    *,
    n: int,
    before: float | None = None,
    after: float | None = None,
    value: float | None = None,
    low: float | None = None,
    high: float | None = None,
) -> dict[str, Value]:
    # The difference of the figures as they are shown: whole points of a score, tenths of a percentage.
    digits = 3 if what == "mean_average_precision" else 0
    change = (
        None if before is None or after is None else round(round(after, digits) - round(before, digits), 3)
    )
    return {
        "what": what,
        "before": before,
        "after": after,
        "change": change,
        "value": value,
        "low": low,
        "high": high,
        "n": n,
    }


def usage_total(report: UsageReport) -> Numbers:
    """Units charged in all, and the platform units they are: one row."""
    row: dict[str, Value] = {
        "units": report.units,
        "platform_units": report.units * report.platform_units_per_unit,
        "n": sum(total.n_entries for total in report.totals),
    }
    return numbers(
        [row],
        {"units": "Int64", "platform_units": "Float64", "n": "Int64"},
        title="Units charged",
        caption=f"n = {count(sum(total.n_entries for total in report.totals))} ledger entries, all counted.",
        line="charts.usage_total(ws.operations.usage())",
    )


def ledger_by_day(report: UsageReport, sources: Sequence[Source]) -> Numbers:
    """Units by day, source, channel and operation; sources that are gone are named by their id."""
    names = {str(one.source_id): one.full_name for one in sources}
    rows: list[dict[str, Value]] = [
        {
            "day": total.day,
            "source": names.get(total.source, f"{total.project}/{total.source}"),
            "channel": total.channel,
            "operation": total.operation,
            "units": total.units,
            "platform_units": total.units * report.platform_units_per_unit,
            "n": total.n_entries,
        }
        for total in report.totals
    ]
    return numbers(
        rows,
        schema(Date=("day",), String=("source", "channel", "operation"), Int64=("units",))
        | schema(Float64=("platform_units",), Int64=("n",)),
        title="Ledger by day",
        caption=f"n = {count(sum(total.n_entries for total in report.totals))} ledger entries, all counted.",
        line="charts.ledger_by_day(ws.operations.usage(), ws.operations.sources())",
    )
