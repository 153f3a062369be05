"""Hashing, clock, batching, seeds, colour: no word of the domain."""

from __future__ import annotations

from workbench.primitives.batching import batched
from workbench.primitives.clock import Clock, utc_now
from workbench.primitives.database_file import DatabaseKind, database_kind
from workbench.primitives.files import write_atomically
from workbench.primitives.hashing import hex_digest, new_id, unit_interval

__all__ = [
    "Clock",
    "DatabaseKind",
    "batched",
    "database_kind",
    "hex_digest",
    "new_id",
    "unit_interval",
    "utc_now",
    "write_atomically",
]
