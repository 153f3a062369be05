"""Everything personal in a text."""

from __future__ import annotations

from collections.abc import Mapping

from workbench.language.personal.networks import find_networks
from workbench.language.personal.numbers import find_numbers
from workbench.language.personal.people import find_names, known_names
from workbench.language.personal.phones import find_phones
from workbench.language.personal.spans import PersonalSpan, apart


def find_personal(
    text: str, known: Mapping[str, str] | None = None, language: str | None = None
) -> tuple[PersonalSpan, ...]:
    """What is personal in a text, in its order, without overlaps.

    Patterns and check digits for numbers and addresses; names only where ``known`` or the text itself tells them.
    The time grows with the length of the text and no faster.

    Parameters
    ----------
    known
        Names, as ``known_names`` gives them; None = those of addresses in the text alone.
    language
        ISO 639-1 code, for phone numbers without a country.
    """
    found = list(find_networks(text))
    told = dict(known or {})
    for name, person in known_names(span.value for span in found if span.kind == "email").items():
        told.setdefault(name, person)
    found += find_numbers(text)
    found += find_phones(text, language)
    found += find_names(text, told)
    return apart(found)
