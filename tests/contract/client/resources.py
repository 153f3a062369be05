"""Everything else that the client decodes: people, projects, sources, datasets, streams, audit, quotas, integrations."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType, field

from tests.contract.client.comments import Count, Instant, Reply, Version
from tests.contract.client.generations import NEW_QUOTAS, OLD_QUOTAS

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


class User(Reply):
    id: str
    username: str
    email: str
    created: Instant
    global_permissions: list[str]
    organisation_permissions: dict[str, list[str]]
    sso_global_permissions: list[str]
    verified: bool


class OneUser(Reply):
    user: User


class Users(Reply):
    users: list[User]


class Refreshed(Reply):
    permissions_refreshed: bool | None = None


class Project(Reply):
    name: str
    title: str
    description: str
    created_at: Instant
    updated_at: Instant
    id: str | None = None


class OneProject(Reply):
    project: Project


class Projects(Reply):
    projects: list[Project]


class Source(Reply, rename={"kind": "_kind"}):
    id: str
    owner: str
    name: str
    title: str
    description: str
    language: str
    should_translate: bool
    created_at: Instant
    updated_at: Instant
    kind: Literal["call", "chat", "unknown", "ixp_design", "ixp_runtime"]
    bucket_id: str | None = None
    email_transform_tag: str | None = None


class OneSource(Reply):
    source: Source


class Sources(Reply):
    sources: list[Source]


class Bucket(Reply):
    id: str
    name: str
    owner: str
    created_at: Instant


class OneBucket(Reply):
    bucket: Bucket


class Buckets(Reply):
    buckets: list[Bucket]


class BucketCount(Reply):
    kind: Literal["exact", "lower_bound"]
    value: Count


class BucketNumbers(Reply):
    count: BucketCount


class BucketStatistics(Reply):
    statistics: BucketNumbers


class Email(Reply):
    id: str
    mailbox: str
    timestamp: Instant
    mime_content: str
    attachments: list[Any]
    metadata: Any = None
    created_at: Instant | None = None


class Emails(Reply):
    emails: list[Email]
    continuation: str | None = None


class LabelDef(Reply):
    """Texts are there or are left out; null is neither."""

    name: str
    title: str | UnsetType = UNSET
    instructions: str | UnsetType = UNSET
    external_id: str | None = None
    pretrained: Any = None
    moon_form: list[Any] | None = None


class LabelGroup(Reply):
    name: str
    label_defs: list[LabelDef]


class EntityDef(Reply, rename={"flags": "_entity_def_flags"}):
    id: str
    color: Version
    name: str
    title: str
    inherits_from: list[str]
    trainable: bool
    flags: list[Literal["appears_verbatim"]] = field(default_factory=list)
    instructions: str | None = None


class GeneralField(Reply):
    api_name: str
    field_type_id: str | None = None
    field_type_name: str | None = None


class Dataset(Reply, rename={"flags": "_dataset_flags"}):
    id: str
    name: str
    owner: str
    title: str
    description: str
    created: Instant
    last_modified: Instant
    model_family: str
    source_ids: list[str]
    has_sentiment: bool
    entity_defs: list[EntityDef]
    general_fields: list[GeneralField]
    label_defs: list[LabelDef]
    label_groups: list[LabelGroup]
    flags: list[Literal["gpt4", "external_moon_llm", "qos", "zero_shot_labels", "ixp"]]


class OneDataset(Reply):
    dataset: Dataset


class Datasets(Reply):
    datasets: list[Dataset]


class Statistics(Reply):
    num_comments: float
    label_counts: dict[str, dict[Literal["positive", "negative"], Count]] = field(default_factory=dict)
    label_timeseries: list[list[str | float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for cell in (cell for row in self.label_timeseries for cell in row):
            if isinstance(cell, str) and not _DAY.match(cell):
                raise ValueError(f"{cell!r} is no day")


class Counted(Reply):
    statistics: Statistics


class PropertyValue(Reply):
    value: str


class StringProperty(Reply):
    full_name: str
    values: list[PropertyValue]


class NumberProperty(Reply):
    full_name: str


class Properties(Reply):
    string: list[StringProperty]
    number: list[NumberProperty]


class Summary(Reply):
    user_properties: Properties


class Summed(Reply):
    summary: Summary


class Labeller(Reply):
    version: Version


class Labellers(Reply):
    labellers: list[Labeller]


class Rating(Reply):
    score: float
    quality: Literal["none", "poor", "average", "good", "excellent"]


class Validation(Reply):
    version: Version
    model_rating: Rating
    reviewed_size: Count


class Validated(Reply):
    label_groups: list[LabelGroup]
    validation: Validation


class Curve(Reply):
    thresholds: list[float]
    precisions: list[float]
    recalls: list[float]


class LabelValidated(Reply):
    label_validation: Curve


class Threshold(Reply):
    name: list[str]
    threshold: float


class StreamModel(Reply):
    version: Version
    label_thresholds: list[Threshold]


class Stream(Reply):
    id: str
    dataset_id: str
    name: str
    title: str
    description: str
    created_at: Instant
    updated_at: Instant
    comment_filter: dict[str, Any] | UnsetType = UNSET
    model: StreamModel | None = None


class OneStream(Reply):
    stream: Stream


class Streams(Reply):
    streams: list[Stream]


class AuditEvent(Reply):
    event_id: str
    event_type: str
    timestamp: Instant
    actor_user_id: str
    actor_tenant_id: str
    tenant_ids: list[str]
    dataset_ids: list[str] = field(default_factory=list)
    project_ids: list[str] = field(default_factory=list)


class AuditUser(Reply):
    id: str
    username: str
    display_name: str
    email: str
    tenant_id: str


class AuditDataset(Reply):
    id: str
    name: str
    title: str
    project_id: str


class AuditProject(Reply):
    id: str
    name: str
    tenant_id: str


class AuditTenant(Reply):
    id: str
    name: str


class AuditPage(Reply):
    """Every id of an event has to stand in the lists beside it; the client panics where one does not."""

    audit_events: list[AuditEvent]
    projects: list[AuditProject]
    datasets: list[AuditDataset]
    tenants: list[AuditTenant]
    users: list[AuditUser]
    continuation: str | None = None

    def __post_init__(self) -> None:
        users, tenants = {one.id for one in self.users}, {one.id for one in self.tenants}
        datasets, projects = {one.id for one in self.datasets}, {one.id for one in self.projects}
        for one in self.audit_events:
            for what, used, known in (
                ("user", {one.actor_user_id}, users),
                ("tenant", {one.actor_tenant_id, *one.tenant_ids}, tenants),
                ("dataset", set(one.dataset_ids), datasets),
                ("project", set(one.project_ids), projects),
            ):
                if used - known:
                    raise ValueError(f"could not find {what} for id {sorted(used - known)}")


class Quota(Reply):
    quota_kind: str
    hard_limit: Count
    current_max_usage: Count
    auto_increase_up_to: Count | None = None


class Quotas(Reply):
    quotas: list[Quota]


class Access(Reply):
    kind: Literal["user_access"]
    username: str


class Application(Reply):
    kind: Literal["custom"]
    client_id: str
    tenant_id: str


class Connection(Reply):
    """Both are demanded where there is a connection."""

    access: Access
    application: Application


class BucketOf(Reply):
    project_name: str
    name: str
    title: str


class Mailbox(Reply):
    email: str
    enabled: bool
    bucket_specification: BucketOf
    disabled_reason: Literal["user", "quota", "sync_error"] | None = None
    start_timestamp: Instant | None = None
    folder_allowlist: list[list[str]] | None = None
    folder_denylist: list[list[str]] | None = None
    participant_allowlist: list[str] | None = None
    participant_denylist: list[str] | None = None


class Configuration(Reply):
    mailboxes: list[Mailbox]
    connection: Connection | None = None


class Integration(Reply, rename={"kind": "type"}):
    id: str
    owner: str
    name: Annotated[str, Meta(pattern="^[^/]+$")]
    title: str
    kind: Literal["exchange_online"]
    created_at: Instant
    updated_at: Instant
    enabled: bool
    configuration: Configuration
    disabled_reason: Literal["user", "quota", "sync_error"] | None = None


class OneIntegration(Reply):
    integration: Integration


class Integrations(Reply):
    integrations: list[Integration]


class SyncState(Reply):
    mailbox_name: str
    status: Literal["IN_PROGRESS", "UP_TO_DATE"]
    last_synced_at: Instant
    folder_id: str | None = None
    folder_path: list[str] | None = None
    synced_until: Instant | None = None


class SyncStates(Reply):
    keyed_sync_states: list[SyncState]


class SyncStateIds(Reply):
    keyed_sync_state_ids: list[str]


class OldSyncState(SyncState):
    """The older generation demands the folder."""

    folder_id: str
    folder_path: list[str]


class OldSyncStates(Reply):
    keyed_sync_states: list[OldSyncState]


class NewQuotas(Quotas):
    """A kind that a generation does not know breaks all of them."""

    def __post_init__(self) -> None:
        check_kinds(self, NEW_QUOTAS)


class OldQuotas(Quotas):
    """The same for the older generation."""

    def __post_init__(self) -> None:
        check_kinds(self, OLD_QUOTAS)


def check_kinds(told: Quotas, known: frozenset[str]) -> None:
    """Refuse a kind of quota that is not known."""
    for one in told.quotas:
        if one.quota_kind not in known:
            raise ValueError(f"unknown variant `{one.quota_kind}`")
