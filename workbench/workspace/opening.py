"""Opening a workspace file in this process: what the owner does at its start."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self, get_args

from workbench.domain import EVERYTHING, Grants, JobId, JobKind, JobState, Operations, Principal
from workbench.primitives import Clock, utc_now
from workbench.settings import Settings
from workbench.store import Key, Store, memory_folder
from workbench.wire import companion_folder
from workbench.workspace import (
    discovering,
    filling,
    importing,
    languages,
    mail_importing,
    mask_switching,
    monitoring,
    predicting,
    rebuilding,
    retention_runs,
    rolling_back,
    training,
    translating,
)
from workbench.workspace.binding import bind
from workbench.workspace.context import Caller, Workspace, default_cache_dir
from workbench.workspace.derived import drop_derived
from workbench.workspace.events import EventHub
from workbench.workspace.following import Follower
from workbench.workspace.jobs import Body, Supervisor
from workbench.workspace.languages import Listening
from workbench.workspace.measuring import DailyMeasure, measure_job
from workbench.workspace.people.recognising import Recogniser
from workbench.workspace.picking import start_picks
from workbench.workspace.polling import MailboxTurns, Poller
from workbench.workspace.predicting import CatchingUp
from workbench.workspace.pushing import Pusher
from workbench.workspace.quiet import HARMLESS
from workbench.workspace.retention_turns import RetentionTurns
from workbench.workspace.retraining import Retraining
from workbench.workspace.syncing import run_sync
from workbench.workspace.tidying import Tidying
from workbench.workspace.translating import Interpreting

_UPLOADS_KEPT = timedelta(days=7)
_BAD_ROWS_KEPT = timedelta(days=30)


class OpenedWorkspace:
    """An open workspace; close it to release the file."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.accounts = Recogniser(workspace.store, workspace.clock, workspace.settings)
        self._follower = Follower(
            workspace,
            Retraining(workspace),
            CatchingUp(workspace),
            Listening(workspace),
            Interpreting(workspace),
        )
        self._poller = Poller(workspace, MailboxTurns(workspace), RetentionTurns(workspace))
        self._pusher = Pusher(workspace)
        self._tidying = Tidying(workspace.store, at_each_look=workspace.refusals.write_ended)
        self._measuring = DailyMeasure(workspace)
        workspace.tidy = self._tidying.soon
        if not workspace.store.read_only:
            self._follower.start()
            self._poller.start()
            self._pusher.start()
            self._tidying.start()
            self._measuring.start()

    def operations(
        self,
        actor: str,
        channel: str = "python",
        call_id: str = "",
        *,
        grants: Grants = EVERYTHING,
        credential_id: str = "",
    ) -> Operations:
        """The operations, acting for ``actor``; one call, when it has an id, is the same call when repeated."""
        caller = Caller(
            workspace=self._workspace,
            actor=actor,
            channel=channel,
            call_id=call_id,
            grants=grants,
            credential_id=credential_id,
        )
        return bind(caller)

    def operations_for(
        self, principal: Principal, *, channel: str = "python", call_id: str = ""
    ) -> Operations:
        """The operations, acting for somebody who was recognised."""
        return self.operations(
            principal.name,
            channel,
            call_id,
            grants=principal.grants,
            credential_id=principal.credential_id,
        )

    def busy(self) -> bool:
        """Whether a job is queued or running, or a stream is being sent."""
        return self._workspace.jobs.busy() or self._pusher.busy()

    def count_clients(self, n_clients: Callable[[], int]) -> None:
        """Tell ``health`` how to count clients."""
        self._workspace.n_clients = n_clients

    def leave(self) -> None:
        """Begin to close: whoever waits for news is sent away, and nothing starts by itself any more."""
        self._workspace.events.close()
        self._follower.stop()
        self._tidying.stop()
        self._measuring.stop()
        self._poller.stop()
        self._pusher.stop()

    def close(self) -> None:
        """Stop jobs, remove what lies in memory, checkpoint, release the file."""
        self.leave()
        jobs = self._workspace.jobs
        at_rest = not any(jobs.busy(kind) for kind in get_args(JobKind) if kind not in HARMLESS)
        self._workspace.jobs.close()
        self._workspace.picks.close()
        self._workspace.mail.stop()
        self._workspace.predictor.stop()
        self._workspace.refusals.close()
        if self._workspace.store.encrypted and at_rest:
            # What a job that is cut off needs to be resumed stays, as it does after a crash. Before the file is
            # released: the next owner uses the same folder.
            shutil.rmtree(self._workspace.folder, ignore_errors=True)
        self._workspace.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_workspace(
    path: Path,
    *,
    settings: Settings,
    key: Key | None = None,
    clock: Clock = utc_now,
    cache_dir: Path | None = None,
) -> OpenedWorkspace:
    """Open (or create) a workspace file and everything that runs on it.

    With a ``key`` the file is encrypted, and what is derived from it lies in memory (``memory_folder``). A
    published copy answers reads and refuses everything else.

    Raises
    ------
    StoreLockedError
        Another process holds it.
    SchemaVersionError
        A newer version wrote it.
    WorkspaceKeyError
        The key is missing, wrong, or not needed.
    """
    store = Store.open(path, memory_limit=settings.memory_limit, n_threads=settings.n_threads, key=key)
    try:
        now = clock()
        beside = companion_folder(path)
        beside.mkdir(mode=0o700, exist_ok=True)
        folder = memory_folder(Path(settings.memory_folder), path) if store.encrypted else beside
        if store.encrypted:
            drop_derived(beside)  # from the time before it was encrypted
        _sweep(folder, beside, now=now)
        events = EventHub(started_ms=int(now.timestamp() * 1000))
        workspace = Workspace(
            path=path,
            folder=folder,
            store=store,
            settings=settings,
            clock=clock,
            events=events,
            cache_dir=cache_dir or default_cache_dir(),
            opened_at=now,
        )
        if not store.read_only:
            with store.write() as session:
                session.jobs.mark_interrupted(now)
                session.budgets.release(None)
                session.bad_rows.forget_before(now - _BAD_ROWS_KEPT)
                session.models.drop_unadopted()
        start_picks(workspace)
        workspace.start_jobs(_supervisor(workspace))
        return OpenedWorkspace(workspace)
    except BaseException:
        store.close()
        raise


def _sweep(folder: Path, beside: Path, *, now: datetime) -> None:
    """Remove what a killed owner left of its jobs' files, and uploads that nobody came back for.

    ``folder`` holds what is derived, ``beside`` the database's own temporary files.
    """
    shutil.rmtree(folder / "spool", ignore_errors=True)
    for left in (
        *(beside / "tmp").glob("*"),
        *(beside / "publish").glob("*.draft*"),
        *beside.glob(".audit.head-*"),
    ):
        if left.is_file():
            left.unlink(missing_ok=True)
    oldest = (now - _UPLOADS_KEPT).timestamp()
    for upload in (folder / "uploads").glob("*"):
        if max(path.stat().st_mtime for path in (upload, *upload.glob("*"))) < oldest:
            shutil.rmtree(upload, ignore_errors=True)


def _supervisor(workspace: Workspace) -> Supervisor:
    bodies: dict[JobKind, Body] = {
        "import": functools.partial(importing.run_import, workspace),
        "import_mail": functools.partial(mail_importing.run_mail_import, workspace),
        "fill": functools.partial(filling.run_fill, workspace),
        "embed": functools.partial(discovering.run_embed, workspace),
        "discover": functools.partial(discovering.run_discover, workspace),
        "train": functools.partial(training.run_train, workspace),
        "predict": functools.partial(predicting.run_predict, workspace),
        "rollback": functools.partial(rolling_back.run_rollback, workspace),
        "verify": functools.partial(rebuilding.run_verify, workspace),
        "sync": functools.partial(run_sync, workspace),
        "languages": functools.partial(languages.run_languages, workspace),
        "mask": functools.partial(mask_switching.run_mask, workspace),
        "retention": functools.partial(retention_runs.run_retention, workspace),
        "translate": functools.partial(translating.run_translate, workspace),
        "monitor": functools.partial(monitoring.run_monitor, workspace),
    }

    def announce(state: JobState) -> None:
        workspace.events.publish(
            "job",
            state.job_id,
            dataset_id=state.dataset_id,
            payload={"status": state.status, "kind": state.kind},
        )

    return Supervisor(
        bodies=bodies,
        shelf=_Shelf(workspace.store),
        announce=announce,
        clock=workspace.clock,
        n_threads=workspace.settings.n_threads,
        cache_dir=workspace.cache_dir,
        measure=functools.partial(measure_job, workspace),
    )


class _Shelf:
    """Jobs, recorded in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, state: JobState, parameters: str) -> None:
        with self._store.write() as session:
            session.jobs.add(state, parameters)

    def update(self, state: JobState) -> None:
        with self._store.write() as session:
            session.jobs.update(state)

    def parameters(self, job_id: JobId) -> str:
        with self._store.read() as session:
            return session.jobs.parameters(job_id)
