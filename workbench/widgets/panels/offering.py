"""What a screen offers to whom: controls that a visitor may not use are dimmed, and say which right is lacking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets as ipw
from traitlets import Bunch

from workbench.domain import ALL_PERMISSIONS, PERMISSIONS, RIGHTS, Grants, Operations, Permission, lacking


class Offering:
    """What one visitor may do, asked once for a page.

    Parameters
    ----------
    operations
        In the name of the visitor.
    """

    def __init__(self, operations: Operations) -> None:
        mine = operations.my_rights()
        self.name, self.kind, self.guarded = mine.name, mine.kind, mine.guarded
        self._grants = Grants(
            everywhere=frozenset(mine.everywhere),
            projects={project: frozenset(held) for project, held in mine.projects.items()},
        )
        self.unbounded = self._grants.everywhere >= ALL_PERMISSIONS
        self._kept: list[tuple[ipw.Widget, str]] = []

    def refusal(self, operation: str, project: str | None = None, sources: Sequence[str] = ()) -> str:
        """Why an operation would be refused, in words for people; empty when it would not."""
        permission = lacking(self._grants, PERMISSIONS[operation], project, sources)
        return _needs(permission) if permission else ""

    def lacks(self, permission: Permission) -> str:
        """What a visitor who holds a permission nowhere is told; empty for everybody else."""
        held = self._grants.everywhere.union(*self._grants.projects.values())
        return "" if permission in held else _needs(permission)

    def offered(
        self, cards: Sequence[dict[str, Any]], needs: Mapping[str, str], project: str | None = None
    ) -> list[dict[str, Any]]:
        """Cards with those of their actions that would not be refused.

        Parameters
        ----------
        needs
            Operation behind each action, by the action's key; one that is not named is offered to everybody.
        project
            Of all cards; None = a card's full name begins with it.
        """
        return [
            {
                **card,
                "actions": [
                    action
                    for action in card["actions"]
                    if action["key"] not in needs
                    or not self.refusal(needs[action["key"]], project or card["name"].partition("/")[0])
                ],
            }
            for card in cards
        ]

    def only_for(
        self, control: ipw.Widget, operation: str, project: str | None = None, sources: Sequence[str] = ()
    ) -> None:
        """Dim a control, and keep it dimmed, while the operation behind it would be refused."""
        why = self.refusal(operation, project, sources)
        held = [one for one in self._kept if one[0] is control]
        if not why:
            if held:
                self._kept.remove(held[0])
                control.unobserve(_keep_dimmed, "disabled")
                control.disabled, control.tooltip = False, held[0][1]
            return
        if not held:
            self._kept.append((control, control.tooltip))
            control.observe(_keep_dimmed, "disabled")
        control.disabled, control.tooltip = True, why


def _needs(permission: Permission) -> str:
    return f"Needs a role with '{RIGHTS[permission].title}'."


def _keep_dimmed(change: Bunch) -> None:
    """What else happens on a screen must not offer what is refused."""
    if not change["new"]:
        change["owner"].disabled = True
