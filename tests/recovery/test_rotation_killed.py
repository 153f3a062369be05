"""A change of keys that is killed: one of the two keys opens the file, and everything that belongs to it is there."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.recovery.rotating import FILE
from tests.scanning import traces, unexplained
from tests.stores import AT, SOURCE, batch, fill, message
from workbench.errors import WorkspaceKeyError
from workbench.settings import Settings
from workbench.store import Key, Store, new_key_file, read_key
from workbench.workspace import open_workspace, rotate_key

pytestmark = [pytest.mark.recovery, pytest.mark.slow]
WORD, PASSWORD = "zqmarkertext", "zqmarkerpassword"
N_MESSAGES = 40
BUILDS = pytest.mark.parametrize("encrypted", [True, False], ids=["encrypted", "plain"])


class Bench:
    """A workspace with secrets, a published copy and a log that is not yet written into the file; two keys."""

    def __init__(self, folder: Path, *, encrypted: bool) -> None:
        self.old_file = str(new_key_file(folder / "old.key")) if encrypted else ""
        self.new_file = str(new_key_file(folder / "new.key"))
        self.old: Key | None = read_key(Path(self.old_file)) if encrypted else None
        self.new: Key = read_key(Path(self.new_file))
        self.pristine = folder / "pristine"
        self.trials = folder / "trials"
        self.trials.mkdir()
        made = folder / "made" / FILE
        with Store.open(made, n_threads=1, key=self.old) as store:
            fill(store, *(message(str(i), body=f"{WORD} {i}") for i in range(N_MESSAGES - 1)))
            store.secrets.put("mailbox", {"password": PASSWORD})
            store.search.catch_up()
            store.publish(made.with_name("copy.duckdb"))
            store.checkpoint()
            with store.write() as session:
                session.messages.put(SOURCE, batch(message("last", body=WORD)), at=AT)
            shutil.copytree(made.parent, self.pristine)  # as a kill would leave it, with its log
        assert (self.pristine / f"{FILE}.wal").stat().st_size > 0

    def check(self, trial: Path) -> str:
        """Which key opens the file; everything is there under it."""
        opens, key = ("new", self.new) if self.is_new(trial) else ("old", self.old)
        with Store.open(trial / FILE, n_threads=1, key=key) as store:
            n = store.sql("SELECT count(*) AS n FROM message", limit=1, limit_s=20)
            assert n.column("n").to_pylist() == [N_MESSAGES]
            assert store.secrets.get("mailbox") == {"password": PASSWORD}
        with Store.open(trial / "copy.duckdb", n_threads=1, key=self.old, read_only=True) as copy:
            n = copy.sql("SELECT count(*) AS n FROM message", limit=1, limit_s=20)
            assert n.column("n").to_pylist() == [N_MESSAGES - 1]
        return opens

    def is_new(self, trial: Path) -> bool:
        try:
            Store.open(trial / FILE, n_threads=1, key=self.new).close()
        except WorkspaceKeyError:
            return False
        return True

    def settle(self, trial: Path, opens: str) -> None:
        """Finish the change of keys, open the workspace as its owner does, and find no word on the disk."""
        (trial / "copy.duckdb").unlink()  # has the key it was published with, or none
        if opens == "old":
            rotate_key(trial / FILE, self.new_file, settings=Settings(key_file=self.old_file), actor="tester")
        open_workspace(trial / FILE, settings=Settings(n_threads=1), key=self.new).close()
        assert traces([trial], [WORD, PASSWORD]) == []
        assert (
            unexplained(trial) == []
        )  # an index of words shows none of them to a search, and is one all the same
        beside = {p.name for p in trial.iterdir()}
        assert beside == {FILE, f"{FILE}.lock", f"{FILE}.workbench", "copy.duckdb.lock"}


def killed_at_each_step(bench: Bench, steps: str) -> list[str]:
    command = [sys.executable, "-m", "tests.recovery.rotating", str(bench.pristine), str(bench.trials)]
    told = subprocess.run(
        [*command, bench.old_file, bench.new_file, steps], check=True, capture_output=True, text=True
    ).stdout
    statuses = [int(line.split()[1]) for line in told.splitlines()]
    assert statuses == [-signal.SIGKILL] * (len(statuses) - 1) + [0]
    trials = sorted(bench.trials.iterdir())
    assert len(trials) == len(statuses)
    opened = [bench.check(trial) for trial in trials]
    for trial, opens in zip(trials, opened, strict=True):
        if steps == "all" or trial in (trials[0], trials[-2]):
            bench.settle(trial, opens)
    return opened


@pytest.mark.nightly
def test_killed_before_each_change_of_a_name(tmp_path: Path) -> None:
    opened = killed_at_each_step(Bench(tmp_path, encrypted=True), "names")
    assert opened == ["old"] * 4 + ["new"] * 2  # the first name is that of the audit log's head


@pytest.mark.nightly
@BUILDS
def test_killed_before_each_step(tmp_path: Path, encrypted: bool) -> None:
    opened = killed_at_each_step(Bench(tmp_path, encrypted=encrypted), "all")
    assert opened == sorted(opened, reverse=True)
    assert len(opened) >= 20


@pytest.mark.nightly
@BUILDS
def test_killed_at_any_time(tmp_path: Path, encrypted: bool) -> None:
    """Between the steps too: while the database copies, compares, and writes its log into the file."""
    bench = Bench(tmp_path, encrypted=encrypted)
    draw = random.Random(5)
    code = (
        "import sys; from pathlib import Path\n"
        "from workbench.settings import Settings\n"
        "from workbench.workspace import rotate_key\n"
        "import workbench.store.rotation, duckdb\n"
        "print('begins', flush=True)\n"
        "rotate_key(Path(sys.argv[1]), sys.argv[3], settings=Settings(key_file=sys.argv[2]), actor='t')\n"
    )
    opened, n_killed = [], 0
    for turn in range(40):
        trial = bench.trials / f"{turn:03d}"
        shutil.copytree(bench.pristine, trial)
        command = [sys.executable, "-c", code, str(trial / FILE), bench.old_file, bench.new_file]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as rotating:
            assert rotating.stdout
            rotating.stdout.readline()
            time.sleep(draw.uniform(0, 0.6))
            rotating.kill()
        n_killed += rotating.returncode == -signal.SIGKILL
        opens = bench.check(trial)
        bench.settle(trial, opens)
        opened.append(opens)
    assert n_killed >= 20
    assert "old" in opened
