"""Errors that only the whole file shows: repeated ids, times that contradict the rest of the column."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

import numpy as np

from workbench.domain import RowError
from workbench.ingest.records import Chunk, row_error
from workbench.ingest.time_order import LateGroup, Rows


@dataclass(frozen=True, kw_only=True)
class Duplicates:
    """int64 arrays of equal length, ascending: rows whose id came before, and the first row that had it."""

    rows: Rows
    first_rows: Rows


@dataclass(frozen=True, kw_only=True)
class LateErrors:
    """Bad rows found at the end of pass one, so that pass two can leave them out; ``times`` by column."""

    id_column: str
    times: dict[str, list[LateGroup]]
    duplicates: Duplicates

    def n_times(self, column: str) -> int:
        """Rows with a bad time in a column."""
        return sum(len(group.rows) for group in self.times.get(column, ()))

    @property
    def n_errors(self) -> int:
        """All of them; a row may count twice."""
        return sum(map(self.n_times, self.times)) + len(self.duplicates.rows)

    @property
    def rows(self) -> Rows:
        """Every bad row once, ascending."""
        parts = [self.duplicates.rows, *(group.rows for groups in self.times.values() for group in groups)]
        return np.unique(np.concatenate(parts))

    def errors_in(self, chunk: Chunk) -> list[RowError]:
        """The errors of one chunk with their values, in row order."""
        if not chunk.rows or not self.n_errors:
            return []
        place = {row: index for index, row in enumerate(chunk.rows)}
        span = [chunk.rows[0], chunk.rows[-1] + 1]
        found = []
        low, high = np.searchsorted(self.duplicates.rows, span)
        ids = chunk.cells[self.id_column]
        pairs = zip(
            self.duplicates.rows[low:high].tolist(),
            self.duplicates.first_rows[low:high].tolist(),
            strict=True,
        )
        for row, first in pairs:
            problem = f"is a duplicate id; row {first} has it already"
            found.append(row_error(row, self.id_column, ids[place[row]], problem))
        for column, groups in self.times.items():
            cells = chunk.cells[column]
            for group in groups:
                low, high = np.searchsorted(group.rows, span)
                found.extend(
                    row_error(row, column, cells[place[row]], group.problem)
                    for row in group.rows[low:high].tolist()
                )
        return sorted(found, key=lambda error: error.row)


def find_duplicates(rows: array[int], hashes: array[int]) -> Duplicates:
    """Find rows whose id occurred before, from 64-bit hashes of the ids.

    Eight bytes per row instead of the ids themselves keep millions of rows small; two different ids share
    a hash with probability n**2 / 2**65, below 1e-6 for the largest file allowed.
    """
    row_numbers = np.frombuffer(rows, dtype=np.int64)
    keys = np.frombuffer(hashes, dtype=np.int64)
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.ones(len(ordered), dtype=bool)
    starts[1:] = ordered[1:] != ordered[:-1]
    if starts.all():
        none = np.empty(0, dtype=np.int64)
        return Duplicates(rows=none, first_rows=none)
    first_of = row_numbers[order][np.flatnonzero(starts)[np.cumsum(starts) - 1]]
    repeated = ~starts
    found, firsts = row_numbers[order][repeated], first_of[repeated]
    ascending = np.argsort(found, kind="stable")
    return Duplicates(rows=found[ascending], first_rows=firsts[ascending])
