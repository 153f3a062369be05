"""Connections and mailboxes as the clients of this field write and read them; no secret is part of any of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from workbench.api.addresses import NAME
from workbench.api.shapes.comments import utc
from workbench.api.shapes.times import Moment
from workbench.domain import BucketTarget, GraphConnection, Mailbox

Word = Annotated[str, Meta(min_length=1, max_length=320)]
Name = Annotated[str, Meta(pattern=NAME)]
Path = list[Word] | Word
"""Names of folders, outermost first; of one alone its name."""


class Access(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A service user."""

    kind: Literal["user_access"] = "user_access"
    username: str


class Application(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An Azure application."""

    kind: Literal["custom"] = "custom"
    client_id: str
    tenant_id: str


class ShownConnection(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How Exchange Online is reached."""

    access: Access | UnsetType | None = UNSET
    application: Application | UnsetType | None = UNSET


class BucketOf(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The bucket that a mailbox flows into; made where there is none."""

    project_name: Name
    name: Name
    title: str = ""


class ShownMailbox(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One mailbox, and which of its mail is wanted."""

    email: Word
    bucket_specification: BucketOf
    enabled: bool = True
    start_timestamp: Moment | UnsetType | None = UNSET
    folder_allowlist: list[Path] | UnsetType | None = UNSET
    folder_denylist: list[Path] | UnsetType | None = UNSET
    participant_allowlist: list[Word] | UnsetType | None = UNSET
    participant_denylist: list[Word] | UnsetType | None = UNSET
    participant_domain_allowlist: list[Word] | UnsetType | None = UNSET
    participant_domain_denylist: list[Word] | UnsetType | None = UNSET


def graph_of(given: ShownConnection | None, before: GraphConnection | None) -> GraphConnection:
    """A connection as it is to be; what is left out stays as it was before, or empty."""
    made = before or GraphConnection(tenant_id="", client_id="")
    if given is not None and given.access:
        made = replace(made, user_name=given.access.username)
    if given is not None and given.application:
        told = given.application
        made = replace(made, client_id=told.client_id, tenant_id=told.tenant_id)
    return made


def shown_connection(one: GraphConnection) -> ShownConnection | UnsetType:
    """A connection as it is read: whole, or left out where nothing is known of it, as clients demand both of its parts."""
    if not (one.user_name or one.client_id or one.tenant_id):
        return UNSET
    return ShownConnection(
        access=Access(username=one.user_name),
        application=Application(client_id=one.client_id, tenant_id=one.tenant_id),
    )


def mailbox_of(given: ShownMailbox, before: Mailbox | None) -> Mailbox:
    """A mailbox as it is to be; what these clients do not know of it stays as it was."""
    target = given.bucket_specification
    start = given.start_timestamp
    return replace(
        before or Mailbox(address=given.email),
        enabled=given.enabled,
        disabled_reason=None if given.enabled else "user",
        bucket=BucketTarget(project=target.project_name, name=target.name, title=target.title),
        start_at=utc(start) if start else None,
        folder_allow=_paths(given.folder_allowlist),
        folder_deny=_paths(given.folder_denylist),
        participant_allow=tuple(given.participant_allowlist or ()),
        participant_deny=tuple(given.participant_denylist or ()),
        domain_allow=tuple(given.participant_domain_allowlist or ()),
        domain_deny=tuple(given.participant_domain_denylist or ()),
    )


def shown_mailbox(one: Mailbox) -> ShownMailbox:
    """A mailbox as it is read."""
    target = one.bucket or BucketTarget(project="", name="")

    def listed(words: Sequence[str]) -> list[str] | UnsetType:
        return list(words) or UNSET

    def paths(found: Sequence[Sequence[str]]) -> list[Path] | UnsetType:
        made: list[Path] = [list(path) for path in found]
        return made or UNSET

    return ShownMailbox(
        email=one.address,
        bucket_specification=BucketOf(project_name=target.project, name=target.name, title=target.title),
        enabled=one.enabled,
        start_timestamp=one.start_at or UNSET,
        folder_allowlist=paths(one.folder_allow),
        folder_denylist=paths(one.folder_deny),
        participant_allowlist=listed(one.participant_allow),
        participant_denylist=listed(one.participant_deny),
        participant_domain_allowlist=listed(one.domain_allow),
        participant_domain_denylist=listed(one.domain_deny),
    )


def _paths(given: list[Path] | UnsetType | None) -> tuple[tuple[str, ...], ...]:
    return tuple((one,) if isinstance(one, str) else tuple(one) for one in given or ())
