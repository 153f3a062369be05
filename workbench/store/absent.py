"""Modules that are not installed and are asked for all the time."""

from __future__ import annotations

import importlib.util
import sys

import pyarrow as pa

ABSENT = "pandas"


def note_absent() -> None:
    """Say once for this process that pandas is not installed, where it is not; for the owner, which needs none.

    DuckDB tries to import it for each value that it binds, and Python looks for a module that is not there in every
    folder each time: 80 microseconds a value against 13, half of the time of a small statement.
    """
    if ABSENT in sys.modules or importlib.util.find_spec(ABSENT) is not None:
        return
    pa.array([""])  # it has looked then, and does not look again: it cannot bear the answer that follows
    sys.modules[ABSENT] = None  # type: ignore[assignment]
