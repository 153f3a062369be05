"""Groups on the Admin page: users who are given roles together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from workbench.domain.people import Assignment, Group
from workbench.widgets.panels.admin_giving import ask_roles, given_to, roles_words
from workbench.widgets.panels.admin_part import Listing, facts
from workbench.widgets.panels.catalog import day, text_field

if TYPE_CHECKING:
    from workbench.widgets.panels.admin_part import AdminPart

_COLUMNS: list[dict[str, Any]] = [
    {"key": "name", "title": "Group", "width": 170},
    {"key": "title", "title": "Shown as"},
    {"key": "members", "title": "Members"},
    {"key": "roles", "title": "Roles"},
]


class GroupListing:
    """The groups, with the forms that make and change them.

    Parameters
    ----------
    part
        The tab they stand on.
    """

    def __init__(self, part: AdminPart) -> None:
        self.part = part
        self.given: Sequence[Assignment] = ()
        self.listing = Listing[Group](
            part,
            title="Groups",
            noun="group",
            columns=_COLUMNS,
            row=self._row,
            card=self._card,
            act=self.act,
            height=240,
        )

    def show(self, given: Sequence[Assignment]) -> None:
        """Read the groups again."""
        self.given = given
        self.listing.show({one.name: one for one in self.part.operations.groups()})
        self.listing.widget.layout.display = None if self.listing.known else "none"

    def new(self) -> None:
        """Ask what the new group is."""
        name = text_field("name", "Name", required=True, most=256, help="Fixed from here on.")
        self.part.ask(
            self._create,
            title="New group",
            submit="Create group",
            fields=[name, *self._fields()],
            values={"members": []},
        )

    def act(self, key: str, group: Group) -> None:
        """Do what a button of a group says."""
        if key == "roles":
            ask_roles(self.part.operations, self.part.ask, "group", group.name)
        elif key == "delete":
            self.part.ask(
                lambda _: self._delete(group.name),
                title=f"Delete {group.name}",
                text="The roles that it was given will be gone. Its members stay.",
                submit="Delete group",
                confirm=group.name,
                danger=True,
            )
        else:
            self.part.ask(
                partial(self._change, group.name),
                title=f"Edit {group.name}",
                fields=self._fields(),
                values={"title": group.title, "members": list(group.members)},
            )

    def _fields(self) -> list[dict[str, Any]]:
        people = [{"value": one.name, "title": one.name} for one in self.part.operations.users()]
        return [
            text_field("title", "Shown as", most=256),
            {"key": "members", "kind": "checks", "title": "Members", "options": people},
        ]

    def _create(self, values: dict[str, Any]) -> str:
        made = self.part.operations.create_group(values["name"], values["title"], tuple(values["members"]))
        self.listing.chosen = made.name
        return f"{made.name} is created."

    def _change(self, name: str, values: dict[str, Any]) -> str:
        self.part.operations.amend_group(name, values["title"], tuple(values["members"]))
        return f"{name} is changed."

    def _delete(self, name: str) -> str:
        self.part.operations.delete_group(name, name)
        return f"{name} is deleted."

    def _row(self, group: Group) -> dict[str, Any]:
        return {
            "name": group.name,
            "title": group.title or None,
            "members": ", ".join(group.members) or "none",
            "roles": roles_words(given_to(self.given, "group", group.name)),
        }

    def _card(self, group: Group) -> dict[str, Any]:
        return {
            "title": group.title or group.name,
            "name": group.name,
            "facts": facts(
                {
                    "Members": ", ".join(group.members) or "none",
                    "Roles": roles_words(given_to(self.given, "group", group.name)),
                    "Created": day(group.created_at),
                }
            ),
            "actions": [
                {"key": "amend", "title": "Edit"},
                {"key": "roles", "title": "Roles"},
                {"key": "delete", "title": "Delete", "icon": "trash"},
            ],
        }
