"""What imports did, or would do, in numbers."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from workbench.charts.figure import Numbers, Value, numbers, schema
from workbench.charts.words import count
from workbench.domain import ImportReport, JobState, MailImportReport, SyncCounts

ALL_FILES = "All files"
_COUNTS = ("new", "updated", "unchanged", "text_modified", "units")
_MAIL_COUNTS = ("n_stored", "n_known", "n_problems")


def _job(job: JobState) -> str:
    return f"ws.operations.job({str(job.job_id)!r})"


def _counts(counts: SyncCounts) -> dict[str, Value]:
    return {name: getattr(counts, name) for name in _COUNTS}


def import_counts(jobs: Sequence[JobState]) -> Numbers:
    """What became, or would become, of the rows of each file of imports that are done, and of all together.

    ``n`` counts the rows of the file.
    """
    reports = [msgspec.json.decode(job.result, type=ImportReport) for job in jobs]
    rows: list[dict[str, Value]] = [
        {
            "file": one.file_name,
            "dry_run": one.dry_run,
            **_counts(one.counts),
            "n_bad_rows": one.n_bad_rows,
            "n": one.n_rows,
        }
        for one in reports
    ]
    whole = (*_COUNTS, "n_bad_rows", "n")
    n = sum(one.n_rows for one in reports)
    together: dict[str, Value] = {
        "file": ALL_FILES,
        "dry_run": any(one.dry_run for one in reports),
        **{name: sum(getattr(one.counts, name) for one in reports) for name in _COUNTS},
        "n_bad_rows": sum(one.n_bad_rows for one in reports),
        "n": n,
    }
    return numbers(
        [together, *rows],
        schema(String=("file",), Boolean=("dry_run",), Int64=whole),
        title="Rows imported",
        caption=f"n = {count(n)} rows of {count(len(rows))} files, all counted.",
        line=f"charts.import_counts([{', '.join(map(_job, jobs))}])",
    )


def mail_import_counts(job: JobState) -> Numbers:
    """What became, or would become, of the mails of an import that is done: one row; ``n`` counts the mails found."""
    report = msgspec.json.decode(job.result, type=MailImportReport)
    row: dict[str, Value] = {
        "name": report.name,
        "dry_run": report.dry_run,
        "n_stored": report.n_stored,
        "n_known": report.n_known,
        "n_problems": report.n_problems,
        **_counts(report.counts),
        "n": report.n_mails,
    }
    return numbers(
        [row],
        schema(String=("name",), Boolean=("dry_run",), Int64=(*_MAIL_COUNTS, *_COUNTS, "n")),
        title="Mails imported",
        caption=f"n = {count(report.n_mails)} mails found, all counted.",
        line=f"charts.mail_import_counts({_job(job)})",
    )
