"""Giving roles to a user or a group, and taking them away."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from workbench.domain import Operations
from workbench.domain.ids import AssignmentId
from workbench.domain.people import Assignment, SubjectKind
from workbench.errors import InputError
from workbench.widgets.panels.questions import Ask


def assignment_words(one: Assignment) -> str:
    """A role with where it holds: ``viewer in demo``."""
    return f"{one.role} in {one.project}" if one.project else f"{one.role} everywhere"


def roles_words(given: Iterable[Assignment]) -> str:
    """Several roles; ``none`` for none."""
    return ", ".join(assignment_words(one) for one in given) or "none"


def given_to(given: Iterable[Assignment], kind: SubjectKind, name: str) -> list[Assignment]:
    """What of all that was given went to one user or group."""
    return [one for one in given if one.subject_kind == kind and one.subject == name]


def role_options(operations: Operations) -> list[dict[str, Any]]:
    """Every role, to choose from."""
    return [
        {
            "value": one.name,
            "title": one.title or one.name,
            "note": "for all" if one.scope == "tenant" else "",
        }
        for one in operations.roles()
    ]


def ask_roles(operations: Operations, ask: Ask, kind: SubjectKind, name: str) -> None:
    """Ask which role somebody is to have, and which one no more."""
    given = given_to(operations.role_assignments(), kind, name)
    projects = [{"value": one.name, "title": one.title or one.name} for one in operations.projects()]
    take = {
        "key": "take",
        "kind": "checks",
        "title": "Take away",
        "options": [{"value": str(one.assignment_id), "title": assignment_words(one)} for one in given],
    }
    ask(
        partial(_change, operations, kind, name),
        title=f"Roles of {name}",
        submit="Change roles",
        fields=[
            {
                "key": "role",
                "kind": "select",
                "title": "Give a role",
                "options": [{"value": "", "title": "None more"}, *role_options(operations)],
                "help": "What each permits stands under Roles.",
            },
            {
                "key": "project",
                "kind": "select",
                "title": "In",
                "options": [{"value": "", "title": "The whole workspace"}, *projects],
                "help": "The whole workspace = every project, also those made later.",
            },
            *([take] if given else []),
        ],
        values={"role": "", "project": "", "take": []},
    )


def _change(operations: Operations, kind: SubjectKind, name: str, values: dict[str, Any]) -> str:
    role, take = values["role"], values["take"]
    if not role and not take:
        raise InputError(
            "no role was chosen.",
            next_step="Choose one to give, or tick one to take away.",
            details={"role": role},
        )
    if role:  # first, so that whoever changes their own rights is not left without any between the two
        operations.assign_role(name, role, values["project"] or None, kind)
    for assignment_id in take:
        operations.remove_role_assignment(AssignmentId(assignment_id))
    return f"The roles of {name} are changed."
