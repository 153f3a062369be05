"""Looking for words in the bytes of files, in whatever way they may be written there."""

from __future__ import annotations

import base64
import gzip
import zipfile
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import pyarrow.parquet as pq

from workbench.primitives import database_kind

PLAIN_BY_DESIGN = frozenset(
    {
        "audit.head",
        "key",
        "manifest.json",
        "operator.token",
        "owner-error.json",
        "owner.log",
        "owner.pid",
        "purge",
        "token",
        "workbench.toml",
    }
)
"""Files beside an encrypted workspace that are written in plain; they are searched as all others are."""


def spellings(word: str) -> dict[str, bytes]:
    """How a word may stand in a file; in small letters where the way of writing does not depend on them."""
    small = word.lower()
    found = {name: small.encode(name) for name in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le")}
    found["hex"] = word.encode().hex().encode()
    found["percent"] = quote(word, safe="").lower().encode()
    for before in range(3):  # the same word begins anywhere within three bytes
        whole = base64.b64encode(b"x" * before + word.encode())
        sure = whole[(4 if before else 0) : len(whole) // 4 * 4 - 4]
        found[f"base64+{before}"] = sure
        found[f"base64url+{before}"] = sure.translate(bytes.maketrans(b"+/", b"-_"))
    return found


def traces(folders: Iterable[Path], words: Iterable[str]) -> list[tuple[str, str, str]]:
    """File name, word and way of writing, of each word that can be read in a file below the folders."""
    wanted = {word: spellings(word) for word in words}
    found = set()
    for folder in folders:
        for file in folder.rglob("*"):
            if not file.is_file():
                continue
            for content in _contents(file):
                small = content.lower()
                found |= {
                    (file.name, word, way)
                    for word, ways in wanted.items()
                    for way, spelt in ways.items()
                    if spelt in (content if way.startswith("base64") else small)
                }
    return sorted(found)


def unexplained(folder: Path) -> list[str]:
    """Files below the folder of an encrypted workspace that are neither encrypted nor meant to be plain."""
    return sorted(
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.is_file()
        and database_kind(file) not in ("encrypted", "empty")
        and file.read_bytes()[:4] != b"PARE"  # Parquet, encrypted to its footer
        and file.name not in PLAIN_BY_DESIGN
        and file.suffix not in (".lock", ".key")
        and not (file.suffix == ".wal" and database_kind(file.with_suffix("")) == "encrypted")
        and not (file.parent.name == "tmp" and file.name.startswith("duckdb_temp_"))
    )


def _contents(file: Path) -> Iterator[bytes]:
    """The bytes of a file, and what they unpack to."""
    content = file.read_bytes()
    yield content
    if content[:2] == b"\x1f\x8b":
        yield gzip.decompress(content)
    elif content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(BytesIO(content)) as packed:
            for name in packed.namelist():
                yield packed.read(name)
    elif content[:4] == b"PAR1":
        yield repr(pq.read_table(BytesIO(content)).to_pylist()).encode()
