"""Quotas on the Admin page: how many of everything there may be and are, and the form that sets a limit."""

from __future__ import annotations

from functools import partial
from typing import Any

import ipywidgets as ipw

from workbench import charts
from workbench.domain import Quota
from workbench.errors import UnknownNameError
from workbench.widgets.elements import DataTable
from workbench.widgets.panels.admin_part import AdminPart
from workbench.widgets.panels.admin_values import whole_number, words_of
from workbench.widgets.panels.catalog import text_field
from workbench.widgets.panels.figures import fill

_NUMBER: dict[str, Any] = {"kind": "number", "width": 100}
_COLUMNS: list[dict[str, Any]] = [
    {"key": "quota", "title": "Quota", "width": 210},
    {"key": "used", "title": "There are", **_NUMBER},
    {"key": "limit", "title": "May be", **_NUMBER},
    {"key": "share", "title": "Used", "kind": "percent", "width": 80},
    {"key": "peak", "title": "Most ever", **_NUMBER},
    {"key": "rises_to", "title": "Rises to", **_NUMBER},
    {"key": "where", "title": "Where most", "width": 170},
    {"key": "limit_from", "title": "Limit from"},
]


class QuotaPart(AdminPart):
    """Every quota."""

    key, title, needs, call = "quotas", "Quotas", "set_quota", "ws.quotas()"
    news = frozenset({"catalog", "import"})

    def build(self) -> ipw.Widget:
        """Make its widgets."""
        self.table = DataTable(title="Quotas: open one to set it", columns=_COLUMNS, height=640)
        self.table.on_open(self.page.heard(self.open_quota))
        return ipw.VBox([self.table])

    def refresh(self) -> None:
        """Read the quotas again."""
        found = self.operations.quotas()
        self.known = {one.kind: one for one in found}
        fill(self.table, charts.quota_use(found))

    def open_quota(self, kind: str) -> None:
        """Ask for the limit of a quota.

        Raises
        ------
        UnknownNameError
            There is no such quota.
        """
        if kind not in self.known:
            raise UnknownNameError("quota", kind, self.known)
        quota = self.known[kind]
        limit = text_field(
            "limit",
            "There may be",
            most=15,
            help=f"Empty = {f'as the setting {quota.setting} says' if quota.setting else 'without limit'}.",
        )
        rise = text_field("rise", "Rises by itself up to", most=15, help="Empty = it does not rise.")
        self.ask(
            partial(self._set, kind),
            title=f"Quota of {kind.replace('_', ' ')}",
            text="What is there already stays, also beyond a new limit. What would be too much is refused whole.",
            submit="Set quota",
            fields=[limit, rise],
            values={"limit": _set_limit(quota), "rise": words_of(quota.auto_increase_up_to)},
        )

    def _set(self, kind: str, values: dict[str, Any]) -> str:
        self.operations.set_quota(
            kind, whole_number(values, "limit", "a quota"), whole_number(values, "rise", "a quota")
        )
        return f"The quota of {kind.replace('_', ' ')} is set."


def _set_limit(quota: Quota) -> str:
    return words_of(quota.hard_limit) if quota.is_set else ""
