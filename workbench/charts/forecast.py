"""The forecast of units: sums so far and to come with their band, and what is said of them."""

from __future__ import annotations

from datetime import timedelta

from workbench.charts.display import Chart
from workbench.charts.drawings import Axis, Line, Plot, Rule
from workbench.charts.figure import Numbers, Value, numbers, schema
from workbench.charts.words import count, day
from workbench.domain import Budget, ForecastSum, UsageForecast

HORIZONS = (30, 90)
_SHOWN = 90
_LINE = "ws.operations.usage_forecast()"


def usage_forecast(forecast: UsageForecast, budgets: tuple[Budget, ...] = ()) -> Chart:
    """Units summed from 90 days ago, and on through the next 90 days with a 95 % band.

    Parameters
    ----------
    budgets
        Of the whole workspace; the hard limit that is reached first is a line, where it comes into view.
    """
    history = forecast.history[-_SHOWN:]
    sums, total = [], 0
    for one in history:
        total += one.units
        sums.append(total)
    known = tuple(one.day for one in history)
    ahead = tuple(forecast.from_day + timedelta(days=one.n_days - 1) for one in forecast.sums)
    middle = [total + one.expected for one in forecast.sums]
    low, high = ([total + getattr(one, end) for one in forecast.sums] for end in ("low", "high"))
    rules = _limit_rule(forecast, budgets, total)
    n_before = [None] * len(known)
    return Chart(
        title="Units so far and to come",
        caption=(
            f"Summed from {day(known[0]) if known else day(forecast.from_day)} on. Band: 95 % prediction interval; "
            f"n = {count(forecast.n_days)} days of history, {count(len(forecast.set_aside))} of them left out."
        ),
        columns={
            "day": [*known, *ahead],
            "units": [*map(float, sums), *map(float, middle)],
            "low": [*n_before, *map(float, low)],
            "high": [*n_before, *map(float, high)],
            "n": [forecast.n_days] * (len(known) + len(ahead)),
        },
        types={"day": "Date", "units": "Float64", "low": "Float64", "high": "Float64", "n": "Int64"},
        line=f"charts.usage_forecast({_LINE}{', ws.operations.budgets()' if budgets else ''})",
        drawing=Plot(
            x=Axis(title="", kind="time"),
            y=Axis(title="Units, summed", low=0.0 if min(sums, default=0) >= 0 else None),
            lines=(
                Line(name="charged", x=known, y=tuple(map(float, sums))),
                Line(
                    name="forecast",
                    x=ahead,
                    y=tuple(map(float, middle)),
                    low=tuple(map(float, low)),
                    high=tuple(map(float, high)),
                    colour="warn",
                    dashed=True,
                    label="forecast",
                ),
            )
            if forecast.sums
            else (Line(name="charged", x=known, y=tuple(map(float, sums))),),
            rules=rules,
        ),
    )


def forecast_sums(forecast: UsageForecast) -> Numbers:
    """Units of the next 30 and 90 days with 80 and 95 % intervals; ``n`` counts days of history."""
    rate = forecast.platform_units_per_unit
    rows: list[dict[str, Value]] = [
        {
            "n_days": one.n_days,
            "expected": one.expected,
            "platform_units": one.expected * rate,
            "low": one.low,
            "high": one.high,
            "low80": one.low80,
            "high80": one.high80,
            "n": forecast.n_days,
        }
        for one in forecast.sums
        if one.n_days in HORIZONS
    ]
    whole = ("n_days", "expected", "low", "high", "low80", "high80", "n")
    return numbers(
        rows,
        schema(Int64=whole[:-1], Float64=("platform_units",)) | {"n": "Int64"},
        title="Units of the next days",
        caption=f"n = {count(forecast.n_days)} days of history. 80 and 95 % prediction intervals.",
        line=f"charts.forecast_sums({_LINE})",
    )


def forecast_history(forecast: UsageForecast) -> Numbers:
    """How many days the forecast rests on, which ``n`` counts, and the largest of those that were left out: one row."""
    largest = max(forecast.set_aside, key=lambda one: one.units, default=None)
    row: dict[str, Value] = {
        "n_left_out": len(forecast.set_aside),
        "units_left_out": sum(one.units for one in forecast.set_aside),
        "largest_day": largest.day if largest else None,
        "n": forecast.n_days,
        "needed": 7,
    }
    return numbers(
        [row],
        schema(Int64=("n_left_out", "units_left_out", "n", "needed"), Date=("largest_day",)),
        title="What the forecast rests on",
        caption=f"n = {count(forecast.n_days)} days of history.",
        line=f"charts.forecast_history({_LINE})",
    )


def budgets_reached(forecast: UsageForecast, budgets: tuple[Budget, ...]) -> Numbers:
    """When the hard limit of each budget of the whole workspace is likely to be reached; ``n`` counts days of history.

    ``reached`` is the first day on which the expected sum passes what is left, ``earliest`` that of the upper end of
    the 95 % interval; neither where it is beyond 90 days or after the budget's period.
    """
    rows: list[dict[str, Value]] = []
    for one in _of_all(budgets):
        left = one.left or 0
        rows.append(
            {
                "budget": one.period,
                "limit": one.hard,
                "used": one.used + one.reserved,
                "left": left,
                "reached": _day_of(forecast, one, left, "expected"),
                "earliest": _day_of(forecast, one, left, "high"),
                "n": forecast.n_days,
            }
        )
    return numbers(
        rows,
        schema(String=("budget",), Int64=("limit", "used", "left"), Date=("reached", "earliest"))
        | {"n": "Int64"},
        title="When budgets are reached",
        caption=f"n = {count(forecast.n_days)} days of history.",
        line=f"charts.budgets_reached({_LINE}, ws.operations.budgets())",
    )


def _of_all(budgets: tuple[Budget, ...]) -> list[Budget]:
    return [one for one in budgets if not one.project and one.hard is not None]


def _day_of(forecast: UsageForecast, budget: Budget, left: int, end: str) -> Value:
    found: ForecastSum | None = next((one for one in forecast.sums if getattr(one, end) > left), None)
    if found is None:
        return None
    reached = forecast.from_day + timedelta(days=found.n_days - 1)
    return None if budget.until is not None and reached >= budget.until.date() else reached


def _limit_rule(forecast: UsageForecast, budgets: tuple[Budget, ...], total: int) -> tuple[Rule, ...]:
    most = max((one.high for one in forecast.sums), default=0)
    within = [(one.left or 0, one.period) for one in _of_all(budgets) if (one.left or 0) <= most]
    if not within:
        return ()
    left, period = min(within)
    return (Rule(value=float(total + left), text=f"budget ({period}) used up"),)
