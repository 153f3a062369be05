"""Roles: bundles of permissions that are given to people and groups. Single permissions are not.

The eight built-in ones are those of UiPath Communications Mining. ``model.manage`` of the model trainer is written
out: the product's description lets trainers pin versions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from workbench.domain.rights import RIGHTS, Grants, Permission, Scope, with_included
from workbench.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Role:
    """A bundle of permissions.

    Attributes
    ----------
    name
        Lower case words joined by ``_``; unique.
    scope
        ``tenant`` roles are given for the whole workspace; ``project`` roles for a project, or for all of them.
    permissions
        As written down, without what they include.
    built_in
        Cannot be changed or deleted.
    """

    name: str
    title: str
    scope: Scope
    permissions: tuple[Permission, ...]
    description: str = ""
    built_in: bool = False

    @property
    def grants(self) -> frozenset[Permission]:
        """All it gives."""
        return with_included(self.permissions)


def _built_in(
    name: str, title: str, scope: Scope, permissions: tuple[Permission, ...], description: str
) -> Role:
    return Role(
        name=name,
        title=title,
        scope=scope,
        permissions=permissions,
        description=description,
        built_in=True,
    )


_TABLE = (
    _built_in(
        "service_admin",
        "Service admin",
        "tenant",
        ("audit.read", "tenant.manage"),
        "Projects, people, quotas, plans; sees no message by this role alone.",
    ),
    _built_in("audit_viewer", "Audit log viewer", "tenant", ("audit.read",), "Reads the audit log."),
    _built_in(
        "project_admin",
        "Project admin",
        "project",
        (
            "alert.write",
            "appliance.write",
            "bucket.append",
            "bucket.write",
            "message.manage",
            "dataset.export",
            "dataset.manage",
            "integration.write",
            "source.manage",
            "stream.consume",
            "stream.manage",
            "usage.read",
        ),
        "Everything in a project but annotating and pinning; creates no projects.",
    ),
    _built_in(
        "model_trainer",
        "Model trainer",
        "project",
        (
            "alert.read",
            "dataset.review",
            "dataset.write",
            "integration.read",
            "model.manage",
            "source.read_sensitive",
            "stream.read",
        ),
        "Annotates, trains, pins; creates and deletes no datasets.",
    ),
    _built_in(
        "developer",
        "Developer",
        "project",
        (
            "alert.read",
            "appliance.write",
            "bucket.append",
            "bucket.read",
            "message.manage",
            "dataset.export",
            "integration.write",
            "model.manage",
            "source.manage",
            "stream.consume",
            "stream.manage",
        ),
        "Brings messages in and takes predictions out; annotates nothing and makes no datasets.",
    ),
    _built_in(
        "analyst",
        "Analyst",
        "project",
        ("alert.write", "dashboard.write", "dataset.read", "integration.read", "source.read", "stream.read"),
        "Reads messages and charts, makes dashboards; imports, exports and annotates nothing.",
    ),
    _built_in(
        "viewer",
        "Viewer",
        "project",
        ("alert.read", "dataset.read", "integration.read", "source.read", "stream.read"),
        "Reads messages and charts.",
    ),
    _built_in(
        "automation_user",
        "Automation user",
        "project",
        (
            "message.manage",
            "dataset.read",
            "project.execute",
            "source.read",
            "stream.consume",
            "stream.read",
        ),
        "A robot: uploads, asks for predictions, consumes streams.",
    ),
)

BUILT_IN_ROLES: Mapping[str, Role] = MappingProxyType({role.name: role for role in _TABLE})
"""Built-in role by name."""


def check_role(role: Role) -> None:
    """Refuse a role that cannot be given.

    Raises
    ------
    InputError
        It gives nothing, or a project's role holds a right of the tenant.
    UnknownNameError
        A permission is none.
    """
    with_included(role.permissions)
    if not role.permissions:
        raise InputError(
            f"role {role.name!r} would give nothing.",
            next_step="Name at least one permission.",
            details={"role": role.name},
        )
    if role.scope == "project":
        for name in role.permissions:
            if RIGHTS[name].scope == "tenant":
                raise InputError(
                    f"role {role.name!r} is for projects, and {name!r} is a right of the tenant.",
                    next_step="Make it a role of the tenant, or leave the permission out.",
                    details={"role": role.name, "permission": name},
                )


def grants_of(given: Iterable[tuple[Role, str | None]]) -> Grants:
    """What roles give together.

    Parameters
    ----------
    given
        Roles, each with the project it is given in, None = the whole workspace.
    """
    everywhere: set[Permission] = set()
    projects: dict[str, set[Permission]] = {}
    for role, project in given:
        held = everywhere if project is None else projects.setdefault(project, set())
        held |= role.grants
    return Grants(
        everywhere=frozenset(everywhere),
        projects={project: frozenset(held) for project, held in projects.items()},
    )
