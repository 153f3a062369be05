"""Whether a rule is met: what screens ask before they offer something. The owner decides again when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable

from workbench.domain.permissions import Rule
from workbench.domain.rights import Grants, Permission


def lacking(
    grants: Grants, rule: Rule, project: str | None = None, source_projects: Iterable[str] = ()
) -> Permission | None:
    """The first permission that is lacking for an operation, None when nothing is.

    Parameters
    ----------
    project
        Where the operation would work; None = not in a single project, so that somewhere is enough.
    source_projects
        Projects of the sources concerned.
    """
    if rule.place in ("anybody", "listed"):
        return None
    if rule.place == "upload":
        return None if any(map(grants.may_somewhere, rule.needs)) else rule.needs[0]
    needs = (*rule.needs, *rule.target)
    for permission in needs:
        if rule.place == "tenant":
            held = grants.may(permission)
        elif project is None:
            held = grants.may_somewhere(permission)
        else:
            held = grants.may(permission, project)
        if not held:
            return permission
    for permission in rule.sources:
        for one in source_projects:
            if not grants.may(permission, one):
                return permission
    return None
