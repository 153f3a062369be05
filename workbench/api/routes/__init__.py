"""The addresses, by what they are about; each module has its list ``ENDPOINTS``."""

from __future__ import annotations

from workbench.api.endpoint import Endpoint
from workbench.api.routes import audit, exceptions, projects, quotas, streams, users

ENDPOINTS: tuple[Endpoint, ...] = (
    *users.ENDPOINTS,
    *projects.ENDPOINTS,
    *audit.ENDPOINTS,
    *quotas.ENDPOINTS,
    *streams.ENDPOINTS,
    *exceptions.ENDPOINTS,
)
"""Every JSON address."""
