"""The addresses, by what they are about; each module has its list ``ENDPOINTS``."""

from __future__ import annotations

from workbench.api.endpoint import Endpoint
from workbench.api.routes import (
    attachments,
    audit,
    buckets,
    comments,
    datasets,
    emails,
    exceptions,
    exploring,
    exporting,
    integrations,
    labellings,
    mails,
    models,
    predicting,
    projects,
    quotas,
    sources,
    stream_upkeep,
    streams,
    sync_states,
    taxonomy,
    users,
    validation,
    webhooks,
)

ENDPOINTS: tuple[Endpoint, ...] = (
    *users.ENDPOINTS,
    *projects.ENDPOINTS,
    *audit.ENDPOINTS,
    *quotas.ENDPOINTS,
    *sources.ENDPOINTS,
    *comments.ENDPOINTS,
    *attachments.ENDPOINTS,
    *mails.ENDPOINTS,
    *buckets.ENDPOINTS,
    *emails.ENDPOINTS,
    *sync_states.ENDPOINTS,
    *datasets.ENDPOINTS,
    *taxonomy.ENDPOINTS,
    *labellings.ENDPOINTS,
    *exploring.ENDPOINTS,
    *exporting.ENDPOINTS,
    *predicting.ENDPOINTS,
    *models.ENDPOINTS,
    *validation.ENDPOINTS,
    *integrations.ENDPOINTS,
    *streams.ENDPOINTS,
    *stream_upkeep.ENDPOINTS,
    *webhooks.ENDPOINTS,
    *exceptions.ENDPOINTS,
)
"""Every JSON address."""
