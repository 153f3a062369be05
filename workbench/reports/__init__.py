"""Reports for people: HTML and PDF from displays, tables as CSV."""

from __future__ import annotations

from workbench.reports.masking import masked, quoted
from workbench.reports.report import Report, build_report
from workbench.reports.sheets import neutral_cell, write_csv

__all__ = [
    "Report",
    "build_report",
    "masked",
    "neutral_cell",
    "quoted",
    "write_csv",
]
