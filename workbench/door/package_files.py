"""The files of a package, read with distrust: a zip can hold any name and any size."""

from __future__ import annotations

import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import msgspec

from workbench.domain import SourceKind
from workbench.door.package_streams import PackagedStream
from workbench.errors import FileFormatError

_NAMES = {
    "dataset": re.compile(r"datasets/([0-9a-f]{1,64})\.dataset\.json"),
    "source": re.compile(r"sources/([0-9a-f]{1,64})\.source\.json"),
    "streams": re.compile(r"streams/([0-9a-f]{1,64})\.streams\.json"),
    "comments": re.compile(r"comments/([0-9a-f]{1,64})\.(\d{1,9})\.comments\.json"),
}
_ELSEWHERE = re.compile(r"(buckets|emails|documents)/[\w.\-]{1,200}(/[\w.\-]{1,200}){0,3}")
"""What clients of this field put beside; it is named as left out."""
_MOST_FILES = 10_000
_MOST_SETTINGS = 64 << 20
_ALWAYS = 256 << 20
"""Bytes that any package may unpack to."""
_MOST_TIMES = 250
"""How many times its size a package may unpack to; texts seldom come to 30."""
_PIECE = 1 << 20
_Settings = TypeVar("_Settings", bound=msgspec.Struct)
_Decoded = TypeVar("_Decoded")


class PackagedLabel(msgspec.Struct, kw_only=True):
    """A label of the taxonomy."""

    name: str
    title: str = ""
    instructions: str = ""
    external_id: str = ""


class PackagedDataset(msgspec.Struct, kw_only=True):
    """Settings of the dataset."""

    id: str
    owner: str
    name: str
    source_ids: tuple[str, ...]
    title: str = ""
    description: str = ""
    has_sentiment: bool = False
    language: str = ""
    encoder: str = ""
    label_defs: tuple[PackagedLabel, ...] = ()


class PackagedSource(msgspec.Struct, kw_only=True):
    """Settings of a source."""

    id: str
    owner: str
    name: str
    title: str = ""
    description: str = ""
    language: str = "en"
    kind: SourceKind = "other"
    should_translate: bool = False
    sensitive_properties: tuple[str, ...] = ()
    mask_personal: bool = False


class PackageReader:
    """An open package.

    Raises
    ------
    FileFormatError
        It is no zip, or holds a name or size that no package has.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, NotImplementedError) as fault:
            raise _refusal(f"{path.name[:100]!r} is no package ({str(fault)[:100]})") from None
        self.left_out: list[str] = []
        try:
            self._check()
        except BaseException:
            self._archive.close()
            raise

    def __enter__(self) -> Self:
        """It closes itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._archive.close()

    def _check(self) -> None:
        entries = [one for one in self._archive.infolist() if not one.is_dir()]
        names = [one.filename for one in entries]
        if len(names) > _MOST_FILES or len(set(names)) != len(names):
            raise _refusal(
                f"the package holds {len(names):,} files, of which {len(set(names)):,} differ in name"
            )
        for name in names:
            if any(one.fullmatch(name) for one in _NAMES.values()):
                continue
            if not _ELSEWHERE.fullmatch(name) or ".." in name:
                raise _refusal(f"the package holds a file {name[:100]!r}")
            kind = name.partition("/")[0]
            if kind not in self.left_out:
                self.left_out.append(kind)
        unpacked = sum(one.file_size for one in entries)
        most = max(_ALWAYS, _MOST_TIMES * self._path.stat().st_size)
        if unpacked > most:
            raise _refusal(f"the package unpacks to {unpacked:,} bytes; at most {most:,} are expected")
        if any(one.flag_bits & 1 for one in entries):
            raise _refusal("the package is encrypted with a password")

    def dataset(self) -> PackagedDataset:
        """Settings of its one dataset."""
        found = self._of("dataset")
        if len(found) != 1:
            raise _refusal(f"the package holds {len(found):,} datasets; one is expected")
        return self._settings(found[0], PackagedDataset)

    def sources(self) -> tuple[PackagedSource, ...]:
        """Settings of the sources of the dataset, in its order."""
        known = {one.id: one for one in (self._settings(name, PackagedSource) for name in self._of("source"))}
        wanted = self.dataset().source_ids
        missing = [one for one in wanted if one not in known]
        strange = {self._match("comments", name)[1] for name in self._of("comments")} - set(wanted)
        if missing or strange or not wanted:
            raise _refusal(
                f"the package has no settings of source {(missing or sorted(strange) or ['(none)'])[0][:100]!r}"
            )
        return tuple(known[one] for one in wanted)

    def streams(self) -> tuple[PackagedStream, ...]:
        """The streams of the dataset; other programs' packages have none."""
        found: list[PackagedStream] = []
        wanted = self.dataset().id
        for name in self._of("streams"):
            if self._match("streams", name)[1] != wanted:
                raise _refusal(f"the package holds streams of another dataset: {name[:100]!r}")
            found += self._decoded(name, list[PackagedStream])
        return tuple(found)

    def check(self) -> None:
        """Read every file to its end, before anything of it is used; ``FileFormatError`` where one is damaged."""
        for kind in _NAMES:
            for name in self._of(kind):
                for _ in self._pieces(name):
                    pass

    def n_lines(self, source_id: str) -> int:
        """How many lines the comments of a source have."""
        count = 0
        for name in self._comments_of(source_id):
            count += sum(piece.count(b"\n") for piece in self._pieces(name))
        return count

    def comments(self, source_id: str) -> Iterator[Path]:
        """The comments of a source as files, one after another; each is gone when the next is asked for."""
        for name in self._comments_of(source_id):
            with tempfile.TemporaryDirectory(prefix="package-") as folder:
                lines = Path(folder) / "comments.jsonl"
                with lines.open("wb") as file:
                    for piece in self._pieces(name):
                        file.write(piece)
                if lines.stat().st_size:
                    yield lines

    def _pieces(self, name: str) -> Iterator[bytes]:
        try:
            with self._archive.open(name) as stream:
                while piece := stream.read(_PIECE):
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as fault:
            raise _refusal(f"{name!r} in the package is damaged ({str(fault)[:100]})") from None

    def _comments_of(self, source_id: str) -> list[str]:
        found = [(name, self._match("comments", name)) for name in self._of("comments")]
        return [name for name, one in sorted(found, key=lambda pair: int(pair[1][2])) if one[1] == source_id]

    def _of(self, kind: str) -> list[str]:
        return sorted(one for one in self._archive.namelist() if _NAMES[kind].fullmatch(one))

    def _match(self, kind: str, name: str) -> re.Match[str]:
        found = _NAMES[kind].fullmatch(name)
        assert found is not None  # names come from ``_of``
        return found

    def _read(self, name: str) -> bytes:
        if self._archive.getinfo(name).file_size > _MOST_SETTINGS:
            raise _refusal(f"{name!r} in the package is longer than {_MOST_SETTINGS:,} bytes")
        return b"".join(self._pieces(name))

    def _decoded(self, name: str, kind: type[_Decoded]) -> _Decoded:
        try:
            return msgspec.json.decode(self._read(name), type=kind)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as fault:
            raise _refusal(f"{name!r} in the package cannot be read ({str(fault)[:100]})") from None

    def _settings(self, name: str, kind: type[_Settings]) -> _Settings:
        found = self._decoded(name, kind)
        for key in self._decoded(name, dict[str, msgspec.Raw]):
            words = f"the setting {key[:100]!r}"
            if key not in kind.__struct_fields__ and words not in self.left_out:
                self.left_out.append(words)
        return found


def _refusal(problem: str) -> FileFormatError:
    return FileFormatError(
        f"{problem}.",
        next_step="Take a package that 'workbench package export' wrote; nothing was created.",
        details={"problem": problem[:300]},
    )
