"""What the Usage page says of the days to come."""

from __future__ import annotations

import html
from collections.abc import Sequence

from workbench.charts.words import day
from workbench.widgets.panels.figures import Row


def forecast_html(sums: Sequence[Row], rests: Row) -> str:
    """The next 30 and 90 days, on how many days it rests, and what was left out."""
    if not sums:
        return (
            f'<p class="wb-status">A forecast takes {rests["needed"]} whole days of history; '
            f"there are {rests['n']}.</p>"
        )
    lines = "".join(
        f"<li>next {one['n_days']} days: <b>{one['expected']:,}</b> units "
        f"({one['platform_units']:,.1f} platform units), 95 % interval {one['low']:,} to {one['high']:,}</li>"
        for one in sums
    )
    note = f"It rests on {rests['n']:,} days of history."
    if rests["n_left_out"]:
        on = day(rests["largest_day"])
        when = on if rests["n_left_out"] == 1 else f"{rests['n_left_out']} days, the most on {on}"
        note += f" Left out as not expected again: {rests['units_left_out']:,} units of {when}."
    return f'<ul class="wb-forecast">{lines}</ul><p class="wb-status">{html.escape(note)}</p>'


def budgets_html(reached: Sequence[Row]) -> str:
    """When each budget of the whole workspace is likely to be used up."""
    return "".join(f'<p class="wb-status">{html.escape(_budget(one))}</p>' for one in reached)


def _budget(one: Row) -> str:
    about = f"Budget ({one['budget']}): {one['used']:,} of {one['limit']:,} units are used"
    if one["reached"]:
        return f"{about}; it is likely to be used up on {day(one['reached'])}, at the earliest on {day(one['earliest'])}."
    if one["earliest"]:
        return f"{about}; it is likely to last, but could be used up on {day(one['earliest'])}."
    return f"{about}; it is likely to last."
