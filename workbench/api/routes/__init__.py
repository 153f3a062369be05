"""The addresses, by what they are about; each module has its list ``ENDPOINTS``."""

from __future__ import annotations

from workbench.api.endpoint import Endpoint
from workbench.api.routes import (
    attachments,
    audit,
    buckets,
    comments,
    csv_files,
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
    *csv_files.ENDPOINTS,
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
    *exceptions.ENDPOINTS,
)
"""Every JSON address."""
