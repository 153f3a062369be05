"""``trigger_exceptions`` of a comment filter: comments that the automation behind a stream could not handle."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from workbench.api.shapes.attributes import Items
from workbench.domain import ExceptionFilter
from workbench.errors import UnknownNameError


class ExceptionCondition(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Tagged as an exception, of one of these types, in one of these streams; an empty one says nothing.

    ``tagged`` of false asks for the contrary. Left out it is true where a type or a stream is named.
    """

    tagged: bool | None = None
    types: Items | None = None
    streams: Items | None = None


def exception_filter(
    given: ExceptionCondition | None, streams: Callable[[], Iterable[str]]
) -> ExceptionFilter | None:
    """The condition that it means; None = it says nothing.

    Parameters
    ----------
    streams
        Gives the names of the streams of the dataset; called where some are named.

    Raises
    ------
    UnknownNameError
        The dataset has no stream of such a name.
    """
    if given is None or given == ExceptionCondition():
        return None
    if given.streams:
        known = tuple(streams())
        for name in given.streams:
            if name not in known:
                raise UnknownNameError("stream", name[:300], known)
    return ExceptionFilter(
        tagged=given.tagged is not False,
        types=tuple(given.types or ()),
        streams=tuple(given.streams or ()),
    )


def shown_exceptions(condition: ExceptionFilter | None) -> ExceptionCondition | None:
    """As it is read; None = there is none, or their shape cannot say it: a stream that it names may be gone."""
    if condition is None or condition.streams or not all(condition.types):
        return None
    return ExceptionCondition(tagged=condition.tagged, types=list(condition.types) or None)
