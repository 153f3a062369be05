"""Roles on the Admin page: the built-in ones and those made here, with what each permits."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

import ipywidgets as ipw

from workbench.domain import RIGHTS
from workbench.domain.rights import Permission, Scope
from workbench.domain.roles import Role
from workbench.widgets.panels.admin_part import AdminPart, Listing
from workbench.widgets.panels.catalog import text_field
from workbench.widgets.panels.page import bar

_COLUMNS: list[dict[str, Any]] = [
    {"key": "name", "title": "Role", "width": 170},
    {"key": "title", "title": "Shown as", "width": 170},
    {"key": "scope", "title": "Given", "width": 196},
    {"key": "permissions", "title": "Permits"},
    {"key": "holders", "title": "Who has it"},
]
_SCOPES = {"tenant": "in the whole workspace", "project": "in projects"}


class RolePart(AdminPart):
    """Bundles of permissions."""

    key, title, needs, call = "roles", "Roles", "create_role", "ws.roles()"

    def build(self) -> ipw.Widget:
        """Make its widgets."""
        self.new_button = self.button("New role", self.new, "create_role", first=True)
        self.roles = Listing[Role](
            self,
            title="Roles",
            noun="role",
            columns=_COLUMNS,
            row=self._row,
            card=self._card,
            act=self.act,
            height=420,
        )
        return ipw.VBox([bar(self.new_button), self.roles.widget])

    def refresh(self) -> None:
        """Read the roles again, and who has them."""
        self.given = self.operations.role_assignments()
        self.roles.show({one.name: one for one in self.operations.roles()})

    def act(self, key: str, role: Role) -> None:
        """Do what a button of a role says."""
        if key == "copy":
            self._ask_new(role)
        elif key == "amend":
            self.ask(
                partial(self._change, role.name),
                title=f"Edit {role.name}",
                text="It changes at once for all who have it.",
                fields=_fields(role.scope),
                values=_values(role),
            )
        else:
            self.ask(
                lambda _: self._delete(role.name),
                title=f"Delete {role.name}",
                text="Only a role that nobody has can be deleted.",
                submit="Delete role",
                confirm=role.name,
                danger=True,
            )

    def new(self) -> None:
        """Ask what the new role is."""
        self._ask_new(None)

    def _ask_new(self, like: Role | None) -> None:
        name = text_field(
            "name", "Name", required=True, most=128, help="Lower case words joined by _. Fixed from here on."
        )
        self.ask(
            self._create,
            title=f"New role like {like.title or like.name}" if like else "New role",
            submit="Create role",
            fields=[name, *_fields(None)],
            values=_values(like) if like else {"scope": "project", "permissions": []},
        )

    def _create(self, values: dict[str, Any]) -> str:
        made = self.operations.create_role(
            values["name"],
            _permissions(values),
            cast("Scope", values["scope"]),
            values["title"],
            values["description"],
        )
        self.roles.chosen = made.name
        return f"{made.name} is created."

    def _change(self, name: str, values: dict[str, Any]) -> str:
        self.operations.amend_role(name, _permissions(values), values["title"], values["description"])
        return f"{name} is changed."

    def _delete(self, name: str) -> str:
        self.operations.delete_role(name, name)
        return f"{name} is deleted."

    def _holders(self, role: Role) -> str:
        return (
            ", ".join(dict.fromkeys(one.subject for one in self.given if one.role == role.name)) or "nobody"
        )

    def _row(self, role: Role) -> dict[str, Any]:
        return {
            "name": role.name,
            "title": role.title or None,
            "scope": _SCOPES[role.scope],
            "permissions": ", ".join(RIGHTS[one].title for one in role.permissions),
            "holders": self._holders(role),
        }

    def _card(self, role: Role) -> dict[str, Any]:
        own = [
            {"key": "amend", "title": "Edit"},
            {"key": "delete", "title": "Delete", "icon": "trash"},
        ]
        return {
            "title": role.title or role.name,
            "name": role.name,
            "text": role.description,
            "badge": {"text": "Built in" if role.built_in else "Made here", "level": "none"},
            "facts": [
                ["Given", _SCOPES[role.scope]],
                ["Who has it", self._holders(role)],
                *([RIGHTS[one].title, RIGHTS[one].help] for one in RIGHTS if one in role.grants),
            ],
            "actions": [{"key": "copy", "title": "New role like this"}, *([] if role.built_in else own)],
        }


def permission_field(title: str, help_: str = "") -> dict[str, Any]:
    """Every permission, to choose from."""
    return {
        "key": "permissions",
        "kind": "checks",
        "title": title,
        "help": help_,
        "options": [
            {"value": name, "title": right.title, "note": "for all" if right.scope == "tenant" else ""}
            for name, right in RIGHTS.items()
        ],
    }


def _fields(scope: Scope | None) -> list[dict[str, Any]]:
    """``scope`` None = it can be chosen."""
    return [
        text_field("title", "Shown as", most=256),
        {
            "key": "scope",
            "kind": "select",
            "title": "Given",
            "fixed": scope is not None,
            "options": [{"value": key, "title": words} for key, words in _SCOPES.items()],
            "help": "Only a role for the whole workspace may hold a permission that is for all.",
        },
        {"key": "description", "kind": "area", "title": "Description", "most": 1_000},
        permission_field("Permits", "Some include others: who may review a dataset may read it."),
    ]


def _values(role: Role) -> dict[str, Any]:
    return {
        "title": role.title,
        "scope": role.scope,
        "description": role.description,
        "permissions": list(role.permissions),
    }


def _permissions(values: dict[str, Any]) -> tuple[Permission, ...]:
    return tuple(values["permissions"])
