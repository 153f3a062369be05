"""Messages as files for other programs: CSV, JSON lines, Parquet and workbooks, streamed in constant memory."""

from __future__ import annotations

from workbench.reports.export.export import FORMATS, choose_format, export_messages
from workbench.reports.export.row_errors import write_mail_problems, write_row_errors

__all__ = ["FORMATS", "choose_format", "export_messages", "write_mail_problems", "write_row_errors"]
