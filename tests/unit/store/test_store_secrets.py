"""The file of secrets: whole, private, under the workspace's key, and gone when it should be."""

from __future__ import annotations

import logging
import stat
from pathlib import Path

import pytest

from workbench.errors import ReadOnlyError
from workbench.primitives import database_kind
from workbench.store import Key, Store
from workbench.store.secrets import FILE, SecretFile, lay_next, take_next

ONE, OTHER = Key(b"k" * 32), Key(b"o" * 32)
SECRET = "korrekt-pferd-batterie-ü'\"$1"


@pytest.mark.parametrize("key", [None, ONE], ids=["plain", "encrypted"])
def test_secrets_last_and_are_replaced_whole(tmp_path: Path, key: Key | None) -> None:
    file = tmp_path / FILE
    box = SecretFile(file, key)
    assert box.get("a") == {}
    box.put("a", {"password": SECRET, "token": "t"})
    box.put("b", {"password": "b"})
    box.put("a", {"password": SECRET})
    again = SecretFile(file, key)
    assert again.get("a") == {"password": SECRET}
    assert again.get("b") == {"password": "b"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert database_kind(file) == ("plain" if key is None else "encrypted")
    assert (SECRET.encode() in file.read_bytes()) == (key is None)
    again.put("a", {})
    assert SecretFile(file, key).get("a") == {}
    assert SECRET.encode() not in file.read_bytes()
    assert [one.name for one in tmp_path.iterdir()] == [FILE]
    assert SECRET not in repr(again)


def test_another_key_reads_nothing_and_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    SecretFile(tmp_path / FILE, ONE).put("a", {"password": SECRET})
    with caplog.at_level(logging.WARNING):
        assert SecretFile(tmp_path / FILE, OTHER).get("a") == {}
        assert SecretFile(tmp_path / FILE, None).get("a") == {}
    assert caplog.text.count("have to be set again") == 2
    assert SECRET not in caplog.text


def test_a_change_of_keys_takes_the_secrets_along(tmp_path: Path) -> None:
    SecretFile(tmp_path / FILE, None).put("a", {"password": SECRET})
    for old, new in ((None, ONE), (ONE, OTHER)):
        lay_next(tmp_path, old=old, new=new)
        take_next(tmp_path, new)
        assert database_kind(tmp_path / FILE) == "encrypted"
        assert [one.name for one in tmp_path.iterdir()] == [FILE]
    assert SecretFile(tmp_path / FILE, OTHER).get("a") == {"password": SECRET}


@pytest.mark.parametrize("old", [None, ONE], ids=["plain", "encrypted"])
@pytest.mark.parametrize("opened_with", ["old", "new"])
def test_a_change_of_keys_that_was_killed_leaves_them_to_the_key_of_the_file(
    tmp_path: Path, old: Key | None, opened_with: str
) -> None:
    """Whether the file changed before the kill or not: the secrets are read under the key that opens it."""
    SecretFile(tmp_path / FILE, old).put("a", {"password": SECRET})
    lay_next(tmp_path, old=old, new=OTHER)
    (tmp_path / ".secrets-next-x1.duckdb").write_text(SECRET, "utf-8")
    key = old if opened_with == "old" else OTHER
    for _ in range(2):
        assert SecretFile(tmp_path / FILE, key).get("a") == {"password": SECRET}
        assert [one.name for one in tmp_path.iterdir()] == [FILE]
    assert (SECRET.encode() in (tmp_path / FILE).read_bytes()) == (key is None)


def test_a_change_of_keys_that_was_cut_off_is_finished(tmp_path: Path) -> None:
    SecretFile(tmp_path / FILE, None).put("a", {"password": SECRET})
    box = SecretFile(tmp_path / FILE, ONE)
    assert database_kind(tmp_path / FILE) == "encrypted"
    assert box.get("a") == {"password": SECRET}


def test_without_secrets_a_change_of_keys_leaves_no_file(tmp_path: Path) -> None:
    lay_next(tmp_path, old=None, new=ONE)
    take_next(tmp_path, ONE)
    assert list(tmp_path.iterdir()) == []


def test_a_published_copy_has_and_takes_none(tmp_path: Path) -> None:
    with Store.open(tmp_path / "s.duckdb", n_threads=1) as store:
        store.secrets.put("a", {"password": SECRET})
        store.publish(tmp_path / "copy.duckdb")
    with Store.open(tmp_path / "copy.duckdb", n_threads=1) as copy:
        assert copy.secrets.get("a") == {}
        with pytest.raises(ReadOnlyError, match="a published copy keeps no secrets"):
            copy.secrets.put("a", {"password": SECRET})
