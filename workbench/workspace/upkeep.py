"""What is done to a workspace file while no owner holds it: make a key, change the key, restore a copy."""

from __future__ import annotations

import shutil
from pathlib import Path

from workbench.errors import StoreLockedError
from workbench.primitives import Clock, database_kind, utc_now
from workbench.settings import Settings
from workbench.store import Key, Store, find_key, new_key_file, read_key, restore, rotate
from workbench.wire import companion_folder
from workbench.workspace.derived import drop_derived

__all__ = ["new_key_file", "restore_copy", "rotate_key"]


def rotate_key(path: Path, new_key: Path, *, settings: Settings, actor: str, clock: Clock = utc_now) -> None:
    """Write the workspace file anew under the key in ``new_key``; a plain file becomes an encrypted one.

    Raises
    ------
    StoreLockedError
        Its owner runs.
    WorkspaceKeyError
        The key in force does not open the file, or there is no key in ``new_key``.
    StoreError
        The copy failed; the file is as before.
    """
    new = read_key(new_key)
    # A key may be set already when the file is about to be encrypted for the first time.
    old = None if database_kind(path) == "plain" else find_key(settings.key_file, workspace=path)
    try:
        _record(path, old, "rotate_key", path.name, settings=settings, actor=actor, clock=clock)
        rotate(path, old=old, new=new, memory_limit=settings.memory_limit, n_threads=settings.n_threads)
    except StoreLockedError as error:
        raise StoreLockedError(
            error.message, next_step=f"Stop its owner first: workbench stop {path}", details=error.details
        ) from None
    folder = companion_folder(path)
    drop_derived(folder)
    for name in ("tmp", "publish"):  # what an owner that was killed left
        shutil.rmtree(folder / name, ignore_errors=True)


def restore_copy(copy: Path, target: Path, *, settings: Settings, actor: str, clock: Clock = utc_now) -> None:
    """Make a writable workspace of a published copy, brought up to this version's schema.

    Raises
    ------
    InputError
        ``copy`` is no workspace file, or ``target`` exists already.
    WorkspaceKeyError
        The key in force (of the settings beside ``target``) does not open the copy.
    """
    key = find_key(settings.key_file, workspace=target)
    restore(copy, target, key=key)
    _record(target, key, "restore", copy.name, settings=settings, actor=actor, clock=clock)


def _record(
    path: Path, key: Key | None, action: str, about: str, *, settings: Settings, actor: str, clock: Clock
) -> None:
    with Store.open(path, memory_limit=settings.memory_limit, n_threads=settings.n_threads, key=key) as store:
        if not store.read_only:
            with store.write() as session:
                session.audit.append(actor=actor, action=action, object=about, details="{}", at=clock())
