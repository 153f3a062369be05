"""Consuming streams: fetch, advance, reset.

A stream stands at a number of ``upload_seq``; what has a higher one is still to come. Reading moves nothing, so a consumer
that dies between a fetch and its advance gets the same messages again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from workbench.domain import (
    MAX_STREAM_MESSAGES,
    DatasetId,
    Stream,
    StreamBatch,
    StreamItem,
    StreamPosition,
    StreamPrediction,
    Uid,
    read_sequence_id,
    sequence_id,
)
from workbench.errors import InputError
from workbench.store import QueuePlace, Session
from workbench.workspace.context import Caller
from workbench.workspace.sensitive import check_conditions, hidden_from, without_hidden
from workbench.workspace.streaming import said_of


def fetch_stream(
    caller: Caller, dataset_id: DatasetId, name: str, size: int = 16, max_filtered: int | None = None
) -> StreamBatch:
    """The next messages, and what the stream says of them."""
    _check_number("size", size)
    if max_filtered is not None:
        _check_number("max_filtered", max_filtered)
    with caller.store.read() as session:
        stream = _stream(session, dataset_id, name)
        settings = stream.settings
        check_conditions(caller, session, stream.dataset_id, settings.where)
        place = session.stream_queues.place(stream.stream_id)
        ahead = session.stream_queues.ahead(
            stream.dataset_id, settings.where, place.position, size, max_filtered
        )
        said = said_of(session, stream.dataset_id, settings, ahead.uids, passing=True)
        n_said = len(said) if settings.version is None else _n_predicted(said)
        awaits = n_said < len(ahead.uids)
        ahead = ahead.up_to(n_said)
        messages = session.stream_queues.messages(stream.dataset_id, ahead)
        shown = without_hidden(messages, hidden_from(caller, session))
    end = ahead.last_seq(place.position)
    caller.workspace.handed_on.put(stream.stream_id, place.position, end, ahead.seqs)
    if awaits:
        # Predictions follow by themselves; this is for those that an owner that died left undone.
        caller.tell("stream", stream.stream_id, dataset_id=stream.dataset_id, awaits_predictions=True)
    by_uid: dict[Uid, StreamPrediction] = {one.uid: one for one in said}
    return StreamBatch(
        items=tuple(
            StreamItem(
                message=message,
                prediction=by_uid[message.uid],
                sequence_id=sequence_id(stream.stream_id, place.n_resets, seq),
            )
            for message, seq in zip(shown, ahead.seqs.tolist(), strict=True)
        ),
        n_filtered=len(ahead.filtered),
        sequence_id=sequence_id(stream.stream_id, place.n_resets, end),
        is_end=ahead.is_end,
        awaits_predictions=awaits,
        version=settings.version,
    )


def advance_stream(caller: Caller, dataset_id: DatasetId, name: str, sequence_id: str) -> StreamPosition:
    """Pass over what a consumer is done with."""
    with caller.store.write() as session:
        stream = _stream(session, dataset_id, name)
        place = session.stream_queues.place(stream.stream_id)
        position = read_sequence_id(sequence_id, stream.stream_id, place.n_resets)
        if position > place.position:
            at = caller.workspace.clock()
            n = caller.workspace.handed_on.count(stream.stream_id, place.position, position)
            if n is None:
                where = stream.settings.where
                n, _ = session.stream_queues.waiting(stream.dataset_id, where, place.position, position)
            session.stream_deliveries.add(stream, "pull", n, at)
            place = replace(place, position=position, moved_at=at, moved_by=caller.actor)
            session.stream_queues.move(stream, place)
        return _told(session, stream, place)


def reset_stream(caller: Caller, dataset_id: DatasetId, name: str, to_created_at: datetime) -> StreamPosition:
    """Go to the first message that was stored at a time or later."""
    since = to_created_at.replace(tzinfo=UTC) if to_created_at.tzinfo is None else to_created_at
    with caller.store.write() as session:
        stream = _stream(session, dataset_id, name)
        place = session.stream_queues.place(stream.stream_id)
        position = session.stream_queues.before(stream.dataset_id, since)
        moved = QueuePlace(
            position=position,
            n_resets=place.n_resets + 1,
            moved_at=caller.workspace.clock(),
            moved_by=caller.actor,
        )
        session.stream_queues.move(stream, moved)
        full_name = session.catalog.find_dataset(stream.dataset_id).full_name
        caller.audit(
            session,
            "reset_stream",
            full_name,
            stream_id=stream.stream_id,
            stream=name,
            to_created_at=since.isoformat(),
        )
        told = _told(session, stream, moved)
    caller.tell("stream", stream.stream_id, dataset_id=stream.dataset_id)
    return told


def stream_position(caller: Caller, dataset_id: DatasetId, name: str) -> StreamPosition:
    """How far a stream is."""
    with caller.store.read() as session:
        stream = _stream(session, dataset_id, name)
        return _told(session, stream, session.stream_queues.place(stream.stream_id))


def _stream(session: Session, dataset_id: DatasetId, name: str) -> Stream:
    return session.streams.get(session.places.find_dataset(dataset_id).dataset_id, name)


def _told(session: Session, stream: Stream, place: QueuePlace) -> StreamPosition:
    n_behind, behind_since = session.stream_queues.behind(stream.dataset_id, place.position)
    return StreamPosition(
        stream=stream.name,
        sequence_id=sequence_id(stream.stream_id, place.n_resets, place.position),
        n_behind=n_behind,
        behind_since=behind_since,
        n_resets=place.n_resets,
        moved_at=place.moved_at,
        moved_by=place.moved_by,
    )


def _n_predicted(said: tuple[StreamPrediction, ...]) -> int:
    """How many come before the first of which nothing is predicted."""
    return next((i for i, one in enumerate(said) if not one.predicted), len(said))


def _check_number(name: str, number: int) -> None:
    if not 1 <= number <= MAX_STREAM_MESSAGES:
        raise InputError(
            f"{name} of {number:,} cannot be used.",
            next_step=f"Use 1 to {MAX_STREAM_MESSAGES:,}.",
            details={name: number, "most": MAX_STREAM_MESSAGES},
        )
