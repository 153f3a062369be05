"""Tenants: one encrypted workspace each, with a key, a folder and an owner process of its own.

The registry ``tenants.toml`` in the root folder holds names, and the directories of those that have one of their own.
It holds no key and nothing that could not be read from the folders; it says which of them are tenants.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import stat
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workbench.errors import DuplicateNameError, InputError, UnknownNameError
from workbench.primitives import Clock, DatabaseKind, database_kind, utc_now, write_atomically
from workbench.settings import Settings
from workbench.store import Store, is_source, named_key
from workbench.workspace.upkeep import make_key

__all__ = ["Tenant", "find_tenant", "new_tenant", "tenants"]

REGISTRY = "tenants.toml"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_LEFT_BY_A_CUT_OFF_START = frozenset({"workbench.toml", "backups"})


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """One tenant.

    Attributes
    ----------
    folder
        Where everything of it lies: file, companion folder with temporary files, settings, backups.
    dedicated
        Whether the folder was named for this tenant; else it lies in the root folder.
    """

    name: str
    folder: Path
    dedicated: bool
    created_at: datetime

    @property
    def file(self) -> Path:
        """The workspace file."""
        return self.folder / f"{self.name}.duckdb"

    @property
    def backups(self) -> Path:
        """The folder of its published copies."""
        return self.folder / "backups"

    @property
    def kind(self) -> DatabaseKind:
        """What lies under the name of its file; ``encrypted`` unless somebody put something else there."""
        return database_kind(self.file)


def tenants(root: Path) -> tuple[Tenant, ...]:
    """The tenants of a root folder, by name.

    Raises
    ------
    InputError
        The folder or its registry can be written by others, or the registry cannot be read.
    """
    root = root.absolute()
    file = root / REGISTRY
    if not file.exists():
        return ()
    _refuse_open_to_others(root)
    _refuse_open_to_others(file)
    try:
        known = tomllib.loads(file.read_text("utf-8"))
        found = [_read(root, name, entry) for name, entry in known.items()]
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"the registry {str(file)!r} cannot be read: {error}.",
            next_step="Correct it, or take it from a backup; the tenants' own folders are untouched.",
            details={"path": str(file)},
        ) from error
    return tuple(sorted(found, key=lambda tenant: tenant.name))


def find_tenant(root: Path, name: str) -> Tenant:
    """The tenant of that name; raises ``UnknownNameError``, and as ``tenants``."""
    known = {tenant.name: tenant for tenant in tenants(root)}
    if name not in known:
        raise UnknownNameError("tenant", name, known)
    return known[name]


def new_tenant(
    root: Path,
    name: str,
    *,
    key: str,
    settings: Settings,
    directory: Path | None = None,
    clock: Clock = utc_now,
) -> Tenant:
    """Make a tenant: its folder, a key of its own, and its encrypted file.

    Parameters
    ----------
    key
        Where its new key goes: a file outside the folders of tenants, or ``keyring:SERVICE/NAME``.
    directory
        A directory of its own, empty or not there yet; None = a folder in ``root``.

    Raises
    ------
    InputError
        The name is none, the directory is not empty or lies among others' files, the key would lie beside the data
        or exists already, or the root folder can be written by others.
    DuplicateNameError
        There is a tenant of this name.
    """
    if not NAME.fullmatch(name):
        raise InputError(
            f"{name[:80]!r} cannot be the name of a tenant.",
            next_step="Use small letters a-z, digits and hyphens, at most 40, beginning with a letter or digit.",
            details={"name": name[:200]},
        )
    root = root.absolute()
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    root = root.resolve()
    with _locked(root):
        known = tenants(root)
        if name in {tenant.name for tenant in known}:
            raise DuplicateNameError("tenant", name)
        folder = directory.expanduser().absolute().resolve() if directory else root / name
        _refuse_foreign(root, folder, known, dedicated=directory is not None)
        if not is_source(key):
            key = str(Path(key).expanduser().absolute())
            _refuse_key_beside(Path(key).resolve(), [root, folder, *(tenant.folder for tenant in known)])
        tenant = Tenant(name=name, folder=folder, dedicated=directory is not None, created_at=clock())
        _make_folder(folder)
        tenant.backups.mkdir(mode=0o700, exist_ok=True)
        made = make_key(key, settings=settings)
        setting = "key_source" if is_source(made) else "key_file"
        write_text(folder / "workbench.toml", f"{setting} = {json.dumps(made)}\n")
        opened = named_key(made, limit_s=settings.key_source_s)
        Store.open(tenant.file, key=opened, n_threads=1).close()
        tenant.file.chmod(0o600)
        _register(root, (*known, tenant))
    return tenant


def write_text(file: Path, text: str) -> None:
    """Write a text file whole or not at all, for this user alone."""
    write_atomically(file, lambda draft: _fill(draft, text))


def _fill(draft: Path, text: str) -> None:
    draft.write_text(text, "utf-8")
    draft.chmod(0o600)


def _read(root: Path, name: str, entry: dict[str, object]) -> Tenant:
    if not NAME.fullmatch(name):
        raise ValueError(f"{name[:80]!r} is no name of a tenant")
    directory, created_at = entry.get("directory", ""), entry["created_at"]
    if not isinstance(directory, str) or not isinstance(created_at, datetime):
        raise TypeError(f"what is said of {name!r} has another form")
    if directory and not Path(directory).is_absolute():
        raise ValueError(f"the directory of {name!r} is no whole path")
    folder = Path(directory) if directory else root / name
    return Tenant(name=name, folder=folder, dedicated=bool(directory), created_at=created_at)


def _register(root: Path, all_of_them: tuple[Tenant, ...]) -> None:
    lines = ["# Written by 'workbench tenant new'. Where the tenants of this folder are; it holds no key."]
    for tenant in sorted(all_of_them, key=lambda one: one.name):
        lines += [f"[{tenant.name}]", f"created_at = {tenant.created_at.isoformat()}"]
        lines += [f"directory = {json.dumps(str(tenant.folder))}"] if tenant.dedicated else []
    write_text(root / REGISTRY, "\n".join(lines) + "\n")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        there = {one.name for one in folder.iterdir()}
    except OSError as error:
        raise InputError(
            f"the folder {str(folder)!r} cannot be made: {error.strerror}.",
            next_step="Name a directory of your own, or one that is not there yet.",
            details={"path": str(folder)},
        ) from error
    if there - _LEFT_BY_A_CUT_OFF_START:
        raise InputError(
            f"the folder {str(folder)!r} is not empty.",
            next_step="A tenant begins in an empty folder; choose another name or directory.",
            details={"path": str(folder)},
        )


def _refuse_foreign(root: Path, folder: Path, known: tuple[Tenant, ...], *, dedicated: bool) -> None:
    """A directory of its own lies neither in another's nor around it."""
    others = [tenant.folder.resolve() for tenant in known] + ([root] if dedicated else [])
    meets = next((one for one in others if folder.is_relative_to(one) or one.is_relative_to(folder)), None)
    if meets is not None or (not dedicated and folder.is_symlink()):
        raise InputError(
            f"{str(folder)!r} cannot be a tenant's own: it shares files with {str(meets or folder)!r}.",
            next_step="Name a directory that lies neither in another tenant's nor around it.",
            details={"path": str(folder)},
        )


def _refuse_key_beside(key: Path, folders: list[Path]) -> None:
    beside = next((one for one in folders if key.is_relative_to(one)), None)
    if beside is not None:
        raise InputError(
            f"the key file {str(key)!r} would lie beside the data, in {str(beside)!r}.",
            next_step="Name a file elsewhere, best on another disk: who has both can read the tenant's file.",
            details={"path": str(key)},
        )


def _refuse_open_to_others(path: Path) -> None:
    about = path.stat()
    if about.st_uid != os.getuid() or about.st_mode & 0o022:
        raise InputError(
            f"{str(path)!r} is not yours alone to write (mode {stat.S_IMODE(about.st_mode):04o}).",
            next_step=f"Own it and close it to others: chmod go-w {path}",
            details={"path": str(path)},
        )


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """Two that make tenants at once wait for one another."""
    _refuse_open_to_others(root)
    handle = os.open(root / "tenants.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
