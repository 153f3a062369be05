"""Speaking to mail servers and services, away from the owner."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from workbench.connect import Connector, FetchLimits, Folder, Page, is_folder_wanted, open_connector
from workbench.domain import FolderState, Mailbox, MailboxFolder
from workbench.errors import RemoteProtocolError
from workbench.workspace.jobs.worker import Report

_Path = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class FailedFolder:
    """A folder that could not be read, and why."""

    path: _Path
    error: str


def list_folders(payload: dict[str, Any], _report: Report) -> tuple[MailboxFolder, ...]:
    """All folders of a mailbox, and which its lists let through."""
    mailbox: Mailbox = payload["mailbox"]
    return tuple(
        MailboxFolder(path=one.path, role=one.role, wanted=is_folder_wanted(mailbox, one))
        for one in _connector(payload).folders(mailbox)
    )


def fetch_mailbox(payload: dict[str, Any], report: Report) -> bool:
    """Hand over page after page of what is new in ``mailbox`` since ``states``.

    A folder whose answers make no sense is handed over as a ``FailedFolder``, and the others are read. Stops by
    itself after ``limit_s`` seconds; returns whether there is more.
    """
    deadline = time.monotonic() + payload["limit_s"]
    for item in _pages(_connector(payload), payload["mailbox"], payload["states"], report):
        report.item(item)
        if time.monotonic() > deadline:
            return True
    return False


def _pages(
    connector: Connector, mailbox: Mailbox, states: tuple[FolderState, ...], report: Report
) -> Iterator[Page | FailedFolder]:
    held = {state.folder: state for state in states}
    finished: set[_Path] = set()
    try:
        for page in connector.fetch(mailbox, tuple(held.values()), cancelled=report.cancelled):
            held[page.state.folder] = page.state
            if page.state.up_to_date:
                finished.add(page.state.folder)
            yield page
    except RemoteProtocolError:
        # It does not say which folder it was: the rest is read one by one.
        listed = connector.folders(mailbox)
    else:
        return
    for folder in listed:
        if folder.path in finished or not is_folder_wanted(mailbox, folder):
            continue
        try:
            alone = _only(mailbox, folder, listed)
            yield from connector.fetch(alone, tuple(held.values()), cancelled=report.cancelled)
        except RemoteProtocolError as error:
            yield FailedFolder(path=folder.path, error=error.message)


def _only(mailbox: Mailbox, folder: Folder, listed: tuple[Folder, ...]) -> Mailbox:
    below = tuple(
        one.path
        for one in listed
        if len(one.path) > len(folder.path) and one.path[: len(folder.path)] == folder.path
    )
    return replace(mailbox, folder_allow=(folder.path,), folder_deny=below)


def _connector(payload: dict[str, Any]) -> Connector:
    limits = FetchLimits(timeout_s=payload["timeout_s"])
    return open_connector(payload["connection"], payload["secrets"], limits=limits)
