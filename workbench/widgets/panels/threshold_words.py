"""Thresholds in words, and the forms that ask for costs and for a promise."""

from __future__ import annotations

import html
import math
from typing import Any

from workbench.domain import (
    ActionCosts,
    CostThreshold,
    Estimate,
    ExpectedErrors,
    KeptThreshold,
    PromisedThreshold,
    Risk,
)
from workbench.errors import InputError

BASES: dict[str, str] = {
    "chosen": "by hand",
    "balanced": "balanced",
    "high_precision": "high precision",
    "high_recall": "high recall",
    **{f"sampled_{number}": f"recall {share} %" for number, share in enumerate((10, 30, 50, 70, 90))},
    "cost": "by cost",
    "promise": "by promise",
}
_EXACT_BELOW = 10
_COSTS = (
    ("wrong_action", "A wrong action costs", "20"),
    ("missed", "A missed message costs", "10"),
    ("manual_check", "A manual check costs", "2"),
    ("checks_per_day", "Checks a day at most", ""),
)


def cost_form(values: dict[str, Any]) -> dict[str, Any]:
    """The form for costs; ``values`` are those given last."""
    helps = {
        "manual_check": "Empty = nobody checks.",
        "checks_per_day": "How many messages people can look at. Empty = any number.",
    }
    return {
        "title": "Threshold by cost",
        "text": "Costs in one unit, such as money or minutes. A check is taken to decide rightly.",
        "submit": "Find",
        "fields": [
            {
                "key": key,
                "kind": "text",
                "title": title,
                "narrow": True,
                "required": key in ("wrong_action", "missed"),
                "help": helps.get(key, ""),
            }
            for key, title, _ in _COSTS
        ],
        "values": values or {key: value for key, _, value in _COSTS},
    }


def promise_form(values: dict[str, Any]) -> dict[str, Any]:
    """The form for a promise; ``values`` are those given last."""
    return {
        "title": "Threshold with a promise",
        "text": "Tested on messages that the model never saw. The promise is for messages like them.",
        "submit": "Find",
        "fields": [
            {
                "key": "risk",
                "kind": "select",
                "title": "What is promised",
                "options": [
                    {"value": "wrong", "title": "Few wrong hand-offs"},
                    {"value": "missed", "title": "Few missed messages"},
                ],
            },
            {"key": "at_most", "kind": "text", "title": "At most, %", "narrow": True, "required": True},
            {"key": "sure", "kind": "text", "title": "Sure, %", "narrow": True, "required": True},
            {
                "key": "over_next",
                "kind": "text",
                "title": "Over the next messages",
                "narrow": True,
                "help": "Empty = in the long run. A number promises the share among so many messages, which takes more.",
            },
            {
                "key": "sample",
                "kind": "select",
                "title": "Tested on",
                "options": [
                    {"value": "random", "title": "Messages that came by Shuffle"},
                    {"value": "all", "title": "All, as if drawn at random"},
                ],
            },
        ],
        "values": values
        or {"risk": "wrong", "at_most": "2", "sure": "95", "over_next": "", "sample": "random"},
    }


def costs_of(values: dict[str, Any]) -> ActionCosts:
    """The costs of a form."""
    manual, most = number(values, "manual_check"), number(values, "checks_per_day")
    return ActionCosts(
        wrong_action=number(values, "wrong_action") or 0.0,
        missed=number(values, "missed") or 0.0,
        manual_check=manual,
        checks_per_day=most,
    )


def number(values: dict[str, Any], key: str) -> float | None:
    """What was typed as a number, None where nothing was.

    Raises
    ------
    InputError
        It is no number.
    """
    typed = str(values.get(key, "")).strip()
    if not typed:
        return None
    try:
        found = float(typed)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise InputError(
            f"{typed[:60]!r} is no number.",
            next_step="Type digits, with a point before decimals.",
            details={key: typed[:60]},
        )
    return found


def cost_html(found: CostThreshold) -> str:
    """The thresholds of least cost, what they lead to, and what others would cost."""
    act = f"Act from <b>{percent(found.act_from)}</b>"
    checked = found.check_from < found.act_from
    check = f", let people check from <b>{percent(found.check_from)}</b>" if checked else ", nobody checks"
    asked = found.costs.manual_check
    if checked and asked is not None and found.price_of_check is not None and found.price_of_check > asked:
        check += f" (as many as they can; one more would save {found.price_of_check - asked:.3g})"
    checks = f", {_range(found.checks)} checked" if checked else ""
    return (
        f'<p class="wb-status">{act}{check}. A week: {_range(found.actions)} acted on, '
        f"{_range(found.wrong)} of them wrongly{checks}, {_range(found.missed)} missed. It costs "
        f"<b>{_range(found.cost)}</b>; by the balanced threshold without checks {_range(found.cost_balanced)}, "
        f"acting on nothing {_range(found.cost_of_nothing)}. {_basis(found.n_weeks, found.n_held_out)}</p>"
    )


def promise_html(found: PromisedThreshold) -> str:
    """What can be promised, or why nothing can."""
    if found.threshold is None:
        return f'<p class="wb-status"><b>Nothing can be promised.</b> {html.escape(found.reason)}</p>'
    what = {"wrong": "of what reaches it is wrong", "missed": "of what it should find is missed"}[found.risk]
    when = "in the long run" if found.over_next is None else f"over the next {found.over_next:,} messages"
    bad: dict[Risk, str] = {
        "wrong": f"{found.n_bad:,} of the {found.n:,} test messages that reach it were wrong",
        "missed": f"{found.n_bad:,} of the {found.n:,} test messages with the label stay below it",
    }
    share = "" if found.recall is None else f"; {found.recall:.0%} of those with the label reach it"
    few = 2 * found.n_random < found.n_held_out
    like = (
        f" Only {found.n_random:,} of {found.n_held_out:,} came by Shuffle: the promise is for messages like those "
        "you chose to review."
        if few
        else ""
    )
    if found.sample == "random":
        like = f" Tested on {found.n_held_out:,} messages that came by Shuffle."
    return (
        f'<p class="wb-status">From <b>{percent(found.threshold)}</b> on at most {percent(found.at_most)} {what} {when}, '
        f"{percent(found.sure)} sure: {bad[found.risk]}{share}.{like}</p>"
    )


def week_html(found: ExpectedErrors) -> str:
    """What a threshold leads to in a week."""
    return (
        f'<p class="wb-status">A week of {_figure(found.n_messages)} messages: {_range(found.predicted)} reach '
        f"{percent(found.threshold)}, {_range(found.wrong)} of them wrongly, and {_range(found.missed)} that should "
        f"are missed. {_basis(found.n_weeks, found.n_held_out)}</p>"
    )


def kept_html(kept: tuple[KeptThreshold, ...], version: int) -> str:
    """The thresholds kept with a version."""
    if not kept:
        return f'<p class="wb-status">No threshold is kept with version {version} yet.</p>'
    lines = []
    for one in kept:
        check = "" if one.check_from is None else f", check from {percent(one.check_from)}"
        name = html.escape(one.name) or "a label that is gone"
        lines.append(f"{name} <b>{percent(one.threshold)}</b>{check} ({BASES.get(one.basis, one.basis)})")
    return f'<p class="wb-status">Kept with version {version}: {" · ".join(lines)}</p>'


def percent(share: float) -> str:
    """A share as people type it."""
    return f"{100 * share:.4g} %"


def _basis(n_weeks: int, n_held_out: int) -> str:
    weeks = "last week" if n_weeks == 1 else f"last {n_weeks} weeks"
    return f"Volumes of the {weeks}, shares from {n_held_out:,} test messages; 95 % intervals."


def _range(found: Estimate) -> str:
    if found.value is None or found.low is None or found.high is None:
        return "an unknown number"
    return f"{_figure(found.value)} ({_figure(found.low)} to {_figure(found.high)})"


def _figure(value: float) -> str:
    return f"{value:.1f}" if value < _EXACT_BELOW else f"{value:,.0f}"
