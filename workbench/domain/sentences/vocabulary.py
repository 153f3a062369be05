"""Conditions as a language model may word them: JSON objects of a known kind, each quoting words of the sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from math import isfinite
from typing import Any, Literal, TypeAlias, TypeVar

import msgspec

from workbench.domain.conditions import AddressFilter, AttachmentFilter, LabelFilter, PropertyFilter
from workbench.domain.filters import MessageFilter
from workbench.domain.sentences.names import KnownNames
from workbench.domain.sentences.rules import LANGUAGES

_Named = TypeVar("_Named")


class _Condition(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, tag_field="is", tag=str.lower):
    """``words`` is the piece of the sentence it comes from; ``made`` raises ValueError or KeyError when it is none."""

    words: str

    def made(self, _known: KnownNames) -> MessageFilter:
        raise NotImplementedError

    @property
    def n_values(self) -> int:
        """Values of which any may hold."""
        return 1

    @property
    def denies(self) -> bool:
        """Whether it passes what lacks something."""
        return False


class Reviewed(_Condition):
    """Reviewed or not."""

    value: bool

    def made(self, _known: KnownNames) -> MessageFilter:
        """The filter."""
        return MessageFilter(reviewed=self.value)

    @property
    def denies(self) -> bool:
        """Not reviewed."""
        return not self.value


class Translated(_Condition):
    """With a translation or without."""

    value: bool

    def made(self, _known: KnownNames) -> MessageFilter:
        """The filter."""
        return MessageFilter(translated=self.value)

    @property
    def denies(self) -> bool:
        """Not translated."""
        return not self.value


class Attachments(_Condition):
    """How many files; none is ``at_least`` 0, ``at_most`` 0."""

    at_least: int = 1
    at_most: int | None = None

    def made(self, _known: KnownNames) -> MessageFilter:
        """The filter."""
        return MessageFilter(
            attachments=AttachmentFilter(at_least=self.at_least, at_most=self.at_most),
        )

    @property
    def denies(self) -> bool:
        """No file."""
        return self.at_most == 0


class Days(_Condition):
    """From a first to a last day, both included."""

    first: date | None = None
    last: date | None = None

    def made(self, _known: KnownNames) -> MessageFilter:
        """The filter."""
        if self.first is None and self.last is None:
            raise ValueError("no day")
        since = None if self.first is None else _midnight(self.first)
        until = None if self.last is None else _midnight(self.last + timedelta(days=1))
        return MessageFilter(since=since, until=until)


class Text(_Condition):
    """Words to look for, each of which stands in the quoted piece."""

    search: list[str]
    how: Literal["all", "any", "none"] = "all"

    def made(self, _known: KnownNames) -> MessageFilter:
        """The filter."""
        terms = [f'"{term}"' if " " in term else term for term in self.search]
        for term in self.search:
            plain = term.replace(" ", "").replace("'", "").replace("’", "").replace("-", "")
            if term.casefold() not in self.words.casefold() or not plain.isalnum() or term[0] == "-":
                raise ValueError("a search for what does not stand there")
            if term.casefold() in ("or", "and", "not"):
                raise ValueError("an operator")
        if not terms:
            raise ValueError("no words")
        joint = {"all": " ", "any": " OR ", "none": " "}[self.how]
        return MessageFilter(text=joint.join(f"-{term}" if self.how == "none" else term for term in terms))

    @property
    def n_values(self) -> int:
        """Words of which any may stand there."""
        return len(self.search) if self.how == "any" else 1

    @property
    def denies(self) -> bool:
        """None of the words."""
        return self.how == "none"


class Language(_Condition):
    """English names of languages."""

    one_of: list[str]

    def made(self, _known: KnownNames) -> MessageFilter:
        """The filter."""
        return MessageFilter(languages=_looked_up(LANGUAGES, self.one_of))

    @property
    def n_values(self) -> int:
        """Languages."""
        return len(self.one_of)


class Source(_Condition):
    """Names of sources."""

    one_of: list[str]

    def made(self, _known: KnownNames) -> MessageFilter:
        """The filter."""
        return MessageFilter(sources=_looked_up(_known.sources, self.one_of))

    @property
    def n_values(self) -> int:
        """Sources."""
        return len(self.one_of)


class Label(_Condition):
    """Names of labels, any of which the message has, or lacks."""

    one_of: list[str]
    status: Literal["assigned", "dismissed", "predicted", "present", "absent"] = "present"
    at_least: float = 0.5
    at_most: float = 1.0

    def made(self, _known: KnownNames) -> MessageFilter:
        """The filter."""
        found = tuple(
            LabelFilter(label_id=one, status=self.status, at_least=self.at_least, at_most=self.at_most)
            for one in _looked_up(_known.labels, self.one_of)
        )
        is_either = len(found) > 1 and self.status != "absent"
        return MessageFilter(labels=found, labels_match="any" if is_either else "all")

    @property
    def n_values(self) -> int:
        """Labels."""
        return len(self.one_of)

    @property
    def denies(self) -> bool:
        """None of the labels."""
        return self.status in ("absent", "dismissed")


class Property(_Condition):
    """A user property: values that occur, or bounds of a number."""

    name: str
    one_of: list[str | float] = []
    not_one_of: list[str] = []
    at_least: float | None = None
    at_most: float | None = None
    missing: bool = False

    def made(self, _known: KnownNames) -> MessageFilter:
        """The filter."""
        values = _known.properties[self.name]
        texts = [one for one in self.one_of if isinstance(one, str)]
        numbers = [one for one in self.one_of if not isinstance(one, str)]
        bounds = [one for one in (self.at_least, self.at_most) if one is not None]
        if not all(map(isfinite, (*numbers, *bounds))) or not (
            self.one_of or self.not_one_of or bounds or self.missing
        ):
            raise ValueError("no condition")
        by_name = {value: value for value in values}
        condition = PropertyFilter(
            name=self.name,
            one_of=(*_looked_up(by_name, texts, least=0), *numbers),
            not_one_of=_looked_up(by_name, self.not_one_of, least=0),
            at_least=self.at_least,
            at_most=self.at_most,
            missing="only" if self.missing else "auto",
        )
        if self.missing and (self.one_of or self.not_one_of or bounds):
            raise ValueError("a value and none")
        if None not in (self.at_least, self.at_most) and bounds[0] > bounds[1]:
            raise ValueError("an empty range")
        return MessageFilter(properties=(condition,))

    @property
    def n_values(self) -> int:
        """Values."""
        return len(self.one_of)

    @property
    def denies(self) -> bool:
        """None of the values, or no value."""
        return (bool(self.not_one_of) and not self.one_of) or self.missing


class Person(_Condition):
    """Addresses or domains, each of which stands in the quoted piece."""

    part: Literal["sender", "recipient", "cc", "bcc"]
    one_of: list[str] = []
    not_one_of: list[str] = []

    def made(self, _known: KnownNames) -> MessageFilter:
        """The filter."""
        lists: dict[str, Any] = {}
        for name, values in (("one_of", self.one_of), ("not_one_of", self.not_one_of)):
            for value in (one.casefold().removeprefix("@") for one in values):
                if "." not in value or value not in self.words.casefold():
                    raise ValueError("an address that does not stand there")
                kind = name if "@" in value else f"domain_{name}"
                lists[kind] = (*lists.get(kind, ()), value)
        if len(lists) != 1:
            raise ValueError("no address, or conditions that would all have to hold")
        made: dict[str, Any] = {self.part: AddressFilter(**lists)}
        return MessageFilter(**made)

    @property
    def n_values(self) -> int:
        """Addresses."""
        return len(self.one_of)

    @property
    def denies(self) -> bool:
        """None of the addresses."""
        return bool(self.not_one_of)


Condition: TypeAlias = (
    Reviewed | Translated | Attachments | Days | Text | Language | Source | Label | Property | Person
)


def _looked_up(known: Mapping[str, _Named], names: Iterable[str], *, least: int = 1) -> tuple[_Named, ...]:
    by_name = {name.casefold(): one for name, one in known.items()}
    found = tuple(dict.fromkeys(by_name[name.casefold()] for name in names))
    if len(found) < least:
        raise ValueError("no name")
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
