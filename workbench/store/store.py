"""``Store``: one open workspace file."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa

from workbench.domain import SourceId
from workbench.errors import ReadOnlyError, SchemaVersionError, StoreError
from workbench.store.analysis import run_select
from workbench.store.audit_head import keep_head
from workbench.store.changes import Changes, Seen
from workbench.store.connecting import clear_spilled, companion, connect, enter
from workbench.store.cursor import Cursor
from workbench.store.encryption import Key
from workbench.store.faults import translated
from workbench.store.locking import FileLock, refuse_network
from workbench.store.migrations import migrate
from workbench.store.purging import mark_for_purge, purge
from workbench.store.repositories.kept import DatasetPlace, Findings
from workbench.store.rotation import sweep_rotation
from workbench.store.sealing import Seal
from workbench.store.search.index import SearchIndex
from workbench.store.secrets import FILE, SecretFile
from workbench.store.session import Session
from workbench.store.snapshot import is_marked, is_write_protected, write_snapshot
from workbench.store.transaction import transaction
from workbench.store.veiling import veil

_CLOSE_WAIT_S = 5.0
_CHECKPOINT_WAIT_S = 1.0


class Store:
    """The workspace file, open in this process. Thread-safe; make one with ``Store.open``."""

    def __init__(
        self,
        *,
        path: Path,
        root: duckdb.DuckDBPyConnection,
        lock: FileLock,
        version: int,
        read_only: bool,
        key: Key | None,
        memory_limit: str,
        n_threads: int,
    ) -> None:
        self.path = path
        self.schema_version = version
        self.read_only, self.encrypted = read_only, key is not None
        self._key, self.seal = key, Seal(key) if key else None
        self._memory_limit, self._n_threads = memory_limit, n_threads
        self._root = root
        self._lock = lock
        self._writing = threading.Lock()
        self._writer: int | None = None
        self._changed = threading.Condition()
        self._cursors: set[duckdb.DuckDBPyConnection] = set()
        self._closed = False
        self._changes = Changes()
        self._findings = Findings()
        # Nothing beside a snapshot, and nothing readable beside an encrypted file: then it lives in memory.
        on_disk = not (read_only or self.encrypted)
        self.secrets = SecretFile(None if read_only else companion(path) / FILE, key)
        self.search = SearchIndex(companion(path) / "search" if on_disk else None, self._reading_messages)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        memory_limit: str = "4GB",
        n_threads: int = 2,
        read_only: bool = False,
        key: Key | None = None,
    ) -> Store:
        """Lock, open and migrate a workspace file; it is created, encrypted if there is a key, when there is none.

        A published copy is opened for reading only, whoever asks.

        Parameters
        ----------
        memory_limit
            DuckDB's limit; larger queries spill to ``<file>.workbench/tmp``.
        n_threads
            Threads a query may use.
        read_only
            Open a published snapshot: shared with other readers, never migrated.
        key
            The key of an encrypted file; None = the file is plain.

        Raises
        ------
        StoreLockedError
            Another process holds the file.
        SchemaVersionError
            It was written by a newer version, or (read-only) needs a migration.
        StoreError
            It lies on a network file system, is missing (read-only), or is not a workspace file.
        WorkspaceKeyError
            The key is missing, wrong, or not needed.
        MissingExtraError
            There is a key, but the extra ``encryption`` is not installed.
        """
        path = Path(path).absolute()
        if read_only and not path.exists():
            raise StoreError(f"there is no snapshot {str(path)!r}.", next_step="Publish one first.")
        path.parent.mkdir(parents=True, exist_ok=True)
        refuse_network(path)
        lock = FileLock(path, shared=read_only)
        lock.acquire()
        root: duckdb.DuckDBPyConnection | None = None
        try:
            with translated(path):
                if not read_only:
                    clear_spilled(path)
                only_read = read_only or is_write_protected(path)
                root = connect(
                    path, memory_limit=memory_limit, n_threads=n_threads, read_only=only_read, key=key
                )
                if not only_read and is_marked(root):  # a copy whose mode was lost on its way
                    root.close()
                    only_read = True
                    root = connect(
                        path, memory_limit=memory_limit, n_threads=n_threads, read_only=True, key=key
                    )
                version = _migrated(root, path, read_only=only_read)
            if not read_only:  # of a copy too: it may have been a plain one before
                sweep_rotation(path)
            return cls(
                path=path,
                root=root,
                lock=lock,
                version=version,
                read_only=only_read,
                key=key,
                memory_limit=memory_limit,
                n_threads=n_threads,
            )
        except BaseException:
            if root is not None:
                root.close()
            lock.release()
            raise

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one consistent state and cannot write; never waits for writers."""
        with self._reading() as (cursor, seen):
            reading = self._findings.reading(seen, index=self.search)
            yield Session(cursor, reading, facts=seen.facts, prices=seen.prices)

    @contextmanager
    def write(self, *, messages: bool = True, ledger_only: bool = False) -> Iterator[Session]:
        """A session in the one write transaction: committed on leaving, undone by an exception.

        Parameters
        ----------
        messages
            False = it changes no message, so that what is known of their words stays true.
        ledger_only
            True = it changes nothing but the ledger, so that what is known of all else stays true.

        Raises
        ------
        ReadOnlyError
            The store was opened read-only.
        """
        self._refuse_writing()
        with (
            self._write_lock(),
            self._cursor() as cursor,
            translated(self.path),
            self._changes.writing(messages=messages, ledger_only=ledger_only),
        ):
            session = Session(Cursor(cursor), facts=self._changes.facts, prices=self.prices)
            with transaction(cursor):
                yield session
            keep_head(self.path, session)
            self._changes.n_of_access += session.reached_access
            self._changes.note(session.changed)

    def dataset_places(self) -> tuple[DatasetPlace, ...]:
        """As ``places.datasets`` of a session, which is not opened when nothing has changed."""
        known = self._findings.places.get(self._changes.n_of_places)
        if known is not None:
            return known
        with self.read() as session:
            return session.places.datasets()

    def sql(
        self,
        query: str,
        *,
        limit: int,
        limit_s: float,
        hidden: Mapping[SourceId, frozenset[str]] | None = None,
        closed: frozenset[str] = frozenset(),
    ) -> pa.Table:
        """Run one SELECT for an analyst: no files, no settings, at most ``limit`` rows and ``limit_s`` s.

        Parameters
        ----------
        hidden
            Names of properties by source that are not there for this analyst.
        closed
            Tables that this analyst may not read.

        Raises
        ------
        InputError
            Not a single SELECT, or it is refused.
        QueryLimitError
            It took too long or too much memory.
        """
        with self._cursor() as cursor:
            if hidden:
                veil(cursor, hidden)
            with transaction(cursor, read_only=True):
                return run_select(
                    cursor, query, limit=limit, limit_s=limit_s, veiled=bool(hidden), closed=closed
                )

    @property
    def n_writes(self) -> int:
        """A number that changes with every write; odd while one runs."""
        return self._changes.n_writes

    @property
    def n_access_writes(self) -> int:
        """A number that changes with every write that may change what somebody may do, once it is committed."""
        return self._changes.n_of_access

    @property
    def facts(self) -> int | None:
        """A number that changes with every write but those of the ledger alone; None while one runs."""
        return self._changes.facts

    @property
    def prices(self) -> int:
        """A number that changes with every write that changed a price, or a budget, once it is committed."""
        return self._changes.n_of_prices

    @property
    def log_bytes(self) -> int:
        """Bytes of the write-ahead log: what is committed but not yet written into the file."""
        try:
            return self.path.with_name(self.path.name + ".wal").stat().st_size
        except FileNotFoundError:
            return 0

    def checkpoint(self) -> bool:
        """Write the log into the file; call it after bulk loads, else some later write pays for it.

        Readers of a state before the last changes stand in its way: it gives them a second and then leaves the log
        to the next checkpoint. Whether it was done.
        """
        self._refuse_writing()
        until = time.monotonic() + _CHECKPOINT_WAIT_S
        while not self._checkpointed():
            if time.monotonic() > until:
                return False
            time.sleep(_CHECKPOINT_WAIT_S / 20)
        return True

    def _checkpointed(self) -> bool:
        with self._write_lock(), self._cursor() as cursor, translated(self.path):
            try:
                cursor.execute("CHECKPOINT")
            except duckdb.TransactionException as error:
                if "Cannot CHECKPOINT" not in str(error):
                    raise
                return False
        return True

    def forget_deleted(self) -> None:
        """Say, before it happens, that something is deleted.

        Its words are gone from what lies beside the file as soon as they are from the database, and from the
        bytes of the file itself when it is closed.
        """
        self._refuse_writing()
        mark_for_purge(self.path)
        self._findings.values.clear()

    def publish(self, target: Path) -> None:
        """Write a consistent copy to ``target``, whole or not at all; writers go on meanwhile.

        The copy is for reading only, and encrypted with the same key when this file is.
        """
        self._refuse_writing()
        with self._cursor() as cursor, translated(self.path):
            folder = companion(self.path) / "publish"
            write_snapshot(cursor, folder, Path(target).absolute(), key=self._key)

    def close(self) -> None:
        """Let running sessions end (queries are interrupted after 5 s), close the file, then unlock it.

        A file out of which something was deleted is written anew first.
        """
        self.search.close()
        with self._changed:
            if self._closed:
                return
            self._closed = True
            if not self._changed.wait_for(lambda: not self._cursors, timeout=_CLOSE_WAIT_S):
                for cursor in self._cursors:
                    cursor.interrupt()
                self._changed.wait_for(lambda: not self._cursors, timeout=_CLOSE_WAIT_S)
            for cursor in self._cursors:
                cursor.close()
        self._root.close()
        try:
            if not self.read_only:
                purge(self.path, key=self._key, memory_limit=self._memory_limit, n_threads=self._n_threads)
        finally:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._changed:
            if self._closed:
                raise StoreError(f"{str(self.path)!r} is closed.", next_step="Open the workspace again.")
            cursor = self._root.cursor()
            self._cursors.add(cursor)
        try:
            if self.encrypted:
                enter(cursor)
            yield cursor
        finally:
            cursor.close()
            with self._changed:
                self._cursors.discard(cursor)
                self._changed.notify_all()

    @contextmanager
    def _write_lock(self) -> Iterator[None]:
        if self._writer == threading.get_ident():
            raise StoreError(
                "this thread writes already; a second write inside would wait for itself.",
                next_step="Use the session that is open.",
            )
        with self._writing:
            self._writer = threading.get_ident()
            try:
                yield
            finally:
                self._writer = None

    @contextmanager
    def _reading(self) -> Iterator[tuple[Cursor, Seen]]:
        before = self._changes.begun()
        with self._cursor() as cursor, translated(self.path), transaction(cursor, read_only=True):
            yield Cursor(cursor), self._changes.seen(before)

    @contextmanager
    def _reading_messages(self) -> Iterator[tuple[Cursor, int | None]]:
        with self._reading() as (cursor, seen):
            yield cursor, seen.messages

    def _refuse_writing(self) -> None:
        if self.read_only:
            raise ReadOnlyError(
                f"{str(self.path)!r} is a published copy, which is only read.",
                next_step="Open the workspace it was published from, or make a workspace of it: "
                f"workbench restore {self.path.name} NEW.duckdb.",
                details={"path": str(self.path)},
            )


def _migrated(root: duckdb.DuckDBPyConnection, path: Path, *, read_only: bool) -> int:
    try:
        return migrate(root, read_only=read_only)
    except SchemaVersionError as error:
        if "missing" not in error.details:
            raise
        raise SchemaVersionError(
            error.message,
            next_step=f"Make a workspace of it, which is brought up to date: workbench restore {path.name} "
            "NEW.duckdb; or read it with the version that wrote it.",
            details=error.details,
        ) from None
