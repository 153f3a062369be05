"""Encrypted Parquet files: what comes back, what is readable without the key, and what errors tell."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.scanning import traces
from workbench.errors import StoreError
from workbench.store import Key, Store
from workbench.store.sealing import Seal, read_sealed, write_sealed

KEY, OTHER = Key(b"k" * 32), Key(b"o" * 32)
TABLE = pa.table(
    {
        "zqcolumnword": pa.array(["zqtextword " * 90, None, ""], pa.string()),
        "at": pa.array(
            [dt.datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=dt.UTC)] * 3, pa.timestamp("us", "UTC")
        ),
        "people": pa.array([["zqpersonword", "b"], [], None], pa.list_(pa.string())),
        "content": pa.array([b"zqbyteword\x00\xff" * 99, None, b""], pa.binary()),
        "n": pa.array([1, None, -3], pa.int64()),
        "yes": pa.array([True, False, None], pa.bool_()),
    }
)
WORDS = ("zqcolumnword", "zqtextword", "zqpersonword", "zqbyteword")


def test_what_is_sealed_comes_back_and_shows_no_word(tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "plain")
    assert {word for _, word, _ in traces([tmp_path], WORDS)} == set(WORDS)  # the search would find them
    (tmp_path / "plain").unlink()
    file = tmp_path / "it's sealed.parquet"
    write_sealed(TABLE, file, KEY)
    assert read_sealed(file, KEY).equals(TABLE)
    content = file.read_bytes()
    assert (content[:4], content[-4:]) == (b"PARE", b"PARE")
    assert traces([tmp_path], WORDS) == []


def test_without_the_key_nothing_opens_it(tmp_path: Path) -> None:
    file = tmp_path / "sealed.parquet"
    write_sealed(TABLE, file, KEY)
    with pytest.raises(
        StoreError, match=r"the encrypted file '.*sealed.parquet' cannot be written or read: "
    ) as told:
        read_sealed(file, OTHER)
    shown = f"{told.value!r} {told.value.next_step} {told.value.details} {told.value.__cause__!r}"
    assert KEY.secret not in shown and OTHER.secret not in shown
    assert "the key is the one it was written with" in told.value.next_step
    with pytest.raises(OSError, match="encrypted"):
        pq.read_table(file)
    with pytest.raises(duckdb.Error, match="is encrypted"), duckdb.connect() as plain:
        plain.execute(f"SELECT * FROM read_parquet('{file}')")


def test_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "sealed.parquet"
    write_sealed(TABLE, file, KEY)
    content = bytearray(file.read_bytes())
    content[40] ^= 1
    file.write_bytes(content)
    with pytest.raises(StoreError, match="cannot be written or read"):
        read_sealed(file, KEY)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written or read") as told:
        write_sealed(TABLE, tmp_path / "no" / "such.parquet", KEY)
    assert KEY.secret not in str(told.value)


def test_a_fingerprint_tells_keys_apart_and_shows_nothing_of_them(tmp_path: Path) -> None:
    assert KEY.fingerprint == Key(b"k" * 32).fingerprint != OTHER.fingerprint
    assert len(KEY.fingerprint) == 16 and KEY.fingerprint not in KEY.secret
    assert KEY.secret not in repr(Seal(KEY))
    with Store.open(tmp_path / "w.duckdb", n_threads=1) as plain:
        assert plain.seal is None
