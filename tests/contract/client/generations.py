"""The two generations of the client that a server has to satisfy, by what a server can notice of the difference."""

from __future__ import annotations

from dataclasses import dataclass

OLD_QUOTAS = frozenset(
    [
        "sources",
        "sources_per_dataset",
        "datasets",
        "datasets_per_source",
        "labels_per_dataset",
        "entities_per_dataset",
        "comments",
        "comments_per_source",
        "reviewed_comments_per_dataset",
        "integrations",
        "mailboxes_per_integration",
        "triggers",
        "triggers_per_dataset",
        "users",
        "alerts",
        "buckets",
        "projects",
        "pinned_models",
        "extraction_predictions",
    ]
)
NEW_QUOTAS = OLD_QUOTAS | {"comments_in_ixp_designtime", "comments_in_ixp_runtime"}


@dataclass(frozen=True, kw_only=True)
class Generation:
    """What one of them does.

    Attributes
    ----------
    refreshes
        Whether commands that change something ask for their permissions anew.
    polls_projects
        Whether a new project is looked for in the list of all.
    retried
        Statuses below 500 that are tried again.
    splits_on
        Statuses on which a refused batch is sent item by item; empty = any.
    always_sends_bucket
        Whether a change of a source always says its bucket, null = none.
    combines_reviewed
        Whether "reviewed only" goes together with other filters.
    most_levels
        JSON nested as deep as this is not read any more; 0 = no limit.
    """

    name: str
    refreshes: bool
    polls_projects: bool
    retried: frozenset[int]
    splits_on: frozenset[int]
    always_sends_bucket: bool
    combines_reviewed: bool
    quota_kinds: frozenset[str]
    most_levels: int


NEW = Generation(
    name="0.39.1",
    refreshes=True,
    polls_projects=True,
    retried=frozenset({429, 409}),
    splits_on=frozenset(),
    always_sends_bucket=True,
    combines_reviewed=True,
    quota_kinds=NEW_QUOTAS,
    most_levels=0,
)
OLD = Generation(
    name="0.35.0",
    refreshes=False,
    polls_projects=False,
    retried=frozenset({429}),
    splits_on=frozenset({400, 422}),
    always_sends_bucket=False,
    combines_reviewed=False,
    quota_kinds=OLD_QUOTAS,
    most_levels=128,
)
GENERATIONS = (NEW, OLD)
