"""Watching streams: what waits, and what was handed on hour by hour."""

from __future__ import annotations

from datetime import datetime, timedelta

from workbench.domain import RATE_HOURS, DatasetId, HourlyRates, Stream, StreamId, StreamStatus, WebhookStatus
from workbench.store import HookRow, Session, Way
from workbench.workspace.context import Caller
from workbench.workspace.sensitive import check_conditions


def stream_status(caller: Caller, dataset_id: DatasetId, name: str) -> StreamStatus:
    """How consumers keep up with a stream."""
    now = caller.workspace.clock()
    with caller.store.read() as session:
        dataset_id = session.catalog.find_dataset(dataset_id).dataset_id
        stream = session.streams.get(dataset_id, name)
        where = stream.settings.where
        check_conditions(caller, session, dataset_id, where)
        queues = session.stream_queues
        position = queues.place(stream.stream_id).position
        n_waiting, oldest = queues.waiting(dataset_id, where, position, queues.last_seq())
        row = session.webhooks.get(stream.stream_id)
        n_delivered, last_at = session.stream_deliveries.total(stream.stream_id, "pull")
        return StreamStatus(
            name=stream.name,
            version=stream.settings.version,
            n_waiting=n_waiting,
            oldest_waiting=oldest,
            n_delivered=n_delivered,
            rates=rates_of(session, stream.stream_id, "pull", now),
            n_exceptions=session.exceptions.of_stream(stream),
            last_fetched=last_at,
            webhook=None if row is None else webhook_status(session, stream, row, now),
        )


def webhook_status(session: Session, stream: Stream, row: HookRow, now: datetime) -> WebhookStatus:
    """How sending a stream to its target goes."""
    queues = session.stream_queues
    n_waiting, oldest = queues.waiting(
        stream.dataset_id, stream.settings.where, row.position, queues.last_seq()
    )
    return WebhookStatus(
        url=row.url,
        paused=row.paused,
        n_waiting=n_waiting,
        oldest_waiting=oldest,
        n_delivered=session.stream_deliveries.total(stream.stream_id, "push")[0],
        rates=rates_of(session, stream.stream_id, "push", now),
        n_failures=row.n_failures,
        last_success=row.last_success,
        last_failure=row.last_failure,
        last_error=row.last_error,
        next_try=row.next_try,
    )


def rates_of(session: Session, stream_id: StreamId, way: Way, now: datetime) -> HourlyRates:
    """What was handed on in each of the last hours, the one that runs now last."""
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    hours = [this_hour - timedelta(hours=back) for back in reversed(range(RATE_HOURS))]
    known = session.stream_deliveries.by_hour(stream_id, way, hours[0])
    return tuple((hour, known.get(hour, 0)) for hour in hours)
