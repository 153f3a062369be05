"""Built graphs are kept whole, checked, and shared between processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from workbench.embed.cache import cached_bytes

BUILDER = """
import sys
from pathlib import Path
from workbench.embed.cache import cached_bytes
path = Path(sys.argv[1])
sys.stdout.write("ready\\n"); sys.stdout.flush(); sys.stdin.readline()
for _ in range(50):
    content = cached_bytes(path, lambda: b"graph" * 200_000)
    assert content == b"graph" * 200_000
    path.unlink(missing_ok=True)
cached_bytes(path, lambda: b"graph" * 200_000)
"""


def _never() -> bytes:
    raise AssertionError("built although a good file exists")


def test_built_once_then_read(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.graph"
    assert cached_bytes(path, lambda: b"content") == b"content"
    assert cached_bytes(path, _never) == b"content"


@pytest.mark.parametrize("damage", [b"", b"short", b"\0" * 32, b"\0" * 4_000])
def test_damaged_file_is_built_again(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "a.graph"
    path.write_bytes(damage)
    assert cached_bytes(path, lambda: b"content") == b"content"
    assert cached_bytes(path, _never) == b"content"


def test_one_flipped_bit_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.graph"
    cached_bytes(path, lambda: b"content" * 100)
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)
    assert cached_bytes(path, lambda: b"again") == b"again"


def test_failed_build_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> bytes:
        raise RuntimeError("no memory")

    with pytest.raises(RuntimeError):
        cached_bytes(tmp_path / "a.graph", fail)
    assert list(tmp_path.iterdir()) == []


def test_folder_that_cannot_be_written_still_gives_the_content(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    assert cached_bytes(blocked / "a.graph", lambda: b"content") == b"content"


def test_two_processes_at_once_leave_one_good_file(tmp_path: Path) -> None:
    path = tmp_path / "a.graph"
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", BUILDER, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    for racer in racers:
        _, problems = racer.communicate(timeout=60)
        assert racer.returncode == 0, problems
    assert cached_bytes(path, _never) == b"graph" * 200_000
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.graph"]
