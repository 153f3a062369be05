"""Conditions on the thread a message stands in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from workbench.domain.conditions import AddressFilter
from workbench.errors import FilterError

ThreadFigure = Literal["n_messages", "position", "duration_s", "response_s"]
"""The numbers of ``ThreadPlace``."""


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """An inclusive range of numbers; None = open, on one side at most.

    >>> Bounds(at_least=3)
    Bounds(at_least=3, at_most=None)
    """

    at_least: float | None = None
    at_most: float | None = None

    def __post_init__(self) -> None:
        """Refuse what says nothing, and what nothing can be."""
        given = [bound for bound in (self.at_least, self.at_most) if bound is not None]
        if not given or any(bound != bound for bound in given) or given != sorted(given):  # noqa: PLR0124 - NaN
            raise FilterError(
                f"bounds ask for {self.at_least} to {self.at_most}.",
                next_step="Use at_least <= at_most, or one of them.",
                details={"at_least": self.at_least, "at_most": self.at_most},
            )


@dataclass(frozen=True, kw_only=True)
class ThreadFilter:
    """A condition on a message's thread as ``ThreadPlace`` describes it; every part must hold.

    A message without a thread never passes; without any part every message passes that has one.

    Attributes
    ----------
    n_messages, position
        How many messages the thread has in the dataset, and which of them it is, from 1, by time.
    duration_s, response_s
        Seconds from the first message to the last, and to the first one of another sender; a thread that
        nobody answered passes no bounds on the latter.
    answered
        Whether anybody answered; None for both.
    first_sender
        Who wrote the first message.
    """

    n_messages: Bounds | None = None
    position: Bounds | None = None
    duration_s: Bounds | None = None
    response_s: Bounds | None = None
    answered: bool | None = None
    first_sender: AddressFilter | None = None

    @property
    def bounds(self) -> dict[ThreadFigure, Bounds]:
        """The numbers that are asked for."""
        found = {name: getattr(self, name) for name in get_args(ThreadFigure)}
        return {name: bounds for name, bounds in found.items() if bounds is not None}
