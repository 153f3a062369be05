"""The addresses, by what they are about; each module has its list ``ENDPOINTS``."""

from __future__ import annotations

from workbench.api.endpoint import Endpoint
from workbench.api.routes import (
    attachments,
    audit,
    buckets,
    comments,
    emails,
    mails,
    projects,
    quotas,
    sources,
    sync_states,
    users,
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
)
"""Every JSON address."""
