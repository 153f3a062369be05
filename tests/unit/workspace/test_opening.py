"""Opening after a crash: what jobs left behind is gone, what people may come back for is not."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from workbench.primitives import utc_now
from workbench.settings import Settings
from workbench.wire import companion_folder
from workbench.workspace import open_workspace


def test_leftovers_of_a_killed_owner_are_swept(tmp_path: Path) -> None:
    file = tmp_path / "w.duckdb"
    folder = companion_folder(file)
    left = [
        "spool/job/texts.arrow",
        "tmp/duckdb_temp_storage-0.tmp",
        "publish/copy_1.draft",
        "publish/copy_1.draft.wal",
    ]
    kept = ["uploads/fresh/0000000.piece", "matrices/a.npy", "held_out/d.npz"]
    for name in (*left, *kept, "uploads/stale/0000000.piece"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x", "utf-8")
    old = (utc_now() - timedelta(days=8)).timestamp()
    for path in (folder / "uploads/stale/0000000.piece", folder / "uploads/stale"):
        os.utime(path, (old, old))
    with open_workspace(file, settings=Settings(retrain_after_reviews=0)):
        assert not [name for name in left if (folder / name).exists()]
        assert all((folder / name).exists() for name in kept)
        assert not (folder / "uploads/stale").exists()
