"""Masks in the place of what is personal: ``[email 1]``, the same number for the same value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from workbench.language.personal.finding import find_personal
from workbench.language.personal.people import known_names, parted
from workbench.language.personal.spans import PersonalKind, PersonalSpan
from workbench.primitives import hex_digest

Finder = Callable[[str, Mapping[str, str], str | None], tuple[PersonalSpan, ...]]
"""Finds what is personal in a text, as ``find_personal`` does."""


@dataclass(kw_only=True)
class Pseudonyms:
    """The numbers of the values of one thread, from 1 per kind in the order they come.

    Attributes
    ----------
    numbers
        By kind and digest of the value: numbers are kept, and what they stand for is not.
    salt
        Goes into the digests, so that one value has another in every thread.
    new
        Those that were added, in order: kind, digest, number.
    find
        What finds the values: what was found before need not be found again.
    """

    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    salt: str = ""
    new: list[tuple[str, str, int]] = field(default_factory=list)
    find: Finder = field(default=find_personal, repr=False)
    _n_of: dict[str, int] = field(init=False, default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for (kind, _), number in self.numbers.items():
            self._n_of[kind] = max(self._n_of.get(kind, 0), number)

    def __repr__(self) -> str:  # values stay out of logs
        return f"Pseudonyms({len(self.numbers)} values)"

    def mask(self, kind: PersonalKind, value: str) -> str:
        """What stands in the place of a value."""
        key = (kind, hex_digest(self.salt, kind, value))
        if key not in self.numbers:
            self._n_of[kind] = self._n_of.get(kind, 0) + 1
            self.numbers[key] = self._n_of[kind]
            self.new.append((*key, self.numbers[key]))
        return f"[{kind} {self.numbers[key]}]"

    def masked(self, text: str, spans: Sequence[PersonalSpan]) -> str:
        """``text`` with masks in the place of ``spans``, which do not overlap and stand in order."""
        pieces, last = [], 0
        for span in spans:
            pieces += [text[last : span.start], self.mask(span.kind, span.value)]
            last = span.end
        return "".join([*pieces, text[last:]])

    def mask_text(self, text: str, known: Mapping[str, str], language: str | None = None) -> str:
        """A text without what is personal in it; ``known`` as ``known_names`` gives it."""
        spans = self.find(text, known, language)
        return self.masked(text, spans) if spans else text

    def mask_person(self, said: str) -> str:
        """A sender or recipient: always masked, whatever stands there."""
        _, address = parted(said)
        if "@" in address:
            return self.mask("email", address.strip().casefold())
        return self.mask("name", next(iter(known_names([said]).values()), said.strip().casefold()))
