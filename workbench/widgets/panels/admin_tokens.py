"""API tokens and sessions on the Admin page: everybody's for administrators, and one's own."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as ipw

from workbench.domain import RIGHTS
from workbench.domain.people import Token
from workbench.errors import InputError
from workbench.primitives import utc_now
from workbench.widgets.panels.admin_part import AdminPart, Listing, facts
from workbench.widgets.panels.admin_roles import permission_field
from workbench.widgets.panels.catalog import day, text_field
from workbench.widgets.panels.mailbox_rows import minute
from workbench.widgets.panels.page import bar

if TYPE_CHECKING:
    from workbench.widgets.panels.admin import AdminPanel

_COLUMNS: list[dict[str, Any]] = [
    {"key": "token", "title": "Id", "width": 170},
    {"key": "user", "title": "User", "width": 130},
    {"key": "kind", "title": "Kind", "width": 90},
    {"key": "title", "title": "For what"},
    {"key": "state", "title": "State", "width": 90},
    {"key": "ends", "title": "Ends", "width": 124},
    {"key": "used", "title": "Last used", "width": 124},
]
_MOST_DAYS = 36_500
SHOWN_ONCE = "Copy it now: it is shown this once and kept nowhere. Whoever has it may do what the token may."


class TokenListing:
    """A table of tokens with the forms that make and end them.

    Parameters
    ----------
    part
        The tab it stands on.
    everybody
        Whether it lists everybody's and makes them for others; else one's own.
    """

    def __init__(self, part: AdminPart, *, everybody: bool) -> None:
        self.part, self.everybody = part, everybody
        self.listing = Listing[Token](
            part,
            title="Tokens and sessions",
            noun="token",
            columns=_COLUMNS,
            row=_row,
            card=_card,
            act=self.act,
        )

    @property
    def page(self) -> AdminPanel:
        """The page; it shows secrets."""
        return self.part.page

    def refresh(self) -> None:
        """Read the tokens again."""
        found = self.part.operations.tokens("", self.everybody)
        self.listing.show({str(one.token_id): one for one in found})

    def new(self) -> None:
        """Ask what the new token is for."""
        people = [one.name for one in self.part.operations.users()] if self.everybody else []
        user = {
            "key": "user",
            "kind": "select",
            "title": "User",
            "required": True,
            "options": [
                {"value": "", "title": "Choose …"},
                *({"value": one, "title": one} for one in people),
            ],
            "help": "A person, or a robot with an account of its own.",
        }
        projects = [
            {"value": one.name, "title": one.title or one.name} for one in self.part.operations.projects()
        ]
        self.part.ask(
            self._create,
            title="New token",
            submit="Create token",
            fields=[
                *([user] if self.everybody else []),
                text_field(
                    "title", "For what", required=True, most=256, help="What uses it, e.g. nightly upload."
                ),
                text_field("days", "Good for days", most=6, help="Empty = as long as the settings allow."),
                {
                    "key": "projects",
                    "kind": "checks",
                    "title": "Only in these projects",
                    "options": projects,
                    "help": "None = wherever its user may.",
                },
                permission_field("Only for this", "None = all that its user may do; never more."),
            ],
            values={"user": "", "projects": [], "permissions": []},
        )

    def act(self, key: str, token: Token) -> None:
        """Do what a button of a token says."""
        if key == "revoke":
            name = token.prefix or str(token.token_id)
            what = "session" if token.kind == "session" else f"token {token.title}"
            self.part.ask(
                partial(self._revoke, token),
                title=f"End the {what} of {token.user}",
                text="It counts for nothing at once, and cannot be brought back.",
                submit="End it",
                confirm=name,
                danger=True,
            )

    def _create(self, values: dict[str, Any]) -> str:
        made = self.part.operations.create_token(
            values["title"],
            _end(values["days"]),
            tuple(values["projects"]) or None,
            tuple(values["permissions"]) or None,
            values["user"] if self.everybody else "",
        )
        self.listing.chosen = str(made.token.token_id)
        self.page.once.show(f"Token {made.token.title} of {made.token.user}", SHOWN_ONCE, [made.secret])
        return "The token is made."

    def _revoke(self, token: Token, _values: dict[str, Any]) -> str:
        self.part.operations.revoke_token(token.token_id)
        return f"The {'session' if token.kind == 'session' else 'token'} of {token.user} is ended."


class TokenPart(AdminPart):
    """Everybody's tokens and sessions."""

    key, title, needs, call = "tokens", "Tokens", "create_user", "ws.tokens(everybody=True)"

    def build(self) -> ipw.Widget:
        """Make its widgets."""
        self.tokens = TokenListing(self, everybody=True)
        self.new_button = self.button("New token", self.tokens.new, "create_token", first=True)
        return ipw.VBox([bar(self.new_button), self.tokens.listing.widget])

    def refresh(self) -> None:
        """Read the tokens again."""
        self.new_button.layout.display = None if self.operations.users() else "none"
        self.tokens.refresh()


def state_of_token(token: Token) -> tuple[str, str]:
    """Whether a token counts, in words and as the level of a badge."""
    if token.revoked_at is not None:
        return "Ended", "poor"
    if token.expires_at is not None and token.expires_at <= utc_now():
        return "Run out", "poor"
    return "Good", "good"


def _row(token: Token) -> dict[str, Any]:
    return {
        "token": str(token.token_id),
        "user": token.user,
        "kind": "Session" if token.kind == "session" else "Token",
        "title": token.title or None,
        "state": state_of_token(token)[0],
        "ends": day(token.expires_at),
        "used": day(token.last_used_at) if token.last_used_at else "never",
    }


def _card(token: Token) -> dict[str, Any]:
    words, level = state_of_token(token)
    is_session = token.kind == "session"
    only = ", ".join(RIGHTS[one].title for one in token.permissions or ())
    return {
        "title": "Session" if is_session else token.title or "Token",
        "name": f"{token.user} · {token.prefix}…" if token.prefix else token.user,
        "badge": {"text": words, "level": level},
        "facts": facts(
            {
                "User": token.user,
                "Made": f"{minute(token.created_at)}{f' by {token.created_by}' if token.created_by else ''}",
                "Ends": minute(token.expires_at) if token.expires_at else "when somebody ends it",
                "Last used": minute(token.last_used_at) if token.last_used_at else "never",
                "Ended": minute(token.revoked_at) if token.revoked_at else "",
                "Only in": ", ".join(token.projects or ()),
                "Only for": only,
            }
        ),
        "actions": [{"key": "revoke", "title": "End it"}] if level == "good" else [],
    }


def _end(days: str) -> datetime | None:
    """When a token ends.

    Raises
    ------
    InputError
        ``days`` is no number of days.
    """
    if not days:
        return None
    if not (days.isascii() and days.isdigit() and 0 < int(days) <= _MOST_DAYS):
        raise InputError(
            f"{days!r} is no number of days.", next_step="Write it as 90.", details={"days": days}
        )
    return utc_now() + timedelta(days=int(days))
