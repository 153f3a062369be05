"""Parquet: any column of texts, numbers, times or lists of texts, as CSV."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from workbench.errors import FileFormatError
from workbench.ingest.packed.limit import Allowance
from workbench.ingest.records import list_cell

_ROWS = 20_000
_UTC = pa.timestamp("us", tz="UTC")


def write_parquet_as_csv(path: Path, target: Path, allowance: Allowance) -> None:
    """Write every row; nulls and NaN become empty cells, times RFC 3339 in UTC, lists one entry a line.

    Raises
    ------
    FileFormatError
        It is damaged or has a column of other things.
    """
    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
            for field in schema:
                _refuse_nested(field)
            texts = pa.schema([pa.field(name, pa.string()) for name in schema.names])
            options = pyarrow.csv.WriteOptions(quoting_style="all_valid", quoting_header="all_valid")
            with pyarrow.csv.CSVWriter(str(target), texts, write_options=options) as writer:
                for batch in file.iter_batches(_ROWS):
                    columns = [_as_text(column) for column in batch.columns]
                    allowance.take(sum(column.nbytes for column in columns))
                    writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=texts))
    except (pa.ArrowException, OSError, OverflowError) as failure:
        raise FileFormatError(
            f"the Parquet file cannot be read: {str(failure).splitlines()[0][:200]}.",
            next_step="Write it again, or export the table as CSV.",
            details={"found": "a Parquet file"},
        ) from None


def _refuse_nested(field: pa.Field) -> None:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if _is_list(kind) and _is_text(kind.value_type):
        return
    if pa.types.is_nested(kind) or _is_binary(kind):
        what = "bytes" if _is_binary(kind) else "nested values"
        raise FileFormatError(
            f"column {field.name!r} holds {what} ({str(field.type)[:100]}); texts, numbers and times can be read.",
            next_step="Leave it out, or write its parts into columns of their own.",
            details={"column": field.name, "type": str(field.type)[:500]},
        )


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_binary(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_binary_view(kind)
    )


def _as_text(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if _is_list(kind):
        return pa.array([_cell(found) for found in column.to_pylist()], pa.string())
    if pa.types.is_timestamp(kind):
        times = column.cast(pa.timestamp("us", tz=kind.tz), safe=False)
        if kind.tz is None:
            times = pc.assume_timezone(times, "UTC")
        return pc.strftime(times.cast(_UTC), format="%Y-%m-%dT%H:%M:%SZ")
    if pa.types.is_floating(kind):
        column = column.cast(pa.float64())
        column = pc.if_else(pc.is_nan(column), None, column)
    if pa.types.is_date(kind):
        column = column.cast(pa.date32())
    return column.cast(pa.string())


def _cell(entries: list[str | None] | None) -> str | None:
    return None if entries is None else list_cell(entry or "" for entry in entries)
