"""Excel workbooks (.xlsx), read as a stream in constant memory."""

from __future__ import annotations

from workbench.ingest.packed.workbook.book import Workbook, is_workbook

__all__ = ["Workbook", "is_workbook"]
