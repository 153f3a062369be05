"""A condition on threads as parts of an address, and back: ``thread-messages=3..&thread-response=..2h``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from workbench.domain.threads import Bounds, ThreadFigure, ThreadFilter

_COUNTS: dict[str, ThreadFigure] = {"thread-messages": "n_messages", "thread-position": "position"}
_SPANS: dict[str, ThreadFigure] = {"thread-duration": "duration_s", "thread-response": "response_s"}
_UNITS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0}
_YES_OR_NO = {"yes": True, "no": False}

THREAD_NAMES = (*_COUNTS, *_SPANS, "thread-answered", "threaded")


def thread_pairs(condition: ThreadFilter) -> Iterator[tuple[str, str]]:
    """Names and values of a condition, without its first sender; of an empty one ``threaded=yes``."""
    if condition == ThreadFilter():
        yield "threaded", "yes"
    for name, figure in (_COUNTS | _SPANS).items():
        bounds = condition.bounds.get(figure)
        if bounds is not None:
            write = _span if name in _SPANS else _number
            low, high = (None if one is None else write(one) for one in (bounds.at_least, bounds.at_most))
            yield name, low if low is not None and low == high else f"{low or ''}..{high or ''}"
    if condition.answered is not None:
        yield "thread-answered", "yes" if condition.answered else "no"


def with_thread(condition: ThreadFilter, name: str, value: str) -> ThreadFilter:
    """``condition`` with what one more pair says; ``name`` is one of ``THREAD_NAMES``.

    Raises
    ------
    ValueError
        The value cannot be read.
    """
    if name == "threaded":
        if value != "yes":
            raise ValueError(f"{value!r} is not yes")
        return condition
    if name == "thread-answered":
        if value not in _YES_OR_NO:
            raise ValueError(f"{value!r} is none of {', '.join(_YES_OR_NO)}")
        return replace(condition, answered=_YES_OR_NO[value])
    read = _seconds if name in _SPANS else float
    low, dots, high = value.partition("..")
    first = read(low) if low else None
    last = read(high) if high else None if dots else first
    changes: dict[str, Any] = {(_COUNTS | _SPANS)[name]: Bounds(at_least=first, at_most=last)}
    return replace(condition, **changes)


def _number(value: float) -> str:
    return repr(float(value)).removesuffix(".0")


def _span(seconds: float) -> str:
    """Seconds in the largest unit of which they are a whole number: ``90m``, ``12.5s``."""
    whole = next((unit for unit, size in _UNITS.items() if seconds and seconds % size == 0), "s")
    written = seconds / _UNITS[whole]
    # Beyond what a number counts exactly, dividing could lose a digit.
    if written * _UNITS[whole] != seconds:
        whole, written = "s", seconds
    return f"{_number(written)}{whole}"


def _seconds(text: str) -> float:
    return float(text[:-1]) * _UNITS[text[-1]] if text[-1] in _UNITS else float(text)
