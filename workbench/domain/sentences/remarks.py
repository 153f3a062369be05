"""What became of a sentence: the filter, which pieces it comes from, what is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workbench.domain.filters import MessageFilter


@dataclass(frozen=True, kw_only=True)
class Remark:
    """A piece of a sentence: half-open range of characters, its text, and who read it."""

    start: int
    end: int
    text: str
    by: Literal["rules", "model"] = "rules"


@dataclass(frozen=True, kw_only=True)
class SentenceReading:
    """What became of a sentence.

    Attributes
    ----------
    where
        The filter.
    understood
        The pieces that the filter comes from, in order.
    left
        The pieces that say something nobody understood, in order; show them.
    problem
        Why the language model that is configured could not help; empty when it could, or was not needed.
    """

    where: MessageFilter
    understood: tuple[Remark, ...]
    left: tuple[Remark, ...]
    problem: str = ""
