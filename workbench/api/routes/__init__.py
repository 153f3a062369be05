"""The addresses, by what they are about; each module has its list ``ENDPOINTS``."""

from __future__ import annotations

from workbench.api.endpoint import Endpoint
from workbench.api.routes import attachments, audit, comments, projects, quotas, sources, users

ENDPOINTS: tuple[Endpoint, ...] = (
    *users.ENDPOINTS,
    *projects.ENDPOINTS,
    *audit.ENDPOINTS,
    *quotas.ENDPOINTS,
    *sources.ENDPOINTS,
    *comments.ENDPOINTS,
    *attachments.ENDPOINTS,
)
"""Every JSON address."""
