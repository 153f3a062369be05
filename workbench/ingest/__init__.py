"""Files to message batches: look at a file, check every row, read it, clean mail text."""

from __future__ import annotations

from workbench.ingest.bad_rows import bad_rows
from workbench.ingest.check import CheckReport, check
from workbench.ingest.labellings import Labelling, read_labellings
from workbench.ingest.mail import CleanText, clean_mail
from workbench.ingest.preview import look
from workbench.ingest.reader import Batch, read

__all__ = [
    "Batch",
    "CheckReport",
    "CleanText",
    "Labelling",
    "bad_rows",
    "check",
    "clean_mail",
    "look",
    "read",
    "read_labellings",
]
