"""One's own account on the Admin page: password, one-time codes, tokens."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw

from workbench.domain.people import User
from workbench.widgets.elements import CatalogCards
from workbench.widgets.panels.admin_giving import roles_words
from workbench.widgets.panels.admin_part import AdminPart, facts
from workbench.widgets.panels.admin_people import password_fields, password_words, typed_twice
from workbench.widgets.panels.admin_tokens import TokenListing
from workbench.widgets.panels.catalog import text_field
from workbench.widgets.panels.page import bar, empty

_RECOVERY = "Keep them where the phone is not: each is good for one sign-in in place of a code. They are shown this once."
_APP = (
    "Scan the picture with an authenticator app, or type the secret below it, then enter the first code that it shows. "
    "Nothing is asked for before that."
)


class AccountPart(AdminPart):
    """Who is here, and what is theirs to change."""

    key, title, needs, call = "account", "My account", "", "ws.my_rights()"

    def build(self) -> ipw.Widget:
        """Make its widgets."""
        self.card = CatalogCards(title="Account")
        self.card.add_class("wb-one-card")
        self.card.on_act(self.page.heard(lambda key, _id: self.act(key)))
        self.nobody = ipw.HTML()
        self.tokens = TokenListing(self, everybody=False)
        self.new_button = self.button("New token", self.tokens.new, "create_token")
        self._own = ipw.VBox([self.card, bar(self.new_button), self.tokens.listing.widget])
        return ipw.VBox([self.nobody, self._own])

    def refresh(self) -> None:
        """Read the account again."""
        self.mine = self.operations.my_rights()
        self.user = next((one for one in self.operations.users() if one.name == self.mine.name), None)
        self._own.layout.display = None if self.user else "none"
        self.nobody.layout.display = "none" if self.user else None
        self.nobody.value = "" if self.user else _without(self.mine.guarded)
        if self.user is not None:
            self.card.cards = [self._card(self.user)]
            self.tokens.refresh()

    def act(self, key: str) -> None:
        """Do what a button of the account says."""
        {
            "password": self.ask_password,
            "codes": self.begin_codes,
            "recovery": self.ask_recovery,
            "no_codes": self.ask_no_codes,
        }[key]()

    def ask_password(self) -> None:
        """Ask for another password."""
        self.ask(
            self._set_password,
            title="Change the password",
            text="Other sessions of yours end.",
            submit="Change password",
            fields=[_present_password("old"), *password_fields(required=True)],
        )

    def begin_codes(self) -> None:
        """Show what the authenticator app needs, and ask for its first code."""
        setup = self.operations.begin_code()
        self.page.once.show("One-time codes", _APP, [setup.secret], picture=setup.picture)
        self.ask(
            self._confirm_code,
            title="The first code",
            text="The six digits that the app shows now.",
            submit="Switch on",
            fields=[text_field("code", "Code", required=True, most=16)],
        )

    def ask_recovery(self) -> None:
        """Ask for the password before new recovery codes are shown."""
        self.ask(
            self._renew_recovery,
            title="New recovery codes",
            text="All earlier ones count no more.",
            submit="Make new codes",
            fields=[_present_password("password")],
        )

    def ask_no_codes(self) -> None:
        """Ask for the password before one-time codes are switched off."""
        self.ask(
            self._remove_codes,
            title="No one-time codes",
            text="Whoever knows the password can sign in then.",
            submit="Switch off",
            danger=True,
            fields=[_present_password("password")],
        )

    def _set_password(self, values: dict[str, Any]) -> str:
        self.operations.set_password(typed_twice(values), values["old"])
        return "Your password is changed."

    def _confirm_code(self, values: dict[str, Any]) -> str:
        codes = self.operations.confirm_code(values["code"])
        self.page.once.show("Recovery codes", _RECOVERY, codes)
        return "From now on a one-time code is asked for."

    def _renew_recovery(self, values: dict[str, Any]) -> str:
        self.page.once.show(
            "Recovery codes", _RECOVERY, self.operations.renew_recovery_codes(values["password"])
        )
        return "You have new recovery codes."

    def _remove_codes(self, values: dict[str, Any]) -> str:
        self.operations.remove_code(values["password"])
        return "No one-time code is asked for any more."

    def _card(self, user: User) -> dict[str, Any]:
        mine = [
            one
            for one in self.operations.role_assignments()
            if (one.subject_kind == "user" and one.subject == user.name)
            or (one.subject_kind == "group" and one.subject in user.groups)
        ]
        codes = (
            [("recovery", "New recovery codes"), ("no_codes", "No one-time codes")]
            if user.has_code
            else [("codes", "Use one-time codes")]
        )
        shown = [("password", "Change password"), *codes] if user.has_password else []
        return {
            "id": "me",
            "title": user.title or user.name,
            "name": user.name,
            "facts": facts(
                {
                    "E-mail": user.email,
                    "Roles": roles_words(mine),
                    "Groups": ", ".join(user.groups),
                    "Password": password_words(user),
                    "One-time codes": "asked for" if user.has_code else "not asked for",
                }
            ),
            "links": [],
            "actions": [{"key": key, "title": title} for key, title in shown],
        }


def _present_password(key: str) -> dict[str, Any]:
    return {"key": key, "kind": "secret", "title": "Present password", "required": True}


def _without(guarded: bool) -> str:  # noqa: FBT001 - one thing or the other
    if guarded:
        return empty(
            "You have no account here.",
            "You came as who owns the file, or as somebody whose account is gone.",
        )
    return empty("There are no accounts yet.", "Whoever may open the file may do everything in it.")
