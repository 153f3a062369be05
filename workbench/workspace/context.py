"""What every operation needs: the store, the clock, settings, jobs, news, folders."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.domain import EVERYTHING, DatasetId, Grants, JobId, JobKind, Permission
from workbench.errors import UnknownNameError
from workbench.primitives import Clock, hex_digest, new_id
from workbench.settings import Settings
from workbench.store import Session, Store, find_place
from workbench.workspace.answering import Lookups
from workbench.workspace.events import EventHub
from workbench.workspace.gathering import Gathering
from workbench.workspace.handed_on import HandedOn
from workbench.workspace.jobs import Supervisor
from workbench.workspace.language_model import LanguageModel
from workbench.workspace.mail_reading import MailReader
from workbench.workspace.on_screen import OnScreen
from workbench.workspace.picks import PickShelf
from workbench.workspace.plan_gate import PlanGate
from workbench.workspace.predictor import Predictor
from workbench.workspace.price_list import PriceList
from workbench.workspace.recording import record
from workbench.workspace.refusals import Refusals


@dataclass(kw_only=True)
class Workspace:
    """One open workspace file and all that runs on it; lives in the owner process."""

    path: Path
    folder: Path
    store: Store
    settings: Settings
    clock: Clock
    events: EventHub
    cache_dir: Path
    opened_at: datetime
    n_clients: Callable[[], int] = lambda: 0
    tidy: Callable[[], None] = lambda: None
    judgements: Gathering = field(init=False)
    plan: PlanGate = field(init=False)
    refusals: Refusals = field(init=False)
    mail: MailReader = field(init=False)
    predictor: Predictor = field(init=False)
    language_model: LanguageModel = field(init=False)
    on_screen: OnScreen = field(default_factory=OnScreen)
    lookups: Lookups = field(default_factory=Lookups)
    handed_on: HandedOn = field(default_factory=HandedOn)
    prices: PriceList = field(default_factory=PriceList)
    _jobs: Supervisor | None = field(default=None)
    _picks: PickShelf | None = field(default=None)

    def __post_init__(self) -> None:
        self.judgements = Gathering(self.store, self.clock, settings=self.settings)
        self.plan = PlanGate(self.store, self.clock)
        self.refusals = Refusals(self.store, self.clock)
        self.mail = MailReader(
            cache_dir=self.cache_dir, attachment_max_bytes=self.settings.attachment_max_bytes
        )
        self.predictor = Predictor(cache_dir=self.cache_dir, n_threads=self.settings.n_threads)
        self.language_model = LanguageModel(self.settings, self.path.parent)

    @property
    def jobs(self) -> Supervisor:
        """The supervisor of long work."""
        if self._jobs is None:
            raise RuntimeError("the workspace has not started its supervisor")
        return self._jobs

    @property
    def picks(self) -> PickShelf:
        """What query strategies choose from."""
        if self._picks is None:
            raise RuntimeError("the workspace has not started its pick indexes")
        return self._picks

    def start_picks(self, shelf: PickShelf) -> None:
        """Attach the pick indexes, once; they hear every event."""
        self._picks = shelf
        self.events.listen(shelf.hear)

    def start_jobs(self, supervisor: Supervisor) -> None:
        """Attach the supervisor, once."""
        self._jobs = supervisor


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks, and the workspace they ask. ``channel`` is how they came: python, panel, cli, http.

    ``call_id`` names the call, empty inside this process: what it creates gets an id that follows from it.
    ``grants`` is what they may do; ``credential_id`` names the session or token they came with, if any.
    """

    workspace: Workspace
    actor: str
    channel: str = "python"
    call_id: str = ""
    grants: Grants = EVERYTHING
    credential_id: str = ""

    @property
    def store(self) -> Store:
        """The store."""
        return self.workspace.store

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.workspace.settings

    def may(self, permission: Permission, project: str | None = None) -> bool:
        """Whether they hold a permission in a project; None = everywhere."""
        return self.grants.may(permission, project)

    def may_in(self, session: Session, permission: Permission, dataset_id: DatasetId) -> bool:
        """Whether they hold a permission in the project of a dataset."""
        return self.may(permission) or any(
            self.may(permission, one.project)
            for one in session.places.datasets()
            if one.dataset_id == dataset_id
        )

    def dataset_id(self, name_or_id: str) -> DatasetId:
        """Id of a dataset by ``project/name`` or id, without asking the file; ``UnknownNameError`` for none."""
        return find_place(self.store.dataset_places(), name_or_id).dataset_id

    def made_id(self, kind: str) -> str:
        """Id of what this call creates: the same one when the call is sent again after its reply was lost."""
        return hex_digest(self.actor, self.call_id, kind, n_digits=16) if self.call_id else new_id()

    def started_job(self) -> JobId | None:
        """The job that this call started when it came before, None when it did not."""
        job_id = JobId(self.made_id("job"))
        try:
            with self.store.read() as session:
                return session.jobs.get(job_id).job_id
        except UnknownNameError:
            return None

    def audit(self, session: Session, action: str, subject: str, **details: object) -> None:
        """Append to the audit log, in the transaction of what it records."""
        at = self.workspace.clock()
        record(session, action, subject, actor=self.actor, channel=self.channel, at=at, details=details)

    def tell(
        self, topic: str, subject: str, *, dataset_id: DatasetId | None = None, **payload: object
    ) -> None:
        """Publish an event to whoever listens."""
        self.workspace.events.publish(
            topic, subject, dataset_id=dataset_id, actor=self.actor, payload=payload
        )

    def submit(
        self,
        kind: JobKind,
        parameters: dict[str, Any],
        *,
        dataset_id: DatasetId | None = None,
        joins: bool = False,
    ) -> JobId:
        """Queue a job in this caller's name."""
        return self.workspace.jobs.submit(
            kind,
            {**parameters, "actor": self.actor},
            dataset_id=dataset_id,
            job_id=JobId(self.made_id("job")),
            joins=joins,
        )


def default_cache_dir() -> Path:
    """Where encoder graphs and compiled code are kept: ``$XDG_CACHE_HOME/workbench`` or ``~/.cache/workbench``."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "workbench"
