"""What people write, checked before it travels: files, names, conditions."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

import msgspec

from workbench.domain import DatasetId, LabelId, MessageFilter, Operations
from workbench.errors import FilterError, InputError, UnknownNameError
from workbench.primitives import database_kind

_TABLES = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".xlsx", ".xls", ".ipynb")


def workspace_file(path: str | os.PathLike[str], *, must_exist: bool = False) -> Path:
    """The absolute path of a workspace file.

    A table by mistake in its place is refused: DuckDB would show it as a database in memory, and whatever is
    written there would be gone afterwards.

    Raises
    ------
    InputError
        It is another kind of file, or with ``must_exist`` there is none.
    """
    file = Path(path).expanduser().absolute()
    details = {"path": str(path)}
    if file.is_file():
        if database_kind(file) == "other":
            raise InputError(
                f"{str(path)!r} is not a workspace file.",
                next_step="Name the .duckdb file; messages come into it by import.",
                details=details,
            )
    elif file.suffix.lower() in _TABLES:
        raise InputError(
            f"{str(path)!r} is no name for a workspace file.",
            next_step="Name a .duckdb file, e.g. 'support.duckdb'.",
            details=details,
        )
    elif must_exist:
        raise InputError(
            f"there is no workspace file {str(path)!r}.", next_step=_others(file), details=details
        )
    return file


def _others(file: Path) -> str:
    there = sorted(other.name for other in file.parent.glob("*.duckdb")) if file.parent.is_dir() else []
    if not there:
        return "Check the path; 'workbench import' or wb.open() creates one."
    near = difflib.get_close_matches(file.name, there, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"{hint}Workspaces there: {', '.join(there[:10])}."


def split_name(noun: str, name: str) -> tuple[str, str]:
    """``project/name`` in its two parts.

    Raises
    ------
    InputError
        A part is missing.
    """
    project, _, short = name.partition("/")
    if not project or not short:
        example = f"{project or 'demo'}/{short or 'mail'}"
        raise InputError(
            f"{noun} {name!r} is not of the form 'project/name'.",
            next_step=f"Write for example {example!r}.",
            details={"name": name},
        )
    return project, short


def chosen(value: object, kind: Any, noun: str, known: Iterable[str]) -> Any:
    """``value`` as ``kind``, a closed set of words; the error lists them.

    Raises
    ------
    InputError
        It is none of them.
    """
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        raise InputError(
            f"{noun} {value!r} is unknown.",
            next_step=f"Known: {', '.join(known)}.",
            details={noun: str(value)},
        ) from None


def message_filter(conditions: dict[str, Any]) -> MessageFilter:
    """A filter from keyword arguments.

    Raises
    ------
    FilterError
        There is no such condition; the nearest is offered.
    """
    known = [field.name for field in fields(MessageFilter)]
    for name in conditions:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise FilterError(
                f"messages have no condition {name!r}.",
                next_step=f"{hint}Known: {', '.join(known)}.",
                details={"name": name, "known": known},
            )
    return MessageFilter(**conditions)


def label_id_of(operations: Operations, dataset_id: DatasetId, name: str) -> LabelId:
    """Id of the label of a name; ``UnknownNameError`` without one."""
    known = {label.name: label.label_id for label in operations.labels(dataset_id)}
    if name not in known:
        raise UnknownNameError("label", name, known)
    return known[name]
