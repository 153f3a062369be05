"""Projects over HTTP (``/api/_private/projects`` and ``/api/v1/projects``)."""

from __future__ import annotations

import json
from typing import Annotated

import msgspec

from workbench.api.addresses import NAME
from workbench.api.endpoint import Asked, Endpoint, NoQuery
from workbench.api.envelope import Ok
from workbench.api.routes.users import own_id
from workbench.api.shapes.times import Moment
from workbench.domain import Operations, Project
from workbench.errors import DuplicateNameError, NotEmptyError, UnknownNameError, WorkbenchError

_MEMBER = "project_admin"
"""What people are in a project that they are named for when it is made."""
Title = Annotated[str, msgspec.Meta(max_length=128)]
Description = Annotated[str, msgspec.Meta(max_length=16_384)]


class ShownProject(msgspec.Struct, kw_only=True):
    """A project as clients read it. Its id is its name."""

    id: str
    name: str
    title: str
    description: str
    created_at: Moment
    updated_at: Moment


class Projects(Ok, kw_only=True):
    """All that the caller sees."""

    projects: list[ShownProject]


class OneProject(Ok, kw_only=True):
    """One."""

    project: ShownProject


class ProjectTexts(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What people read of it; left out = as it is."""

    title: Title | None = None
    description: Description | None = None


class NewProject(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A project to create."""

    project: ProjectTexts
    user_ids: list[str] = []


class ChangedProject(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What to change of it."""

    project: ProjectTexts


class ListQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``cm_only`` is taken and changes nothing: there are no other projects here."""

    cm_only: bool = False


class DeleteQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``force`` deletes what it holds with it."""

    force: bool = False


class ResourceCounts(Ok, kw_only=True):
    """What a project holds."""

    resource_counts: dict[str, int]


def _shown(project: Project) -> ShownProject:
    return ShownProject(
        id=project.name,
        name=project.name,
        title=project.title,
        description=project.description,
        created_at=project.created_at,
        updated_at=project.updated_at or project.created_at,
    )


def _listed(asked: Asked) -> Projects:
    return Projects(projects=[_shown(one) for one in asked.operations.projects()])


def _one(asked: Asked) -> OneProject:
    name = asked.path["name"]
    found = {one.name: one for one in asked.operations.projects()}
    if name not in found:
        raise UnknownNameError("project", name, found)
    return OneProject(project=_shown(found[name]))


def _create(asked: Asked) -> OneProject:
    """Create it, or find it as it was to become: clients send again what they had no answer to."""
    there, name, texts = asked.operations, asked.path["name"], asked.body.project
    people = _people(there, asked.body.user_ids)
    title, description = texts.title or name, texts.description or ""
    try:
        made = there.create_project(name, title, description)
    except DuplicateNameError:
        same = [
            one
            for one in there.projects()
            if (one.name, one.title, one.description) == (name, title, description)
        ]
        if not same:
            raise
        made = same[0]
    for one in people:
        there.assign_role(one, _MEMBER, name)
    return OneProject(project=_shown(made))


def _people(there: Operations, user_ids: list[str]) -> list[str]:
    """Names of people; without accounts there is whoever asks, who may do everything as it is."""
    if not user_ids:
        return []
    known = {str(one.user_id): one.name for one in there.users()}
    mine = there.my_rights()
    alone = "" if mine.guarded else own_id(mine.name)
    for one in user_ids:
        if one not in known and one != alone:
            raise UnknownNameError("user", one[:100], known)
    return [known[one] for one in dict.fromkeys(user_ids) if one in known]


def _change(asked: Asked) -> OneProject:
    texts = asked.body.project
    changed = asked.operations.amend_project(asked.path["name"], texts.title, texts.description)
    return OneProject(project=_shown(changed))


def _delete(asked: Asked) -> Ok:
    name = asked.path["name"]
    try:
        asked.operations.delete_project(name, name, asked.query.force)
    except NotEmptyError as error:
        counts = json.dumps({key: n for key, n in error.details.items() if key in _CHILDREN and n})
        raise _StillHoldsError(counts) from error
    return Ok()


_CHILDREN = ("buckets", "datasets", "integrations", "sources")
"""What the field's own client counts of a project."""


class _StillHoldsError(NotEmptyError):
    """In the words that the field's own client waits for."""

    def __init__(self, counts: str) -> None:
        WorkbenchError.__init__(
            self,
            f"Project contains child resources but force deletion was not requested: {counts}",
            next_step="",
        )


def _counts(asked: Asked) -> ResourceCounts:
    name, there = _one(asked).project.name, asked.operations
    found = {
        "buckets": len(there.buckets(name)),
        "datasets": sum(one.project == name for one in there.datasets()),
        "integrations": len(there.integrations(name)),
        "sources": len(there.sources(name)),
    }
    return ResourceCounts(resource_counts=found)


_PATH = "/api/_private/projects/{name}"

ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/api/_private/projects",
        summary="Projects",
        handle=_listed,
        reply=Projects,
        query=ListQuery,
    ),
    Endpoint(method="GET", path="/api/v1/projects", summary="Projects", handle=_listed, reply=Projects),
    Endpoint(
        method="GET", path=_PATH, summary="One project", handle=_one, reply=OneProject, names={"name": NAME}
    ),
    Endpoint(
        method="PUT",
        path=_PATH,
        summary="Create a project",
        handle=_create,
        reply=OneProject,
        body=NewProject,
        names={"name": NAME},
    ),
    Endpoint(
        method="POST",
        path=_PATH,
        summary="Change title and description of a project",
        handle=_change,
        reply=OneProject,
        body=ChangedProject,
        names={"name": NAME},
    ),
    Endpoint(
        method="DELETE",
        path=_PATH,
        summary="Delete a project",
        handle=_delete,
        query=DeleteQuery,
        names={"name": NAME},
    ),
    Endpoint(
        method="GET",
        path=f"{_PATH}/resource_counts",
        summary="What a project holds",
        handle=_counts,
        reply=ResourceCounts,
        query=NoQuery,
        names={"name": NAME},
    ),
)
