"""``wb.open`` and ``wb.connect``: the open workspace."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import msgspec

from workbench.client import connect_http, connect_local
from workbench.domain import (
    ColumnMapping,
    FilePreview,
    ImportOptions,
    ImportReport,
    JobId,
    Operations,
    SourceId,
    SourceKind,
)
from workbench.door.admitting import Admitting
from workbench.door.auditing import Auditing
from workbench.door.charging import Charging
from workbench.door.dataset import Dataset
from workbench.door.integrating import Integrating
from workbench.door.jobs import Job
from workbench.door.mailing import Mailing
from workbench.door.managing import Managing
from workbench.door.names import chosen, split_name, workspace_file
from workbench.door.pieces import whole
from workbench.door.planning import Planning
from workbench.door.retaining import Retaining
from workbench.door.show import table
from workbench.door.uploading import upload
from workbench.door.using import Using
from workbench.errors import FileFormatError
from workbench.settings import load_settings

if TYPE_CHECKING:
    import polars as pl

_BAD_ROWS = ("refuse", "skip")


def open(  # noqa: A001
    path: str | os.PathLike[str],
    *,
    actor: str = "",
    token: str | None = None,
    channel: str = "python",
    **settings: str | float | bool,
) -> Workspace:
    """Open a workspace file; it is created when it does not exist.

    Parameters
    ----------
    path
        The ``.duckdb`` file.
    actor
        The name written into reviews, ledger and audit; empty = the local user.
    token
        API token of an account, to act for it and do nothing more; None = what ``WORKBENCH_TOKEN`` holds, if anything.
    channel
        How the ledger and the audit log say that this came in.
    **settings
        Any setting by name, e.g. ``owner_idle_s=60`` (see the reference of settings).

    Raises
    ------
    InputError
        The path cannot be a workspace file, or a setting is unknown.

    Examples
    --------
    >>> import workbench as wb
    >>> ws = wb.open("support.duckdb")        # doctest: +SKIP
    """
    file = workspace_file(path)
    operations = connect_local(
        path, actor=actor, token=token, channel=channel, settings=load_settings(file, None, **settings)
    )
    return Workspace(operations, address=str(path))


def connect(url: str, *, token: str) -> Workspace:
    """Open a workspace that ``workbench serve`` serves, with the token it printed."""
    return Workspace(connect_http(url, token=token), address=url)


class Workspace(Admitting, Auditing, Charging, Integrating, Mailing, Managing, Planning, Retaining, Using):
    """An open workspace.

    Attributes
    ----------
    operations
        Every operation, as the panels, the command line and the HTTP door use them.
    """

    def __init__(self, operations: Operations, *, address: str) -> None:
        self.operations = operations
        self._address = address

    def __repr__(self) -> str:
        return f"<Workspace {self._address}>"

    def _repr_html_(self) -> str:
        """For notebooks: the datasets, or what to do first."""
        infos = self.operations.datasets()
        sources = self.operations.sources()
        held = f"{sum(source.n_messages for source in sources):,} messages in {len(sources)} sources."
        note = held if infos else f"{held} Next: ws.create_dataset('demo/support', sources=['demo/mail'])."
        if not sources:
            note = "Nothing here yet. Next: ws.import_('mail.csv', source='demo/mail')."
        return table(
            f"Workspace {self._address}",
            ("dataset", "messages", "reviewed", "labels", "model version"),
            [(d.full_name, d.n_messages, d.n_reviewed, d.n_labels, d.model_version or None) for d in infos],
            note,
        )

    def import_(
        self,
        path: str | os.PathLike[str],
        *,
        source: str,
        mapping: ColumnMapping | None = None,
        kind: SourceKind = "other",
        language: str = "en",
        on_bad_row: str = "refuse",
        dry_run: bool = False,
        annotate: str = "",
        sheet: str | None = None,
        clean_mail: bool = True,
        no_charge: bool = False,
        progress: bool = True,
    ) -> ImportReport:
        """Import a CSV, JSONL, XLSX or Parquet file, gzipped or not, into a source; it is created if need be.

        Parameters
        ----------
        source
            ``project/name``.
        mapping
            Which column is what; None = as guessed from names and values.
        on_bad_row
            ``refuse`` loads nothing when a row is bad; ``skip`` loads the good ones and reports the rest.
        dry_run
            Load, charge and create nothing, only check every row and count what the import would do.
        annotate
            ``project/name`` of the dataset that takes the annotations of a comment file; empty leaves them out.
        sheet
            Of a workbook: the sheet to read; None = the one the mapping names, else the first visible one.
        clean_mail
            Cut signatures and quoted history off texts of several lines; False keeps texts that are no mail whole.
        no_charge
            Record the units as not charged; for administrators.

        Raises
        ------
        FileFormatError, BadRowsError
            The file, or rows of it, cannot be read; nothing was loaded.
        """
        split_name("source", source)
        chosen(kind, SourceKind, "kind", get_args(SourceKind))
        bad_rows = chosen(on_bad_row, Literal[_BAD_ROWS], "on_bad_row", _BAD_ROWS)
        target = self.operations.dataset(annotate).dataset_id if annotate else None
        options = ImportOptions(
            on_bad_row=bad_rows, dry_run=dry_run, annotate=target, clean_mail=clean_mail, no_charge=no_charge
        )
        asked = sheet or (mapping.sheet if mapping else None)
        preview = self.look(path, sheet=asked)
        columns = replace(mapping, sheet=asked) if mapping else preview.guess
        if columns is None:
            raise FileFormatError(
                f"no id, time and text column can be guessed from {', '.join(preview.columns)}.",
                next_step="Pass mapping=ColumnMapping(id=…, timestamp=…, body=…).",
                details={"columns": list(preview.columns)},
            )
        home = self._source(source, kind, language, create=not dry_run)
        job_id = self.operations.start_import(home, preview.upload_id, columns, options)
        return msgspec.convert(Job(self.operations, job_id).wait(progress=progress), ImportReport)

    def bad_rows(self, job_id: str) -> pl.DataFrame:
        """All rows that an import of a table or its dry run could not read: row, column, value, problem.

        ``job_id`` stands in the report, and of a refusal in ``error.details["job_id"]``. Kept are the first 1,000,000 of
        a job, for 30 days.
        """
        return whole(partial(self.operations.bad_rows, JobId(job_id)))

    def look(self, path: str | os.PathLike[str], *, sheet: str | None = None) -> FilePreview:
        """What a file holds, before anything of it is imported: columns, first rows, the guessed mapping, dates.

        ``sheet`` names the sheet of a workbook; None = the first visible one.

        Raises
        ------
        InputError, FileFormatError
            There is no such file, or it cannot be read.
        """
        return upload(self.operations, Path(path).expanduser(), sheet=sheet)

    def sources(self) -> pl.DataFrame:
        """Sources and how many messages each has."""
        import polars as pl  # noqa: PLC0415

        rows = [
            {"source": s.full_name, "kind": s.kind, "language": s.language, "messages": s.n_messages}
            for s in self.operations.sources()
        ]
        schema = {"source": pl.String, "kind": pl.String, "language": pl.String, "messages": pl.Int64}
        return pl.DataFrame(rows, schema=schema)

    def datasets(self) -> pl.DataFrame:
        """Datasets with their counts and rating."""
        import polars as pl  # noqa: PLC0415

        rows = [
            (d.full_name, d.n_messages, d.n_reviewed, d.n_labels, d.model_version, d.rating, d.has_sentiment)
            for d in self.operations.datasets()
        ]
        schema = {
            "dataset": pl.String,
            "messages": pl.Int64,
            "reviewed": pl.Int64,
            "labels": pl.Int64,
            "model_version": pl.Int64,
            "rating": pl.Float64,
            "label_sentiment": pl.Boolean,
        }
        return pl.DataFrame(rows, schema=schema, orient="row")

    def create_dataset(
        self,
        name: str,
        *,
        sources: list[str],
        title: str = "",
        encoder: str = "",
        has_sentiment: bool = False,
        language: str = "",
    ) -> Dataset:
        """Create ``project/name`` over sources named ``project/name``.

        Parameters
        ----------
        encoder
            Empty = the default.
        has_sentiment
            Whether each assigned label is positive or negative, and predictions have a sentiment.
        language
            ISO 639-1 or ``multilingual``; empty = that of the sources. All three are fixed from here on.

        Raises
        ------
        InputError
            The name has no project, is taken, or a source is unknown or of another language.
        """
        project, short = split_name("dataset", name)
        made = self.operations.create_dataset(
            project,
            short,
            tuple(self._source_id(source) for source in sources),
            title=title,
            encoder=encoder,
            has_sentiment=has_sentiment,
            language=language,
        )
        return Dataset(self.operations, made.dataset_id)

    def dataset(self, name: str) -> Dataset:
        """A dataset by ``project/name``; ``UnknownNameError`` offers the nearest."""
        return Dataset(self.operations, self.operations.dataset(name).dataset_id)

    def usage(self, since: datetime | None = None) -> pl.DataFrame:
        """What was charged, by day, project, source, channel and operation."""
        import polars as pl  # noqa: PLC0415

        report = self.operations.usage(since)
        names = {source.source_id: source.full_name for source in self.operations.sources()}
        rows = [
            (t.day, t.project, names.get(SourceId(t.source), t.source), t.channel, t.operation, t.units)
            for t in report.totals
        ]
        schema = {
            "day": pl.Date,
            "project": pl.String,
            "source": pl.String,
            "channel": pl.String,
            "operation": pl.String,
            "units": pl.Int64,
        }
        frame = pl.DataFrame(rows, schema=schema, orient="row")
        return frame.with_columns((pl.col("units") * report.platform_units_per_unit).alias("platform_units"))

    def sql(self, query: str, *, limit: int = 100_000) -> pl.DataFrame:
        """Run a read-only SELECT on the workspace's tables."""
        import polars as pl  # noqa: PLC0415

        return pl.DataFrame(self.operations.sql(query, limit))

    def publish(self, path: str | os.PathLike[str]) -> Path:
        """Write a read-only copy of the workspace: snapshot and backup."""
        return Path(self.operations.publish(str(Path(path).absolute())))

    def health(self) -> dict[str, str]:
        """Version, file, encoder, uptime, clients."""
        return self.operations.health()

    def _source(self, name: str, kind: SourceKind, language: str, *, create: bool) -> SourceId | None:
        """The source of that name; None where there is none and nothing is to be created."""
        project, short = split_name("source", name)
        for source in self.operations.sources():
            if source.full_name == name:
                return source.source_id
        if not create:
            return None
        return self.operations.create_source(project, short, kind=kind, language=language).source_id
