"""Whether there is room in a quota, and how far its limit rises by itself."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.domain import QuotaRule

_STEP = 4


@dataclass(frozen=True, kw_only=True)
class Room:
    """What becomes of a wish for ``found`` of something.

    Attributes
    ----------
    limit
        The limit in force before; None = there is none.
    raised_to
        What the limit rises to so that there is room; None = it stays.
    fits
        Whether there is room, after the limit rose where it does.
    """

    limit: int | None
    raised_to: int | None = None
    fits: bool


def limit_of(rule: QuotaRule | None, setting: int) -> int | None:
    """The limit in force, None = there is none.

    What an administrator set wins over the setting. There 0 means none at all, in a setting it means no limit.
    """
    if rule is not None and rule.hard_limit is not None:
        return rule.hard_limit
    return setting or None


def room(found: int, rule: QuotaRule | None, setting: int) -> Room:
    """Whether ``found`` of something fit.

    Where they do not and the limit may rise, it rises by a quarter, or as far as it must, and never above its ceiling:
    in steps, so that what comes one by one does not raise it each time.
    """
    limit = limit_of(rule, setting)
    if limit is None or found <= limit:
        return Room(limit=limit, fits=True)
    ceiling = None if rule is None else rule.auto_increase_up_to
    if ceiling is None or found > ceiling:
        return Room(limit=limit, fits=False)
    return Room(limit=limit, raised_to=min(ceiling, max(found, limit + limit // _STEP)), fits=True)
