"""The addresses, by what they are about; each module has its list ``ENDPOINTS``."""

from __future__ import annotations

from workbench.api.endpoint import Endpoint
from workbench.api.routes import audit, predicting, projects, quotas, users

ENDPOINTS: tuple[Endpoint, ...] = (
    *users.ENDPOINTS,
    *projects.ENDPOINTS,
    *audit.ENDPOINTS,
    *quotas.ENDPOINTS,
    *predicting.ENDPOINTS,
)
"""Every JSON address."""
