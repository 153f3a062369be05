"""Projects, sources, datasets."""

from __future__ import annotations

from dataclasses import replace

from workbench.domain import (
    LIMITS,
    MULTILINGUAL,
    BucketId,
    Dataset,
    DatasetId,
    Project,
    Source,
    SourceId,
    SourceKind,
    check_language,
    check_name,
    check_transform_tag,
)
from workbench.errors import AccessError, DuplicateNameError, InputError, UnknownNameError
from workbench.store import Session
from workbench.workspace.context import Caller
from workbench.workspace.languages import with_warning
from workbench.workspace.quota_checks import check_quota


def projects(caller: Caller) -> tuple[Project, ...]:
    """All projects."""
    with caller.store.read() as session:
        return tuple(one for one in session.catalog.projects() if caller.grants.sees(one.name))


def create_project(caller: Caller, name: str, title: str = "", description: str = "") -> Project:
    """Create a project."""
    with caller.store.write() as session:
        if any(known.name == name for known in session.catalog.projects()):
            raise DuplicateNameError("project", name)
        made = _add_project(caller, session, name, title, description)
    caller.tell("catalog", name)
    return made


def sources(caller: Caller, project: str | None = None) -> tuple[Source, ...]:
    """Sources of a project, or all."""
    with caller.store.read() as session:
        found, times = session.catalog.sources(project), session.catalog.source_times()
    nothing = (None, None)
    return tuple(
        replace(
            one, earliest=times.get(one.source_id, nothing)[0], latest=times.get(one.source_id, nothing)[1]
        )
        for one in found
        if caller.may("source.read", one.project)
    )


def source(caller: Caller, name: str) -> Source:
    """One source by full name or id."""
    with caller.store.read() as session:
        return session.catalog.find_source(name)


def create_source(
    caller: Caller,
    project: str,
    name: str,
    title: str = "",
    kind: SourceKind = "other",
    language: str = "en",
    description: str = "",
    should_translate: bool = False,  # noqa: FBT001, FBT002 - as the operation says
    sensitive_properties: tuple[str, ...] = (),
    bucket_id: BucketId | None = None,
    mask_personal: bool = False,  # noqa: FBT001, FBT002 - as the operation says
    transform_tag: str = "",
) -> Source:
    """Create a source, and its project when there is none."""
    check_name("source", name)
    check_language(language)
    check_transform_tag(transform_tag)
    check_texts(f"source {project}/{name}", title, description)
    check_sensitive(f"source {project}/{name}", sensitive_properties)
    source_id = SourceId(caller.made_id("source"))
    with caller.store.write() as session:
        ensure_project(caller, session, project)
        for known in session.catalog.sources(project):
            if known.source_id == source_id:
                return known
            if known.name == name:
                raise DuplicateNameError("source", f"{project}/{name}")
        n_mails = 0 if bucket_id is None else session.buckets.get(bucket_id).n_mails
        n_there = len(session.catalog.sources())
        check_quota(caller, session, "sources", n_there + 1, f"source {project}/{name}")
        made = Source(
            source_id=source_id,
            project=project,
            name=name,
            title=title or name,
            kind=kind,
            language=language,
            description=description,
            should_translate=should_translate,
            sensitive_properties=tuple(dict.fromkeys(sensitive_properties)),
            bucket_id=bucket_id,
            mask_personal=mask_personal,
            transform_tag=transform_tag,
            created_at=caller.workspace.clock(),
        )
        session.catalog.add_source(made)
        caller.audit(session, "create_source", made.full_name, source_id=source_id)
    caller.tell("catalog", source_id)
    if n_mails:
        caller.submit("fill", {"source_id": source_id, "bucket_id": bucket_id, "channel": caller.channel})
    return made


def datasets(caller: Caller) -> tuple[Dataset, ...]:
    """All datasets."""
    with caller.store.read() as session:
        return tuple(
            with_warning(session, found)
            for found in session.catalog.datasets()
            if caller.may("dataset.read", found.project)
        )


def dataset(caller: Caller, name: str, counted: bool = True) -> Dataset:  # noqa: FBT001, FBT002 - as the operation says
    """One dataset by full name or id."""
    with caller.store.read() as session:
        if not counted:
            return session.catalog.find_dataset(name)
        return with_warning(session, session.catalog.counted_dataset(name))


def create_dataset(
    caller: Caller,
    project: str,
    name: str,
    source_ids: tuple[SourceId, ...],
    title: str = "",
    description: str = "",
    encoder: str = "",
    has_sentiment: bool = False,  # noqa: FBT001, FBT002 - as the operation says
    language: str = "",
) -> Dataset:
    """Create a dataset; encoder, language and sentiment are fixed from here on."""
    with caller.store.write() as session:
        made, _ = make_dataset(
            caller,
            session,
            project,
            name,
            source_ids,
            title=title,
            description=description,
            encoder=encoder,
            has_sentiment=has_sentiment,
            language=language,
        )
    caller.tell("import", made.dataset_id, dataset_id=made.dataset_id)
    return made


def make_dataset(
    caller: Caller,
    session: Session,
    project: str,
    name: str,
    source_ids: tuple[SourceId, ...],
    *,
    title: str,
    description: str,
    encoder: str,
    has_sentiment: bool,
    language: str,
) -> tuple[Dataset, bool]:
    """Create a dataset in a session; False when this very call made it before and only its reply was lost."""
    check_name("dataset", name)
    full_name = f"{project}/{name}"
    check_texts(f"dataset {full_name}", title, description)
    encoder = encoder or caller.settings.encoder
    check_encoder(encoder)
    dataset_id = DatasetId(caller.made_id("dataset"))
    ensure_project(caller, session, project)
    known = session.catalog.datasets()
    for there in known:
        if there.dataset_id == dataset_id:
            return there, False
        if there.full_name == full_name:
            raise DuplicateNameError("dataset", full_name)
    check_quota(caller, session, "datasets", len(known) + 1, f"dataset {full_name}")
    chosen = tuple(dict.fromkeys(source_ids))
    members = check_members(caller, session, full_name, (), chosen)
    made = Dataset(
        dataset_id=dataset_id,
        project=project,
        name=name,
        title=title or name,
        description=description,
        source_ids=chosen,
        encoder=encoder,
        has_sentiment=has_sentiment,
        language=_language_of(full_name, members, language),
        created_at=caller.workspace.clock(),
    )
    session.catalog.add_dataset(made)
    caller.audit(session, "create_dataset", made.full_name, dataset_id=made.dataset_id)
    return session.catalog.counted_dataset(made.dataset_id), True


def check_texts(where: str, title: str | None, description: str | None) -> None:
    """Refuse a title or description that is too long; None = not given."""
    LIMITS["title_characters"].check(len(title or ""), where)
    LIMITS["description_characters"].check(len(description or ""), where)


def check_sensitive(where: str, names: tuple[str, ...]) -> None:
    """Refuse names that no property can have, or too many."""
    LIMITS["sensitive_properties"].check(len(names), where)
    for name in names:
        kind, _, rest = name.partition(":")
        if kind not in ("string", "number") or not rest:
            raise InputError(
                f"{name[:100]!r} cannot be a sensitive property.",
                next_step="Write its full key: 'string:' or 'number:', then its name.",
                details={"property": name[:300]},
            )


def check_members(
    caller: Caller,
    session: Session,
    full_name: str,
    present: tuple[SourceId, ...],
    added: tuple[SourceId, ...],
) -> tuple[Source, ...]:
    """The sources of a dataset after some were added; refuse unknown ones, and more than the limits allow."""
    n_members = len(present) + len(added)
    check_quota(caller, session, "sources_per_dataset", n_members, f"dataset {full_name}")
    sources = {source.source_id: source for source in session.catalog.sources()}
    homes = [source_id for dataset in session.catalog.datasets() for source_id in dataset.source_ids]
    for source_id in added:
        if source_id not in sources:
            raise UnknownNameError("source", source_id, sources)
        where = f"source {sources[source_id].full_name}"
        check_quota(caller, session, "datasets_per_source", homes.count(source_id) + 1, where)
    return tuple(sources[source_id] for source_id in (*present, *added))


def check_languages(full_name: str, language: str, members: tuple[Source, ...]) -> None:
    """Refuse sources of another language than the dataset's; a multilingual dataset takes all."""
    for source in members:
        if language not in (MULTILINGUAL, source.language):
            raise InputError(
                f"source {source.full_name!r} is {source.language!r}, dataset {full_name!r} is {language!r}.",
                next_step=f"Choose sources of one language, or create the dataset as {MULTILINGUAL!r}.",
                details={
                    "source": source.full_name,
                    "language": source.language,
                    "dataset_language": language,
                },
            )


def _language_of(full_name: str, members: tuple[Source, ...], asked: str) -> str:
    if asked:
        check_languages(full_name, check_language(asked), members)
        return asked
    spoken = {source.language for source in members}
    return spoken.pop() if len(spoken) == 1 else MULTILINGUAL


def check_encoder(name: str) -> None:
    """Refuse an encoder nobody knows, and one whose weights are not installed."""
    from workbench.embed import require_weights  # noqa: PLC0415 - keeps the owner's start light

    require_weights(name)


def ensure_project(caller: Caller, session: Session, name: str) -> None:
    """Create a project that is not there yet.

    Raises
    ------
    AccessError
        It is not there, and the caller may create none.
    """
    if all(known.name != name for known in session.catalog.projects()):
        if not caller.may("tenant.manage"):
            raise AccessError(
                f"{caller.actor!r} may not create project {name!r}.",
                next_step="Name a project that is there, or ask an administrator to create it.",
                details={"permission": "tenant.manage"},
            )
        _add_project(caller, session, name, "", "")


def _add_project(caller: Caller, session: Session, name: str, title: str, description: str) -> Project:
    check_name("project", name)
    check_texts(f"project {name}", title, description)
    n_there = len(session.catalog.projects())
    check_quota(caller, session, "projects", n_there + 1, f"project {name}")
    project = Project(
        name=name, title=title or name, description=description, created_at=caller.workspace.clock()
    )
    session.catalog.add_project(project)
    caller.audit(session, "create_project", name)
    return project
