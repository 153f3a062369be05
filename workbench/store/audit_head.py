"""The newest event of the audit log, kept beside the file: a log that is cut off at its end no longer reaches it."""

from __future__ import annotations

import contextlib
import json
import logging
import os
from pathlib import Path

from workbench.domain import AuditHead
from workbench.store.connecting import companion
from workbench.store.session import Session

log = logging.getLogger(__name__)


def keep_head(path: Path, session: Session) -> None:
    """Replace the head beside the file after a session that wrote an event was committed.

    What is committed stays committed when this fails: the head is then older than the log, which is no fault.
    It is not forced to the disk, which would cost each event as much again; after a loss of power it may be older.
    """
    head = session.written_event
    if head is None:
        return
    target = _place(path)
    draft = target.with_name(f".{target.name}-{os.getpid()}")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.write_text(json.dumps({"seq": head.seq, "hash": head.hash}), "ascii")
        draft.replace(target)
    except OSError as error:
        log.warning("the head of the audit log could not be kept beside the file: %s", error)
        with contextlib.suppress(OSError):
            draft.unlink()


def kept_head(path: Path) -> AuditHead | None:
    """The head beside the file; None when there is none, or it cannot be read."""
    try:
        found = json.loads(_place(path).read_text("ascii"))
        return AuditHead(seq=int(found["seq"]), hash=str(found["hash"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _place(path: Path) -> Path:
    return companion(path) / "audit.head"
