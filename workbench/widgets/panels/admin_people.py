"""Users and groups on the Admin page: make, change, give roles, disable, delete."""

from __future__ import annotations

from functools import partial
from typing import Any

import ipywidgets as ipw

from workbench.domain.people import User
from workbench.errors import InputError
from workbench.primitives import utc_now
from workbench.widgets.panels.admin_giving import ask_roles, given_to, role_options, roles_words
from workbench.widgets.panels.admin_groups import GroupListing
from workbench.widgets.panels.admin_part import AdminPart, Listing, facts
from workbench.widgets.panels.catalog import day, text_field
from workbench.widgets.panels.mailbox_rows import minute
from workbench.widgets.panels.page import bar, empty

FIRST_ROLES = ["service_admin", "project_admin", "model_trainer"]
_COLUMNS: list[dict[str, Any]] = [
    {"key": "name", "title": "User", "width": 170},
    {"key": "title", "title": "Shown as"},
    {"key": "email", "title": "E-mail"},
    {"key": "roles", "title": "Roles"},
    {"key": "state", "title": "State", "width": 120},
    {"key": "last", "title": "Last sign-in", "width": 120},
]
_FIRST = (
    "The first user is the administrator. From then on the workspace is guarded: everybody signs in, may do what their "
    "roles say, and stands by name in audit log and usage. A server that runs stops and says so: start it again. Whoever "
    "owns the file goes on without a password in commands and notebooks. Deleting the last user undoes it."
)


class PeoplePart(AdminPart):
    """Users and groups."""

    key, title, needs, call = "people", "People", "create_user", "ws.users()"

    def build(self) -> ipw.Widget:
        """Make its widgets."""
        self.why = ipw.HTML()
        self.new_button = self.button("New user", self.new, "create_user", first=True)
        self.users = Listing[User](
            self,
            title="Users",
            noun="user",
            columns=_COLUMNS,
            row=self._row,
            card=self._card,
            act=self.act,
        )
        self.groups = GroupListing(self)
        self.group_button = self.button("New group", self.groups.new, "create_group")
        self._rest = ipw.VBox([self.users.widget, bar(self.group_button), self.groups.listing.widget])
        return ipw.VBox([self.why, bar(self.new_button), self._rest])

    def refresh(self) -> None:
        """Read users, groups and roles again."""
        found = {one.name: one for one in self.operations.users()}
        self.given = self.operations.role_assignments()
        self.new_button.description = "New user" if found else "Create the administrator"
        self.why.value = "" if found else empty("There are no accounts yet.", _FIRST)
        self.why.layout.display = "none" if found else None
        self._rest.layout.display = None if found else "none"
        self.users.show(found)
        self.groups.show(self.given)

    def act(self, key: str, user: User) -> None:
        """Do what a button of a user says."""
        name = user.name
        if key == "roles":
            ask_roles(self.operations, self.ask, "user", name)
        elif key == "enable":
            self.operations.enable_user(name, True)
            self.page.show_done(f"{name} may sign in again.")
        elif key == "disable":
            text = "Sessions end at once, and tokens count for nothing until the user is enabled again."
            self.ask(
                lambda _: self._disable(name),
                title=f"Disable {name}",
                text=text,
                submit="Disable",
                confirm=name,
                danger=True,
            )
        elif key == "delete":
            text = (
                "Password, tokens and roles will be gone. Reviews, usage and audit log keep the name, so nobody "
                "else is given it by accident."
            )
            self.ask(
                lambda _: self._delete(name),
                title=f"Delete {name}",
                text=text,
                submit="Delete user",
                confirm=name,
                danger=True,
            )
        else:
            {"amend": self._amend, "password": self._password, "codes": self._codes}[key](user)

    def new(self) -> None:
        """Ask who the new user is."""
        is_first = not self.users.known
        roles = {
            "key": "roles",
            "kind": "checks",
            "title": "Roles in the whole workspace",
            "options": role_options(self.operations),
        }
        again = {
            "key": "again",
            "kind": "check",
            "title": "It is the same person whose account of this name was deleted",
        }
        self.ask(
            self._create,
            title="The administrator" if is_first else "New user",
            submit="Create user",
            fields=[
                text_field("name", "Name", required=True, most=256, help="Fixed from here on."),
                text_field("title", "Shown as", most=256),
                text_field("email", "E-mail", most=320, help="Another way to sign in; not needed."),
                *password_fields(required=is_first),
                *([] if is_first else [roles, again]),
            ],
            values={"roles": [], "again": False},
        )

    def _create(self, values: dict[str, Any]) -> str:
        is_first = not self.users.known
        made = self.operations.create_user(
            values["name"],
            values["email"],
            values["title"],
            typed_twice(values),
            tuple(FIRST_ROLES if is_first else values["roles"]),
            values["again"],
        )
        self.users.chosen = made.name
        return f"{made.name} is created{'. Start the server again and sign in' if is_first else ''}."

    def _amend(self, user: User) -> None:
        self.ask(
            partial(self._change, user.name),
            title=f"Edit {user.name}",
            fields=[text_field("title", "Shown as", most=256), text_field("email", "E-mail", most=320)],
            values={"title": user.title, "email": user.email},
        )

    def _change(self, name: str, values: dict[str, Any]) -> str:
        self.operations.amend_user(name, values["email"], values["title"])
        return f"{name} is changed."

    def _password(self, user: User) -> None:
        self.ask(
            partial(self._set_password, user.name),
            title=f"A first password for {user.name}",
            text="It must be changed at the next sign-in. All sessions of the user end.",
            submit="Set password",
            fields=password_fields(required=True),
        )

    def _set_password(self, name: str, values: dict[str, Any]) -> str:
        self.operations.set_password(typed_twice(values), "", name)
        return f"{name} has a new first password."

    def _codes(self, user: User) -> None:
        self.ask(
            lambda _: self._remove_codes(user.name),
            title=f"No one-time codes for {user.name}",
            text="For somebody who lost the phone and the recovery codes. The password alone counts from then on.",
            submit="Switch off",
            confirm=user.name,
            danger=True,
        )

    def _remove_codes(self, name: str) -> str:
        self.operations.remove_code("", name)
        return f"{name} is asked for no one-time codes any more."

    def _disable(self, name: str) -> str:
        self.operations.enable_user(name, False)
        return f"{name} may not sign in any more."

    def _delete(self, name: str) -> str:
        self.operations.delete_user(name, name)
        return f"{name} is deleted."

    def _row(self, user: User) -> dict[str, Any]:
        return {
            "name": user.name,
            "title": user.title or None,
            "email": user.email or None,
            "roles": roles_words(given_to(self.given, "user", user.name)),
            "state": state_of_user(user)[0],
            "last": day(user.last_sign_in_at) if user.last_sign_in_at else "never",
        }

    def _card(self, user: User) -> dict[str, Any]:
        words, level = state_of_user(user)
        is_on = user.disabled_at is None
        shown = [
            ("amend", "Edit", True),
            ("roles", "Roles", True),
            ("password", "Set password", not user.issuer),
            ("codes", "No one-time codes", user.has_code),
            ("disable", "Disable", is_on),
            ("enable", "Enable", not is_on or user.locked_until is not None),
        ]
        return {
            "title": user.title or user.name,
            "name": user.name,
            "badge": {"text": words, "level": level},
            "facts": facts(
                {
                    "E-mail": user.email,
                    "Roles": roles_words(given_to(self.given, "user", user.name)),
                    "Groups": ", ".join(user.groups),
                    "Password": password_words(user),
                    "One-time codes": "asked for" if user.has_code else "not asked for",
                    "Last sign in": minute(user.last_sign_in_at) if user.last_sign_in_at else "never",
                    "Created": f"{minute(user.created_at)}{f' by {user.created_by}' if user.created_by else ''}",
                }
            ),
            "actions": [
                *({"key": key, "title": title} for key, title, is_there in shown if is_there),
                {"key": "delete", "title": "Delete", "icon": "trash"},
            ],
        }


def state_of_user(user: User) -> tuple[str, str]:
    """How a user stands, in words and as the level of a badge."""
    if user.disabled_at is not None:
        return "Disabled", "poor"
    if user.locked_until is not None and user.locked_until > utc_now():
        return "Waiting", "average"
    return "Active", "good"


def password_words(user: User) -> str:
    """Where a user's password comes from."""
    if user.issuer:
        return f"none: {user.issuer} vouches"
    if not user.has_password:
        return "none yet"
    return "to be changed at the next sign-in" if user.must_change_password else "set"


def password_fields(*, required: bool) -> list[dict[str, Any]]:
    """A password, typed twice and unseen."""
    help_ = "At least 12 characters." if required else "None = the user signs in by a provider, or not yet."
    return [
        {
            "key": "password",
            "kind": "secret",
            "title": "Password",
            "required": required,
            "first": True,
            "help": help_,
        },
        {"key": "repeat", "kind": "secret", "title": "Password again", "required": required},
    ]


def typed_twice(values: dict[str, Any]) -> str:
    """The password of a form.

    Raises
    ------
    InputError
        The two differ.
    """
    password: str = values["password"]
    if password != values["repeat"]:
        raise InputError(
            "the two passwords differ.", next_step="Type the same one twice.", details={"repeat": True}
        )
    return password
