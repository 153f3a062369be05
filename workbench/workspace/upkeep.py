"""What is done to a workspace file while no owner holds it: make a key, change the key, restore a copy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import InputError, SchemaVersionError, StoreLockedError
from workbench.primitives import Clock, database_kind, utc_now
from workbench.settings import Settings
from workbench.store import (
    Key,
    Store,
    check_key,
    find_key,
    is_source,
    memory_folder,
    named_key,
    new_key_file,
    new_keyring_key,
    read_through,
    restore,
    rotate,
)
from workbench.wire import companion_folder
from workbench.workspace.derived import drop_derived
from workbench.workspace.plan_gate import PlanGate
from workbench.workspace.recording import record

__all__ = [
    "VerifiedFile",
    "check_file",
    "is_source",
    "make_key",
    "restore_copy",
    "rotate_key",
    "temporary_folder",
    "verify_file",
]


@dataclass(frozen=True, kw_only=True)
class VerifiedFile:
    """What came of reading a file to its end.

    Attributes
    ----------
    n_events
        Events of the audit log whose chain was checked; None = the file is of an older version, and was not.
    problems
        What is damaged or was changed; empty = the file is whole.
    """

    file: str
    whole: bool
    encrypted: bool
    n_tables: int
    n_rows: int
    n_events: int | None
    problems: tuple[str, ...]


def make_key(name: str, *, settings: Settings) -> str:
    """Make a key where ``name`` says, a file or ``keyring:SERVICE/NAME``, and answer the name it is found under.

    Raises
    ------
    InputError
        There is one already, or it is a command, which gives keys and takes none.
    WorkspaceKeyError
        The keyring does not take it.
    """
    if name.startswith("command:"):
        raise InputError(
            "a key command gives a key; none can be put into it.",
            next_step="Make the key where the command takes it from: 32 random bytes in one line of Base64.",
        )
    if not is_source(name):
        return str(new_key_file(Path(name).expanduser().absolute()))
    new_keyring_key(name, limit_s=settings.key_source_s)
    return name


def check_file(path: Path, *, settings: Settings) -> bool:
    """Whether a workspace file or a copy is encrypted; the key in force opens it, or none is needed.

    Raises
    ------
    InputError
        There is no workspace file.
    WorkspaceKeyError
        The key in force does not open it, is missing, or not needed.
    StoreLockedError
        Its owner runs.
    """
    key = find_key(settings, workspace=path)
    with _owner_named(path):
        check_key(path, key)
    return key is not None


def verify_file(path: Path, *, settings: Settings) -> VerifiedFile:
    """Read a workspace file or a copy to its end, and check the chain of its audit log; nothing is changed.

    Raises
    ------
    InputError, WorkspaceKeyError, StoreLockedError
        As ``check_file``.
    StoreError
        It is damaged so that it cannot be opened at all.
    """
    key = find_key(settings, workspace=path)
    with _owner_named(path):
        found = read_through(path, key)
    problems: list[str] = list(found.problems)
    n_events: int | None = None
    if not problems:
        with (
            suppress(SchemaVersionError),
            Store.open(
                path,
                memory_limit=settings.memory_limit,
                n_threads=settings.n_threads,
                key=key,
                read_only=True,
            ) as store,
            store.read() as session,
        ):
            n_events = session.audit.head().seq
            bad = session.audit.verify()
            if bad is not None:
                problems.append(f"event {bad:,} of the audit log was changed, removed, inserted or moved")
    return VerifiedFile(
        file=str(path),
        whole=not problems,
        encrypted=key is not None,
        n_tables=found.n_tables,
        n_rows=found.n_rows,
        n_events=n_events,
        problems=tuple(problems),
    )


def rotate_key(path: Path, new_key: str, *, settings: Settings, actor: str, clock: Clock = utc_now) -> None:
    """Write the workspace file anew under the key ``new_key`` names; a plain file becomes an encrypted one.

    Parameters
    ----------
    new_key
        A key file, ``keyring:SERVICE/NAME``, or ``command:PROGRAM ARGUMENT …``.

    Raises
    ------
    StoreLockedError
        Its owner runs.
    WorkspaceKeyError
        The key in force does not open the file, or ``new_key`` gives no key.
    StoreError
        The copy failed; the file is as before.
    EntitlementError
        The plan of the workspace does not have a key of one's own.
    """
    new = named_key(new_key, limit_s=settings.key_source_s)
    # A key may be set already when the file is about to be encrypted for the first time.
    old = None if database_kind(path) == "plain" else find_key(settings, workspace=path)
    with _owner_named(path):
        _check_plan(path, old, settings=settings, clock=clock)
        _record(path, old, "rotate_key", path.name, settings=settings, actor=actor, clock=clock)
        rotate(path, old=old, new=new, memory_limit=settings.memory_limit, n_threads=settings.n_threads)
    folder = companion_folder(path)
    drop_derived(folder)
    for name in ("tmp", "publish"):  # what an owner that was killed left
        shutil.rmtree(folder / name, ignore_errors=True)


def temporary_folder(path: Path, settings: Settings) -> Path | None:
    """An empty folder in memory for the temporary files of programs that show an encrypted workspace.

    What an app packs for a download would else lie on the disk, if only for a moment. None = it is plain.

    Raises
    ------
    StoreError
        ``memory_folder`` is not in memory, or not this user's alone.
    """
    if database_kind(path) != "encrypted":
        return None
    folder = memory_folder(Path(settings.memory_folder), path.with_name(f"{path.name}.temp"))
    shutil.rmtree(folder, ignore_errors=True)  # of a server that was killed
    return memory_folder(Path(settings.memory_folder), path.with_name(f"{path.name}.temp"))


def restore_copy(copy: Path, target: Path, *, settings: Settings, actor: str, clock: Clock = utc_now) -> None:
    """Make a writable workspace of a published copy, brought up to this version's schema.

    Raises
    ------
    InputError
        ``copy`` is no workspace file, or ``target`` exists already.
    WorkspaceKeyError
        The key in force (of the settings beside ``target``) does not open the copy.
    """
    key = find_key(settings, workspace=target)
    restore(copy, target, key=key)
    _record(target, key, "restore", copy.name, settings=settings, actor=actor, clock=clock)


@contextmanager
def _owner_named(path: Path) -> Iterator[None]:
    try:
        yield
    except StoreLockedError as error:
        raise StoreLockedError(
            error.message, next_step=f"Stop its owner first: workbench stop {path}", details=error.details
        ) from None


def _check_plan(path: Path, key: Key | None, *, settings: Settings, clock: Clock) -> None:
    with Store.open(path, memory_limit=settings.memory_limit, n_threads=settings.n_threads, key=key) as store:
        PlanGate(store, clock).check("customer_managed_key")


def _record(
    path: Path, key: Key | None, action: str, about: str, *, settings: Settings, actor: str, clock: Clock
) -> None:
    with Store.open(path, memory_limit=settings.memory_limit, n_threads=settings.n_threads, key=key) as store:
        if not store.read_only:
            with store.write() as session:
                record(session, action, about, actor=actor, channel="cli", at=clock(), details={})
