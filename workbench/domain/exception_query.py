"""A condition on exceptions of streams as parts of an address, and back: ``exceptions=yes``, ``exception-type=…``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from workbench.domain.conditions import ExceptionFilter

_LISTS = {"exception-type": "types", "exception-stream": "streams"}
_YES_OR_NO = {"yes": True, "no": False}

EXCEPTION_NAMES = ("exceptions", *_LISTS)


def exception_pairs(condition: ExceptionFilter | None) -> Iterator[tuple[str, str]]:
    """Names and values of a condition."""
    if condition is None:
        return
    if not condition.tagged:
        yield "exceptions", "no"
    elif condition == ExceptionFilter():
        yield "exceptions", "yes"
    yield from ((name, value) for name, part in _LISTS.items() for value in getattr(condition, part))


def with_exceptions(condition: ExceptionFilter, name: str, value: str) -> ExceptionFilter:
    """``condition`` with one more pair; ``ValueError`` when the value cannot be read."""
    if name == "exceptions":
        if value not in _YES_OR_NO:
            raise ValueError(f"{value!r} is none of {', '.join(_YES_OR_NO)}")
        return replace(condition, tagged=_YES_OR_NO[value])
    part = _LISTS[name]
    changes: dict[str, Any] = {part: (*getattr(condition, part), value)}
    return replace(condition, **changes)


__all__ = ["EXCEPTION_NAMES", "exception_pairs", "with_exceptions"]
