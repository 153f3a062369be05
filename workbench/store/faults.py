"""DuckDB's errors as ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from workbench.errors import QueryLimitError, StoreError


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn what DuckDB raises into ``StoreError`` and its kinds, naming the file."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise QueryLimitError(
            f"an operation on {str(path)!r} needed more memory than allowed: {_first_line(error)}",
            next_step="Raise the setting 'memory_limit', or free disk space for spilling.",
        ) from error
    except duckdb.InterruptException as error:
        raise QueryLimitError(
            f"an operation on {str(path)!r} was stopped.", next_step="Try again; it changed nothing."
        ) from error
    except (duckdb.IOException, duckdb.FatalException) as error:
        raise StoreError(
            f"the workspace file {str(path)!r} cannot be read or written: {_first_line(error)}",
            next_step="Check that the disk has space and the file is whole, then open the workspace again.",
            details={"path": str(path)},
        ) from error
    except duckdb.Error as error:
        full = "No space left on device" in str(error)  # met at COMMIT, it comes as another kind
        raise StoreError(
            f"the workspace file {str(path)!r} refused an operation: {_first_line(error)}",
            next_step="Free disk space, then open the workspace again; nothing half-done was kept."
            if full
            else "Report this as a bug, with the version of the workbench.",
            details={"path": str(path)},
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:300] if str(error) else type(error).__name__
