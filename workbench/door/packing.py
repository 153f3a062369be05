"""A whole dataset as one zip file: settings, taxonomy, messages and what people said of them.

The layout is the one that this field's clients use: ``datasets/<id>.dataset.json``, ``sources/<id>.source.json`` and
``comments/<source id>.<n>.comments.json``, the latter one comment a line. Everything goes through operations, so a
package can be made of, and brought into, a workspace on another machine.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.domain import Label, MessageFilter, Source
from workbench.door.package_files import PackagedLabel, PackagedSource, PackageReader
from workbench.errors import InputError
from workbench.primitives import neutral_cell, write_atomically

if TYPE_CHECKING:
    from workbench.door.dataset import Dataset
    from workbench.door.workspace import Workspace

Progress = Callable[[int], None]


@dataclass(frozen=True, kw_only=True)
class PackageReport:
    """What a package holds, or what of it came in.

    Attributes
    ----------
    dataset
        Its full name.
    n_annotated
        Messages whose annotations came in; 0 for a package that was written.
    n_units
        Units charged; 0 for a package that was written.
    left_out
        What could not be taken along, in words.
    """

    dataset: str
    n_sources: int
    n_labels: int
    n_messages: int
    n_annotated: int = 0
    n_units: int = 0
    left_out: tuple[str, ...] = ()


def export_package(dataset: Dataset, path: Path, *, progress: Progress | None = None) -> PackageReport:
    """Write a dataset with its sources; the file appears when it is whole.

    ``progress`` is told how many messages were written so far. Models, streams, raw mail and the contents of attachments
    are not in a package.
    """
    from workbench.reports import export_messages  # noqa: PLC0415 - loads writers

    operations, info = dataset.operations, dataset.info
    known = {one.source_id: one for one in operations.sources()}
    sources = [known[one] for one in info.source_ids if one in known]
    labels = operations.labels(info.dataset_id)
    if not path.parent.is_dir():
        raise InputError(
            f"there is no folder {str(path.parent)[:100]!r}.",
            next_step="Make it first.",
            details={"path": str(path)},
        )
    written = 0

    def write(draft: Path) -> None:
        nonlocal written
        with (
            tempfile.TemporaryDirectory(dir=path.parent, prefix=".package-") as folder,
            zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            archive.writestr(
                f"datasets/{info.dataset_id}.dataset.json", _json(_dataset_settings(dataset, labels))
            )
            for one in sources:
                archive.writestr(f"sources/{one.source_id}.source.json", _json(_source_settings(one)))
                lines, before = Path(folder) / "comments.jsonl", written
                told = None if progress is None else (lambda n, before=before: progress(before + n))
                where = MessageFilter(sources=(one.source_id,))
                written += export_messages(
                    operations, info.dataset_id, where, lines, kind="jsonl", progress=told
                )
                archive.write(lines, f"comments/{one.source_id}.0.comments.json")

    write_atomically(path, write)
    masked = [
        f"texts of {one.full_name!r} as they came (they are masked)" for one in sources if one.mask_personal
    ]
    mail = [f"the raw mail behind {one.full_name!r}" for one in sources if one.bucket_id is not None]
    return PackageReport(
        dataset=info.full_name,
        n_sources=len(sources),
        n_labels=len(labels),
        n_messages=written,
        left_out=(*masked, *mail),
    )


def import_package(
    workspace: Workspace,
    path: Path,
    *,
    project: str = "",
    no_charge: bool = False,
    agree: Callable[[int], object] | None = None,
    progress: bool = True,
) -> PackageReport:
    """Bring a package in: its sources, its dataset, its labels, its messages and what people said of them.

    Parameters
    ----------
    project
        Where sources and dataset go; empty = where they were.
    agree
        Is told the number of messages before anything is created, one unit each at most; raises to stop.

    Raises
    ------
    FileFormatError
        It is no package, holds a name that leads elsewhere, or unpacks to far more than it is.
    InputError
        A source or the dataset is there already; nothing was created.
    """
    with PackageReader(path) as package:
        info, sources = package.dataset(), package.sources()
        home = project or info.owner
        names = [f"{project or one.owner}/{one.name}" for one in sources]
        _check_free(workspace, f"{home}/{info.name}", names)
        if agree is not None:
            agree(sum(package.n_lines(one.id) for one in sources))
        operations = workspace.operations
        made = [_make_source(workspace, project or one.owner, one) for one in sources]
        dataset = operations.create_dataset(
            home, info.name, tuple(one.source_id for one in made), title=info.title,
            description=info.description, has_sentiment=info.has_sentiment, language=info.language,
        )  # fmt: skip
        if info.label_defs:
            operations.import_labels(dataset.dataset_id, _taxonomy(info.label_defs))
        counts = {"n_messages": 0, "n_annotated": 0, "n_units": 0}
        for one, source in zip(sources, made, strict=True):
            for lines in package.comments(one.id):
                done = workspace.import_(
                    lines, source=source.full_name, annotate=dataset.full_name, no_charge=no_charge,
                    progress=progress,
                )  # fmt: skip
                counts["n_messages"] += done.counts.new + done.counts.updated + done.counts.unchanged
                counts["n_annotated"] += done.n_annotated
                counts["n_units"] += done.counts.units
        encoder = [] if info.encoder in ("", dataset.encoder) else [f"the encoder {info.encoder[:100]!r}"]
        return PackageReport(
            dataset=dataset.full_name,
            n_sources=len(made),
            n_labels=len(operations.labels(dataset.dataset_id)),
            left_out=(*package.left_out, *encoder),
            **counts,
        )


def _check_free(workspace: Workspace, dataset: str, sources: list[str]) -> None:
    """Refuse before anything is created."""
    there = {one.full_name for one in workspace.operations.sources()}
    taken = [f"source {name!r}" for name in sources if name in there or sources.count(name) > 1]
    taken += [f"dataset {dataset!r}" for one in workspace.operations.datasets() if one.full_name == dataset]
    if taken:
        raise InputError(
            f"there is a {taken[0][:100]} already.",
            next_step="Import it into another project: --project NAME (project= in Python).",
            details={"taken": taken},
        )


def _make_source(workspace: Workspace, project: str, given: PackagedSource) -> Source:
    return workspace.operations.create_source(
        project, given.name, title=given.title, kind=given.kind, language=given.language,
        description=given.description, should_translate=given.should_translate,
        sensitive_properties=given.sensitive_properties, mask_personal=given.mask_personal,
    )  # fmt: skip


def _taxonomy(labels: tuple[PackagedLabel, ...]) -> str:
    """The labels as a taxonomy file."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["label", "description", "external_id", "title"])
    for one in labels:
        table.writerow(map(neutral_cell, (one.name, one.instructions, one.external_id, one.title)))
    return out.getvalue()


def _dataset_settings(dataset: Dataset, labels: tuple[Label, ...]) -> dict[str, Any]:
    info = dataset.info
    return {
        "id": info.dataset_id, "owner": info.project, "name": info.name, "title": info.title,
        "description": info.description, "source_ids": list(info.source_ids), "has_sentiment": info.has_sentiment,
        "language": info.language, "encoder": info.encoder,
        "label_defs": [
            {"name": one.name, "title": one.title, "instructions": one.instructions,
             "external_id": one.external_id or ""}
            for one in labels
        ],
    }  # fmt: skip


def _source_settings(source: Source) -> dict[str, Any]:
    return {
        "id": source.source_id, "owner": source.project, "name": source.name, "title": source.title,
        "description": source.description, "language": source.language, "kind": source.kind,
        "should_translate": source.should_translate, "sensitive_properties": list(source.sensitive_properties),
        "mask_personal": source.mask_personal,
    }  # fmt: skip


def _json(settings: dict[str, Any]) -> str:
    return json.dumps(settings, ensure_ascii=False, indent=1)
