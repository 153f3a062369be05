"""Encrypted workspace files: AES-256-GCM by DuckDB, with the cryptography of its ``httpfs`` extension.

The key is 32 random bytes, written as one line of Base64. No passphrase is taken, so none has to be stretched.
A key is never part of a message, a ``repr`` or a pickle.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
import stat
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import duckdb

from workbench.errors import InputError, MissingExtraError, WorkspaceKeyError
from workbench.primitives import DatabaseKind
from workbench.settings import KEY_VARIABLE

N_BYTES = 32
LONGEST = 256
"""Bytes read of a key file: enough for a key and a few empty lines."""
_SET_KEY = (
    "Set 'key_file' or 'key_source' in workbench.toml (or WORKBENCH_KEY_FILE, WORKBENCH_KEY_SOURCE), or put the key "
    f"into {KEY_VARIABLE}."
)


class Key:
    """The key of an encrypted workspace; shown nowhere."""

    __slots__ = ("_text",)

    def __init__(self, raw: bytes) -> None:
        if len(raw) != N_BYTES:
            raise WorkspaceKeyError(
                f"a key has {N_BYTES} bytes, not {len(raw)}.", next_step="Make one: workbench key new FILE."
            )
        self._text = base64.b64encode(raw).decode("ascii")

    @property
    def secret(self) -> str:
        """The key as DuckDB takes it. For ATTACH alone."""
        return self._text

    @property
    def fingerprint(self) -> str:
        """16 hex digits of a SHA-256, by which keys are told apart; nothing leads from them to the key."""
        return hashlib.sha256(b"workbench key " + self._text.encode("ascii")).hexdigest()[:16]

    def __repr__(self) -> str:
        return "<Key>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is handed to no other process")


def read_key(file: Path) -> Key:
    """The key in a file that belongs to this user and that nobody else may read.

    Raises
    ------
    WorkspaceKeyError
        It is missing, lies open to others, or holds no key.
    """
    details = {"key_file": str(file)}
    try:
        handle = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise WorkspaceKeyError(
            f"the key file {str(file)!r} cannot be read: {error.strerror}.",
            next_step="Correct the setting 'key_file', or make a key: workbench key new FILE.",
            details=details,
        ) from None
    try:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode) or about.st_uid != os.getuid() or about.st_mode & 0o077:
            raise WorkspaceKeyError(
                f"the key file {str(file)!r} is no file of yours alone (mode {stat.S_IMODE(about.st_mode):04o}).",
                next_step=f"Own it and close it to others: chmod 600 {file}",
                details=details,
            )
        text = os.read(handle, LONGEST).decode("ascii", "replace")
    finally:
        os.close(handle)
    return decoded(text, f"the key file {str(file)!r}")


def new_key() -> Key:
    """A key of random bytes, which is nowhere yet."""
    return Key(secrets.token_bytes(N_BYTES))


def new_key_file(file: Path) -> Path:
    """Write 32 random bytes as a new key file with mode 0600.

    Raises
    ------
    InputError
        There is a file of that name already (a key is never overwritten), or none can be made there.
    """
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise InputError(
            f"the key file {str(file)!r} cannot be made: {error.strerror}.",
            next_step="Name a new file in a folder you may write; keys are never overwritten.",
            details={"path": str(file)},
        ) from error
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(new_key().secret + "\n")
        out.flush()
        os.fsync(out.fileno())
    return file


def check_kind(path: Path, kind: DatabaseKind, key: Key | None) -> None:
    """Refuse an encrypted file without a key, and a plain one with a key.

    Raises
    ------
    WorkspaceKeyError
        One of the two.
    """
    details = {"path": str(path)}
    if kind == "encrypted" and key is None:
        raise WorkspaceKeyError(
            f"the workspace file {str(path)!r} is encrypted, and no key is set.",
            next_step=_SET_KEY,
            details=details,
        )
    if kind == "plain" and key is not None:
        raise WorkspaceKeyError(
            f"the workspace file {str(path)!r} is not encrypted, but a key is set.",
            next_step=f"Unset 'key_file', 'key_source' and {KEY_VARIABLE}, or encrypt it: workbench key rotate FILE KEY_FILE.",
            details=details,
        )


def load_cryptography(root: duckdb.DuckDBPyConnection) -> None:
    """Load the extension that DuckDB encrypts with, from the installed package: no network, no home folder.

    Raises
    ------
    MissingExtraError
        The extra ``encryption`` is not installed.
    """
    found = find_spec("duckdb_extension_httpfs")
    places = (found.submodule_search_locations or []) if found else []
    inside = Path("extensions", f"v{duckdb.__version__}", "httpfs.duckdb_extension")
    for place in places:
        if (Path(place) / inside).is_file():
            root.execute(f"LOAD {literal(str(Path(place) / inside))}")
            return
    raise MissingExtraError("what encrypted workspaces need", "pip install 'workbench-comms[encryption]'")


def attach(
    root: duckdb.DuckDBPyConnection, path: Path, alias: str, key: Key | None, *, read_only: bool = False
) -> None:
    """Attach a database file under ``alias``; it is created, encrypted if there is a key, when there is none.

    Raises
    ------
    WorkspaceKeyError
        It is the wrong key.
    duckdb.Error
        Anything else; the text holds no key.
    """
    options = [f"ENCRYPTION_KEY {literal(key.secret)}"] if key else []
    options += ["READ_ONLY"] if read_only else []
    chosen = f" ({', '.join(options)})" if options else ""
    try:
        root.execute(f"ATTACH {literal(str(path))} AS {alias}{chosen}")
    except duckdb.Error as error:
        text = str(error).replace(key.secret, "…") if key else str(error)
        if "Wrong encryption key" not in text:
            raise type(error)(text) from None  # without the statement, which holds the key
    else:
        return
    raise WorkspaceKeyError(
        f"the key does not open the workspace file {str(path)!r}.",
        next_step=f"Use the key it was written with, see 'key_file', 'key_source' and {KEY_VARIABLE}; after a rotation, "
        "the new one.",
        details={"path": str(path)},
    )


def literal(text: str) -> str:
    """Quote a path or key where SQL takes no parameter."""
    return "'" + text.replace("'", "''") + "'"


def decoded(text: str, place: str) -> Key:
    """The key in a line of Base64 that was found in ``place``.

    Raises
    ------
    WorkspaceKeyError
        It holds no key; what it holds is not shown.
    """
    try:
        raw = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != N_BYTES:
        raise WorkspaceKeyError(
            f"{place} holds no key: a key is {N_BYTES} bytes in one line of Base64.",
            next_step="Name the right file, or make a key: workbench key new FILE.",
        )
    return Key(raw)
