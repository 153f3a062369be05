"""Times in a sentence: days, months and spans, as half-open bounds in UTC."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from workbench.domain.filter_words import MONTHS

Bounds = tuple[datetime | None, datetime | None]
Rule = tuple[re.Pattern[str], Callable[[re.Match[str], date], Bounds]]

_MONTH = "|".join(f"{name}|{name[:3]}" if name != "May" else name for name in MONTHS)
_DAY = (
    rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|(?<![\d.])\d{{1,2}}\.\d{{1,2}}\.\d{{4}}(?!\.?\d)|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTH})(?:,?\s+\d{{4}})?"
    rf"|(?:{_MONTH})\s+\d{{1,2}}(?:st|nd|rd|th)?(?!\d)(?:,?\s+\d{{4}})?|today|yesterday)"
)
_SPAN = rf"(?:(?:{_MONTH})(?:\s+\d{{4}})?|\d{{4}}(?!-|\s+(?:messages?|e?-?mails?|conversations?)\b))"
_ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
_QUARTER = rf"(?:(?:the\s+)?(?:Q(?P<q>[1-4])|(?P<ordinal>{'|'.join(_ORDINALS)})\s+quarter)(?:\s+(?:of\s+)?(?P<year>\d{{4}}))?(?!\s+of\b))"
_TIME_WORD = rf"(?:Q[1-4]|{_MONTH}|\d{{1,4}}(?:st|nd|rd|th)?|today|yesterday|tomorrow|weeks?|months?|years?|quarters?|days?)"
_BEFORE = re.compile(
    rf"(?<!\w)(?:(?:before|after|since|until|till|by|than|prior\s+to|up\s+to|starting|between)(?:\s+the)?"
    rf"|{_TIME_WORD}\s*(?:,|and|or|to|until|till|-|–|/)"
    r"|(?:half|quarter|end|beginning|start|middle|rest|part|weeks?|weekends?|summer|winter|spring|autumn|fall|early|late|mid|\w*days?)"
    r"(?:\s+\d{1,2})?)\s*$",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    rf"\s*(?:and|or|to|until|till|through|-|–|/)\s*(?:(?:in|from|of|the|this|last|next)\s+)*{_TIME_WORD}(?!\w)",
    re.IGNORECASE,
)
_AGE = r"(?P<n>\d{1,4}|an?|one)\s+(?P<unit>day|week|month)s?"
_UNITS = {"day": 1, "week": 7}


def time_rules() -> list[Rule]:
    """Patterns that speak of times, and what each means on a given day; the more particular come first."""
    return [
        (_pattern(rf"between\s+(?P<a>{_DAY})\s+and\s+(?P<b>{_DAY})"), _between),
        (
            _pattern(rf"(?:(?:from|since)\s+)?(?P<a>{_DAY})\s+(?:to|until|till|-|–)\s+(?P<b>{_DAY})"),
            _between,
        ),
        (
            _pattern(rf"(?:since|from|starting(?:\s+on)?)\s+(?P<a>{_DAY})"),
            lambda m, now: (_start(m["a"], now), None),
        ),
        (_pattern(rf"after\s+(?P<a>{_DAY})"), lambda m, now: (_start(m["a"], now) + timedelta(days=1), None)),
        (_pattern(rf"before\s+(?P<a>{_DAY})"), lambda m, now: (None, _start(m["a"], now))),
        (
            _pattern(rf"(?:until|till|up\s+to)\s+(?P<a>{_DAY})"),
            lambda m, now: (None, _start(m["a"], now) + timedelta(days=1)),
        ),
        (
            _pattern(
                r"(?:in|from|of|over|during)?\s*(?:the\s+)?last\s+(?P<n>\d{1,4})\s+(?P<unit>day|week|month)s"
            ),
            _last,
        ),
        (
            _pattern(r"since\s+(?P<which>this|last)\s+(?P<unit>week|month|quarter|year)"),
            lambda m, now: (_calendar(m, now)[0], None),
        ),
        (
            _pattern(r"before\s+(?P<which>this|last)\s+(?P<unit>week|month|quarter|year)"),
            lambda m, now: (None, _calendar(m, now)[0]),
        ),
        (
            _pattern(r"(?:from\s+|in\s+|of\s+)?(?P<which>this|last)\s+(?P<unit>week|month|quarter|year)"),
            _calendar,
        ),
        (_pattern(rf"older\s+than\s+{_AGE}"), lambda m, now: (None, _last(m, now)[0])),
        (_pattern(rf"more\s+than\s+{_AGE}\s+old"), lambda m, now: (None, _last(m, now)[0])),
        (_pattern(rf"(?:newer|younger)\s+than\s+{_AGE}"), _last),
        (_pattern(rf"less\s+than\s+{_AGE}\s+old"), _last),
        (_pattern(rf"(?:since|from)\s+{_QUARTER}"), lambda m, now: (_quarter(m, now)[0], None)),
        (_pattern(rf"before\s+{_QUARTER}"), lambda m, now: (None, _quarter(m, now)[0])),
        (_pattern(rf"(?:(?:in|during|of)\s+)?{_QUARTER}"), _quarter),
        (
            _pattern(rf"(?:since|from)\s+(?P<a>(?:{_MONTH})(?:\s+\d{{4}})?)"),
            lambda m, now: (_span(m["a"], now)[0], None),
        ),
        (_pattern(rf"before\s+(?P<a>{_SPAN})"), lambda m, now: (None, _span(m["a"], now)[0])),
        (_pattern(rf"(?:on\s+)?(?P<a>{_DAY})"), _on),
        (_pattern(rf"(?:in|during|of)\s+(?P<a>{_SPAN})"), lambda m, now: _span(m["a"], now)),
    ]


def stands_alone(found: re.Match[str]) -> bool:
    """Whether a time is not the rest of a longer one: *before* last week, 5 *and* 6 March, March *to* May."""
    sentence = found.string
    return not (
        _BEFORE.search(sentence[max(0, found.start() - 60) : found.start()])
        or _BEHIND.match(sentence[found.end() :])
    )


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){text}(?!\w)", re.IGNORECASE)


def _on(found: re.Match[str], now: date) -> Bounds:
    start = _start(found["a"], now)
    return start, start + timedelta(days=1)


def _between(found: re.Match[str], now: date) -> Bounds:
    first, last = sorted((_start(found["a"], now), _start(found["b"], now)))
    return first, last + timedelta(days=1)


def _last(found: re.Match[str], now: date) -> Bounds:
    n = int(found["n"]) if found["n"].isdecimal() else 1
    if found["unit"].lower() == "month":
        place = now.year * 12 + now.month - 1 - n
        first = date(place // 12, place % 12 + 1, min(now.day, 28))
    else:
        first = now - timedelta(days=n * _UNITS[found["unit"].lower()])
    return _midnight(first), None


def _calendar(found: re.Match[str], now: date) -> Bounds:
    back = 1 if found["which"].lower() == "last" else 0
    match found["unit"].lower():
        case "week":
            first = now - timedelta(days=now.weekday() + 7 * back)
            return _midnight(first), _midnight(first + timedelta(days=7))
        case "month":
            return _month(now.year * 12 + now.month - 1 - back)
        case "quarter":
            return _months(now.year * 12 + (now.month - 1) // 3 * 3 - 3 * back, 3)
        case _:
            return _midnight(date(now.year - back, 1, 1)), _midnight(date(now.year - back + 1, 1, 1))


def _span(text: str, now: date) -> Bounds:
    """A month, of the year that is named or else the last one that has begun; or a year."""
    year = re.search(r"\d{4}", text)
    names = re.search(r"[a-z]{3}", text.lower())
    if names is None:
        assert year is not None
        return _midnight(date(int(year[0]), 1, 1)), _midnight(date(int(year[0]) + 1, 1, 1))
    month = _month_number(names[0])
    of_year = int(year[0]) if year else now.year - (month > now.month)
    return _month(of_year * 12 + month - 1)


def _quarter(found: re.Match[str], now: date) -> Bounds:
    """A quarter, of the year that is named or else the last one that has begun."""
    month = 3 * (int(found["q"] or 0) or _ORDINALS[found["ordinal"].lower()]) - 2
    of_year = int(found["year"]) if found["year"] else now.year - (month > now.month)
    return _months(of_year * 12 + month - 1, 3)


def _month(place: int) -> Bounds:
    return _months(place, 1)


def _months(place: int, n: int) -> Bounds:
    first, following = (date(at // 12, at % 12 + 1, 1) for at in (place, place + n))
    return _midnight(first), _midnight(following)


def _start(text: str, now: date) -> datetime:
    """The day a text names; without a year the last such day that is not to come."""
    low = text.lower()
    if low in ("today", "yesterday"):
        return _midnight(now - timedelta(days=low == "yesterday"))
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", low):
        return _midnight(date.fromisoformat(low))
    if re.fullmatch(r"\d{1,2}\.\d{1,2}\.\d{4}", low):
        day_of, month_of, of_year = map(int, low.split("."))
        return _midnight(date(of_year, month_of, day_of))
    number, name = (
        re.search(r"(?<!\d)\d{1,2}(?!\d)", low),
        re.search(r"(?<![a-z0-9])[a-z]{3,}", low.replace("of ", " ")),
    )
    year = re.search(r"\d{4}", low)
    assert number is not None
    assert name is not None
    month, day = _month_number(name[0]), int(number[0])
    if year:
        return _midnight(date(int(year[0]), month, day))
    is_to_come = (month, day) > (now.month, now.day)
    return _midnight(date(now.year - is_to_come, month, day))


def _month_number(text: str) -> int:
    return next(place for place, name in enumerate(MONTHS, start=1) if name.lower().startswith(text[:3]))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
