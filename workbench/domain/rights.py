"""Permissions and the roles that bundle them: who may do what, in which project.

A right of the tenant is held everywhere or not at all. A right of a project is held in single projects, or in all of
them when its role was given for the whole workspace.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

from workbench.errors import UnknownNameError

Permission = Literal[
    "tenant.manage",
    "audit.read",
    "usage.read",
    "source.read",
    "source.read_sensitive",
    "source.unmask",
    "source.manage",
    "message.manage",
    "dataset.read",
    "dataset.review",
    "dataset.write",
    "dataset.manage",
    "dataset.export",
    "model.manage",
    "dashboard.write",
    "alert.read",
    "alert.write",
    "stream.read",
    "stream.consume",
    "stream.manage",
    "bucket.read",
    "bucket.append",
    "bucket.write",
    "integration.read",
    "integration.write",
    "appliance.read",
    "appliance.write",
    "project.execute",
]
Scope = Literal["tenant", "project"]

ALL_PERMISSIONS: frozenset[Permission] = frozenset(get_args(Permission))


@dataclass(frozen=True, kw_only=True)
class Right:
    """A permission.

    Attributes
    ----------
    name
        As the table of operations names it.
    title
        As people read it.
    wire
        As the HTTP interface of the field spells it; empty = it has no word for it.
    includes
        What else it gives; the closure is ``with_included``.
    """

    name: Permission
    title: str
    help: str
    wire: str = ""
    scope: Scope = "project"
    includes: tuple[Permission, ...] = ()


_TABLE = (
    Right(
        name="tenant.manage",
        title="Tenant - Manage",
        help="Create, change and delete projects, people, roles, quotas, plans and budgets.",
        wire="tenant-admin",
        scope="tenant",
        includes=("usage.read",),
    ),
    Right(
        name="audit.read",
        title="Audit Log - Read",
        help="See who did what, and check that nothing was changed.",
        wire="audit-read",
        scope="tenant",
    ),
    Right(name="usage.read", title="Usage - Read", help="See what was charged.", wire="subscriptions-read"),
    Right(
        name="source.read", title="Source - Read", help="See sources and their messages.", wire="sources-read"
    ),
    Right(
        name="source.read_sensitive",
        title="Source - Read sensitive",
        help="See the properties that a source marks as sensitive.",
        wire="sources-read-sensitive",
        includes=("source.read",),
    ),
    Right(
        name="source.unmask",
        title="Source - Unmask",
        help="See personal data that is masked for others.",
        includes=("source.read",),
    ),
    Right(
        name="source.manage",
        title="Source - Manage",
        help="Create, change and delete sources.",
        wire="sources-admin",
        includes=("source.read_sensitive",),
    ),
    Right(
        name="message.manage",
        title="Message - Manage",
        help="Upload, change and delete messages.",
        wire="sources-add-comments",
    ),
    Right(
        name="dataset.read",
        title="Dataset - Read",
        help="See labels, predictions, validation and charts.",
        wire="voc-readonly",
    ),
    Right(
        name="dataset.review",
        title="Dataset - Review",
        help="Annotate messages.",
        wire="datasets-review",
        includes=("dataset.read",),
    ),
    Right(
        name="dataset.write",
        title="Dataset - Write",
        help="Change the taxonomy, train, keep thresholds.",
        wire="voc",
        includes=("dataset.read",),
    ),
    Right(
        name="dataset.manage",
        title="Dataset - Manage",
        help="Create, change and delete datasets.",
        wire="datasets-admin",
        includes=("dataset.write",),
    ),
    Right(
        name="dataset.export",
        title="Dataset - Export",
        help="Take messages with labels and predictions away as files and tables.",
        wire="datasets-export",
        includes=("dataset.read",),
    ),
    Right(
        name="model.manage",
        title="Model - Manage",
        help="Pin, tag, describe, restore and delete model versions.",
        wire="datasets-model-admin",
        includes=("dataset.read",),
    ),
    Right(
        name="dashboard.write",
        title="Dashboard - Write",
        help="Create and change dashboards.",
        wire="dashboards-write",
    ),
    Right(name="alert.read", title="Alert - Read", help="See alerts.", wire="alerts-read"),
    Right(
        name="alert.write",
        title="Alert - Write",
        help="Create and change alerts.",
        wire="alerts-write",
        includes=("alert.read",),
    ),
    Right(name="stream.read", title="Stream - Read", help="See streams.", wire="streams-read"),
    Right(
        name="stream.consume",
        title="Stream - Consume",
        help="Fetch from streams, advance them, tag exceptions.",
        wire="streams-consume",
        includes=("stream.read",),
    ),
    Right(
        name="stream.manage",
        title="Stream - Manage",
        help="Create, change and delete streams.",
        wire="streams-admin",
        includes=("stream.read",),
    ),
    Right(
        name="bucket.read",
        title="Bucket - Read",
        help="See buckets and the mail in them.",
        wire="buckets-read",
    ),
    Right(
        name="bucket.append", title="Bucket - Append", help="Put mail into buckets.", wire="buckets-append"
    ),
    Right(
        name="bucket.write",
        title="Bucket - Write",
        help="Create, change and delete buckets.",
        wire="buckets-write",
        includes=("bucket.read",),
    ),
    Right(
        name="integration.read",
        title="Integration - Read",
        help="See integrations and how they go.",
        wire="integrations-read",
    ),
    Right(
        name="integration.write",
        title="Integration - Write",
        help="Create, change, run and delete integrations.",
        wire="integrations-write",
        includes=("integration.read",),
    ),
    Right(
        name="appliance.read",
        title="Appliance - Read",
        help="See the configuration of on-premises connectors.",
        wire="appliance-config-read",
    ),
    Right(
        name="appliance.write",
        title="Appliance - Write",
        help="Change the configuration of on-premises connectors.",
        wire="appliance-config-write",
        includes=("appliance.read",),
    ),
    Right(
        name="project.execute",
        title="Project - Execute",
        help="Ask for predictions of messages that are not stored.",
    ),
)

RIGHTS: Mapping[Permission, Right] = MappingProxyType({right.name: right for right in _TABLE})
"""Right by name, in the order in which people read them."""


def with_included(permissions: Iterable[Permission]) -> frozenset[Permission]:
    """Permissions and all that they include.

    Raises
    ------
    UnknownNameError
        There is no permission of such a name.
    """
    found: set[Permission] = set()
    waiting = list(permissions)
    while waiting:
        name = waiting.pop()
        if name not in RIGHTS:
            raise UnknownNameError("permission", str(name), RIGHTS)
        if name not in found:
            found.add(name)
            waiting.extend(RIGHTS[name].includes)
    return frozenset(found)


@dataclass(frozen=True, kw_only=True)
class Grants:
    """What somebody may do.

    Attributes
    ----------
    everywhere
        Held in every project and for the tenant; closed under inclusion.
    projects
        Held in single projects besides, by project name; closed under inclusion.
    """

    everywhere: frozenset[Permission] = frozenset()
    projects: Mapping[str, frozenset[Permission]] = field(default_factory=dict)

    def may(self, permission: Permission, project: str | None = None) -> bool:
        """Whether it is held in ``project``; None = everywhere."""
        if permission in self.everywhere:
            return True
        return project is not None and permission in self.projects.get(project, frozenset())

    def may_somewhere(self, permission: Permission) -> bool:
        """Whether it is held in any project."""
        return permission in self.everywhere or any(permission in held for held in self.projects.values())

    def sees(self, project: str) -> bool:
        """Whether anything at all is held in ``project``."""
        return bool(
            self.projects.get(project)
            or "tenant.manage" in self.everywhere
            or any(RIGHTS[name].scope == "project" for name in self.everywhere - {"usage.read"})
        )


EVERYTHING = Grants(everywhere=ALL_PERMISSIONS)
"""What the person has whose file it is."""
