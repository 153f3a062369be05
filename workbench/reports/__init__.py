"""Reports for people: HTML and PDF from displays, tables as CSV."""

from __future__ import annotations

from workbench.reports.export import (
    FORMATS,
    choose_format,
    export_messages,
    write_mail_problems,
    write_row_errors,
)
from workbench.reports.invoice import InvoiceDocument
from workbench.reports.masking import masked, quoted
from workbench.reports.report import Report, build_report
from workbench.reports.sheets import write_csv

__all__ = [
    "FORMATS",
    "InvoiceDocument",
    "Report",
    "build_report",
    "choose_format",
    "export_messages",
    "masked",
    "quoted",
    "write_csv",
    "write_mail_problems",
    "write_row_errors",
]
