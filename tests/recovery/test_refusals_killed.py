"""What is counted of refusals when the owner ends: all of it is written when it is stopped, none when it is killed."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.contract.conftest import stop_owner
from tests.people import PASSWORD
from workbench.client import connect_local
from workbench.domain import AuditEvent, AuditQuery, Operations
from workbench.errors import AccessError
from workbench.wire import companion_folder
from workbench.workspace.refusals import AT_ONCE

pytestmark = [pytest.mark.recovery, pytest.mark.slow, pytest.mark.nightly]
PATIENCE_S = 30.0


def refuse(eve: Operations, times: int) -> None:
    for _ in range(times):
        with pytest.raises(AccessError, match="'eve' may not create project"):
            eve.create_project("mine")


def refusals(root: Operations) -> list[AuditEvent]:
    return list(reversed(root.audit_events(AuditQuery(outcome="refused")).events))


def kill(file: Path) -> None:
    """Kill the owner, and wait until nobody holds the file."""
    owner = int((companion_folder(file) / "owner.pid").read_text("ascii"))
    os.kill(owner, signal.SIGKILL)
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and Path(f"/proc/{owner}").exists():
        if Path(f"/proc/{owner}/stat").read_text("ascii").rpartition(")")[2].split()[0] == "Z":
            break
        time.sleep(0.02)


def test_a_stop_loses_nothing_and_a_kill_what_was_counted(tmp_path: Path, short_runtime: Path) -> None:
    file = tmp_path / "w.duckdb"
    (tmp_path / "workbench.toml").write_text(
        'encoder = "hash-test"\nfast_encoder = ""\npassword_memory_kib = 8\npassword_passes = 1\n', "utf-8"
    )
    try:
        root = connect_local(file, actor="root")
        root.create_user("ann", password=PASSWORD)
        root.create_user("eve", roles=())
        token = root.create_token("robot", user="eve").secret
        refuse(connect_local(file, token=token), AT_ONCE + 25)
        stop_owner(file)
        assert [one.type for one in refusals(root)] == ["refused"] * AT_ONCE + ["refused_more"]
        assert '"n":25' in refusals(root)[-1].details

        refuse(connect_local(file, token=token), AT_ONCE + 25)
        kill(file)
        left = refusals(root)
        assert [one.type for one in left[AT_ONCE + 1 :]] == ["refused"] * AT_ONCE
        assert root.verify_audit().intact
    finally:
        stop_owner(file)
