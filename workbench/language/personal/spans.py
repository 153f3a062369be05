"""Where something personal stands in a text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

PersonalKind = Literal["email", "phone", "iban", "card", "id", "ip", "url", "name"]
"""``id`` is a national or tax number of a person, ``url`` a web address that names somebody."""


@dataclass(frozen=True, kw_only=True)
class PersonalSpan:
    """One find.

    Attributes
    ----------
    start, end
        Places in the text in code points, ``end`` not included.
    certainty
        In (0, 1]: 1 = a check digit or a form that nothing else has; 0.9 = a valid number in the form that is
        usual for it; 0.7 = told by the words around it. A judgement, not a measured probability.
    value
        What it says without its spelling, so that two spellings of one number are the same: an address in small
        letters, a phone number as ``+`` and digits, other numbers without spaces.
    """

    start: int
    end: int
    kind: PersonalKind
    certainty: float
    value: str


def apart(found: Iterable[PersonalSpan]) -> tuple[PersonalSpan, ...]:
    """Finds that do not overlap, in the order of the text; the surest stays, of equals the longest, then the first."""
    kept: list[PersonalSpan] = []
    last = -1
    for one in sorted(found, key=lambda span: (span.start, -span.end)):
        if one.start >= last:
            kept.append(one)
            last = one.end
        elif _weight(one) > _weight(kept[-1]):
            # What it takes the place of may stand out before it: nothing of that may show.
            start = min(kept[-1].start, one.start)
            last = max(kept[-1].end, one.end)
            kept[-1] = PersonalSpan(
                start=start, end=last, kind=one.kind, certainty=one.certainty, value=one.value
            )
        elif one.end > last:
            before = kept[-1]
            last = one.end
            kept[-1] = PersonalSpan(
                start=before.start, end=last, kind=before.kind, certainty=before.certainty, value=before.value
            )
    return tuple(kept)


def _weight(span: PersonalSpan) -> tuple[float, int]:
    return span.certainty, span.end - span.start
