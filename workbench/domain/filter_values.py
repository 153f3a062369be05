"""Which values there are to filter by: of people, properties and files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from workbench.domain.ids import DatasetId

PEOPLE = ("sender", "recipient", "cc", "bcc")
"""Parts a person plays in a message, as filters name them."""
VALUE_KINDS = (*PEOPLE, *(f"{one}-domain" for one in PEOPLE), "attachment", "property")
"""What ``filter_values`` can be asked of, besides the full name of a property."""
MOST_LISTED = 1_000
"""Values of one answer."""


@dataclass(frozen=True, kw_only=True)
class ValueCount:
    """A value, and how many messages have it."""

    value: str
    n_messages: int


@dataclass(frozen=True, kw_only=True)
class FilterValues:
    """Values to filter by.

    Attributes
    ----------
    of
        What they are of: ``sender-domain``, ``string:Team`` …
    values
        Most frequent first; names of properties in their order. None of a number property.
    n_values
        How many there are in all.
    lowest, highest
        Of a number property, None without values.
    """

    of: str
    values: tuple[ValueCount, ...] = ()
    n_values: int = 0
    lowest: float | None = None
    highest: float | None = None


class FilterValueOperations(Protocol):
    """What a screen offers where a condition is put together."""

    def filter_values(self, dataset_id: DatasetId, of: str, part: str = "", n_most: int = 50) -> FilterValues:
        """Which values the messages of a dataset have, and how often.

        ``of`` says of what, in the words of a filter's address: ``sender``, ``recipient``, ``cc``, ``bcc``
        (addresses), ``sender-domain`` … (domains), ``attachment`` (content types), ``property`` (full names), or
        a full name as ``string:Team`` or ``number:NPS``. ``part`` must occur in a value, in small or capital
        letters; ``n_most`` is 1-1,000. Names of sensitive properties are left out for callers without the right
        to read them, and asking for their values is an ``AccessError``. Counts are exact; an answer is kept until a
        message of the dataset changes, so the first of many messages takes longest.
        """
        ...
