"""Projects, sources, datasets."""

from __future__ import annotations

from workbench.domain import (
    Dataset,
    DatasetId,
    Project,
    Source,
    SourceId,
    SourceKind,
    check_name,
)
from workbench.errors import DuplicateNameError, InputError, UnknownNameError
from workbench.store import Session
from workbench.workspace.context import Caller

MAX_SOURCES = 20


def projects(caller: Caller) -> tuple[Project, ...]:
    """All projects."""
    with caller.store.read() as session:
        return tuple(session.catalog.projects())


def create_project(caller: Caller, name: str, title: str = "") -> Project:
    """Create a project."""
    with caller.store.write() as session:
        if any(known.name == name for known in session.catalog.projects()):
            raise DuplicateNameError("project", name)
        return _add_project(caller, session, name, title)


def sources(caller: Caller, project: str | None = None) -> tuple[Source, ...]:
    """Sources of a project, or all."""
    with caller.store.read() as session:
        return tuple(session.catalog.sources(project))


def create_source(
    caller: Caller, project: str, name: str, title: str = "", kind: SourceKind = "other", language: str = "en"
) -> Source:
    """Create a source, and its project when there is none."""
    check_name("source", name)
    source_id = SourceId(caller.made_id("source"))
    with caller.store.write() as session:
        _ensure_project(caller, session, project)
        for known in session.catalog.sources(project):
            if known.source_id == source_id:
                return known
            if known.name == name:
                raise DuplicateNameError("source", f"{project}/{name}")
        source = Source(
            source_id=source_id,
            project=project,
            name=name,
            title=title or name,
            kind=kind,
            language=language,
            created_at=caller.workspace.clock(),
        )
        session.catalog.add_source(source)
        caller.audit(session, "create_source", source.full_name, source_id=source.source_id)
    return source


def datasets(caller: Caller) -> tuple[Dataset, ...]:
    """All datasets."""
    with caller.store.read() as session:
        return tuple(session.catalog.datasets())


def dataset(caller: Caller, name: str) -> Dataset:
    """One dataset by full name or id."""
    with caller.store.read() as session:
        return session.catalog.find_dataset(name)


def create_dataset(
    caller: Caller,
    project: str,
    name: str,
    source_ids: tuple[SourceId, ...],
    title: str = "",
    description: str = "",
    encoder: str = "",
) -> Dataset:
    """Create a dataset; its encoder is fixed from here on."""
    check_name("dataset", name)
    chosen = tuple(dict.fromkeys(source_ids))
    if not 1 <= len(chosen) <= MAX_SOURCES:
        raise InputError(
            f"a dataset takes 1 to {MAX_SOURCES} sources, got {len(chosen)}.",
            next_step="Name at least one source; split a larger set into several datasets.",
            details={"n_sources": len(chosen)},
        )
    encoder = encoder or caller.settings.encoder
    check_encoder(encoder)
    dataset_id = DatasetId(caller.made_id("dataset"))
    with caller.store.write() as session:
        _ensure_project(caller, session, project)
        known = {source.source_id: source.full_name for source in session.catalog.sources()}
        for source_id in chosen:
            if source_id not in known:
                raise UnknownNameError("source", source_id, known)
        for there in session.catalog.datasets():
            if there.dataset_id == dataset_id:
                return there
            if there.full_name == f"{project}/{name}":
                raise DuplicateNameError("dataset", f"{project}/{name}")
        made = Dataset(
            dataset_id=dataset_id,
            project=project,
            name=name,
            title=title or name,
            description=description,
            source_ids=chosen,
            encoder=encoder,
            created_at=caller.workspace.clock(),
        )
        session.catalog.add_dataset(made)
        caller.audit(session, "create_dataset", made.full_name, dataset_id=made.dataset_id)
        return session.catalog.find_dataset(made.dataset_id)


def check_encoder(name: str) -> None:
    """Refuse an encoder nobody knows."""
    from workbench.embed import encoder_names  # noqa: PLC0415 - keeps the owner's start light

    if name not in encoder_names():
        raise UnknownNameError("encoder", name, encoder_names())


def _ensure_project(caller: Caller, session: Session, name: str) -> None:
    if all(known.name != name for known in session.catalog.projects()):
        _add_project(caller, session, name, "")


def _add_project(caller: Caller, session: Session, name: str, title: str) -> Project:
    project = Project(
        name=check_name("project", name), title=title or name, created_at=caller.workspace.clock()
    )
    session.catalog.add_project(project)
    caller.audit(session, "create_project", name)
    return project
