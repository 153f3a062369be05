"""Masking a source that has messages, and giving it its texts back.

Switching on takes every text out of sight in one transaction; a job brings them back masked, piece by piece. So
nothing that is personal shows in between, and a run that was broken off goes on where it stopped.
"""

from __future__ import annotations

from typing import Any

from workbench.domain import DatasetId, Source, SourceId
from workbench.store import PreparedBatch, Session
from workbench.workspace.context import Caller, Workspace
from workbench.workspace.deleting import datasets_over, finish
from workbench.workspace.jobs import JobRun
from workbench.workspace.masking import masked_batch
from workbench.workspace.quiet import refuse_running
from workbench.workspace.unmasking import check_bared

PIECE_ROWS = 2_048
"""Messages of one step, which is kept whatever comes after."""


def switch(caller: Caller, session: Session, source: Source, wanted: bool | None) -> bool:  # noqa: FBT001 - as the operation says
    """Take texts out of sight, or give them back, in a session; whether ``after`` has something to do.

    Raises
    ------
    AccessError
        The caller may not see what would show.
    InputError
        A job works on the source or one of its datasets.
    """
    if wanted is None or (wanted == source.mask_personal and not source.is_masking):
        return False
    if wanted and source.is_masking:  # the job was broken off
        return True
    touched = datasets_over(session, source.source_id)
    refuse_running(session, touched, source.source_id)
    if wanted:
        session.personal.hide(source.source_id)
    else:
        check_bared(caller, source)
        session.personal.show(source.source_id)
    for dataset_id in touched:
        session.personal.drop_results(dataset_id)
    session.personal.drop_unused_vectors()
    return True


def after(caller: Caller, source: Source, touched: tuple[DatasetId, ...]) -> None:
    """After the commit: derived files and the search index go, the job begins, others hear of it."""
    finish(caller, touched, source.source_id)
    if source.mask_personal and source.is_masking:
        caller.submit("mask", {"source_id": source.source_id}, joins=True)


def run_mask(workspace: Workspace, run: JobRun, parameters: dict[str, Any]) -> object:
    """The job: what waits in order of arrival, each piece one transaction."""
    source_id = SourceId(parameters["source_id"])
    caller = Caller(workspace=workspace, actor=parameters["actor"])
    with workspace.store.read() as session:
        total = session.personal.n_waiting(source_id)
    run.stage("masking", total=total, unit="messages")
    done = 0
    while True:
        run.stop_if_cancelled()
        with workspace.store.write() as session:
            source = session.catalog.source(source_id)
            came = session.personal.waiting(source_id, PIECE_ROWS)
            if not came.num_rows:
                touched = datasets_over(session, source_id)
                break
            batch = PreparedBatch(messages=came, properties=came.select(["uid"]).slice(0, 0))
            session.personal.show_masked(came, masked_batch(session, source, batch))
        done += came.num_rows
        run.progress(done, max(done, total))
    finish(caller, touched, source_id)
    for dataset_id in touched:
        caller.submit("embed", {}, dataset_id=dataset_id, joins=True)
    return {"masked": done}
