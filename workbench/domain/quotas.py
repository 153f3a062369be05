"""Quotas: how many of something there may be, and how many there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Quota:
    """A limit on what there is.

    Attributes
    ----------
    kind
        ``projects``, ``messages_per_source`` …; also the name of its limit.
    hard_limit
        Largest number allowed; None = there is no limit.
    used
        How many there are now; of a quota per source or dataset, where there are most.
    where
        The source or dataset with most; empty for the workspace, and where there is none yet.
    setting
        The setting that changes it.
    """

    kind: str
    hard_limit: int | None
    used: int
    where: str = ""
    setting: str

    @property
    def left(self) -> int | None:
        """How many more there may be; None = without limit."""
        return None if self.hard_limit is None else max(0, self.hard_limit - self.used)


class QuotaOperations(Protocol):
    """Quotas."""

    def quotas(self) -> tuple[Quota, ...]:
        """Every quota with its limit and what is used of it; beyond one, what would be too much is refused."""
        ...
