"""Streams in numbers: how far each is, what comes next, what to expect of thresholds, what another version changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from workbench.charts.figure import Numbers, Value, numbers, schema
from workbench.charts.words import count, percent
from workbench.domain import (
    DatasetId,
    Estimate,
    ExceptionTotal,
    ExpectedErrors,
    MessageFilter,
    StreamBatch,
    StreamComparison,
    StreamStatus,
    filter_from_query,
    filter_to_query,
)

LabelErrors = tuple[str, float, ExpectedErrors | None]
"""A label, its threshold in [0, 1], and what to expect of it; None = too few test messages to tell."""
_NOTHING = Estimate(value=None, low=None, high=None)


def passing(query: str) -> MessageFilter:
    """The filter that stands in a call as the text of an address, see ``filter_to_query``."""
    return filter_from_query(query)


def streams_standing(found: Sequence[StreamStatus], *, dataset_id: DatasetId) -> Numbers:
    """What waits in each stream, and what its consumers took in the last 24 hours; ``n`` = messages that wait."""
    rows: list[dict[str, Value]] = [
        {
            "stream": one.name,
            "version": one.version,
            "oldest_waiting": _iso(one.oldest_waiting),
            "delivered": one.n_delivered,
            "delivered_24_hours": sum(n for _, n in one.rates),
            "exceptions": one.n_exceptions,
            "n": one.n_waiting,
        }
        for one in found
    ]
    return numbers(
        rows,
        schema(
            String=["stream", "oldest_waiting"],
            Int64=["version", "delivered", "delivered_24_hours", "exceptions", "n"],
        ),
        title="Streams",
        caption=f"n = messages that wait, {count(sum(one.n_waiting for one in found))} in {count(len(found))} streams.",
        line=(f"charts.streams_standing([{_statuses(found, dataset_id)}], dataset_id={str(dataset_id)!r})"),
    )


def streams_total(found: Sequence[StreamStatus], *, dataset_id: DatasetId) -> Numbers:
    """Streams, messages that wait in them, and exceptions, in all: one row."""
    row: dict[str, Value] = {
        "streams": len(found),
        "exceptions": sum(one.n_exceptions for one in found),
        "n": sum(one.n_waiting for one in found),
    }
    return numbers(
        [row],
        schema(Int64=["streams", "exceptions", "n"]),
        title="All streams",
        caption=f"n = {count(sum(one.n_waiting for one in found))} messages that wait; one in two streams counts twice.",
        line=(f"charts.streams_total([{_statuses(found, dataset_id)}], dataset_id={str(dataset_id)!r})"),
    )


def stream_passing(n: int, *, dataset_id: DatasetId, where: MessageFilter) -> Numbers:
    """How many messages of a dataset pass the filter of a stream: one row."""
    return numbers(
        [{"n": n}],
        schema(Int64=["n"]),
        title="Messages that pass",
        caption=f"n = {count(n)} messages of the dataset.",
        line=(
            f"charts.stream_passing(ws.operations.count_messages({str(dataset_id)!r}, {_filter(where)}), "
            f"dataset_id={str(dataset_id)!r}, where={_filter(where)})"
        ),
    )


def stream_errors_expected(
    found: Sequence[LabelErrors], *, dataset_id: DatasetId, version: int, where: MessageFilter
) -> Numbers:
    """Wrong and missed messages a week to expect of each label that comes by a threshold; ``n`` = test messages."""
    rows = [_errors(*one) for one in found]
    told = ", ".join(_again(*one, dataset_id=dataset_id, version=version, where=where) for one in found)
    names = schema(
        String=["label"],
        Float64=["threshold", "predicted"],
    )
    names |= dict.fromkeys(
        ("wrong", "wrong_low", "wrong_high", "missed", "missed_low", "missed_high"), "Float64"
    )
    return numbers(
        rows,
        names | schema(Int64=["n_weeks", "n"]),
        title="Errors to expect of a stream",
        caption=f"Messages a week with 95 % intervals, version {version}; n = test messages that shares come from.",
        line=(
            f"charts.stream_errors_expected([{told}], dataset_id={str(dataset_id)!r}, version={version}, "
            f"where={_filter(where)})"
        ),
    )


def _errors(name: str, threshold: float, errors: ExpectedErrors | None) -> dict[str, Value]:
    wrong, missed = (errors.wrong, errors.missed) if errors else (_NOTHING, _NOTHING)
    return {
        "label": name,
        "threshold": threshold,
        "predicted": errors.predicted.value if errors else None,
        "wrong": wrong.value,
        "wrong_low": wrong.low,
        "wrong_high": wrong.high,
        "missed": missed.value,
        "missed_low": missed.low,
        "missed_high": missed.high,
        "n_weeks": errors.n_weeks if errors else None,
        "n": errors.n_held_out if errors else 0,
    }


def _again(
    name: str,
    threshold: float,
    errors: ExpectedErrors | None,
    *,
    dataset_id: DatasetId,
    version: int,
    where: MessageFilter,
) -> str:
    if errors is None:
        return f"({name!r}, {threshold!r}, None)"
    call = (
        f"ws.operations.expected_errors({str(dataset_id)!r}, {str(errors.label_id)!r}, {threshold!r}, {version}, "
        f"{_filter(where)})"
    )
    return f"({name!r}, {threshold!r}, {call})"


def stream_changes(found: StreamComparison, *, dataset_id: DatasetId) -> Numbers:
    """With how many messages each label would come by another version; ``n`` = messages compared."""
    rows: list[dict[str, Value]] = [
        {
            "label": one.name,
            "now": one.n_now,
            "then": one.n_then,
            "gained": one.gained,
            "lost": one.lost,
            "known": one.known,
            "changed": found.n_changed,
            "n": found.n,
        }
        for one in found.labels
    ]
    return numbers(
        rows,
        schema(
            String=["label"],
            Int64=["now", "then", "gained", "lost", "changed", "n"],
            Boolean=["known"],
        ),
        title=f"Version {found.other} against version {found.version}",
        caption=f"n = {count(found.n)} newest messages that both predicted; {count(found.n_changed)} would come otherwise.",
        line=(
            f"charts.stream_changes(ws.operations.compare_stream({str(dataset_id)!r}, {found.stream!r}, {found.other}), "
            f"dataset_id={str(dataset_id)!r})"
        ),
    )


def stream_change(found: StreamComparison, *, dataset_id: DatasetId) -> Numbers:
    """How many messages would come with other labels by another version: one row; ``n`` = messages compared."""
    share = percent(found.n_changed / found.n) if found.n else "none"
    return numbers(
        [{"version": found.version, "other": found.other, "changed": found.n_changed, "n": found.n}],
        schema(Int64=["version", "other", "changed", "n"]),
        title="What another version changes",
        caption=f"n = {count(found.n)} newest messages that both predicted; {share} would come otherwise.",
        line=(
            f"charts.stream_change(ws.operations.compare_stream({str(dataset_id)!r}, {found.stream!r}, {found.other}), "
            f"dataset_id={str(dataset_id)!r})"
        ),
    )


def stream_ahead(found: StreamBatch, *, stream: str, dataset_id: DatasetId, size: int) -> Numbers:
    """The messages that a stream hands on next, and how many it passes over on the way: one row."""
    return numbers(
        [{"passed_over": found.n_filtered, "is_end": found.is_end, "n": len(found.items)}],
        schema(Int64=["passed_over"], Boolean=["is_end"]) | schema(Int64=["n"]),
        title="Next messages of a stream",
        caption=f"n = {count(len(found.items))} messages, at most {count(size)} asked for.",
        line=(
            f"charts.stream_ahead(ws.operations.fetch_stream({str(dataset_id)!r}, {stream!r}, {size}), stream={stream!r}, "
            f"dataset_id={str(dataset_id)!r}, size={size})"
        ),
    )


def stream_webhook(found: StreamStatus, *, dataset_id: DatasetId) -> Numbers:
    """How sending a stream to its target goes: one row, none without a target; ``n`` = messages that wait."""
    hook = found.webhook
    rows: list[dict[str, Value]] = (
        [
            {
                "url": hook.url,
                "paused": hook.paused,
                "oldest_waiting": _iso(hook.oldest_waiting),
                "delivered": hook.n_delivered,
                "delivered_24_hours": sum(n for _, n in hook.rates),
                "failures": hook.n_failures,
                "last_success": _iso(hook.last_success),
                "last_failure": _iso(hook.last_failure),
                "last_error": hook.last_error,
                "next_try": _iso(hook.next_try),
                "n": hook.n_waiting,
            }
        ]
        if hook
        else []
    )
    return numbers(
        rows,
        schema(
            String=[
                "url",
                "paused",
                "oldest_waiting",
                "last_success",
                "last_failure",
                "last_error",
                "next_try",
            ],
            Int64=["delivered", "delivered_24_hours", "failures", "n"],
        ),
        title="Webhook of a stream",
        caption=f"n = {count(hook.n_waiting if hook else 0)} messages that its target has not taken.",
        line=(
            f"charts.stream_webhook(ws.operations.stream_status({str(dataset_id)!r}, {found.name!r}), "
            f"dataset_id={str(dataset_id)!r})"
        ),
    )


def stream_exceptions(found: Sequence[ExceptionTotal], *, stream: str, dataset_id: DatasetId) -> Numbers:
    """Exceptions of one stream by type, the most frequent first; ``found`` are those of the dataset."""
    mine = [one for one in found if one.stream == stream]
    rows: list[dict[str, Value]] = [
        {"type": one.type, "newest_at": one.newest_at.isoformat(), "n": one.n} for one in mine
    ]
    return numbers(
        rows,
        schema(String=["type", "newest_at"], Int64=["n"]),
        title="Exceptions of a stream",
        caption=f"n = {count(sum(one.n for one in mine))} exceptions.",
        line=(
            f"charts.stream_exceptions(ws.operations.exception_totals({str(dataset_id)!r}), stream={stream!r}, "
            f"dataset_id={str(dataset_id)!r})"
        ),
    )


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _statuses(found: Sequence[StreamStatus], dataset_id: DatasetId) -> str:
    return ", ".join(f"ws.operations.stream_status({str(dataset_id)!r}, {one.name!r})" for one in found)


def _filter(where: MessageFilter) -> str:
    query = filter_to_query(where)
    return f"charts.passing({query!r})" if query else "MessageFilter()"
