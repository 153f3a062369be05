"""Starting the owner process when nobody listens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from workbench.errors import ConnectionLostError, InputError, error_from_wire
from workbench.primitives import database_kind
from workbench.settings import Settings
from workbench.wire import companion_folder

OWNER_MODULE = "workbench.workspace.owner"

_started: list[subprocess.Popen[bytes]] = []
"""Owners this process started: kept, so that one that leaves does not stay behind as a zombie."""
_started_lock = threading.Lock()


def refuse_other_files(workspace: Path) -> None:
    """Refuse what is no workspace file before anything is made beside it or started.

    Raises
    ------
    InputError
        It is a folder or another kind of file, a table for example.
    """
    if database_kind(workspace) == "other":
        raise InputError(
            f"{str(workspace)!r} is not a workspace file.",
            next_step="Name the .duckdb file; messages come into it by import.",
            details={"path": str(workspace)},
        )


def start_owner(workspace: Path, *, settings: Settings) -> subprocess.Popen[bytes]:
    """Start an owner of ``workspace``, detached from this process; it may lose the race and leave at once.

    Where the key of an encrypted workspace is, it learns from the settings, by way of its environment, or, as this
    process did, from ``workbench.toml``; never from its command line, which everybody can read.

    Raises
    ------
    InputError
        The path is no workspace file.
    """
    refuse_other_files(workspace)
    folder = companion_folder(workspace)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    told = {}
    if settings.key_file or settings.key_source:
        told = {
            "WORKBENCH_KEY_FILE": settings.key_file,
            "WORKBENCH_KEY_SOURCE": settings.key_source,
            "WORKBENCH_KEY_SOURCE_S": str(settings.key_source_s),
        }
    with (folder / "owner.log").open("ab") as log:
        owner = subprocess.Popen(
            # -P: no file in the workspace's folder is taken for a module of Python
            [sys.executable, "-P", "-m", OWNER_MODULE, str(workspace), "--idle", str(settings.owner_idle_s)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd=workspace.parent,
            env={**os.environ, **told},
        )
    with _started_lock:  # several threads may find nobody listening at the same moment
        _started[:] = [*(one for one in _started if one.poll() is None), owner]
    return owner


def explain_failed_start(workspace: Path, exit_code: int) -> Exception:
    """The error the owner left behind, as the class it was, or a plain one pointing at its log."""
    folder = companion_folder(workspace)
    try:
        left = json.loads((folder / "owner-error.json").read_text("utf-8"))
        return error_from_wire(left["code"], left["message"], left["next_step"], left["details"])
    except (OSError, ValueError, KeyError):
        return ConnectionLostError(
            f"the owner process of {workspace.name!r} ended with status {exit_code}.",
            next_step=f"Read {folder.name}/owner.log beside the file.",
        )


def wait_a_moment(attempt: int) -> None:
    """Pause between connection attempts: 10 ms growing to 200 ms."""
    time.sleep(min(0.2, 0.01 * 1.5**attempt))
