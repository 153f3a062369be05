"""Conditions that a message filter is made of: on people, properties, labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from workbench.domain.ids import LabelId
from workbench.errors import FilterError

MOST_VALUES = 128
"""Values a condition may list."""
MOST_CHARACTERS = 65_536
"""Characters a value may have."""

Missing = Literal["auto", "include", "exclude", "only"]
"""What becomes of a message that has no such value: ``auto`` lets it pass when the condition only says what
must not be; ``include`` always; ``exclude`` never; ``only`` lets nothing else pass."""

LabelStatus = Literal[
    "assigned", "dismissed", "predicted", "present", "absent", "not_assigned", "not_predicted"
]


@dataclass(frozen=True, kw_only=True)
class AddressFilter:
    """A condition on the people of a message; every part must hold, several values mean any of them.

    Addresses and domains are compared without regard to case; of ``Kim Lee <kim@shop.example>`` it is what
    stands in the brackets.

    Attributes
    ----------
    one_of, not_one_of
        Addresses of which one must, or none may, be there.
    domain_one_of, domain_not_one_of
        The same for what follows the ``@``.
    """

    one_of: tuple[str, ...] = ()
    not_one_of: tuple[str, ...] = ()
    domain_one_of: tuple[str, ...] = ()
    domain_not_one_of: tuple[str, ...] = ()
    missing: Missing = "auto"

    def __post_init__(self) -> None:
        """Refuse lists that are too long."""
        for values in (self.one_of, self.not_one_of, self.domain_one_of, self.domain_not_one_of):
            check_values("address", values)

    @property
    def passes_missing(self) -> bool:
        """Whether a message without such an address passes."""
        positive = bool(self.one_of or self.domain_one_of)
        return _passes_missing(self.missing, positive, bool(self.not_one_of or self.domain_not_one_of))


@dataclass(frozen=True, kw_only=True)
class PropertyFilter:
    """A condition on one user property; every part must hold, several values mean any of them.

    Without any part it lets every message pass that has the property.

    Attributes
    ----------
    name
        Full key, ``string:Team`` or ``number:NPS``.
    one_of
        Values, any of which passes: texts for string properties, numbers for number properties.
    not_one_of, domain_one_of, domain_not_one_of
        String properties only: values that may not be, and the same for the domain of a value that is an
        address. Values are compared as they are, domains without regard to case.
    at_least, at_most
        Inclusive bounds (number properties only); None = open.
    """

    name: str
    one_of: tuple[str | float, ...] = ()
    not_one_of: tuple[str, ...] = ()
    domain_one_of: tuple[str, ...] = ()
    domain_not_one_of: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    missing: Missing = "auto"

    def __post_init__(self) -> None:
        """Refuse a property without type, or conditions of the other type."""
        kind, _, name = self.name.partition(":")
        if kind not in ("string", "number") or not name:
            raise FilterError(
                f"property {self.name!r} has no type.",
                next_step="Begin it with 'string:' or 'number:'.",
            )
        texts = bool(self.not_one_of or self.domain_one_of or self.domain_not_one_of)
        texts = texts or any(isinstance(value, str) for value in self.one_of)
        numbers = self.at_least is not None or self.at_most is not None
        numbers = numbers or any(not isinstance(value, str) for value in self.one_of)
        if (kind == "string" and numbers) or (kind == "number" and texts):
            raise FilterError(
                f"property {self.name!r} is filtered like the other type.",
                next_step="Compare string properties with texts and domains, number properties with numbers.",
            )
        for values in (self.one_of, self.not_one_of, self.domain_one_of, self.domain_not_one_of):
            check_values("property", values)

    @property
    def is_number(self) -> bool:
        """Whether the property holds numbers."""
        return self.name.startswith("number:")

    @property
    def compares(self) -> bool:
        """Whether it says anything of the value, besides that there is one."""
        return bool(self._demands or self.not_one_of or self.domain_not_one_of)

    @property
    def passes_missing(self) -> bool:
        """Whether a message without the property passes."""
        return _passes_missing(self.missing, self._demands, bool(self.not_one_of or self.domain_not_one_of))

    @property
    def _demands(self) -> bool:
        bounded = self.at_least is not None or self.at_most is not None
        return bool(self.one_of or self.domain_one_of) or bounded


@dataclass(frozen=True, kw_only=True)
class AttachmentFilter:
    """A condition on the files of a message; without any part it lets every message pass that has one.

    Attributes
    ----------
    at_least, at_most
        Inclusive bounds on their number; ``at_most`` None = open. None at all is ``at_least=0, at_most=0``.
    types
        Content types of which one must be there, without regard to case; ``image/*`` is every picture.
    """

    at_least: int = 1
    at_most: int | None = None
    types: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an empty range, and lists that are too long."""
        if self.at_least < 0 or (self.at_most is not None and self.at_most < self.at_least):
            raise FilterError(
                f"attachment filter asks for {self.at_least} to {self.at_most} attachments.",
                next_step="Use 0 <= at_least <= at_most.",
            )
        check_values("content type", self.types)


@dataclass(frozen=True, kw_only=True)
class ExceptionFilter:
    """A condition on exceptions of streams: whether a message is tagged as one that could not be handled.

    Attributes
    ----------
    tagged
        False = messages without such an exception.
    types
        Of one of these types, as they were tagged; empty = of any.
    streams
        In one of these streams of the dataset, by name; empty = in any.
    """

    tagged: bool = True
    types: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse lists that are too long."""
        check_values("type of exception", self.types)
        check_values("stream", self.streams)


@dataclass(frozen=True, kw_only=True)
class LabelFilter:
    """A condition on one label.

    Attributes
    ----------
    status
        ``assigned`` or ``dismissed`` by a person; ``predicted`` with a probability in
        [``at_least``, ``at_most``] on an unreviewed message; ``present`` = assigned, or predicted so;
        ``absent``, ``not_assigned`` and ``not_predicted`` are the contrary of ``present``, ``assigned`` and
        ``predicted``.
    """

    label_id: LabelId
    status: LabelStatus = "present"
    at_least: float = 0.5
    at_most: float = 1.0

    def __post_init__(self) -> None:
        """Refuse an empty range of probabilities."""
        if not 0 <= self.at_least <= self.at_most <= 1:
            raise FilterError(
                f"label filter asks for a probability in [{self.at_least}, {self.at_most}].",
                next_step="Use 0 <= at_least <= at_most <= 1.",
            )


def check_values(noun: str, values: Iterable[str | float]) -> None:
    """Refuse more values, or longer ones, than a filter may list.

    Raises
    ------
    FilterError
        More than 128, or one longer than 65,536 characters.
    """
    listed = tuple(values)
    if len(listed) > MOST_VALUES:
        raise FilterError(
            f"a filter lists {len(listed):,} values of one {noun}.",
            next_step=f"List at most {MOST_VALUES}.",
            details={"noun": noun, "n": len(listed), "most": MOST_VALUES},
        )
    for value in listed:
        if isinstance(value, str) and len(value) > MOST_CHARACTERS:
            raise FilterError(
                f"a filter's {noun} {value[:60]!r}… has {len(value):,} characters.",
                next_step=f"Use at most {MOST_CHARACTERS:,}.",
            )


def address_of(text: str) -> str:
    """The address in ``Kim Lee <kim@shop.example>``, in small letters.

    >>> address_of("Kim Lee <Kim@Shop.example>"), address_of(" team@b.example ")
    ('kim@shop.example', 'team@b.example')
    """
    _, bracket, behind = text.rpartition("<")
    inside = behind.partition(">")[0] if bracket else text
    return lowered(inside.strip(" \t\r\n"))


def domain_of(text: str) -> str:
    """What follows the last ``@`` of an address, in small letters; empty without one."""
    _, sign, domain = address_of(text).rpartition("@")
    return domain if sign else ""


def lowered(text: str) -> str:
    """``text`` in small letters, one letter for one, as the store compares addresses."""
    return text.replace("İ", "i").lower().replace("ς", "σ")


def _passes_missing(missing: Missing, positive: bool, negative: bool) -> bool:  # noqa: FBT001 - two plain facts
    return missing in ("include", "only") or (missing == "auto" and negative and not positive)
