"""Streams: create, change, delete, and what they say of messages.

A stream holds its model version: it is pinned in the transaction that gives it to the stream, and ``versions`` refuses
to unpin or delete it from then on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from workbench.domain import (
    MAX_STREAM_MESSAGES,
    DatasetId,
    LabelId,
    Stream,
    StreamId,
    StreamLabel,
    StreamPrediction,
    StreamSettings,
    StreamThreshold,
    ThresholdOrigin,
    Uid,
    check_name,
    effective_thresholds,
    returned,
)
from workbench.errors import DuplicateNameError, InputError, UnknownNameError
from workbench.store import QueuePlace, Session
from workbench.workspace.catalog import check_texts
from workbench.workspace.context import Caller
from workbench.workspace.quota_checks import check_pinned, check_quota
from workbench.workspace.sensitive import check_conditions
from workbench.workspace.webhook_secrets import forget_secret


def streams(caller: Caller, dataset_id: DatasetId) -> tuple[Stream, ...]:
    """By name."""
    with caller.store.read() as session:
        return session.streams.all(session.catalog.find_dataset(dataset_id).dataset_id)


def stream(caller: Caller, dataset_id: DatasetId, name: str) -> Stream:
    """One stream."""
    with caller.store.read() as session:
        return session.streams.get(session.catalog.find_dataset(dataset_id).dataset_id, name)


def create_stream(caller: Caller, dataset_id: DatasetId, name: str, settings: StreamSettings) -> Stream:
    """Create a stream, and hold its version."""
    check_name("stream", name)
    stream_id = StreamId(caller.made_id("stream"))
    with caller.store.write() as session:
        dataset = session.catalog.find_dataset(dataset_id)
        for known in session.streams.all(dataset.dataset_id):
            if known.stream_id == stream_id:
                return known
            if known.name == name:
                raise DuplicateNameError("stream", name)
        n_streams, where = session.quotas.n_streams(), f"stream {name}"
        n_there = n_streams.get(dataset.dataset_id, 0)
        check_quota(caller, session, "streams", sum(n_streams.values()) + 1, where)
        check_quota(caller, session, "streams_per_dataset", n_there + 1, f"dataset {dataset.full_name}")
        at = caller.workspace.clock()
        made = Stream(
            stream_id=stream_id,
            dataset_id=dataset.dataset_id,
            name=name,
            settings=replace(settings, title=settings.title or name),
            created_at=at,
            updated_at=at,
        )
        is_pinned_now = _put(caller, session, made)
        # From here on: what there is already was, or was not, dealt with in another way.
        here = session.stream_queues.last_seq()
        session.stream_queues.move(
            made, QueuePlace(position=here, n_resets=0, moved_at=at, moved_by=caller.actor)
        )
        caller.audit(session, "create_stream", dataset.full_name, **_told(made))
        made = session.streams.get(dataset.dataset_id, name)
    _tell(caller, made, is_pinned_now=is_pinned_now)
    return made


def amend_stream(caller: Caller, dataset_id: DatasetId, name: str, settings: StreamSettings) -> Stream:
    """Change all but the name, and hold another version."""
    with caller.store.write() as session:
        dataset = session.catalog.find_dataset(dataset_id)
        known = session.streams.get(dataset.dataset_id, name)
        made = replace(
            known,
            settings=replace(settings, title=settings.title or name),
            updated_at=caller.workspace.clock(),
        )
        is_pinned_now = _put(caller, session, made)
        caller.audit(
            session, "amend_stream", dataset.full_name, **_told(made), replaces=known.settings.version
        )
        made = session.streams.get(dataset.dataset_id, name)
    _tell(caller, made, is_pinned_now=is_pinned_now)
    return made


def delete_stream(caller: Caller, dataset_id: DatasetId, name: str) -> Stream:
    """Delete a stream, and let go of its version."""
    with caller.store.write() as session:
        dataset = session.catalog.find_dataset(dataset_id)
        known = session.streams.get(dataset.dataset_id, name)
        forget_secret(caller.store, known.stream_id)
        session.streams.drop(known.stream_id)
        caller.audit(session, "delete_stream", dataset.full_name, **_told(known))
    _tell(caller, known)
    return known


def stream_predictions(
    caller: Caller, dataset_id: DatasetId, name: str, uids: tuple[Uid, ...]
) -> tuple[StreamPrediction, ...]:
    """What a stream says of messages."""
    if len(uids) > MAX_STREAM_MESSAGES:
        raise InputError(
            f"{len(uids):,} messages were asked for at once.",
            next_step=f"Ask for at most {MAX_STREAM_MESSAGES:,}.",
            details={"n": len(uids), "most": MAX_STREAM_MESSAGES},
        )
    asked = tuple(dict.fromkeys(uids))
    with caller.store.read() as session:
        dataset = session.catalog.find_dataset(dataset_id)
        settings = session.streams.get(dataset.dataset_id, name).settings
        # Which messages come back would tell what the properties are that the filter asks for.
        check_conditions(caller, session, dataset.dataset_id, settings.where)
        return said_of(session, dataset.dataset_id, settings, asked)


def said_of(
    session: Session,
    dataset_id: DatasetId,
    settings: StreamSettings,
    uids: Sequence[Uid],
    *,
    passing: bool = False,
) -> tuple[StreamPrediction, ...]:
    """What a stream with these settings says of messages; ``passing`` = they are known to pass its filter."""
    if passing:
        said = session.stream_queues.said(dataset_id, settings.version, uids)
    else:
        said = session.streams.said(dataset_id, settings.version, uids, settings.where)
    listed = thresholds_of(session, dataset_id, settings)
    label_ids = tuple(listed)
    names = session.taxonomies.names(dataset_id, label_ids)
    told = [uid for uid in uids if uid in said]
    seen = [uid for uid in told if said[uid][0] is not None]
    probabilities = np.array([said[uid][0] for uid in seen], np.float32).reshape(len(seen), len(label_ids))
    chosen = returned(probabilities, np.array([threshold for threshold, _ in listed.values()], np.float64))
    found: dict[Uid, tuple[StreamLabel, ...]] = {}
    for uid, likely, is_chosen in zip(seen, probabilities, chosen, strict=True):
        sentiments = said[uid][1]
        labels = [
            StreamLabel(
                label_id=label_ids[place],
                name=names[label_ids[place]],
                probability=float(likely[place]),
                threshold=listed[label_ids[place]][0],
                origin=listed[label_ids[place]][1],
                sentiment=None if sentiments is None else sentiments[place],
            )
            for place in np.flatnonzero(is_chosen)
        ]
        found[uid] = tuple(sorted(labels, key=lambda one: (-one.probability, one.name)))
    return tuple(StreamPrediction(uid=uid, labels=found.get(uid, ()), predicted=uid in found) for uid in told)


def stream_thresholds(caller: Caller, dataset_id: DatasetId, name: str) -> tuple[StreamThreshold, ...]:
    """What each label comes by now."""
    with caller.store.read() as session:
        dataset = session.catalog.find_dataset(dataset_id)
        settings = session.streams.get(dataset.dataset_id, name).settings
        found = thresholds_of(session, dataset.dataset_id, settings)
        names = session.taxonomies.names(dataset.dataset_id, found)
    return tuple(
        StreamThreshold(label_id=label_id, name=names[label_id], threshold=threshold, origin=origin)
        for label_id, (threshold, origin) in found.items()
    )


def thresholds_of(
    session: Session, dataset_id: DatasetId, settings: StreamSettings
) -> dict[LabelId, tuple[float, ThresholdOrigin]]:
    """By label of the version, in its order. Read with the predictions: what was kept a moment ago counts."""
    if settings.version is None:
        return {}
    kept: dict[LabelId, float] = {}
    if settings.for_unlisted == "kept":
        kept = {
            one.label_id: one.threshold for one in session.thresholds.of_version(dataset_id, settings.version)
        }
    return effective_thresholds(settings, session.models.label_ids(dataset_id, settings.version), kept)


def _put(caller: Caller, session: Session, made: Stream) -> bool:
    """Check a stream, store it and pin its version; whether it was not pinned before."""
    settings, dataset_id = made.settings, made.dataset_id
    check_texts(f"stream {made.name}", settings.title, settings.description)
    check_conditions(caller, session, dataset_id, settings.where)
    is_pinned_now = False
    if settings.version is not None:
        version = session.models.version(dataset_id, settings.version)
        _check_labels(session, dataset_id, version.version, settings)
        if not version.pinned:
            session.models.set_pinned(dataset_id, version.version, True)
            check_pinned(caller, session, version.version)
            caller.audit(session, "pin_version", dataset_id, version=version.version, stream=made.name)
            is_pinned_now = True
    session.streams.put(made)
    return is_pinned_now


def _check_labels(session: Session, dataset_id: DatasetId, version: int, settings: StreamSettings) -> None:
    """Refuse a threshold for a label that the version does not know: it would never come."""
    known = session.models.label_ids(dataset_id, version)
    for one in settings.thresholds:
        if one.label_id not in known:
            names = session.taxonomies.names(dataset_id, (*known, one.label_id))
            raise UnknownNameError(
                f"label of version {version}", names[one.label_id][:300], (names[label] for label in known)
            )


def _told(one: Stream) -> dict[str, object]:
    settings = one.settings
    return {
        "stream_id": one.stream_id,
        "stream": one.name,
        "version": settings.version,
        "n_thresholds": len(settings.thresholds),
        "unlisted": settings.for_unlisted,
    }


def _tell(caller: Caller, one: Stream, *, is_pinned_now: bool = False) -> None:
    caller.tell("stream", one.stream_id, dataset_id=one.dataset_id)
    if is_pinned_now:
        caller.tell("model", str(one.settings.version), dataset_id=one.dataset_id)
