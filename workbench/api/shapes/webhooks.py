"""Webhooks of streams as they are set and read."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from workbench.api.envelope import Ok
from workbench.api.shapes.stream_upkeep import WebhookStatusShown, webhook_status_of
from workbench.api.shapes.times import Moment
from workbench.domain import NewWebhook, Webhook, WebhookTest


class GivenWebhook(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Where a stream is sent to. ``since``: begin with what was stored then; ``new_secret``: make another one."""

    url: Annotated[str, Meta(min_length=1, max_length=2_048)]
    batch_size: Annotated[int, Meta(ge=1, le=1_024)] = 100
    timeout_seconds: Annotated[float, Meta(gt=0, le=60)] = 10.0
    since: Moment | None = None
    new_secret: bool = False


class WebhookPut(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A webhook to set."""

    webhook: GivenWebhook


class WebhookShown(msgspec.Struct, kw_only=True):
    """A webhook as it is read; its secret is not."""

    stream: str
    url: str
    batch_size: int
    timeout_seconds: float
    created_at: Moment
    created_by: str
    status: WebhookStatusShown


class OneWebhook(Ok, kw_only=True):
    """One."""

    webhook: WebhookShown


class SetWebhook(Ok, kw_only=True):
    """One that was set; ``secret`` is there where a new one was made, and is shown this once."""

    webhook: WebhookShown
    secret: str | UnsetType = UNSET


class TestedWebhook(Ok, kw_only=True):
    """How a target took an event without messages."""

    accepted: bool
    status_code: int | None
    took_ms: float
    error: str


def one_webhook(found: Webhook) -> OneWebhook:
    """As it is read."""
    return OneWebhook(webhook=_shown(found))


def set_webhook(made: NewWebhook) -> SetWebhook:
    """As it is read once."""
    return SetWebhook(webhook=_shown(made.webhook), secret=made.secret or UNSET)


def tested_webhook(found: WebhookTest) -> TestedWebhook:
    """As it is read."""
    return TestedWebhook(
        accepted=found.ok, status_code=found.status, took_ms=found.took_ms, error=found.error
    )


def _shown(found: Webhook) -> WebhookShown:
    return WebhookShown(
        stream=found.stream,
        url=found.settings.url,
        batch_size=found.settings.batch_size,
        timeout_seconds=found.settings.timeout_s,
        created_at=found.created_at,
        created_by=found.created_by,
        status=webhook_status_of(found.status),
    )
