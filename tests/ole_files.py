"""Writes small OLE compound files (MS-CFB, version 3), so that tests need no file from Outlook."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
NONE = 0xFFFFFFFF
SECTOR, MINI, CUTOFF = 512, 64, 4096


@dataclass
class Entry:
    name: str
    kind: int
    data: bytes = b""
    child: int = NONE
    right: int = NONE
    start: int = END
    size: int = 0
    children: dict[str, Entry] = field(default_factory=dict)


def ole_file(streams: dict[str, bytes]) -> bytes:
    """A compound file with these streams; ``a/b`` lies in storage ``a``."""
    root = Entry("Root Entry", 5)
    for path, data in streams.items():
        *folders, name = path.split("/")
        place = root
        for folder in folders:
            place = place.children.setdefault(folder, Entry(folder, 1))
        place.children[name] = Entry(name, 2, data)
    entries: list[Entry] = []
    _number(root, entries)
    sectors: list[bytes] = []
    fat: list[int] = []
    mini, mini_fat = bytearray(), []
    for entry in entries:
        if entry.kind == 2:
            entry.size = len(entry.data)
            if len(entry.data) >= CUTOFF:
                entry.start = _chain(entry.data, sectors, fat)
            elif entry.data:
                entry.start = len(mini) // MINI
                n = -(-len(entry.data) // MINI)
                mini_fat += [*range(entry.start + 1, entry.start + n), END]
                mini += entry.data.ljust(n * MINI, b"\0")
    if mini:
        root.start, root.size = _chain(bytes(mini), sectors, fat), len(mini)
    mini_fat_start = END
    n_mini_fat = 0
    if mini_fat:
        raw = struct.pack(f"<{len(mini_fat)}I", *mini_fat)
        raw += b"\xff" * (-len(raw) % SECTOR)
        n_mini_fat = len(raw) // SECTOR
        mini_fat_start = _chain(raw, sectors, fat)
    directory = b"".join(map(_entry_bytes, entries))
    directory += _entry_bytes(Entry("", 0)) * (-len(entries) % 4)
    directory_start = _chain(directory, sectors, fat)
    n_fat = 1
    while n_fat * 128 < len(fat) + n_fat:
        n_fat += 1
    fat_places = list(range(len(fat), len(fat) + n_fat))
    fat += [FAT] * n_fat
    fat += [FREE] * (n_fat * 128 - len(fat))
    raw_fat = struct.pack(f"<{len(fat)}I", *fat)
    sectors += [raw_fat[i : i + SECTOR] for i in range(0, len(raw_fat), SECTOR)]
    difat = fat_places + [FREE] * (109 - n_fat)
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, b"", 0, n_fat, directory_start, 0,
        CUTOFF, mini_fat_start, n_mini_fat, END, 0, 0,
    )[:76]  # fmt: skip
    return header + struct.pack("<109I", *difat) + b"".join(sectors)


def _number(entry: Entry, entries: list[Entry]) -> int:
    index = len(entries)
    entries.append(entry)
    before: Entry | None = None
    for name in sorted(entry.children, key=lambda n: (len(n), n.upper())):
        child = entry.children[name]
        number = _number(child, entries)
        if before is None:
            entry.child = number
        else:
            before.right = number
        before = child
    return index


def _chain(data: bytes, sectors: list[bytes], fat: list[int]) -> int:
    start, n = len(sectors), -(-len(data) // SECTOR)
    sectors += [data[i : i + SECTOR].ljust(SECTOR, b"\0") for i in range(0, len(data), SECTOR)]
    fat += [*range(start + 1, start + n), END]
    return start


def _entry_bytes(entry: Entry) -> bytes:
    name = entry.name.encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII16sIQQIQ", name, len(name) + 2 if name else 0, entry.kind, 1, NONE, entry.right, entry.child, b"",
        0, 0, 0, entry.start if entry.kind else 0, entry.size,
    )  # fmt: skip


def msg_streams(
    texts: dict[int, str],
    *,
    binaries: dict[int, bytes] | None = None,
    numbers: dict[int, int] | None = None,
    times: dict[int, int] | None = None,
    header: int = 32,
    prefix: str = "",
) -> dict[str, bytes]:
    """Streams of a message, recipient or attachment from its MAPI properties by tag."""
    table = b"\0" * header
    table += b"".join(struct.pack("<HHIQ", 0x0003, tag, 6, value) for tag, value in (numbers or {}).items())
    table += b"".join(struct.pack("<HHIQ", 0x0040, tag, 6, value) for tag, value in (times or {}).items())
    return {
        f"{prefix}__properties_version1.0": table,
        **{f"{prefix}__substg1.0_{tag:04X}001F": text.encode("utf-16-le") for tag, text in texts.items()},
        **{f"{prefix}__substg1.0_{tag:04X}0102": data for tag, data in (binaries or {}).items()},
    }
