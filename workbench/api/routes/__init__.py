"""The addresses, by what they are about; each module has its list ``ENDPOINTS``."""

from __future__ import annotations

from workbench.api.endpoint import Endpoint
from workbench.api.routes import audit, integrations, models, predicting, projects, quotas, users, validation

ENDPOINTS: tuple[Endpoint, ...] = (
    *users.ENDPOINTS,
    *projects.ENDPOINTS,
    *audit.ENDPOINTS,
    *quotas.ENDPOINTS,
    *predicting.ENDPOINTS,
    *models.ENDPOINTS,
    *validation.ENDPOINTS,
    *integrations.ENDPOINTS,
)
"""Every JSON address."""
