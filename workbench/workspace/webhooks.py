"""Targets of streams: set, looked at, paused, resumed, tested, deleted. Sending to them is ``pushing``'s."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from workbench.connect import Push, PushTarget, allows
from workbench.domain import (
    Dataset,
    DatasetId,
    NewWebhook,
    Stream,
    Webhook,
    WebhookSettings,
    WebhookTest,
)
from workbench.errors import InputError, UnknownNameError
from workbench.primitives import new_id
from workbench.settings import Settings
from workbench.store import HookRow, Session
from workbench.workspace.context import Caller
from workbench.workspace.sensitive import check_conditions
from workbench.workspace.stream_watching import webhook_status
from workbench.workspace.webhook_batches import test_body
from workbench.workspace.webhook_secrets import forget_secret, renewed_secret, signing_secret


def webhook(caller: Caller, dataset_id: DatasetId, name: str) -> Webhook:
    """The target of a stream."""
    with caller.store.read() as session:
        _, stream, row = _found(session, dataset_id, name)
        check_conditions(caller, session, stream.dataset_id, stream.settings.where)
        return _told(caller, session, stream, row)


def set_webhook(
    caller: Caller,
    dataset_id: DatasetId,
    name: str,
    settings: WebhookSettings,
    since: datetime | None = None,
    new_secret: bool = False,  # noqa: FBT001, FBT002 - as the operation says
) -> NewWebhook:
    """Send a stream to a target."""
    check_target(caller.settings, settings)
    made_id = caller.made_id("webhook")
    with caller.store.write(messages=False) as session:
        dataset, stream = _stream(session, dataset_id, name)
        check_conditions(caller, session, stream.dataset_id, stream.settings.where)
        queues = session.stream_queues
        known = session.webhooks.get(stream.stream_id)
        # The same call again: its first answer was lost, so nobody knows the first secret.
        is_new = known is None or known.webhook_id == made_id
        row = known or HookRow(
            stream_id=stream.stream_id,
            dataset_id=stream.dataset_id,
            webhook_id=made_id,
            url=settings.url,
            batch_size=settings.batch_size,
            timeout_s=settings.timeout_s,
            created_at=caller.workspace.clock(),
            created_by=caller.actor,
            position=queues.last_seq(),
        )
        row = replace(
            row,
            url=settings.url,
            batch_size=settings.batch_size,
            timeout_s=settings.timeout_s,
            # What was said of another target, or with another patience, tells nothing of this one.
            paused="" if row.paused == "failures" else row.paused,
            n_failures=0,
            next_try=None,
        )
        if since is not None:
            start = since.replace(tzinfo=UTC) if since.tzinfo is None else since
            row = replace(row, position=queues.before(stream.dataset_id, start), batch_end=None)
        session.webhooks.put(row)
        secret = renewed_secret(caller.store, stream.stream_id, always=is_new or new_secret)
        caller.audit(
            session,
            "set_webhook",
            dataset.full_name,
            stream_id=stream.stream_id,
            stream=name,
            target=settings.origin,
            batch_size=settings.batch_size,
            timeout_s=settings.timeout_s,
            since=None if since is None else since.isoformat(),
            new_secret=bool(secret),
        )
        told = _told(caller, session, stream, row)
    _tell(caller, stream)
    return NewWebhook(webhook=told, secret=secret)


def pause_webhook(caller: Caller, dataset_id: DatasetId, name: str) -> Webhook:
    """Send nothing for now."""
    with caller.store.write(messages=False) as session:
        dataset, stream, row = _found(session, dataset_id, name)
        row = replace(row, paused="user", next_try=None)
        session.webhooks.put(row)
        caller.audit(
            session, "pause_webhook", dataset.full_name, stream_id=stream.stream_id, stream=name, why="user"
        )
        told = _told(caller, session, stream, row)
    _tell(caller, stream)
    return told


def resume_webhook(caller: Caller, dataset_id: DatasetId, name: str) -> Webhook:
    """Send again."""
    with caller.store.write(messages=False) as session:
        dataset, stream, row = _found(session, dataset_id, name)
        check_target(caller.settings, _settings(row))
        row = replace(row, paused="", n_failures=0, next_try=None)
        session.webhooks.put(row)
        caller.audit(session, "resume_webhook", dataset.full_name, stream_id=stream.stream_id, stream=name)
        told = _told(caller, session, stream, row)
    _tell(caller, stream)
    return told


def delete_webhook(caller: Caller, dataset_id: DatasetId, name: str) -> Webhook:
    """Send no more, and forget the target."""
    with caller.store.write(messages=False) as session:
        dataset, stream, row = _found(session, dataset_id, name)
        told = _told(caller, session, stream, row)
        forget_secret(caller.store, stream.stream_id)
        session.webhooks.drop(stream.stream_id)
        caller.audit(
            session,
            "delete_webhook",
            dataset.full_name,
            stream_id=stream.stream_id,
            stream=name,
            target=_settings(row).origin,
        )
    _tell(caller, stream)
    return told


def test_webhook(caller: Caller, dataset_id: DatasetId, name: str) -> WebhookTest:
    """Send an event without messages, and wait for the answer."""
    with caller.store.write(messages=False) as session:
        dataset, stream, row = _found(session, dataset_id, name)
        target = target_of(caller.settings, row)
        secret = signing_secret(caller.store, stream)
        caller.audit(
            session,
            "test_webhook",
            dataset.full_name,
            stream_id=stream.stream_id,
            stream=name,
            target=_settings(row).origin,
        )
    now = caller.workspace.clock()
    began = time.monotonic()
    with in_time(push := Push(target), target.timeout_s):
        pushed = push.send(secret, f"evt_{new_id()}", test_body(dataset, stream, now), now=now.timestamp())
    took_ms = round(1_000 * (time.monotonic() - began), 1)
    return WebhookTest(ok=pushed.ok, status=pushed.status, took_ms=took_ms, error=pushed.error)


@contextmanager
def in_time(push: Push, seconds: float) -> Iterator[None]:
    """Around a request: break it off after so long, however slowly the target keeps talking."""
    watch = threading.Timer(seconds, push.abort, ["no answer in time"])
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def check_target(allowed: Settings, asked: WebhookSettings) -> bool:
    """Whether a target may have an address that is not public.

    Raises
    ------
    InputError
        The settings do not let streams be sent there.
    """
    inner = allows(allowed.webhook_inner_hosts, asked.host)
    if inner:
        return True
    if not allows(allowed.webhook_hosts, asked.host):
        raise InputError(
            f"the settings do not let streams be sent to {asked.host[:100]!r}.",
            next_step="Name the host in 'webhook_hosts', or in 'webhook_inner_hosts' where its address is not public.",
            details={"host": asked.host[:100]},
        )
    if asked.is_plain:
        raise InputError(
            f"messages would go to {asked.host[:100]!r} unencrypted.",
            next_step="Use https, or name the host in 'webhook_inner_hosts'.",
            details={"host": asked.host[:100]},
        )
    return False


def target_of(settings: Settings, row: HookRow) -> PushTarget:
    """Where requests of a stream go; ``InputError`` where the settings do not allow it (any more)."""
    inner = check_target(settings, _settings(row))
    return PushTarget(url=row.url, timeout_s=row.timeout_s, inner=inner, ca_file=settings.webhook_ca_file)


def _settings(row: HookRow) -> WebhookSettings:
    return WebhookSettings(url=row.url, batch_size=row.batch_size, timeout_s=row.timeout_s)


def _stream(session: Session, dataset_id: DatasetId, name: str) -> tuple[Dataset, Stream]:
    dataset = session.catalog.find_dataset(dataset_id)
    return dataset, session.streams.get(dataset.dataset_id, name)


def _found(session: Session, dataset_id: DatasetId, name: str) -> tuple[Dataset, Stream, HookRow]:
    dataset, stream = _stream(session, dataset_id, name)
    row = session.webhooks.get(stream.stream_id)
    if row is None:
        raise UnknownNameError("webhook of stream", name[:300], ())
    return dataset, stream, row


def _told(caller: Caller, session: Session, stream: Stream, row: HookRow) -> Webhook:
    return Webhook(
        stream=stream.name,
        settings=_settings(row),
        created_at=row.created_at,
        created_by=row.created_by,
        status=webhook_status(session, stream, row, caller.workspace.clock()),
    )


def _tell(caller: Caller, stream: Stream) -> None:
    caller.tell("stream", stream.stream_id, dataset_id=stream.dataset_id)
