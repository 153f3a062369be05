"""What messages of masked sources came with: for those with the right, on their asking, and written down."""

from __future__ import annotations

from workbench.domain import RIGHTS, DatasetId, Message, Permission, Source, SourceId, Uid
from workbench.errors import AccessError, InputError
from workbench.store import Session
from workbench.workspace.context import Caller

PERMISSION: Permission = "source.unmask"
MOST_UNMASKED = 256


def unmasked_messages(caller: Caller, dataset_id: DatasetId, uids: tuple[Uid, ...]) -> tuple[Message, ...]:
    """These messages as they came; the audit log says who read which."""
    if len(uids) > MOST_UNMASKED:
        raise InputError(
            f"{len(uids):,} messages cannot be unmasked at once.",
            next_step=f"Ask for at most {MOST_UNMASKED}.",
            details={"n": len(uids), "most": MOST_UNMASKED},
        )
    with caller.store.write(messages=False) as session:
        found = {one.uid: one for one in session.messages.get(dataset_id, uids)}
        dataset = session.catalog.find_dataset(dataset_id)
        caller.audit(session, "unmask", dataset.full_name, uids=list(found))
        return session.personal.with_originals(dataset_id, found)


def masked_from(caller: Caller, session: Session) -> frozenset[SourceId]:
    """The masked sources whose originals the caller may not read."""
    return frozenset(
        source.source_id
        for source in session.catalog.sources()
        if source.mask_personal and not caller.may(PERMISSION, source.project)
    )


def check_unmasked(caller: Caller, session: Session, source_id: SourceId, what: str) -> None:
    """Refuse what would show the originals of a masked source.

    Parameters
    ----------
    what
        What they may not do, such as ``read the original mail``.

    Raises
    ------
    AccessError
        It is masked and the caller may not unmask it.
    """
    source = session.catalog.source(source_id)
    if source.mask_personal and not caller.may(PERMISSION, source.project):
        raise _refused(caller, source, what)


def check_bared(caller: Caller, source: Source) -> None:
    """Refuse to turn the masking of a source off for who may not see what would show."""
    if source.mask_personal and not caller.may(PERMISSION, source.project):
        raise _refused(caller, source, "turn its masking off")


def check_no_copy(caller: Caller, session: Session) -> None:
    """Refuse a copy of everything while it holds originals that the caller may not read.

    Raises
    ------
    AccessError
        It does.
    """
    for source_id in sorted(masked_from(caller, session)):
        check_unmasked(caller, session, source_id, "take a copy of what it masks")


def _refused(caller: Caller, source: Source, what: str) -> AccessError:
    return AccessError(
        f"source {source.full_name!r} masks personal data, and {caller.actor!r} may not {what}.",
        next_step=f"Ask an administrator for a role with {RIGHTS[PERMISSION].title!r}.",
        details={"permission": PERMISSION, "source": source.full_name},
    )
