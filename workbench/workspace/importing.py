"""Bringing messages in: every charged unit in the transaction of the message it charges."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pyarrow as pa

from workbench.domain import (
    LIMITS,
    ColumnMapping,
    ImportOptions,
    ImportReport,
    JobId,
    ProjectName,
    Source,
    SourceId,
    SyncCounts,
    UploadId,
)
from workbench.errors import BadRowsError, InputError
from workbench.store import PreparedBatch, Session, prepare
from workbench.workspace.annotating import apply_labellings, check_target, make_labels
from workbench.workspace.charges import (
    book,
    check_waiver,
    entries_for,
    is_bounded,
    release,
    reserve,
    standing,
    tell_budgets,
)
from workbench.workspace.conflicting import changed_messages
from workbench.workspace.context import Caller, Workspace
from workbench.workspace.jobs import JobRun
from workbench.workspace.masking import Detections, look_ahead, masked_batch
from workbench.workspace.matrices import read_table
from workbench.workspace.quota_checks import check_room
from workbench.workspace.uploads import drop_upload, file_name, uploaded_file

BAD_ROWS_KEPT = 1_000_000
"""Most bad rows of one import that are kept; all are counted."""
_MOST_ROWS = 65_536
_NEW_SOURCE = SourceId("0" * 16)
"""Stands for the source that a dry run foresees and that nobody has created: none has this id."""


def put_messages(
    caller: Caller,
    source_id: SourceId,
    batch: pa.Table,
    batch_id: str,
    n_rows: int,
    no_charge: bool = False,  # noqa: FBT001, FBT002 - as the operation says
    only_new: bool = False,  # noqa: FBT001, FBT002 - as the operation says
) -> SyncCounts:
    """Store one batch and charge it, once."""
    if batch.num_rows != n_rows:
        raise InputError(
            f"the batch has {batch.num_rows} rows; {n_rows} were announced.",
            next_step="Send the batch again.",
            details={"rows": batch.num_rows, "announced": n_rows},
        )
    LIMITS["batch_messages"].check(n_rows, f"batch {batch_id[:100]!r}")
    prepared = prepare(source_id, batch, attachment_max_bytes=caller.settings.attachment_max_bytes)
    # Of this call: a batch of that name that comes again after its messages were deleted creates anew.
    charge_id = caller.made_id(f"charge {source_id} {batch_id}")
    found = look_ahead(caller, source_id, prepared)
    with caller.store.write() as session:
        done = session.batches.seen(source_id, batch_id)
        if done is not None:
            return done
        source = session.catalog.bare_source(source_id)
        counts = load_messages(
            caller,
            session,
            source_id,
            prepared,
            operation="sync",
            batch_id=charge_id,
            no_charge=no_charge,
            found=found,
            source=source,
            only_new=only_new,
        )
        session.batches.remember(source_id, batch_id, counts, caller.workspace.clock())
        if counts.new or counts.updated:
            told = {"new": counts.new, "updated": counts.updated, "units": counts.units}
            caller.audit(session, "put_messages", source_id, source_id=source_id, n_messages=n_rows, **told)
    caller.tell("import", source_id, new=counts.new, updated=counts.updated)
    return replace(counts, warnings=tell_budgets(caller, {source.project: counts.units}))


def start_import(
    caller: Caller,
    source_id: SourceId | None,
    upload_id: UploadId,
    mapping: ColumnMapping,
    options: ImportOptions,
) -> JobId:
    """Queue the import of an uploaded file; a dry run may foresee a source that is not there."""
    check_waiver(caller, options.no_charge)
    uploaded_file(caller.workspace, upload_id)
    if source_id is None and not options.dry_run:
        raise InputError(
            "messages are imported into a source, and none was named.",
            next_step="Name one of sources(), or create it with create_source.",
        )
    source_id = source_id or _NEW_SOURCE
    with caller.store.write() as session:
        source = None if source_id == _NEW_SOURCE else session.catalog.source(source_id)
        if options.annotate is not None:
            check_target(session, options.annotate, source_id)
        if source is not None and not options.dry_run:
            caller.audit(session, "import", source.full_name, file=file_name(caller.workspace, upload_id))
    parameters = {
        "source_id": source_id,
        "upload_id": upload_id,
        "mapping": msgspec.to_builtins(mapping),
        "options": msgspec.to_builtins(options),
        "channel": caller.channel,
    }
    return caller.submit("import", parameters)


def bad_rows(caller: Caller, job_id: JobId, after: int = 0, n_rows: int = 16_384) -> pa.Table:
    """Rows that an import could not read."""
    check_piece("bad rows", after, n_rows)
    with caller.store.read() as session:
        session.jobs.get(job_id)
        return session.bad_rows.piece(job_id, after, n_rows)


def check_piece(noun: str, after: int, n_rows: int) -> None:
    """``InputError`` for a piece of a list that cannot be asked for."""
    if not 1 <= n_rows <= _MOST_ROWS or after < 0:
        raise InputError(
            f"{n_rows} {noun} after {after} cannot be had.",
            next_step=f"Use after >= 0 and n_rows 1-{_MOST_ROWS:,}.",
        )


def run_import(workspace: Workspace, run: JobRun, parameters: dict[str, Any]) -> object:
    """The job; a refusal for bad rows says by ``job_id`` where all of them are."""
    try:
        return _import(workspace, run, parameters)
    except BadRowsError as error:
        error.details["job_id"] = run.state.job_id
        raise


def _import(workspace: Workspace, run: JobRun, parameters: dict[str, Any]) -> object:
    """Check every row, then load piece by piece; each piece is one transaction.

    A dry run compares the same pieces with the store instead; the upload stays for the import to follow. So does an
    import under a hard limit before it loads: its exact units are reserved, or it is refused whole.
    """
    caller = Caller(workspace=workspace, actor=parameters["actor"], channel=parameters["channel"])
    source_id, upload_id = SourceId(parameters["source_id"]), UploadId(parameters["upload_id"])
    options = msgspec.convert(parameters["options"], ImportOptions)
    job_id = run.state.job_id
    with workspace.store.read() as session:
        project = "" if source_id == _NEW_SOURCE else session.catalog.source(source_id).project
        bounded = not (options.dry_run or options.no_charge) and is_bounded(caller, session, project)
    try:
        if bounded:
            counted = _Pass(caller, run, parameters, replace(options, dry_run=True, annotate=None))
            reserve(caller, job_id, {project: counted.run().units})
        done = _Pass(caller, run, parameters, options)
        counts = done.run()
    finally:
        if bounded:
            release(caller, job_id)
    name = file_name(workspace, upload_id)
    if not options.dry_run:
        workspace.tidy()
        drop_upload(workspace, upload_id)
        caller.tell("import", source_id, new=counts.new, updated=counts.updated)
        counts = replace(counts, warnings=tell_budgets(caller, {project: counts.units}))
    with workspace.store.read() as session:
        budgets = standing(caller, session, project)
    report = ImportReport(
        job_id=job_id,
        source_id=SourceId("") if source_id == _NEW_SOURCE else source_id,
        file_name=name,
        counts=counts,
        n_rows=done.about["n_rows"],
        n_bad_rows=done.about["n_bad_rows"],
        bad_rows=done.about["errors"],
        dry_run=options.dry_run,
        n_annotated=done.n_annotated,
        budgets=budgets,
    )
    return msgspec.to_builtins(report)


class _Pass:
    """One way through a file, from its first row to its last: comparing, or loading."""

    def __init__(
        self, caller: Caller, job: JobRun, parameters: dict[str, Any], options: ImportOptions
    ) -> None:
        self._caller, self._job, self._options = caller, job, options
        self._source_id = SourceId(parameters["source_id"])
        upload_id = UploadId(parameters["upload_id"])
        workspace = caller.workspace
        self._spool = workspace.folder / "uploads" / upload_id
        self._payload = {
            "path": str(uploaded_file(workspace, upload_id)),
            "mapping": msgspec.convert(parameters["mapping"], ColumnMapping),
            "options": options,
            "source_id": self._source_id,
            "batch_rows": workspace.settings.import_batch_rows,
            "spool": str(self._spool),
            "hidden": _sensitive(workspace, self._source_id),
            "has_sentiment": _has_sentiment(workspace, options),
        }
        self._n_done = self._n_listed = 0
        self.n_annotated = 0
        self.about: dict[str, Any] = {}

    def run(self) -> SyncCounts:
        """Go; what it changed, or would change."""
        counts = SyncCounts()
        with self._caller.store.write() as session:  # of a run that was broken off
            session.bad_rows.forget(self._job.state.job_id)
        for kind, item in self._job.work_items("tables:load_file", self._payload):
            if kind == "result":
                self.about = item
                break
            counts = _sum(counts, self._take(item))
        for spooled in self._spool.glob("*.arrow"):
            spooled.unlink()
        return counts

    def _take(self, item: dict[str, Any]) -> SyncCounts:
        caller, options, job_id = self._caller, self._options, self._job.state.job_id
        if "bad_rows" in item:
            listed = item["bad_rows"][: BAD_ROWS_KEPT - self._n_listed]
            with caller.store.write() as session:
                session.bad_rows.add(job_id, self._source_id, listed, after=self._n_listed)
            self._n_listed += len(listed)
            return SyncCounts()
        if options.annotate is not None and "labels" in item:
            make_labels(caller, options.annotate, item["labels"])
            return SyncCounts()
        if options.annotate is not None and "labellings" in item:
            self.n_annotated += apply_labellings(
                caller, options.annotate, self._source_id, item["labellings"]
            )
            return SyncCounts()
        prepared = _spooled(item)
        if options.dry_run:
            loaded = _compare(caller, self._source_id, prepared)
        else:
            found = look_ahead(caller, self._source_id, prepared)
            with caller.store.write() as session:
                loaded = load_messages(
                    caller,
                    session,
                    self._source_id,
                    prepared,
                    operation="import",
                    batch_id=f"{job_id}-{self._n_done}",
                    no_charge=options.no_charge,
                    job_id=job_id,
                    found=found,
                )
        self._n_done += item["rows"]
        self._job.progress(self._n_done)
        return loaded


def _sensitive(workspace: Workspace, source_id: SourceId) -> tuple[str, ...]:
    """Properties whose values no list of bad rows may show, ``*`` = all values: everybody who may read jobs reads those."""
    if source_id == _NEW_SOURCE:
        return ()
    with workspace.store.read() as session:
        source = session.catalog.source(source_id)
    return ("*",) if source.mask_personal else source.sensitive_properties


def _has_sentiment(workspace: Workspace, options: ImportOptions) -> bool:
    """Whether the dataset that takes the annotations has label sentiment."""
    if options.annotate is None:
        return False
    with workspace.store.read() as session:
        return session.catalog.has_sentiment(options.annotate)


def _spooled(item: dict[str, Any]) -> PreparedBatch:
    attachments = read_table(item["attachments"]).to_pylist() if "attachments" in item else []
    return PreparedBatch(
        messages=read_table(item["messages"]),
        properties=read_table(item["properties"]),
        attachments=attachments,
    )


def _compare(caller: Caller, source_id: SourceId, batch: PreparedBatch) -> SyncCounts:
    """What loading the batch would change and charge, by the rules that would charge it."""
    with caller.store.read() as session:
        return foresee_messages(caller, session, source_id, batch, operation="import")


def foresee_messages(
    caller: Caller, session: Session, source_id: SourceId, batch: PreparedBatch, *, operation: str
) -> SyncCounts:
    """The same in a session."""
    project = ""
    if source_id != _NEW_SOURCE:
        source = session.catalog.source(source_id)
        project = source.project
        batch = masked_batch(session, source, batch, keeps_numbers=False)
    outcome = session.messages.foresee(batch)
    _, units = entries_for(
        caller,
        session,
        outcome.charged,
        source_id=source_id,
        project=ProjectName(project),
        operation=operation,
        batch_id="dry run",
        at=caller.workspace.clock(),
    )
    return replace(outcome.counts, units=units)


def load_messages(
    caller: Caller,
    session: Session,
    source_id: SourceId,
    batch: PreparedBatch,
    *,
    operation: str,
    batch_id: str,
    no_charge: bool = False,
    job_id: JobId | None = None,
    found: Detections | None = None,
    source: Source | None = None,
    only_new: bool = False,
) -> SyncCounts:
    """Store a batch and charge it, in a session.

    Parameters
    ----------
    operation
        By whose rules it is charged.
    job_id
        The import whose reserved units it may use.
    found
        What is personal in the batch, where that was looked for before.
    source
        As it stands in this session, where it was looked up before.
    only_new
        Refuse what is there with another content.

    Raises
    ------
    ConflictError
        Something would be written over; what was stored is undone with the transaction.
    LimitError
        The quotas, or a budget, have no room for it.
    """
    source = source or session.catalog.bare_source(source_id)
    at = caller.workspace.clock()
    outcome = session.messages.put(source_id, masked_batch(session, source, batch, found=found), at=at)
    if only_new and outcome.counts.updated:
        raise changed_messages(outcome.charged)
    check_room(caller, session, source, outcome.counts.new)
    entries, units = entries_for(
        caller,
        session,
        outcome.charged,
        source_id=source_id,
        project=ProjectName(source.project),
        operation=operation,
        batch_id=batch_id,
        at=at,
        no_charge=no_charge,
    )
    book(caller, session, entries, units, source.project, job_id)
    return replace(outcome.counts, units=units)


def _sum(one: SyncCounts, other: SyncCounts) -> SyncCounts:
    names = ("new", "updated", "unchanged", "text_modified", "units")
    return SyncCounts(**{name: getattr(one, name) + getattr(other, name) for name in names})
