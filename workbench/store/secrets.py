"""The secrets of integrations, and those that people sign in with: a file of their own beside the workspace file, which no copy and no query reaches.

``<file>.workbench/secrets.duckdb`` has mode 0600, and is encrypted with the workspace's key when the workspace is.
It is written anew as a whole, so that what was replaced is not left in free pages. A change of keys first lays
the same secrets under the new key beside it; who opens the workspace next takes the file that the key opens. See
decision 009.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from workbench.errors import ReadOnlyError, WorkspaceKeyError
from workbench.primitives import database_kind, write_atomically
from workbench.store.encryption import Key, attach, load_cryptography

log = logging.getLogger(__name__)
FILE = "secrets.duckdb"
_NEXT = "secrets-next.duckdb"
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
Values = dict[str, str]


class SecretFile:
    """Secrets by owner (an integration, a user) and name. Thread-safe; read once, then kept in memory.

    Parameters
    ----------
    path
        Where it lies; None = a published copy, which has no secrets and takes none.
    key
        The key of an encrypted workspace.
    """

    def __init__(self, path: Path | None, key: Key | None) -> None:
        self._path, self._key = path, key
        self._lock = threading.Lock()
        self._held: dict[str, Values] | None = None
        if path is not None:
            _settle(path, key)

    def __repr__(self) -> str:
        return "<SecretFile>"

    def get(self, owner_id: str) -> Values:
        """The secrets of an owner, empty when none are set."""
        with self._lock:
            return dict(self._all().get(owner_id, {}))

    def put(self, owner_id: str, values: Mapping[str, str]) -> None:
        """Set the secrets of an owner in the place of all earlier ones; none removes them.

        Raises
        ------
        ReadOnlyError
            The workspace is a published copy.
        """
        if self._path is None:
            raise ReadOnlyError(
                "a published copy keeps no secrets.", next_step="Open the workspace it was published from."
            )
        with self._lock:
            held = {**self._all(), owner_id: dict(values)}
            if not values:
                del held[owner_id]
            if held != self._all():
                _write(self._path, held, self._key)
            self._held = held

    def _all(self) -> dict[str, Values]:
        if self._held is None:
            self._held = {} if self._path is None else _read(self._path, self._key)
        return self._held


def lay_next(companion: Path, *, old: Key | None, new: Key) -> None:
    """Before a change of keys: the secrets under the key to come, beside those under the key in force."""
    held = _read(companion / FILE, old)
    if held:
        _write(companion / _NEXT, held, new)
    else:
        (companion / _NEXT).unlink(missing_ok=True)


def take_next(companion: Path, key: Key) -> None:
    """After a change of keys: the secrets under the new key take the place of the others."""
    _settle(companion / FILE, key)


def _settle(path: Path, key: Key | None) -> None:
    """Bring to an end what a change of keys, or a process that was killed while it wrote, has left."""
    for draft in path.parent.glob(".secrets*"):
        draft.unlink(missing_ok=True)
    following = path.with_name(_NEXT)
    if key is not None and _opens(following, key) and not _opens(path, key):
        following.replace(path)
    following.unlink(missing_ok=True)
    if key is not None and database_kind(path) == "plain":
        _write(path, _read(path, None), key)  # from the time before it was encrypted


def _opens(path: Path, key: Key) -> bool:
    if database_kind(path) != "encrypted":
        return False
    try:
        with duckdb.connect(":memory:", config=_CONFIG) as root:
            load_cryptography(root)
            attach(root, path, "box", key, read_only=True)
    except (WorkspaceKeyError, duckdb.Error):
        return False
    return True


def _read(path: Path, key: Key | None) -> dict[str, Values]:
    kind = database_kind(path)
    if kind not in ("plain", "encrypted"):
        return {}
    held: dict[str, Values] = {}
    try:
        with duckdb.connect(":memory:", config=_CONFIG) as root:
            if kind == "encrypted":
                load_cryptography(root)
            attach(root, path, "box", key if kind == "encrypted" else None, read_only=True)
            rows = root.execute("SELECT owner_id, name, value FROM box.secret").fetchall()
    except (WorkspaceKeyError, duckdb.Error):
        log.warning(
            "secrets of integrations and passwords cannot be read under this key; they have to be set again"
        )
        return {}
    for owner_id, name, value in rows:
        held.setdefault(owner_id, {})[name] = value
    return held


def _write(path: Path, held: Mapping[str, Values], key: Key | None) -> None:
    rows = [(owner_id, name, value) for owner_id, values in held.items() for name, value in values.items()]

    def fill(draft: Path) -> None:
        draft.unlink()  # an empty file is no database
        with duckdb.connect(":memory:", config=_CONFIG) as root:
            if key is not None:
                load_cryptography(root)
            attach(root, draft, "box", key)
            draft.chmod(0o600)
            root.execute("CREATE TABLE box.secret (owner_id VARCHAR, name VARCHAR, value VARCHAR)")
            if rows:  # as a table: thousands of users have a password each
                columns = dict(zip(("owner_id", "name", "value"), zip(*rows, strict=True), strict=True))
                root.register("kept", pa.table(columns))
                root.execute("INSERT INTO box.secret SELECT owner_id, name, value FROM kept")
            root.execute("CHECKPOINT box")
            root.execute("DETACH box")

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_atomically(path, fill)
