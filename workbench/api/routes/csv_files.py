"""Tables over HTTP that become comments of a source: what is in a file, and its import with the columns as guessed."""

from __future__ import annotations

import hashlib
import time

import msgspec

from workbench.api.endpoint import Asked, Endpoint
from workbench.api.envelope import Ok
from workbench.api.routes.comments import Synced, UploadQuery, synced
from workbench.api.shapes.names import find_source
from workbench.domain import FilePreview, ImportOptions, ImportReport, JobId, Operations, UploadId
from workbench.errors import InputError

_PIECE = 1 << 20
_WAIT_S = 0.02
_NAME = "upload.csv"


class Sniffed(Ok, kw_only=True):
    """What a file looks like; ``columns`` in their order."""

    columns: list[str]
    encoding: str
    delimiter: str


def _sniff(asked: Asked) -> Sniffed:
    found = _uploaded(asked.operations, asked.body)
    return Sniffed(columns=list(found.columns), encoding=found.encoding, delimiter=found.delimiter)


def _sync(asked: Asked) -> Synced:
    there, source_id = asked.operations, find_source(asked).source_id
    found = _uploaded(there, asked.body)
    if found.guess is None:
        raise InputError(
            "no columns for id, time and text can be told from the names "
            f"{', '.join(repr(one[:40]) for one in found.columns[:20])}.",
            next_step="Name them 'id', 'timestamp' and 'text', or import the file in Sources, which asks for them.",
            details={},
        )
    options = ImportOptions(no_charge=asked.query.no_charge)
    report = _finished(there, there.start_import(source_id, found.upload_id, found.guess, options))
    return synced(report.counts)


def _uploaded(there: Operations, content: bytes) -> FilePreview:
    """Hand a file in by pieces; the same content is one upload, so a request that is sent again costs nothing."""
    sha256 = hashlib.sha256(content).hexdigest()
    upload_id = UploadId(hashlib.sha256(f"{_NAME}\0{sha256}".encode()).hexdigest()[:32])
    begins = range(0, len(content), _PIECE)
    for index in range(there.begin_upload(upload_id, _NAME, len(content)), len(begins)):
        there.upload_piece(upload_id, index, content[begins[index] : begins[index] + _PIECE])
    return there.finish_upload(upload_id, len(begins), sha256)


def _finished(there: Operations, job_id: JobId) -> ImportReport:
    """Wait for an import.

    Raises
    ------
    InputError
        It failed, or somebody cancelled it.
    """
    while not (job := there.job(job_id)).finished:
        time.sleep(_WAIT_S)
    if job.status != "done":
        raise InputError(
            job.error or f"the import was {job.status}.",
            next_step=job.next_step or "Send the file again.",
            details={},
        )
    return msgspec.json.decode(job.result, type=ImportReport)


ENDPOINTS = (
    Endpoint(
        method="PUT",
        path="/api/_private/sources/sniff-csv",
        summary="What a CSV file looks like: columns, encoding, delimiter; nothing is stored as comment",
        handle=_sniff,
        reply=Sniffed,
        takes_file=True,
    ),
    Endpoint(
        method="PUT",
        path="/api/_private/sources/{source}/sync-csv",
        summary="Import a CSV file, its columns as guessed; comments that are there are written over",
        handle=_sync,
        reply=Synced,
        takes_file=True,
        query=UploadQuery,
    ),
)
