"""What a conversion could not carry, by name and number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Losses:
    """Named losses of a conversion; empty = every field was carried.

    Attributes
    ----------
    counts
        Name of what was not carried to how often, in the order of their first appearance.
    """

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, names: Iterable[str]) -> None:
        """Count one more of each name."""
        for name in names:
            self.counts[name] = self.counts.get(name, 0) + 1

    def __bool__(self) -> bool:
        """Whether anything was lost."""
        return bool(self.counts)
