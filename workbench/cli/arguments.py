"""What several commands take: the file, the dataset, a label, a version."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.opening import opened
from workbench.door import Dataset

File = Annotated[Path, typer.Argument(help="The workspace file, e.g. support.duckdb.")]
DatasetName = Annotated[str, typer.Argument(help="project/name of the dataset.")]
LabelName = Annotated[str, typer.Argument(help="The label, e.g. 'Claims > Motor'.")]
OfVersion = Annotated[
    int | None, typer.Option("--version", help="Model version; the newest that was validated if left out.")
]
Where = Annotated[
    str, typer.Option(help="A filter as addresses write it, e.g. 'reviewed=no&thread-messages=3..'.")
]


def open_dataset(file: Path, name: str) -> Dataset:
    """A dataset of a workspace that exists."""
    return opened(file, must_exist=True).dataset(name)
