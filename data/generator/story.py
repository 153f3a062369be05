"""What happens during the year: volume, seasons, the drifting label, the new topic."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from random import Random

CARRIER = "Brindlepost"
DOMAIN = "brindlepost.example"
LAST_DAY = date(2026, 10, 31)
FIRST_DAY = date(2025, 11, 1)
N_DAYS = (LAST_DAY - FIRST_DAY).days + 1

DRIFT_KEY = "pickup_locker"
DRIFT_BRAND = "NookPoint"
DRIFT_LAUNCH = date(2026, 2, 1)
DRIFT_MIDDLE = date(2026, 5, 20)
DRIFT_SCALE_DAYS = 30.0

NEW_KEY = "charges_clearance"
NEW_START = date(2026, 9, 1)

# Monday first. Customers write about parcels on working days, most of all on Monday.
_WEEKDAY = (1.28, 1.16, 1.08, 1.05, 1.02, 0.72, 0.55)
_REVIEW_WEEKDAY = (1.0, 0.95, 0.95, 1.0, 1.05, 1.1, 1.0)
_HOURS = (2, 1, 1, 1, 1, 3, 8, 18, 34, 42, 44, 40, 38, 36, 35, 34, 33, 32, 30, 28, 25, 19, 12, 6)
_OFFICE = (0, 0, 0, 0, 0, 0, 1, 8, 30, 40, 42, 40, 28, 34, 38, 36, 30, 18, 6, 2, 0, 0, 0, 0)


def drift_share(day: date) -> float:
    """Share of customers, in [0, 1], who use the new brand name on a day."""
    if day < DRIFT_LAUNCH:
        return 0.0
    return 0.96 / (1.0 + math.exp(-(day - DRIFT_MIDDLE).days / DRIFT_SCALE_DAYS))


def new_topic_factor(day: date) -> float:
    """Weight of the new topic on a day, 0 before it starts; quickly up, then steady."""
    age = (day - NEW_START).days
    return 0.0 if age < 0 else min(1.0, 0.25 + age / 24)


def season(day: date) -> float:
    """Volume factor of a day of the year; 1 is an ordinary day."""
    christmas = date(day.year if day.month > 2 else day.year - 1, 12, 16)
    peak = 1.25 * math.exp(-(((day - christmas).days / 11) ** 2))
    sales = 0.35 * math.exp(-(((day - date(christmas.year, 11, 30)).days / 5) ** 2))
    returns = 0.4 * math.exp(-(((day - date(christmas.year + 1, 1, 9)).days / 10) ** 2))
    summer = -0.16 * math.exp(-(((day - date(day.year, 8, 6)).days / 22) ** 2))
    shut = 0.35 if (day.month, day.day) in {(12, 25), (12, 26), (1, 1)} else 1.0
    return (1.0 + peak + sales + returns + summer) * shut


def near_christmas(day: date) -> float:
    """How close a day is to the pre-Christmas peak, in [0, 1]."""
    christmas = date(day.year if day.month > 2 else day.year - 1, 12, 18)
    return math.exp(-(((day - christmas).days / 14) ** 2))


def after_christmas(day: date) -> float:
    """How close a day is to the January peak of returns, in [0, 1]."""
    return math.exp(-(((day - date(day.year if day.month < 7 else day.year + 1, 1, 10)).days / 15) ** 2))


class Calendar:
    """Draws times of the year from the volume pattern of one source.

    Parameters
    ----------
    rng : random.Random
        Gives each day its own noise, once.
    reviews : bool, default False
        Reviews have no weekend dip.
    """

    def __init__(self, rng: Random, *, reviews: bool = False) -> None:
        week = _REVIEW_WEEKDAY if reviews else _WEEKDAY
        self._days = [FIRST_DAY + timedelta(days=i) for i in range(N_DAYS)]
        self._weights = [season(d) * week[d.weekday()] * math.exp(0.13 * rng.gauss(0, 1)) for d in self._days]

    def draw(self, rng: Random) -> datetime:
        """Return a time (UTC, whole seconds) at which a customer writes."""
        day = rng.choices(self._days, self._weights)[0]
        hour = rng.choices(range(24), _HOURS)[0]
        return datetime(day.year, day.month, day.day, hour, rng.randrange(60), rng.randrange(60), tzinfo=UTC)


def later(start: datetime, rng: Random, *, median_hours: float, office: bool) -> datetime:
    """Return a later time; with `office` on a working day in working hours."""
    when = start + timedelta(seconds=int(3600 * median_hours * math.exp(0.9 * rng.gauss(0, 1))) + 90)
    if office:
        while when.weekday() == 6 or _OFFICE[when.hour] == 0:
            when += timedelta(hours=1, minutes=rng.randrange(50))
    return when
