"""Messages in files before they are deleted: written, read back from the disk, and only then in the manifest.

Of an encrypted workspace the files are under its key; the manifest is plain, and tells no name.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from workbench.errors import InputError, StoreError
from workbench.primitives import hex_digest, write_atomically
from workbench.store import Store
from workbench.workspace.context import Caller

MANIFEST = "manifest.json"
SOURCE = "source.parquet"
"""Says the name of the source, where the manifest must not."""


def archive_folder(caller: Caller, folder: str) -> Path:
    """The folder into which archives go, beside the workspace file unless it is absolute.

    Raises
    ------
    InputError
        It cannot be one.
    """
    target = caller.workspace.path.parent / Path(folder).expanduser()
    parent = target.parent.resolve()
    inside = caller.workspace.folder.resolve()
    if (
        not folder
        or not target.name
        or target.name == ".."
        or not parent.is_dir()
        or target.is_symlink()
        or (target.exists() and not target.is_dir())
        or inside in (parent / target.name, *(parent / target.name).parents)
    ):
        raise InputError(
            f"{folder[:200]!r} cannot take an archive.",
            next_step="Name a folder, new or not, in an existing one; not that of the workspace's own files.",
            details={"folder": folder[:1000]},
        )
    return parent / target.name


def write_part(
    store: Store, folder: Path, uids: list[str], tables: Mapping[str, pa.Table], about: Mapping[str, Any]
) -> int:
    """Write tables of some messages as Parquet files, read them back, and list them in the manifest.

    Equal messages make equal names: a part that is written again, since a run was killed in between, takes the
    place of the first. Returns bytes written.

    Raises
    ------
    StoreError
        What was read back is not what was written; nothing may be deleted.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = hex_digest(*uids, n_digits=16)
    parts = {f"{part}-{name}.parquet": table for name, table in tables.items() if table.num_rows}
    manifest = folder / MANIFEST
    before = msgspec.json.decode(manifest.read_bytes()) if manifest.exists() else {"files": []}
    if store.seal is not None:
        if SOURCE not in {one["name"] for one in before["files"]}:
            parts[SOURCE] = pa.table({"source": [about["source"]], "source_id": [about["source_id"]]})
        about = {name: value for name, value in about.items() if name != "source"} | {"encrypted": True}
    written = [_write(store, folder, name, table) for name, table in parts.items()]
    names = {one["name"] for one in written}
    files = [one for one in before["files"] if one["name"] not in names] + written
    content = msgspec.json.format(msgspec.json.encode({**about, "files": files}))
    write_atomically(manifest, lambda draft: _bytes_into(draft, content))
    _sync(folder)
    return sum(one["n_bytes"] for one in written)


def _write(store: Store, folder: Path, name: str, table: pa.Table) -> dict[str, Any]:
    import pyarrow.parquet as pq  # noqa: PLC0415 - keeps the owner's start light

    file = folder / name
    if store.seal is not None:
        write_atomically(file, partial(store.seal.write, table))
        content = file.read_bytes()
        back = store.seal.read(file)
    else:
        write_atomically(file, partial(pq.write_table, table, compression="zstd"))
        content = file.read_bytes()
        back = pq.read_table(pa.BufferReader(content))
    if not back.equals(table):
        raise StoreError(
            f"the archive {name!r} does not hold what was written into it; nothing is deleted.",
            next_step="Check the disk of the archive, then resume the job.",
            details={"folder": str(folder)},
        )
    told = {
        "name": name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "n_bytes": len(content),
        "n_rows": table.num_rows,
    }
    # Of each file: the key may be changed before a run that was broken off goes on.
    return told | ({"key": store.seal.fingerprint} if store.seal is not None else {})


def _bytes_into(draft: Path, content: bytes) -> None:
    draft.write_bytes(content)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
