"""Writing one event of the audit log, with what it affects in columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from workbench.domain import EVENT_TYPES, AuditOutcome
from workbench.store import Session

_IDS = ("dataset_id", "source_id", "stream_id", "user_id")
_PLACED = ("dataset", "source")
_IN_PROJECT = (*_PLACED, "bucket", "integration")


def record(
    session: Session,
    event_type: str,
    subject: str,
    *,
    actor: str,
    channel: str,
    at: datetime,
    details: Mapping[str, object],
    outcome: AuditOutcome = "done",
) -> None:
    """Append an event in the transaction of what it records.

    Parameters
    ----------
    subject
        What it is about, by full name where it has one, else by id.
    details
        Settings, ids and counts; never the text of a message, never a secret. Ids of datasets, sources, streams
        and users, and the project, also become columns to search by.
    """
    session.audit.append(
        actor=actor,
        action=event_type,
        object=subject,
        details=msgspec.json.encode(details).decode(),
        at=at,
        channel=channel,
        outcome=outcome,
        **_affected(session, event_type, subject, details),
    )


def _affected(
    session: Session, event_type: str, subject: str, details: Mapping[str, object]
) -> dict[str, str]:
    told: dict[str, Any] = {name: str(details[name]) for name in _IDS if details.get(name)}
    known = EVENT_TYPES.get(event_type)
    about = known.about if known else "workspace"
    project = details.get("project") or ""
    if about == "project":
        project = subject
    elif about in _IN_PROJECT and not project:
        project = subject.partition("/")[0] if "/" in subject else ""
    if about in _PLACED and (not project or f"{about}_id" not in told):
        # Of what is deleted in this very transaction nothing is found any more; its full name says the project.
        found_id, found_project = session.audit.placed(told.get(f"{about}_id", subject)).get(about, ("", ""))
        project = project or found_project
        if found_id:
            told[f"{about}_id"] = found_id  # operations take a full name in place of an id
    return told | ({"project": str(project)} if project else {})
