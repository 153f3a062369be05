"""What an import is told and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from workbench.domain.charging import Budget
from workbench.domain.ids import DatasetId, JobId, SourceId, UploadId

ExportFormat = Literal["csv", "jsonl", "parquet", "xlsx"]
FileKind = Literal["csv", "jsonl", "parquet", "xlsx"]
PropertyKind = Literal["string", "number"]

COMMENT_PROPERTIES = {"text_format": "string:Text Format", "context": "string:Comment Context"}
"""Keys of a comment beside its parts, and the properties in which a message keeps them.

``text_format`` says how texts are written; plain ones have no such property. ``context`` is what the platform that a
comment is from wants to hear when it is overwritten there; here it means nothing."""


@dataclass(frozen=True, kw_only=True)
class ColumnMapping:
    """Which column of a file is what.

    Attributes
    ----------
    id, timestamp, body
        Required columns: unique id within the source, time of the message, its text.
    recipients, cc, bcc
        Addresses: one a line, or separated by ``;`` or ``,``.
    sent_at
        When it was sent, where ``timestamp`` is something else; a blank cell = not known. Day and month stand
        in the order of the column ``timestamp``.
    properties
        Column to property type; becomes ``string:<column>`` or ``number:<column>``.
    day_first
        How to read ``03/04/2026``: True = 3 April, False = March 4, None = refuse such dates unless the
        column itself settles it (some day above 12).
    signature, full_text
        Columns of a file whose texts were taken apart before, as our own exports are: with either, ``body`` is
        stored as it stands and nothing is cut off.
    sheet
        Of a workbook: the sheet to read; None = the first visible one.
    parts
        Column with the parts of a message as JSON, as ``read_parts`` takes them; where it is filled, they say
        what the other columns of texts, people and ``sent_at`` would.
    attachments
        Column with a JSON list of what is known of files that came along: ``name``, ``size``, ``content_type``,
        ``content_hash``, ``inline``.
    """

    id: str
    timestamp: str
    body: str
    subject: str | None = None
    thread_id: str | None = None
    sender: str | None = None
    recipients: str | None = None
    language: str | None = None
    properties: dict[str, PropertyKind] = field(default_factory=dict)
    day_first: bool | None = None
    signature: str | None = None
    full_text: str | None = None
    sheet: str | None = None
    cc: str | None = None
    bcc: str | None = None
    sent_at: str | None = None
    parts: str | None = None
    attachments: str | None = None


@dataclass(frozen=True, kw_only=True)
class DatePreview:
    """How the times of one column read, as far as the file was looked at.

    Attributes
    ----------
    samples
        (as written, day first, month first), at most 5 different ones, those that could be either first; readings are RFC 3339.
    n_day_first, n_month_first, n_either
        Times that can only be read day first, only month first, or both ways; all others read one way only.
    mixed
        Both orders occur: the file cannot be read as it is.
    warning
        A sentence to show, empty when there is nothing to decide.
    """

    column: str
    samples: tuple[tuple[str, str, str], ...]
    n_day_first: int
    n_month_first: int
    n_either: int
    mixed: bool
    warning: str = ""


@dataclass(frozen=True, kw_only=True)
class FilePreview:
    """What a look at an uploaded file found.

    Attributes
    ----------
    rows
        The first rows, as text, at most 20.
    guess
        Mapping proposed from names and values; None when no id, time or text column can be guessed.
    encoding, delimiter
        As found; ``delimiter`` is empty for JSONL.
    n_rows
        Data rows in the whole file.
    dates
        How each column of times reads, in the order of the columns.
    sheets, sheet
        Of a workbook: its sheets, and the one that was looked at.
    left_out
        What the file holds that a message cannot keep, in words.
    """

    upload_id: UploadId
    name: str
    kind: FileKind
    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    n_rows: int
    n_bytes: int
    guess: ColumnMapping | None
    dates: tuple[DatePreview, ...] = ()
    sheets: tuple[str, ...] = ()
    sheet: str = ""
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RowError:
    """A row that cannot be read.

    ``row`` counts data rows from 1; ``value`` is "(hidden)" where it could show a sensitive property.
    """

    row: int
    column: str
    value: str
    problem: str


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """How to import.

    Attributes
    ----------
    on_bad_row
        ``refuse`` loads nothing when any row is bad (all are reported); ``skip`` loads the good rows.
    clean_mail
        Cut quoted history and signatures from the body (kept in ``full_text``).
    dry_run
        Compare with what is stored and count, but load and charge nothing.
    annotate
        Dataset over the source that takes the annotations of comment lines, with labels it lacks; None leaves
        them out.
    no_charge
        Record the units as not charged; for administrators.
    """

    on_bad_row: Literal["refuse", "skip"] = "refuse"
    clean_mail: bool = True
    dry_run: bool = False
    annotate: DatasetId | None = None
    no_charge: bool = False


@dataclass(frozen=True, kw_only=True)
class SyncCounts:
    """What a load changed. ``units`` = charged units, by the rules in force: 1 per new, 1 per text-modified, 0 for the rest.

    ``updated`` counts every changed message, ``text_modified`` those among them whose text changed.
    ``warnings`` are in words: budgets whose soft limit is passed.
    """

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    text_modified: int = 0
    units: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """The outcome of one import job. ``bad_rows`` holds the first 1,000; ``n_bad_rows`` counts all.

    The operation ``bad_rows`` gives them all.

    With ``dry_run`` nothing was loaded: ``counts`` says what the same import would do now, units included.
    ``budgets`` are those that apply, as they stood when it ended: what a dry run needs may be more than is left.
    ``n_annotated`` counts messages whose annotations changed to those of the file.
    """

    job_id: JobId
    source_id: SourceId
    file_name: str
    counts: SyncCounts
    n_rows: int
    n_bad_rows: int = 0
    bad_rows: tuple[RowError, ...] = ()
    dry_run: bool = False
    n_annotated: int = 0
    budgets: tuple[Budget, ...] = ()
