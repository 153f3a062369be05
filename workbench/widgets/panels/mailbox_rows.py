"""Mailboxes and their folders as the plain rows and cards that elements show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from workbench.domain import FolderStatus, Integration, MailboxStatus
from workbench.door import state_of
from workbench.widgets.panels.catalog import counted, day

_LEVELS = {
    "up to date": "good",
    "being read": "good",
    "no secret yet": "average",
    "will try again": "average",
    "stopped: error": "poor",
}
_NEXT = {
    "user": ("Somebody paused it.", "Resume it to have it read again."),
    "quota": (
        "The quota of messages is used up.",
        "It is tried once an hour and goes on when there is room.",
    ),
    "sync_error": ("It failed too often.", "Correct what is wrong, then resume it."),
}
_NAMED = 3
MAILBOX_COLUMNS = [
    {"key": "address", "title": "Mailbox"},
    {"key": "state", "title": "State", "width": 120},
    {"key": "n_messages", "title": "Messages", "kind": "number", "width": 100},
    {"key": "last", "title": "Last read (UTC)", "width": 152},
    {"key": "error", "title": "Error"},
]
FOLDER_COLUMNS = [
    {"key": "folder", "title": "Folder"},
    {"key": "state", "title": "State", "width": 108},
    {"key": "n_messages", "title": "Messages", "kind": "number", "width": 100},
    {"key": "until", "title": "Newest (UTC)", "width": 152},
    {"key": "last", "title": "Last read (UTC)", "width": 152},
    {"key": "error", "title": "Error"},
]


def level_of(state: str) -> str:
    """How good a state is, in the words of a badge."""
    return _LEVELS.get(state, "none")


def is_on(state: str) -> bool:
    """Whether a mailbox in that state is read by itself."""
    return state != "paused" and not state.startswith("stopped")


def minute(at: datetime | None) -> str:
    """A moment as people write it; a dash for none."""
    return f"{day(at)}, {at:%H:%M} UTC" if at else "–"


def folder_name(path: tuple[str, ...]) -> str:
    """``Outer/Inner``; a stroke within a name is shown as one that separates nothing."""
    return "/".join(name.replace("/", "\N{DIVISION SLASH}") for name in path)


def mailbox_record(found: Integration, one: MailboxStatus) -> dict[str, Any]:
    """A mailbox for the table of mailboxes."""
    state = state_of(found, one)
    return {
        "address": one.mailbox.address,
        "state": state[:1].upper() + state[1:],
        "n_messages": one.n_messages,
        "last": _moment(one.last_synced_at),
        "error": one.error or next((folder.error for folder in one.folders if folder.error), None),
    }


def folder_record(one: FolderStatus) -> dict[str, Any]:
    """A folder for the table of folders."""
    return {
        "folder": folder_name(one.path),
        "state": "Not readable" if one.error else "Up to date" if one.up_to_date else "Being read",
        "n_messages": one.n_messages,
        "until": _moment(one.synced_until),
        "last": _moment(one.last_synced_at),
        "error": one.error or None,
    }


def mailbox_card(found: Integration, one: MailboxStatus) -> dict[str, Any]:
    """A mailbox with all that is set up for it, and what can be done."""
    state, box = state_of(found, one), one.mailbox
    lists = [
        ["Only folders", ", ".join(map(folder_name, box.folder_allow))],
        ["Never folders", ", ".join(map(folder_name, box.folder_deny))],
        ["Only mail with", ", ".join((*box.participant_allow, *box.domain_allow))],
        ["Never mail with", ", ".join((*box.participant_deny, *box.domain_deny))],
    ]
    problem = mailbox_problem(found, one)
    return {
        "id": box.address,
        "title": box.address,
        "name": found.full_name,
        "badge": {"text": state[:1].upper() + state[1:], "level": level_of(state)},
        "figures": [
            [one.n_messages, "message" if one.n_messages == 1 else "messages"],
            [len(one.folders), "folder" if len(one.folders) == 1 else "folders"],
            *([[one.n_problems, "could not be read"]] if one.n_problems else []),
        ],
        "facts": [
            ["Into", f"{box.bucket.project}/{box.bucket.name}" if box.bucket else "its source"],
            ["From", day(box.start_at) if box.start_at else "the beginning"],
            *(fact for fact in lists if fact[1]),
            ["Last read", minute(one.last_synced_at) if one.last_synced_at else "never"],
            ["Next read", minute(one.next_try_at) if one.next_try_at and is_on(state) else "not by itself"],
        ],
        "problem": problem,
        "calm": state == "paused",
        "links": [],
        "actions": [
            {"key": "sync", "title": "Sync now"},
            {"key": "pause", "title": "Pause"} if is_on(state) else {"key": "resume", "title": "Resume"},
            {"key": "test", "title": "Test"},
            {"key": "resync", "title": "Read again"},
            {"key": "amend", "title": "Edit", "icon": "pencil"},
            {"key": "remove", "title": "Remove", "icon": "trash"},
        ],
    }


def mailbox_problem(found: Integration, one: MailboxStatus) -> list[str]:
    """What keeps a mailbox from being read, in words, and what to do; empty when nothing does."""
    if not found.secrets:
        return ["Its secret is not set yet.", "Edit the integration and enter it: nothing is read before."]
    if one.error:
        return [one.error, one.next_step]
    reason = found.disabled_reason or one.mailbox.disabled_reason
    if reason:
        return list(_NEXT[reason])
    failed = next((folder for folder in one.folders if folder.error), None)
    if failed:
        return [f"{folder_name(failed.path)}: {failed.error}", "The other folders are read."]
    return [f"Could not be read: {one.problems[-1]}", "The other mails are read."] if one.problems else []


def addresses(found: Integration) -> str:
    """The mailboxes of an integration: the names of few, the number of many."""
    names = [one.mailbox.address for one in found.mailboxes]
    more = len(names) - _NAMED
    return f"{', '.join(names[:_NAMED])}{f' and {more:,} more' if more > 0 else ''}" or "none yet"


def states(found: Integration) -> str:
    """How many mailboxes are in which state: ``297 up to date, 2 paused``; empty for fewer than two."""
    tally = Counter(state_of(found, one) for one in found.mailboxes)
    return ", ".join(f"{n:,} {state}" for state, n in tally.most_common()) if len(found.mailboxes) > 1 else ""


def worst_of(found: Integration) -> str:
    """The state that a person should know of first; that some are paused on purpose, only where all are."""
    told = [state_of(found, one) for one in found.mailboxes]
    order = ("poor", "average", "good", "none")
    stopped = [one for one in told if one == "stopped: quota"]
    return (stopped or sorted(told, key=lambda one: order.index(level_of(one))) or ["no mailbox"])[0]


def first_problem(found: Integration) -> list[str]:
    """What keeps the first troubled mailbox from being read; it is named where there are several."""
    if not found.mailboxes:
        return ["It has no mailbox.", "Add one under Mailboxes."]
    several = len(found.mailboxes) > 1 and bool(found.secrets) and found.enabled
    if several and worst_of(found) == "paused":
        return ["Somebody paused all its mailboxes.", "Resume them one by one under Mailboxes."]
    for one in sorted(found.mailboxes, key=lambda one: not one.error):
        if several and state_of(found, one) == "paused":
            continue
        if problem := mailbox_problem(found, one):
            return [f"{one.mailbox.address}: {problem[0]}", problem[1]] if several else problem
    return []


def progress_of(folders: Iterable[FolderStatus]) -> str:
    """How many folders are up to date."""
    known = list(folders)
    n_done = sum(one.up_to_date and not one.error for one in known)
    return f"{n_done:,} of {len(known):,} up to date" if known else "none read yet"


def new_mailboxes(n: int) -> str:
    """``1 mailbox``, ``3 mailboxes``."""
    return counted(n, "mailbox").replace("mailboxs", "mailboxes")


def _moment(at: datetime | None) -> str | None:
    return f"{at:%Y-%m-%d %H:%M}" if at else None
