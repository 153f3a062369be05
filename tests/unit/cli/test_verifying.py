"""A backup is read to its end: a whole one is said to be, and what is damaged or was changed is named."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from tests.contract.messages import batch
from workbench.cli.main import app
from workbench.errors import InputError, StoreError
from workbench.settings import Settings
from workbench.workspace.opening import open_workspace

SETTINGS = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    with open_workspace(tmp_path / "w.duckdb", settings=SETTINGS) as opened:
        operations = opened.operations("tester")
        source = operations.create_source("demo", "mail")
        operations.put_messages(source.source_id, batch(2_000), "first", 2_000)
        return Path(operations.publish(str(tmp_path / "copy.duckdb")))


@pytest.mark.nightly
def test_a_whole_copy_is_said_to_be(copy: Path) -> None:
    before = copy.read_bytes()
    told = CliRunner().invoke(app, ["verify", "copy.duckdb"])
    assert told.exit_code == 0 and told.stdout.startswith("copy.duckdb is whole: ")
    found = json.loads(CliRunner().invoke(app, ["verify", "copy.duckdb", "-o", "json"]).stdout)
    assert found["whole"] and found["n_rows"] >= 2_000 and found["n_events"] >= 2 and found["problems"] == []
    assert copy.read_bytes() == before
    missing = CliRunner().invoke(app, ["verify", "none.duckdb"])
    assert isinstance(missing.exception, InputError)
    away = CliRunner().invoke(app, ["verify", "http://127.0.0.1:1"])
    assert isinstance(away.exception, InputError) and "needs the file itself" in away.exception.message


def test_damage_is_found_and_named(copy: Path) -> None:
    written = bytearray(copy.read_bytes())
    for at in range(1 << 18, len(written) - (1 << 18), 1 << 18):  # each block of it
        written[at + 1_000] ^= 0xFF
    damaged = copy.with_name("damaged.duckdb")
    damaged.write_bytes(written)
    told = CliRunner().invoke(app, ["verify", "damaged.duckdb"])
    assert told.exit_code == 1
    assert "damaged.duckdb is DAMAGED" in told.stdout or isinstance(told.exception, StoreError)


@pytest.mark.nightly
def test_a_changed_audit_log_is_found(copy: Path) -> None:
    changed = copy.with_name("changed.duckdb")
    changed.write_bytes(copy.read_bytes())
    with duckdb.connect(str(changed)) as root:
        root.execute("UPDATE audit_event SET actor = 'nobody' WHERE seq = 1")
    told = CliRunner().invoke(app, ["verify", "changed.duckdb"])
    assert told.exit_code == 1
    assert "event 1 of the audit log was changed, removed, inserted or moved" in told.stdout
