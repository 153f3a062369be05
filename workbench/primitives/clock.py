"""Time as an argument: whoever needs it takes a ``Clock``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present as an aware UTC datetime."""


def utc_now() -> datetime:
    """The real clock: aware, UTC, microseconds."""
    return datetime.now(UTC)
