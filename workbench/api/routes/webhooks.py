"""Webhooks of streams over HTTP: set, read, paused, resumed, tested, deleted."""

from __future__ import annotations

from typing import Any

from workbench.api.addresses import NAME
from workbench.api.endpoint import Asked, Endpoint
from workbench.api.envelope import Ok
from workbench.api.shapes import webhooks as shapes
from workbench.api.shapes.comments import utc
from workbench.api.shapes.names import find_dataset
from workbench.domain import WebhookSettings


def _put(asked: Asked) -> Ok:
    told = asked.body.webhook
    settings = WebhookSettings(url=told.url, batch_size=told.batch_size, timeout_s=told.timeout_seconds)
    since = None if told.since is None else utc(told.since)
    dataset_id = find_dataset(asked).dataset_id
    return shapes.set_webhook(
        asked.operations.set_webhook(dataset_id, asked.path["stream"], settings, since, told.new_secret)
    )


def _get(asked: Asked) -> Ok:
    return shapes.one_webhook(asked.operations.webhook(find_dataset(asked).dataset_id, asked.path["stream"]))


def _delete(asked: Asked) -> Ok:
    asked.operations.delete_webhook(find_dataset(asked).dataset_id, asked.path["stream"])
    return Ok()


def _pause(asked: Asked) -> Ok:
    return shapes.one_webhook(
        asked.operations.pause_webhook(find_dataset(asked).dataset_id, asked.path["stream"])
    )


def _resume(asked: Asked) -> Ok:
    return shapes.one_webhook(
        asked.operations.resume_webhook(find_dataset(asked).dataset_id, asked.path["stream"])
    )


def _test(asked: Asked) -> Ok:
    return shapes.tested_webhook(
        asked.operations.test_webhook(find_dataset(asked).dataset_id, asked.path["stream"])
    )


def _endpoint(method: str, path: str, summary: str, **more: Any) -> Endpoint:
    home = "/api/v1/datasets/{dataset}/streams/{stream}/webhook"
    return Endpoint(method=method, path=home + path, summary=summary, names={"stream": NAME}, **more)


ENDPOINTS = (
    _endpoint(
        "PUT",
        "",
        "Send a stream to a target, or change how it is sent",
        handle=_put,
        body=shapes.WebhookPut,
        reply=shapes.SetWebhook,
    ),
    _endpoint("GET", "", "Where a stream is sent to, and how", handle=_get, reply=shapes.OneWebhook),
    _endpoint("DELETE", "", "Send a stream no more", handle=_delete),
    _endpoint("POST", "/pause", "Pause sending a stream", handle=_pause, reply=shapes.OneWebhook),
    _endpoint("POST", "/resume", "Resume sending a stream", handle=_resume, reply=shapes.OneWebhook),
    _endpoint("POST", "/test", "Send an event without comments", handle=_test, reply=shapes.TestedWebhook),
)
