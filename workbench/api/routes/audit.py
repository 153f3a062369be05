"""The audit log over HTTP. Every id that an event names stands in one of the lists beside the events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec

from workbench.api.endpoint import Asked, Endpoint
from workbench.api.envelope import Ok
from workbench.api.shapes.times import Moment
from workbench.domain import AuditEvent, AuditPage, AuditQuery
from workbench.primitives import hex_digest

TENANT = hex_digest("tenant", n_digits=16)
"""The id of the one tenant there is: this workspace."""

_INCLUSIVE = timedelta(microseconds=1)


class ShownEvent(msgspec.Struct, kw_only=True):
    """One event as clients read it."""

    event_id: str
    event_type: str
    timestamp: Moment
    actor_user_id: str
    actor_tenant_id: str
    tenant_ids: list[str]
    project_ids: list[str]
    dataset_ids: list[str]
    source_ids: list[str]
    trigger_ids: list[str]
    user_ids: list[str]


class EventUser(msgspec.Struct, kw_only=True):
    """Somebody who did something, or to whom it was done; known by name also after they are gone."""

    id: str
    username: str
    display_name: str
    email: str
    tenant_id: str = TENANT


class EventDataset(msgspec.Struct, kw_only=True):
    """A dataset that something was done to."""

    id: str
    name: str
    title: str
    project_id: str


class Named(msgspec.Struct, kw_only=True):
    """A project or a source."""

    id: str
    name: str
    tenant_id: str = TENANT


class EventTenant(msgspec.Struct, kw_only=True):
    """The workspace itself."""

    id: str = TENANT
    name: str = "workspace"


class AuditEvents(Ok, kw_only=True):
    """A page of events, newest first."""

    audit_events: list[ShownEvent]
    users: list[EventUser]
    datasets: list[EventDataset]
    projects: list[Named]
    sources: list[Named]
    tenants: list[EventTenant]
    continuation: str | None = None


class Between(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Both ends count; a time without zone is read as UTC."""

    minimum: Moment | None = None
    maximum: Moment | None = None


class EventFilter(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which events."""

    timestamp: Between = msgspec.field(default_factory=Between)


class AuditAsked(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A query, and where to go on."""

    filter: EventFilter = msgspec.field(default_factory=EventFilter)
    continuation: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,18}\.[0-9a-f]{16}$")] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 200


def _query(asked: Asked) -> AuditEvents:
    told, between = asked.body, asked.body.filter.timestamp
    latest = _aware(between.maximum)
    page = asked.operations.audit_events(
        AuditQuery(
            since=_aware(between.minimum),
            until=None if latest is None else _just_after(latest),
            limit=told.limit,
        ),
        told.continuation or "",
    )
    return _shown(asked, page)


def _aware(when: datetime | None) -> datetime | None:
    return when.replace(tzinfo=UTC) if when is not None and when.tzinfo is None else when


def _just_after(when: datetime) -> datetime:
    try:
        return when + _INCLUSIVE
    except OverflowError:
        return when


def _shown(asked: Asked, page: AuditPage) -> AuditEvents:
    known = {one.name: one for one in asked.operations.users()}
    by_id = {one.user_id: one for one in known.values()}
    ids = {name: str(one.user_id) for name, one in known.items()}

    def user_id(name: str) -> str:
        return ids.setdefault(name, hex_digest("user", name, n_digits=16))

    events = [_event(one, user_id(one.actor)) for one in page.events]
    names = {found: name for name, found in ids.items()}
    for found in {one.user_id for one in page.events if one.user_id} - set(names):
        names[found] = page.users.get(found, found)
    used = {one.actor_user_id for one in events} | {found for one in events for found in one.user_ids}
    users = []
    for found in sorted(used):
        name, one = names[found], by_id.get(found)  # type: ignore[call-overload]
        users.append(
            EventUser(
                id=found,
                username=name,
                display_name=(one.title if one else "") or name,
                email=(one.email if one else "") or f"{hex_digest(name, n_digits=8)}@localhost",
            )
        )
    projects = {one.project for one in page.events if one.project}
    datasets = []
    for found in sorted({one.dataset_id for one in page.events if one.dataset_id}):
        full_name = page.datasets.get(found, found)
        project, _, name = full_name.rpartition("/")
        projects |= {project} if project else set()
        datasets.append(EventDataset(id=found, name=name, title=name, project_id=project))
    return AuditEvents(
        audit_events=events,
        users=users,
        datasets=datasets,
        projects=[Named(id=one, name=one) for one in sorted(projects)],
        sources=[
            Named(id=found, name=page.sources.get(found, found))
            for found in sorted({one.source_id for one in page.events if one.source_id})
        ],
        tenants=[EventTenant()],
        continuation=page.continuation or None,
    )


def _event(one: AuditEvent, actor_id: str) -> ShownEvent:
    def listed(found: str) -> list[str]:
        return [found] if found else []

    return ShownEvent(
        event_id=one.event_id or hex_digest("event", str(one.seq), n_digits=16),
        event_type=one.type,
        timestamp=one.at,
        actor_user_id=actor_id,
        actor_tenant_id=TENANT,
        tenant_ids=[TENANT],
        project_ids=listed(one.project),
        dataset_ids=listed(one.dataset_id),
        source_ids=listed(one.source_id),
        trigger_ids=listed(one.stream_id),
        user_ids=listed(one.user_id),
    )


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/api/v1/audit_events/query",
        summary="Events of the audit log, newest first",
        handle=_query,
        reply=AuditEvents,
        body=AuditAsked,
    ),
)
