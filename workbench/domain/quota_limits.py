"""Limits on what there is in a workspace, which administrators may set too: those of quotas.

Their settings are where they begin; see ``domain/quotas.py``.
"""

from __future__ import annotations

from workbench.domain.limit import Limit

_QUOTA = "Delete what is no longer needed, or raise the setting {!r} (0 = no limit)."

QUOTA_LIMITS = (
    Limit(
        name="sources_per_dataset",
        most=20,
        field="sources of a dataset",
        refusal="{where} would have {found} sources; a dataset has at most {most}.",
        next_step="Split the set into several datasets, or raise the setting 'sources_per_dataset'.",
        setting="sources_per_dataset",
    ),
    Limit(
        name="datasets_per_source",
        most=10,
        field="datasets of a source",
        refusal="{where} would be in {found} datasets; at most {most} are allowed.",
        next_step="Remove it from a dataset, or raise the setting 'datasets_per_source' (0 = no limit).",
        setting="datasets_per_source",
    ),
    Limit(
        name="labels_per_dataset",
        most=200,
        field="labels of a dataset",
        refusal="{where} would have {found} labels; at most {most} are allowed.",
        next_step="Delete or merge labels first, or raise the setting 'labels_per_dataset' (0 = no limit).",
        setting="labels_per_dataset",
    ),
    Limit(
        name="streams",
        most=0,
        field="streams of a workspace",
        refusal="{where} would be stream number {found}; at most {most} are allowed.",
        next_step=_QUOTA.format("most_streams"),
        setting="most_streams",
    ),
    Limit(
        name="streams_per_dataset",
        most=0,
        field="streams of a dataset",
        refusal="{where} would have {found} streams; at most {most} are allowed.",
        next_step=_QUOTA.format("streams_per_dataset"),
        setting="streams_per_dataset",
    ),
    Limit(
        name="pinned_versions",
        most=0,
        field="pinned model versions of a workspace",
        refusal="{where} would be pinned version number {found}; at most {most} are allowed.",
        next_step="Unpin versions that nobody needs, or raise the setting 'most_pinned_versions' (0 = no limit).",
        setting="most_pinned_versions",
    ),
    Limit(
        name="reviewed_per_dataset",
        most=0,
        field="reviewed messages of a dataset",
        refusal="{where} would have {found} reviewed messages; at most {most} are allowed.",
        next_step="Raise the setting 'most_reviewed_per_dataset' (0 = no limit); what is reviewed can be corrected.",
        setting="most_reviewed_per_dataset",
    ),
    Limit(
        name="projects",
        most=0,
        field="projects of a workspace",
        refusal="{where} would be project number {found}; at most {most} are allowed.",
        next_step=_QUOTA.format("most_projects"),
        setting="most_projects",
    ),
    Limit(
        name="sources",
        most=0,
        field="sources of a workspace",
        refusal="{where} would be source number {found}; at most {most} are allowed.",
        next_step=_QUOTA.format("most_sources"),
        setting="most_sources",
    ),
    Limit(
        name="buckets",
        most=0,
        field="buckets of a workspace",
        refusal="{where} would be bucket number {found}; at most {most} are allowed.",
        next_step=_QUOTA.format("most_buckets"),
        setting="most_buckets",
    ),
    Limit(
        name="mailboxes_per_integration",
        most=1_000,
        field="mailboxes of an integration",
        refusal="{where} would have {found} mailboxes; at most {most} are allowed.",
        next_step="Make another integration for the rest, or raise the setting 'mailboxes_per_integration' (0 = no limit).",
        setting="mailboxes_per_integration",
    ),
    Limit(
        name="users",
        most=0,
        field="users of a workspace",
        refusal="{where} would be user number {found}; at most {most} are allowed.",
        next_step=_QUOTA.format("most_users"),
        setting="most_users",
    ),
    Limit(
        name="integrations",
        most=0,
        field="integrations of a workspace",
        refusal="{where} would be integration number {found}; at most {most} are allowed.",
        next_step=_QUOTA.format("most_integrations"),
        setting="most_integrations",
    ),
    Limit(
        name="datasets",
        most=0,
        field="datasets of a workspace",
        refusal="{where} would be dataset number {found}; at most {most} are allowed.",
        next_step=_QUOTA.format("most_datasets"),
        setting="most_datasets",
    ),
    Limit(
        name="messages",
        most=0,
        field="messages of a workspace",
        refusal="with {where} the workspace would hold {found} messages; at most {most} are allowed.",
        next_step=_QUOTA.format("most_messages"),
        setting="most_messages",
    ),
    Limit(
        name="messages_per_source",
        most=0,
        field="messages of a source",
        refusal="{where} would hold {found} messages; at most {most} are allowed.",
        next_step=_QUOTA.format("most_messages_per_source"),
        setting="most_messages_per_source",
    ),
)
"""Limits of quotas."""
