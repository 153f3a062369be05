"""All tables, by subject."""

from __future__ import annotations

from tests.contract.routes import (
    attachments,
    audit,
    buckets,
    comments,
    datasets,
    integrations,
    labellings,
    models,
    predictions,
    projects,
    quotas,
    sources,
    streams,
    users,
)
from tests.contract.routes.case import Route

TABLES: dict[str, tuple[Route, ...]] = {
    "users": users.ROUTES,
    "projects": projects.ROUTES,
    "sources": sources.ROUTES,
    "buckets": buckets.ROUTES,
    "comments": comments.ROUTES,
    "attachments": attachments.ROUTES,
    "datasets": datasets.ROUTES,
    "labellings": labellings.ROUTES,
    "models": models.ROUTES,
    "predictions": predictions.ROUTES,
    "streams": streams.ROUTES,
    "audit": audit.ROUTES,
    "quotas": quotas.ROUTES,
    "integrations": integrations.ROUTES,
}
