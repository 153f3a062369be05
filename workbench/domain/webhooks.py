"""Webhooks: a stream sent to a target of its own, beside being fetched. A part of ``Operations``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from workbench.domain.ids import DatasetId
from workbench.domain.stream_status import WebhookStatus
from workbench.errors import InputError

MOST_PER_BATCH = 1_024
LONGEST_TIMEOUT_S = 60.0
_LONGEST_URL = 2_048
_PLAIN_URL = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, kw_only=True)
class WebhookSettings:
    """Where a stream is sent to, and how.

    Attributes
    ----------
    url
        ``https://host/path``; ``http`` only to hosts that the setting ``webhook_inner_hosts`` names. Without user name,
        password and query: what is secret does not belong into an address.
    batch_size
        Messages in one request at most, 1 to 1,024.
    timeout_s
        Seconds that the target has to answer, from the first byte sent on; above 0, at most 60.

    Raises
    ------
    InputError
        One of them cannot be used.
    """

    url: str
    batch_size: int = 100
    timeout_s: float = 10.0

    def __post_init__(self) -> None:
        """Refuse addresses that nothing is sent to, and numbers out of their range."""
        problem = _problem(self.url)
        if problem:
            raise InputError(
                f"a stream cannot be sent to {_origin(self.url)!r}: {problem}.",
                next_step="Give an address as https://host/path, without user name, password, query and fragment.",
                details={"url": _origin(self.url)},
            )
        if not 1 <= self.batch_size <= MOST_PER_BATCH:
            raise InputError(
                f"a batch of {self.batch_size:,} messages cannot be sent.",
                next_step=f"Use 1 to {MOST_PER_BATCH:,}.",
                details={"batch_size": self.batch_size, "most": MOST_PER_BATCH},
            )
        if not 0 < self.timeout_s <= LONGEST_TIMEOUT_S:
            raise InputError(
                f"a target cannot be given {self.timeout_s:g} seconds to answer.",
                next_step=f"Use a number above 0, at most {LONGEST_TIMEOUT_S:g}.",
                details={"timeout_s": str(self.timeout_s)},
            )

    @property
    def host(self) -> str:
        """The host, in small letters."""
        return (urlsplit(self.url).hostname or "").lower()

    @property
    def origin(self) -> str:
        """Scheme, host and port: what may be written into a log."""
        return _origin(self.url)

    @property
    def is_plain(self) -> bool:
        """Whether messages would travel unencrypted."""
        return urlsplit(self.url).scheme == "http"


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """A target of a stream.

    Attributes
    ----------
    created_at, created_by
        When it was set first, and by whom.
    status
        How sending goes.
    """

    stream: str
    settings: WebhookSettings
    created_at: datetime
    created_by: str
    status: WebhookStatus


@dataclass(frozen=True, kw_only=True)
class NewWebhook:
    """A target that was set.

    Attributes
    ----------
    secret
        What its requests are signed with, shown this once; empty = the one that it has stays.
    """

    webhook: Webhook
    secret: str = ""

    def __repr__(self) -> str:
        return f"NewWebhook(webhook={self.webhook!r}, secret={'…' if self.secret else ''!r})"


@dataclass(frozen=True, kw_only=True)
class WebhookTest:
    """How a target took a test event.

    Attributes
    ----------
    ok
        Whether it answered with a status of 200 to 299.
    status
        Its status; None = it gave none.
    took_ms
        Milliseconds until it did, or until it was given up.
    error
        What went wrong, in a sentence; empty = nothing.
    """

    ok: bool
    status: int | None
    took_ms: float
    error: str = ""


class WebhookOperations(Protocol):
    """Sending streams. Without a target (where one is needed) ``UnknownNameError``."""

    def webhook(self, dataset_id: DatasetId, name: str) -> Webhook:
        """The target of a stream, and how sending goes."""
        ...

    def set_webhook(
        self,
        dataset_id: DatasetId,
        name: str,
        settings: WebhookSettings,
        since: datetime | None = None,
        new_secret: bool = False,  # noqa: FBT001, FBT002 - flags travel by name
    ) -> NewWebhook:
        """Send a stream to a target from now on, beside being fetched; or change how it is sent.

        Messages go in the order in which they were stored, each batch once the one before was taken; at least once, under
        ids that stay. ``since``: begin with the first message that was stored at a time or later; left out, a new one
        begins with what is stored next, and a known one goes on where it is. A new secret is made where there is none yet,
        or where it is asked for: the old one ends at once. ``InputError`` when the settings of the workspace do not allow
        the host, ``AccessError`` when the stream asks for a property that the caller may not read.
        """
        ...

    def pause_webhook(self, dataset_id: DatasetId, name: str) -> Webhook:
        """Send nothing until somebody resumes it; what the target is working on may still count as taken."""
        ...

    def resume_webhook(self, dataset_id: DatasetId, name: str) -> Webhook:
        """Send again, at once, whatever it was paused for."""
        ...

    def delete_webhook(self, dataset_id: DatasetId, name: str) -> Webhook:
        """Send no more, and forget the target with its secret; returns what it was."""
        ...

    def test_webhook(self, dataset_id: DatasetId, name: str) -> WebhookTest:
        """Send an event without messages to the target, signed as all are; waits for its answer and moves nothing."""
        ...


def _problem(url: str) -> str:
    """Why an address cannot be used, empty = it can."""
    if len(url) > _LONGEST_URL or not _PLAIN_URL.fullmatch(url):
        return f"it has more than {_LONGEST_URL:,} characters, or some that addresses do not have"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "it is no address"
    if parts.scheme not in ("https", "http") or not host or port == 0:
        return "it is no address of the web"
    if "@" in parts.netloc:
        return "it has a user name or a password"
    if "?" in url or "#" in url:
        return "it has a query or a fragment"
    return ""


def _origin(url: str) -> str:
    """Scheme, host and port, at most 100 characters; never what else stands in an address."""
    try:
        parts = urlsplit(url)
        where = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "the address"
    if not where:
        return "the address"
    return f"{parts.scheme}://{f'[{where}]' if ':' in where else where}{port}"[:100]


__all__ = [
    "LONGEST_TIMEOUT_S",
    "MOST_PER_BATCH",
    "NewWebhook",
    "Webhook",
    "WebhookOperations",
    "WebhookSettings",
    "WebhookTest",
]
