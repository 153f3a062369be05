"""What there is to spend, and what a message costs."""

from __future__ import annotations

from collections.abc import Iterable

from workbench.charts.figure import Numbers, Value, numbers, schema
from workbench.charts.words import count, plain
from workbench.domain import Budget, ChargedReason, ChargeTariff

_CHARGED: dict[ChargedReason, str] = {
    "created": "new message",
    "text_modified": "message whose text changed",
    "predicted": "message handed in to be predicted",
}


def budget_key(budget: Budget) -> str:
    """What a budget is of and for how long, in words: no two are alike."""
    return f"{f'project {plain(budget.project)}' if budget.project else 'whole workspace'}, {budget.period}"


def budget_use(budgets: Iterable[Budget]) -> Numbers:
    """Each budget with what is used of it, in units; ``share`` of the hard limit in [0, 1]; ``n`` = units used."""
    rows: list[dict[str, Value]] = [
        {
            "budget": budget_key(one),
            "soft": one.soft,
            "hard": one.hard,
            "used": one.used,
            "reserved": one.reserved,
            "left": one.left,
            "share": (one.used + one.reserved) / one.hard if one.hard else None,
            "ends": one.until.date() if one.until else None,
            "n": one.used,
        }
        for one in budgets
    ]
    return numbers(
        rows,
        schema(String=("budget",), Int64=("soft", "hard", "used", "reserved", "left"), Float64=("share",))
        | schema(Date=("ends",), Int64=("n",)),
        title="Budgets",
        caption=f"n = {count(len(rows))} budgets, in units; a period ends before the day named (UTC).",
        line="charts.budget_use(ws.operations.budgets())",
    )


def charge_rules(rules: Iterable[ChargeTariff]) -> Numbers:
    """What one message costs by operation and reason, in units; ``n`` = 1 rule for each row."""
    rows: list[dict[str, Value]] = [
        {
            "operation": one.operation,
            "reason": one.reason,
            "units": one.units,
            "since": one.valid_from.date()
            if one.valid_from.timestamp()
            else None,  # none = from the beginning
            "n": 1,
        }
        for one in rules
    ]
    return numbers(
        rows,
        schema(String=("operation", "reason"), Int64=("units",), Date=("since",)) | {"n": "Int64"},
        title="What a message costs",
        caption=f"n = {count(len(rows))} rules in force; what no rule names is free.",
        line="charts.charge_rules(ws.operations.charge_rules())",
    )


def price_words(rules: Iterable[ChargeTariff]) -> str:
    """What is charged by the rules in force, in one sentence; reasons of one price stand together."""
    units: dict[ChargedReason, set[int]] = {}
    for one in rules:
        units.setdefault(one.reason, set()).add(one.units)
    alike: dict[str, list[str]] = {}
    for reason, noun in _CHARGED.items():
        if any(units.get(reason, ())):
            alike.setdefault(_price(units[reason]), []).append(f"each {noun}")
    said = [f"{price} for {_listed(nouns)}" for price, nouns in alike.items()]
    return f"{'; '.join(said)}; everything else is free." if said else "Everything is free."


def _price(units: set[int]) -> str:
    """A price, or its range where operations differ."""
    least, most = min(units), max(units)
    if least != most:
        return f"{count(least)} to {count(most)} units, by operation,"
    return f"{count(most)} unit{'' if most == 1 else 's'}"


def _listed(nouns: list[str]) -> str:
    return " and ".join([", ".join(nouns[:-1]), nouns[-1]] if nouns[1:] else nouns)
