"""Hashing, clock, batching, seeds, colour, cells: no word of the domain."""

from __future__ import annotations

from workbench.primitives.addresses import address_group
from workbench.primitives.batching import batched
from workbench.primitives.cells import ACTIVE_CELL, bare_cell, neutral_cell
from workbench.primitives.clock import Clock, utc_now
from workbench.primitives.database_file import DatabaseKind, database_kind
from workbench.primitives.files import write_atomically
from workbench.primitives.hashing import hex_digest, new_id, unit_interval
from workbench.primitives.shares import Z95, wilson

__all__ = [
    "ACTIVE_CELL",
    "Z95",
    "Clock",
    "DatabaseKind",
    "address_group",
    "bare_cell",
    "batched",
    "database_kind",
    "hex_digest",
    "neutral_cell",
    "new_id",
    "unit_interval",
    "utc_now",
    "wilson",
    "write_atomically",
]
