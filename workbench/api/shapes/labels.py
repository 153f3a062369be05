"""Labels as the clients of this field write and read them: ``Parent > Child``, or a list of levels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from workbench.domain import Sentiment, format_path, parse_path

LabelName = Annotated[str, Meta(min_length=1, max_length=4_608)]
"""At most 64 levels of 64 characters and what stands between them; ``split_name`` looks at each."""


class Label(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A label that a person assigned or dismissed.

    Clients demand a sentiment everywhere; it is ``positive``, and means nothing, in datasets without label sentiment.
    """

    name: LabelName
    sentiment: Sentiment = "positive"
    metadata: dict[str, Any] | UnsetType | None = UNSET


class PredictedLabel(msgspec.Struct, kw_only=True):
    """A label that a model says.

    Attributes
    ----------
    name
        Its levels, from the root down.
    probability
        0-1.
    sentiment
        -1 to 1; left out in datasets without label sentiment.
    auto_thresholds
        Which of ``high_recall``, ``balanced`` and ``high_precision`` it passes; left out unless it was asked for.
    """

    name: list[str]
    probability: float
    sentiment: float | UnsetType = UNSET
    auto_thresholds: list[str] | UnsetType = UNSET


def split_name(name: str) -> list[str]:
    """Levels of a name.

    >>> split_name("Parcel > Late")
    ['Parcel', 'Late']

    Raises
    ------
    LabelPathError
        A level is empty, or the name is too long or cannot be shown.
    """
    return list(parse_path(name))


def joined(parts: Sequence[str]) -> str:
    """A name made of its levels.

    >>> joined(["Parcel", "Late"])
    'Parcel > Late'
    """
    return format_path(tuple(parts))
