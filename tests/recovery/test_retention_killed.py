"""A run of retention that is killed half-way: resumed, it takes the rest, each message is archived once, none too many."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest

from tests.recovery.retaining import KEPT, N_NEW, N_OLD, PIECE, WORD, fill, opened_at
from tests.scanning import traces
from workbench.door import Job
from workbench.store import new_key_file, read_key
from workbench.store.sealing import read_sealed

pytestmark = [pytest.mark.recovery, pytest.mark.slow, pytest.mark.nightly]


@pytest.mark.parametrize("how", ["call", "unattended", "encrypted"])
@pytest.mark.parametrize(("when", "n_taken"), [("inside", PIECE), ("between", 2 * PIECE)])
def test_killed_half_way(tmp_path: Path, when: str, n_taken: int, how: str) -> None:
    file = tmp_path / "w.duckdb"
    key = read_key(new_key_file(tmp_path / "key")) if how == "encrypted" else None
    fill(file, unattended=how == "unattended")
    command = [sys.executable, "-m", "tests.recovery.retaining", str(file), when, how]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    with opened_at(file, 11) as opened:
        operations = opened.operations("ann")
        if how != "unattended":
            assert operations.sources()[0].n_messages == N_OLD + N_NEW - n_taken
            (job,) = (one for one in operations.jobs() if one.kind == "retention")
            assert job.status == "interrupted"
            result = Job(operations, job.job_id).resume().wait(progress=False)
        else:
            while not (gone_on := [one for one in operations.jobs() if one.status != "interrupted"]):
                operations.wait_events(0, 1.0)
            result = Job(operations, gone_on[0].job_id).wait(progress=False)
            (policy,) = operations.retention_policies()
            assert policy.timer is not None and policy.timer.outcome == "done"
        assert result["n_messages"] == N_OLD - n_taken
        assert operations.sources()[0].n_messages == N_NEW
        told = operations.audit_table().to_pylist()
        counted = [msgspec.json.decode(one["details"]) for one in told if one["action"] == "apply_retention"]
        assert sum(one["report"]["n_messages"] for one in counted) == N_OLD
        assert operations.verify_audit().intact
    (manifest,) = (tmp_path / "old").rglob("manifest.json")
    files = json.loads(manifest.read_text("utf-8"))["files"]
    assert {one["name"] for one in files} == {one.name for one in manifest.parent.glob("*.parquet")}
    bodies = []
    for one in files:
        content = (manifest.parent / one["name"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == one["sha256"]
        if one["name"].endswith("-messages.parquet"):
            place = manifest.parent / one["name"]
            table = pq.read_table(place) if key is None else read_sealed(place, key)
            bodies += table.column("body").to_pylist()
    assert sorted(bodies) == sorted(f"{WORD} {i}" for i in range(N_OLD))
    found = {(name, word) for name, word, _ in traces([tmp_path], [WORD, KEPT])}
    if key is not None:
        assert found == set()
        return
    assert {name for name, word in found if word == KEPT} >= {"w.duckdb"}
    assert {name for name, word in found if word == WORD} <= {one["name"] for one in files}
