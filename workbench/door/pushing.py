"""Targets of streams in a notebook. What ``Dataset`` offers beside its other verbs."""

from __future__ import annotations

from datetime import datetime

from workbench.domain import DatasetId, NewWebhook, Operations, Webhook, WebhookSettings, WebhookTest


class Pushing:
    """Streams that are sent, beside being fetched."""

    operations: Operations
    dataset_id: DatasetId

    def webhook(self, stream: str) -> Webhook:
        """Where a stream is sent to, and how that goes."""
        return self.operations.webhook(self.dataset_id, stream)

    def set_webhook(
        self,
        stream: str,
        url: str,
        *,
        batch_size: int = 100,
        timeout_s: float = 10.0,
        since: datetime | None = None,
        new_secret: bool = False,
    ) -> NewWebhook:
        """Send a stream to an address; ``made.secret`` is what its receiver verifies signatures with, shown this once.

        Parameters
        ----------
        url
            ``https://host/path``; the setting ``webhook_hosts`` must name the host.
        batch_size
            Messages in one request at most, 1-1,024.
        timeout_s
            Seconds that the receiver has to answer, at most 60.
        since
            Begin with the first message that was stored then or later; None = from now on, or go on.
        new_secret
            Make another secret; the one before ends at once.

        Raises
        ------
        InputError
            The address cannot be used, or the settings do not allow the host.
        """
        settings = WebhookSettings(url=url, batch_size=batch_size, timeout_s=timeout_s)
        return self.operations.set_webhook(self.dataset_id, stream, settings, since, new_secret)

    def pause_webhook(self, stream: str) -> Webhook:
        """Send nothing until ``resume_webhook``."""
        return self.operations.pause_webhook(self.dataset_id, stream)

    def resume_webhook(self, stream: str) -> Webhook:
        """Send again, whatever it was paused for."""
        return self.operations.resume_webhook(self.dataset_id, stream)

    def delete_webhook(self, stream: str) -> Webhook:
        """Send no more, and forget the address with its secret."""
        return self.operations.delete_webhook(self.dataset_id, stream)

    def test_webhook(self, stream: str) -> WebhookTest:
        """Send an event without messages, and say how the receiver took it."""
        return self.operations.test_webhook(self.dataset_id, stream)
