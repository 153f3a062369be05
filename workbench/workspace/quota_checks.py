"""Is there room in a quota? Asked in the write transaction that takes it, so that two callers cannot both get the last."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from workbench.domain import LIMITS, QuotaRule, Source
from workbench.metering import room
from workbench.settings import Settings
from workbench.store import Session

if TYPE_CHECKING:
    from workbench.workspace.context import Caller


def check_quota(caller: Caller, session: Session, kind: str, found: int, where: str) -> None:
    """Refuse ``found`` of something when its quota has no room, and remember the most there ever was.

    Parameters
    ----------
    session
        Of the write that takes the room.
    found
        How many there would be with what is wanted.
    where
        What is wanted, as the reader knows it: ``source demo/mail``.

    Raises
    ------
    LimitError
        There is no room.
    """
    take_room(
        session,
        kind,
        found,
        where,
        settings=caller.settings,
        at=caller.workspace.clock(),
        actor=caller.actor,
    )


def check_pinned(caller: Caller, session: Session, version: int) -> None:
    """Refuse as ``check_quota`` does a model version that was pinned a moment ago."""
    check_quota(caller, session, "pinned_versions", session.quotas.n_pinned(), f"version {version}")


def check_room(caller: Caller, session: Session, source: Source, n_new: int) -> None:
    """Refuse new messages beyond the quotas; what was stored before is undone with the transaction."""
    where = f"source {source.full_name!r}"
    # Counting takes time: without a limit the most there ever was is counted before some go (note_messages).
    if n_new and not is_unlimited(session, "messages_per_source", caller.settings):
        found = session.catalog.source(source.source_id).n_messages
        check_quota(caller, session, "messages_per_source", found, where)
    if n_new and not is_unlimited(session, "messages", caller.settings):
        found = sum(one.n_messages for one in session.catalog.sources())
        check_quota(caller, session, "messages", found, where)


def take_room(
    session: Session, kind: str, found: int, where: str, *, settings: Settings, at: datetime, actor: str
) -> None:
    """As ``check_quota``, for who has no caller."""
    rule = refuse_beyond(session, kind, found, where, settings=settings)
    made = replace(rule or QuotaRule(kind=kind))
    answer = room(found, rule, setting_of(kind, settings))
    if answer.raised_to is not None:
        made = replace(made, hard_limit=answer.raised_to)
        details = {"before": answer.limit, "hard_limit": answer.raised_to, "needed": found}
        session.audit.append(
            actor=actor,
            action="raise_quota",
            object=kind,
            details=msgspec.json.encode(details).decode(),
            at=at,
        )
    made = replace(made, peak=max(made.peak, found))
    if made != rule:
        session.quotas.put(made)


def refuse_beyond(
    session: Session, kind: str, found: int, where: str, *, settings: Settings
) -> QuotaRule | None:
    """Refuse as ``check_quota`` does and write nothing; returns what was written down of the quota."""
    limit, rule = LIMITS[kind], session.quotas.get(kind)
    answer = room(found, rule, setting_of(kind, settings))
    if answer.fits or answer.limit is None:
        return rule
    if rule is None or rule.hard_limit is None:
        raise limit.refused(found, where, answer.limit)
    ceiling = f" It rises by itself up to {rule.auto_increase_up_to:,}." if rule.auto_increase_up_to else ""
    step = (
        f"Delete what is no longer needed, or ask an administrator to raise the quota {kind!r} (set_quota)."
    )
    raise limit.refused(found, where, answer.limit, next_step=step + ceiling)


def is_unlimited(session: Session, kind: str, settings: Settings) -> bool:
    """Whether a quota has no limit, so that counting can be spared."""
    return room(2**62, session.quotas.get(kind), setting_of(kind, settings)).fits


def note_peak(session: Session, kind: str, n: int) -> None:
    """Remember that there are ``n`` before they become fewer."""
    rule = session.quotas.get(kind) or QuotaRule(kind=kind)
    if n > rule.peak:
        session.quotas.put(replace(rule, peak=n))


def note_messages(session: Session) -> None:
    """Remember how many messages and reviewed messages there are, before some go.

    Without a limit they are not counted when they come, since that takes time.
    """
    sources, datasets = session.catalog.sources(), session.catalog.datasets()
    for kind, n in (
        ("messages", sum(one.n_messages for one in sources)),
        ("messages_per_source", max((one.n_messages for one in sources), default=0)),
        ("reviewed_per_dataset", max((one.n_reviewed for one in datasets), default=0)),
    ):
        note_peak(session, kind, n)


def setting_of(kind: str, settings: Settings) -> int:
    """What the settings say of a quota; 0 = no limit."""
    name = LIMITS[kind].setting if kind in LIMITS else ""
    return int(getattr(settings, name)) if name else 0
