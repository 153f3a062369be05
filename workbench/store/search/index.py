"""``SearchIndex``: the index of a store, which follows its messages and is never needed.

What the index holds is known by a stamp per message (a hash of its text, source and time), so that catching
up compares the store with the index itself, not with a clock. A little is caught up before the search that
needs it; much (a first index, a bulk load) in a thread of its own, while SQL finds the words. An index that
is missing, damaged, or of another version is made anew without a word; so is one whose owner died writing it,
and one that held messages which were deleted.
"""

from __future__ import annotations

import json
import logging
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from workbench.errors import WorkbenchError
from workbench.store.cursor import Cursor
from workbench.store.search.engine import Engine, EngineError, Row, is_installed

_FORMAT = 1
_AT_ONCE = 2_000
"""Messages that are caught up while a search waits."""
_PIECE = 10_000
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Stamps:
    """What an index holds: ``seq`` int64 ascending and ``stamp`` uint64, (n_messages,) each."""

    seq: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    stamp: np.ndarray = field(default_factory=lambda: np.empty(0, np.uint64))

    @property
    def print_(self) -> tuple[int, int]:
        """Number of messages and the exclusive or of their stamps, as ``search.print`` gives them."""
        return len(self.seq), int(np.bitwise_xor.reduce(self.stamp)) if len(self.seq) else 0

    def changed_to(self, other: Stamps) -> tuple[np.ndarray, np.ndarray]:
        """``seq`` of what has to be taken out and of what has to be put in to become ``other``."""
        kept = np.isin(self.seq, other.seq)
        place = np.searchsorted(other.seq, self.seq[kept])
        same = other.stamp[place] == self.stamp[kept]
        staying = self.seq[kept][same]
        return np.setdiff1d(self.seq, staying, True), np.setdiff1d(other.seq, staying, True)


class SearchIndex:
    """The index of one store.

    Parameters
    ----------
    folder
        Where it lies, made on first use; None = in memory only.
    read
        Opens a read transaction of the store, for the thread that catches up; gives the number of its state
        too, as ``engine`` takes it.
    """

    def __init__(
        self,
        folder: Path | None,
        read: Callable[[], AbstractContextManager[tuple[Cursor, int | None]]],
        *,
        at_once: int = _AT_ONCE,
    ) -> None:
        self._folder = folder
        self._read = read
        self._at_once = at_once
        self._engine: Engine | None = None
        self._stamps = Stamps()
        self._changing = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._seen: int | None = None
        self._newest = -1
        self._given_up: tuple[int, int] | None = None

    def engine(self, cursor: Cursor, version: int | None) -> Engine | None:
        """The index when it shows what ``cursor`` sees; None when SQL has to find the words this time.

        Parameters
        ----------
        version
            Number of the state that ``cursor`` sees, the same as before when nothing was written since;
            None = not known.
        """
        if not is_installed() or self._stopping.is_set():
            return None
        if version is not None and version == self._seen and self._engine is not None:
            return self._engine
        if not self._changing.acquire(blocking=False):
            return None
        try:
            return self._caught_up(cursor, version)
        finally:
            self._changing.release()

    def catch_up(self) -> None:
        """Wait until the index shows everything; makes it when there is none."""
        if is_installed():
            with self._changing, self._read() as (cursor, version):
                self._follow(cursor)
                self._newest = max(self._newest, -1 if version is None else version)

    def drop(self) -> None:
        """Forget the index with all its files, e.g. after a deletion; the next search begins a new one."""
        self._stop_thread()
        with self._changing:
            self._forget()
            self._given_up = None
        self._stopping.clear()

    def close(self) -> None:
        """Stop catching up; what is not finished is begun again at the next opening."""
        self._stop_thread()

    def _caught_up(self, cursor: Cursor, version: int | None) -> Engine | None:
        ((n_messages, print_),) = cursor.rows("search.print")
        now = (int(n_messages), int(print_))
        if self._given_up == now:
            return None
        self._open()
        if self._stamps.print_ != now:
            # A session may be older than the index; only one that is not may change it. No less differs than
            # the numbers of messages do, and only little is caught up while somebody waits.
            is_newest = version is not None and version >= self._newest
            is_much = abs(now[0] - len(self._stamps.seq)) > self._at_once
            if not is_newest or is_much or not self._follow(cursor, most=self._at_once):
                self._begin_thread()
                return None
        self._newest = max(self._newest, -1 if version is None else version)
        self._seen = version
        return self._engine

    def _begin_thread(self) -> None:
        if self._stopping.is_set() or (self._thread is not None and self._thread.is_alive()):
            return
        self._thread = threading.Thread(target=self._catch_up_aside, name="search-index", daemon=True)
        self._thread.start()

    def _catch_up_aside(self) -> None:
        try:
            self.catch_up()
        except WorkbenchError as error:
            _log.warning("the search index could not follow, so SQL searches (%s)", error.code)

    def _stop_thread(self) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    # ---- with the lock held ----------------------------------------------------------------------

    def _follow(self, cursor: Cursor, *, most: int | None = None) -> bool:
        """Make the index show what ``cursor`` sees; False when that is more than ``most`` messages."""
        self._open()
        table = cursor.table("search.stamps")
        wanted = Stamps(seq=_array(table, "upload_seq"), stamp=_array(table, "stamp"))
        if len(np.setdiff1d(self._stamps.seq, wanted.seq, assume_unique=True)):
            # What was deleted must be gone, and an index keeps words until it is tidied up: begin anew.
            self._forget()
            self._open()
        removed, added = self._stamps.changed_to(wanted)
        if most is not None and len(removed) + len(added) > most:
            return False
        if not (len(removed) or len(added)) or self._engine is None:
            return True
        self._seen = None
        try:
            self._unsign()
            self._engine.write(removed=removed.tolist(), added=self._rows(cursor, added))
            self._stamps = wanted
            self._sign()
        except (EngineError, OSError) as error:
            self._forget()
            if not self._stopping.is_set():
                self._given_up = wanted.print_  # until something changes, not at every search
                # The kind only: a text of the library's might hold words of a message.
                kind = type(error.__cause__ or error).__name__
                _log.warning("the search index cannot be written, so SQL searches (%s)", kind)
        return True

    def _rows(self, cursor: Cursor, seqs: np.ndarray) -> Iterator[Row]:
        for start in range(0, len(seqs), _PIECE):
            if self._stopping.is_set():
                raise EngineError("the store closes")
            piece = seqs[start : start + _PIECE]
            with cursor.staged(pa.table({"upload_seq": pa.array(piece, pa.int64())})):
                yield from cursor.rows("search.texts", first=int(piece[0]), last=int(piece[-1]))

    def _open(self) -> None:
        if self._engine is not None:
            return
        try:
            self._stamps = self._signed()
            self._engine = Engine(self._folder)
            if self._engine.n_messages() != len(self._stamps.seq):
                raise ValueError("the index holds something else")  # noqa: TRY301 - as every other damage
        except Exception:  # noqa: BLE001 - whatever is wrong with it, it is made anew
            self._forget()
            with suppress(EngineError, OSError):
                self._make_folder()
                self._engine = Engine(self._folder)

    def _forget(self) -> None:
        self._engine, self._stamps, self._seen = None, Stamps(), None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _make_folder(self) -> None:
        if self._folder is not None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _signed(self) -> Stamps:
        """What the index in the folder holds; raises when it was not left whole."""
        if self._folder is None:
            return Stamps()
        signature = json.loads((self._folder / "signature.json").read_text("utf-8"))
        if signature["format"] != _FORMAT:
            raise ValueError("the index is of another version")
        stamps = np.load(self._folder / "stamps.npy", allow_pickle=False)
        return Stamps(seq=stamps["seq"].copy(), stamp=stamps["stamp"].copy())

    def _unsign(self) -> None:
        if self._folder is not None:
            (self._folder / "signature.json").unlink(missing_ok=True)

    def _sign(self) -> None:
        if self._folder is None:
            return
        stamps = np.empty(len(self._stamps.seq), [("seq", np.int64), ("stamp", np.uint64)])
        stamps["seq"], stamps["stamp"] = self._stamps.seq, self._stamps.stamp
        np.save(self._folder / "stamps.npy", stamps, allow_pickle=False)
        (self._folder / "signature.json").write_text(json.dumps({"format": _FORMAT}), "utf-8")


def _array(table: pa.Table, name: str) -> np.ndarray:
    return np.ascontiguousarray(table.column(name).to_numpy())
