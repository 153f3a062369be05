"""Integrations over HTTP. These clients know Exchange Online and nothing else: others are counted, not shown."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from workbench.api.endpoint import Asked, Endpoint
from workbench.api.envelope import Ok
from workbench.api.shapes.mailboxes import (
    ShownConnection,
    ShownMailbox,
    graph_of,
    mailbox_of,
    shown_connection,
    shown_mailbox,
)
from workbench.api.shapes.names import require_project, wanted
from workbench.api.shapes.times import Moment
from workbench.domain import AnyConnection, GraphConnection, Integration, Mailbox
from workbench.errors import DuplicateNameError, UnknownNameError, UnsupportedError

TYPE = "exchange_online"


class GivenConfiguration(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A connection and the mailboxes read by it."""

    mailboxes: list[ShownMailbox] | UnsetType = UNSET
    connection: ShownConnection | None = None


class GivenIntegration(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Left out = as it is, or as a new one is."""

    title: Annotated[str, Meta(max_length=128)] | None = None
    enabled: bool | None = None
    configuration: GivenConfiguration | None = None
    integration_type: str = TYPE


class IntegrationAsked(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An integration to create or to change."""

    integration: GivenIntegration


class Configuration(msgspec.Struct, kw_only=True):
    """The mailboxes and, where something is known of it, the connection that they are read by."""

    mailboxes: list[ShownMailbox]
    connection: ShownConnection | UnsetType = UNSET


class ShownIntegration(msgspec.Struct, kw_only=True):
    """An integration as clients read it; ``name`` is without its owner."""

    id: str
    owner: str
    name: str
    title: str
    created_at: Moment
    updated_at: Moment
    enabled: bool
    configuration: Configuration
    type: str = TYPE
    disabled_reason: str | UnsetType = UNSET


class Integrations(Ok, kw_only=True):
    """Those that lead to Exchange Online, and how many more there are."""

    integrations: list[ShownIntegration]
    num_other_types: int


class OneIntegration(Ok, kw_only=True):
    """One."""

    integration: ShownIntegration


def _listed(asked: Asked) -> Integrations:
    found = asked.operations.integrations()
    known = [one for one in found if one.connection.graph is not None]
    return Integrations(
        integrations=[_shown(one, _graph(one)) for one in known], num_other_types=len(found) - len(known)
    )


def _one(asked: Asked) -> OneIntegration:
    return _told(_found(asked))


def _create(asked: Asked) -> OneIntegration:
    given, path = asked.body.integration, asked.path
    _check_type(given)
    if "integration_id" in path:
        return _told(_changed(asked, _found(asked), given))
    project, name = path["owner"], path["integration"]
    require_project(asked, project)
    told = given.configuration or GivenConfiguration()
    connection = graph_of(told.connection, None)
    mailboxes = tuple(mailbox_of(one, None) for one in told.mailboxes or ())
    for one in asked.operations.integrations(project):
        if one.name == name:
            # The same again is the same request, whose answer was lost.
            same = one.connection.graph == connection and _mailboxes(one) == mailboxes
            if same and one.title == (given.title or name) and one.enabled == (given.enabled is not False):
                return _told(one)
            raise DuplicateNameError("integration", one.full_name)
    require_project(asked, project)
    return _told(
        asked.operations.create_integration(
            project,
            name,
            AnyConnection.of(connection),
            mailboxes,
            given.title or "",
            given.enabled is not False,
        )
    )


def _change(asked: Asked) -> OneIntegration:
    _check_type(asked.body.integration)
    return _told(_changed(asked, _found(asked), asked.body.integration))


def _changed(asked: Asked, found: Integration, given: GivenIntegration) -> Integration:
    before, there = _graph(found), asked.operations
    told = given.configuration or GivenConfiguration()
    known = {status.mailbox.address: status.mailbox for status in found.mailboxes}
    mailboxes = None
    if told.mailboxes is not UNSET:
        mailboxes = tuple(mailbox_of(one, known.get(one.email)) for one in told.mailboxes)
    connection = graph_of(told.connection, before) if told.connection else before
    is_such = given.title in (None, found.title) and connection == before
    if not is_such or mailboxes not in (None, _mailboxes(found)):
        found = there.amend_integration(
            found.integration_id, given.title, AnyConnection.of(connection), mailboxes
        )
    if given.enabled is not None and given.enabled != found.enabled:
        found = there.enable_integration(found.integration_id, given.enabled)
    return found


def _delete(asked: Asked) -> Ok:
    found = _found(asked)
    asked.operations.delete_integration(found.integration_id, found.full_name)
    return Ok()


def _check_type(given: GivenIntegration) -> None:
    if given.integration_type != TYPE:
        raise UnsupportedError(
            f"integrations of the type {given.integration_type[:100]!r} cannot be made here.",
            next_step=f"Use {TYPE!r}, or connect the mailbox from a notebook or by command.",
        )


def _found(asked: Asked) -> Integration:
    name = wanted(asked, "integration")
    known = asked.operations.integrations()
    for one in known:
        if name in (one.integration_id, one.full_name):
            return one
    raise UnknownNameError("integration", name, (one.full_name for one in known))


def _graph(found: Integration) -> GraphConnection:
    if found.connection.graph is None:
        raise UnsupportedError(
            f"integration {found.full_name!r} is of the kind {found.connection.kind!r}, which is not shown here.",
            next_step="Look at it from a notebook, on screen or by command.",
        )
    return found.connection.graph


def _mailboxes(found: Integration) -> tuple[Mailbox, ...]:
    return tuple(status.mailbox for status in found.mailboxes)


def _told(found: Integration) -> OneIntegration:
    return OneIntegration(integration=_shown(found, _graph(found)))


def _shown(found: Integration, connection: GraphConnection) -> ShownIntegration:
    return ShownIntegration(
        id=found.integration_id,
        owner=found.project,
        name=found.name,
        title=found.title,
        created_at=found.created_at,
        updated_at=found.updated_at or found.created_at,
        enabled=found.enabled,
        disabled_reason=found.disabled_reason or UNSET,
        configuration=Configuration(
            connection=shown_connection(connection),
            mailboxes=[shown_mailbox(one) for one in _mailboxes(found)],
        ),
    )


_ONE = "/api/_private/integrations/{integration}"

ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/api/_private/integrations",
        summary="Integrations with Exchange Online",
        handle=_listed,
        reply=Integrations,
    ),
    Endpoint(method="GET", path=_ONE, summary="One integration", handle=_one, reply=OneIntegration),
    Endpoint(
        method="PUT",
        path=_ONE,
        by_id=False,
        summary="Create an integration",
        handle=_create,
        body=IntegrationAsked,
        reply=OneIntegration,
    ),
    Endpoint(
        method="POST",
        path=_ONE,
        summary="Change an integration",
        handle=_change,
        body=IntegrationAsked,
        reply=OneIntegration,
    ),
    Endpoint(method="DELETE", path=_ONE, summary="Delete an integration; its mail stays", handle=_delete),
)
