"""Plans, what they give, who asked for what, and the limits that administrators set."""

from __future__ import annotations

import duckdb

_TABLES = """
-- No keys: rows are replaced under the one write lock, and a key would keep what was deleted in the same transaction.
CREATE TABLE plan (
    edition VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    trial_days INTEGER
);
CREATE TABLE entitlement (
    edition VARCHAR NOT NULL,
    plan VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    answer VARCHAR NOT NULL
);
CREATE TABLE entitlement_request (
    request_id VARCHAR NOT NULL,
    entitlement VARCHAR NOT NULL,
    edition VARCHAR NOT NULL,
    plan VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    requested_by VARCHAR NOT NULL,
    requested_at TIMESTAMPTZ NOT NULL,
    state VARCHAR NOT NULL,
    answered_by VARCHAR NOT NULL,
    answered_at TIMESTAMPTZ,
    answer_reason VARCHAR NOT NULL,
    granted_until TIMESTAMPTZ
);
-- The plan in force: one row, or none in a workspace that has chosen no plan.
CREATE TABLE chosen_plan (
    edition VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    since TIMESTAMPTZ NOT NULL,
    chosen_by VARCHAR NOT NULL,
    ends_at TIMESTAMPTZ,
    before VARCHAR NOT NULL
);
CREATE TABLE quota (
    kind VARCHAR NOT NULL,
    hard_limit BIGINT,
    auto_increase_up_to BIGINT,
    peak BIGINT NOT NULL
);
"""
_TITLES = {
    "free": "Free",
    "basic-trial": "Basic Trial",
    "standard-trial": "Standard Trial",
    "enterprise-trial": "Enterprise Trial",
    "basic": "Basic",
    "basic-plus": "Basic+",
    "standard": "Standard",
    "enterprise": "Enterprise",
}
_TRIAL_DAYS = 60
# Edition to plan to its answers: communications data, customer-managed key; n = no, y = yes, r = by request.
_EDITIONS = {
    "licence": {
        "free": "nn", "basic-trial": "nn", "standard-trial": "nn", "enterprise-trial": "yr",
        "basic": "nn", "standard": "nn", "enterprise": "yr",
    },
    "guide-2026": {
        "free": "nn", "basic-trial": "nn", "standard-trial": "yn", "enterprise-trial": "yn",
        "basic": "nn", "basic-plus": "yn", "standard": "yn", "enterprise": "yr",
    },
    "overview": {
        "free": "nn", "basic-trial": "yn", "standard-trial": "yn", "basic": "yn", "standard": "yn", "enterprise": "yn",
    },
}  # fmt: skip
_NAMES = ("communications_data", "customer_managed_key")
_ANSWERS = {"n": "no", "y": "yes", "r": "by_request"}


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the tables and fill the table of plans; no plan is chosen."""
    cursor.execute(_TABLES)
    for edition, plans in _EDITIONS.items():
        for position, (name, answers) in enumerate(plans.items(), 1):
            days = _TRIAL_DAYS if name.endswith("-trial") else None
            cursor.execute(
                "INSERT INTO plan VALUES (?, ?, ?, ?, ?)", [edition, name, _TITLES[name], position, days]
            )
            for entitlement, letter in zip(_NAMES, answers, strict=True):
                cursor.execute(
                    "INSERT INTO entitlement VALUES (?, ?, ?, ?)",
                    [edition, name, entitlement, _ANSWERS[letter]],
                )
