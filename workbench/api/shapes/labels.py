"""Labels as the clients of this field write and read them."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

from workbench.domain import SEPARATOR


class PredictedLabel(msgspec.Struct, kw_only=True):
    """A label that a model predicts, by the levels of its name."""

    name: list[str]
    probability: float
    sentiment: float | UnsetType = UNSET
    auto_thresholds: list[str] | UnsetType = UNSET


def split_name(name: str) -> list[str]:
    """The levels of a name."""
    return name.split(SEPARATOR)


def joined(parts: list[str]) -> str:
    """A name of its levels."""
    return SEPARATOR.join(parts)
