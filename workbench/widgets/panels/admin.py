"""Admin: people, roles, tokens, plan, quotas, budgets, retention, audit log, work; for everybody else their own account."""

from __future__ import annotations

from typing import ClassVar

import ipywidgets as ipw

from workbench.domain import EventPage
from workbench.widgets.elements import Form, ShownOnce, Tabs
from workbench.widgets.panels.admin_account import AccountPart
from workbench.widgets.panels.admin_audit import AuditPart
from workbench.widgets.panels.admin_budgets import BudgetPart
from workbench.widgets.panels.admin_part import AdminPart
from workbench.widgets.panels.admin_people import PeoplePart
from workbench.widgets.panels.admin_plan import PlanPart
from workbench.widgets.panels.admin_quotas import QuotaPart
from workbench.widgets.panels.admin_retention import RetentionPart
from workbench.widgets.panels.admin_roles import RolePart
from workbench.widgets.panels.admin_tokens import TokenPart
from workbench.widgets.panels.admin_work import WorkPart
from workbench.widgets.panels.page import Page
from workbench.widgets.panels.questions import Questions
from workbench.widgets.status import title_html

PARTS: tuple[type[AdminPart], ...] = (
    PeoplePart,
    RolePart,
    TokenPart,
    PlanPart,
    QuotaPart,
    BudgetPart,
    RetentionPart,
    AuditPart,
    WorkPart,
    AccountPart,
)
"""The tabs, in their order."""


class AdminPanel(Page):
    """What a visitor may administer, a tab for each; whoever may administer nothing sees their own account alone.

    Parameters
    ----------
    operations, state
        See ``Page``; ``state.part`` names the tab.
    """

    name: ClassVar[str] = "Admin"

    def build(self) -> ipw.Widget:
        """Make the body."""
        self._settling = True
        offered = [one for one in PARTS if not one.needs or not self.offering.refusal(one.needs)]
        if self.offering.kind in ("local", "operator") and len(offered) > 1:
            offered.remove(AccountPart)  # whoever owns the file needs no account for it
        self._kinds = {one.key: one for one in offered}
        asked = self.state.part
        self.tabs = Tabs(
            tabs=[{"key": one.key, "title": one.title} for one in offered],
            value=asked if asked in self._kinds else offered[0].key,
            title="What to administer",
        )
        self.tabs.layout.display = None if len(offered) > 1 else "none"
        self.tabs.observe(self._unless_settling(self.show_part), "value")
        self.form = Form()
        self.questions = Questions(self.form, self.show_done)
        self.form.on_submit(self.questions.save)
        self.once = ShownOnce()
        self.form.on_cancel(self.once.clear)  # the picture for an app whose first code is not entered
        self._place = ipw.VBox()
        self._place.add_class("wb-tab-panel")
        self.part: AdminPart | None = None
        self.show_part()
        self._settling = False
        return ipw.VBox([self.tabs, self.once, self.form, self._place])

    def show_part(self) -> None:
        """Show another tab; a form that was open is left, and a secret is taken away."""
        self.form.close_form()
        self.once.clear()
        before, self.part = self.part, None
        self._place.children = ()
        if before is not None:
            before.close()
        kind = self._kinds[self.tabs.value]
        first = next(iter(self._kinds))
        self.show_state(self.state.with_(part="" if kind.key == first else kind.key))
        self._status.value = title_html("Admin", *self._about())
        self.code.code = self.state.code(kind.call, dataset=False)
        self.part = kind(self)
        self._place.children = (self.part.widget,)
        self.list_calls()

    def refresh(self) -> None:
        """Read the tab on screen again; an open form stays as it is."""
        if self.part is not None:
            self.part.refresh()

    def show_done(self, said: str) -> None:
        """Something was made, changed or taken away."""
        self.refresh()
        self.tell(said)

    def take_news(self, page: EventPage) -> None:
        """Read the tab again, once per page of news, when it lists what changed."""
        part = self.part
        if not self.missed_news(page) and part and part.news & {event.topic for event in page.events}:
            self._quietly(part.refresh)

    def _about(self) -> tuple[str, ...]:
        if not self.offering.guarded:
            return ("without accounts: whoever may open the file may do everything",)
        return (f"signed in as {self.offering.name}",)
