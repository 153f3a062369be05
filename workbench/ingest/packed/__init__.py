"""Files that hold a table in another form, as the CSV or JSON lines the readers take: gzip, Parquet, workbooks."""

from __future__ import annotations

from workbench.ingest.packed.limit import UNPACKED_BYTES
from workbench.ingest.packed.unpack import Unpacked, unpack

__all__ = ["UNPACKED_BYTES", "Unpacked", "unpack"]
