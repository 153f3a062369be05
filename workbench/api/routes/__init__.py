"""The addresses, by what they are about; each module has its list ``ENDPOINTS``."""

from __future__ import annotations

from workbench.api.endpoint import Endpoint
from workbench.api.routes import (
    audit,
    datasets,
    exploring,
    exporting,
    labellings,
    projects,
    quotas,
    taxonomy,
    users,
)

ENDPOINTS: tuple[Endpoint, ...] = (
    *users.ENDPOINTS,
    *projects.ENDPOINTS,
    *audit.ENDPOINTS,
    *quotas.ENDPOINTS,
    *datasets.ENDPOINTS,
    *taxonomy.ENDPOINTS,
    *labellings.ENDPOINTS,
    *exploring.ENDPOINTS,
    *exporting.ENDPOINTS,
)
"""Every JSON address."""
