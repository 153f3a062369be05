"""A whole dataset as one zip file: settings, taxonomy, messages and what people said of them.

The layout is the one that this field's clients use: ``datasets/<id>.dataset.json``, ``sources/<id>.source.json`` and
``comments/<source id>.<n>.comments.json``, the latter one comment a line; ``streams/<dataset id>.streams.json`` is ours. Everything goes through operations, so a
package can be made of, and brought into, a workspace on another machine.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from workbench.domain import DatasetId, Label, MessageFilter, Operations, Source
from workbench.door.package_files import PackagedLabel, PackagedSource, PackageReader
from workbench.door.package_streams import packed_stream, unpack_streams
from workbench.errors import AccessError, FileFormatError, InputError, NotEmptyError
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
    n_streams: int = 0
    n_annotated: int = 0
    n_units: int = 0
    left_out: tuple[str, ...] = ()


def export_package(dataset: Dataset, path: Path, *, progress: Progress | None = None) -> PackageReport:
    """Write a dataset with its sources; the file appears when it is whole.

    ``progress`` is told how many messages were written so far. Models, positions of streams, raw mail and the contents of
    attachments are not in a package.
    """
    from workbench.reports import export_messages  # noqa: PLC0415 - loads writers

    operations, info = dataset.operations, dataset.info
    known = {one.source_id: one for one in operations.sources()}
    sources = [known[one] for one in info.source_ids if one in known]
    labels, streams = operations.labels(info.dataset_id), operations.streams(info.dataset_id)
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
            if streams:
                packed = msgspec.json.encode([packed_stream(one, labels) for one in streams])
                archive.writestr(f"streams/{info.dataset_id}.streams.json", packed)
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
        n_streams=len(streams),
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
    WorkbenchError
        Something of it cannot be brought in: what was made until then is deleted again, what was charged stays so.
    """
    with PackageReader(path) as package:
        package.check()
        info, sources = package.dataset(), package.sources()
        package.streams()
        home = project or info.owner
        names = [f"{project or one.owner}/{one.name}" for one in sources]
        _check_free(workspace, f"{home}/{info.name}", names)
        if agree is not None:
            agree(sum(package.n_lines(one.id) for one in sources))
        _check_lines(workspace, package, dict(zip((one.id for one in sources), names, strict=True)))
        made: list[Source] = []
        known = {one.name for one in workspace.operations.projects()}
        try:
            return _unpack(
                workspace, package, made, project=project, home=home, no_charge=no_charge, progress=progress
            )
        except Exception:
            _take_back(workspace.operations, f"{home}/{info.name}", made, known)
            raise


def _unpack(
    workspace: Workspace,
    package: PackageReader,
    made: list[Source],
    *,
    project: str,
    home: str,
    no_charge: bool,
    progress: bool,
) -> PackageReport:
    """Make everything; ``made`` takes the sources, so that they can be deleted again."""
    info, sources, operations = package.dataset(), package.sources(), workspace.operations
    made.extend(_make_source(workspace, project or one.owner, one) for one in sources)
    dataset = operations.create_dataset(
        home, info.name, tuple(one.source_id for one in made), title=info.title,
        description=info.description, has_sentiment=info.has_sentiment, language=info.language,
    )  # fmt: skip
    if info.label_defs:
        _import_labels(operations, dataset.dataset_id, info.label_defs)
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
    here = {one.id: source.source_id for one, source in zip(sources, made, strict=True)}
    n_streams, untold = unpack_streams(operations, dataset.dataset_id, package.streams(), here)
    encoder = [] if info.encoder in ("", dataset.encoder) else [f"the encoder {info.encoder[:100]!r}"]
    return PackageReport(
        dataset=dataset.full_name,
        n_sources=len(made),
        n_labels=len(operations.labels(dataset.dataset_id)),
        n_streams=n_streams,
        left_out=(*package.left_out, *encoder, *untold),
        **counts,
    )


def _check_lines(workspace: Workspace, package: PackageReader, names: dict[str, str]) -> None:
    """Let every line be read, as the import will, before anything is created or charged."""
    for source_id, name in names.items():
        for lines in package.comments(source_id):
            workspace.import_(lines, source=name, dry_run=True, progress=False)


def _import_labels(operations: Operations, dataset_id: DatasetId, labels: tuple[PackagedLabel, ...]) -> None:
    done = operations.import_labels(dataset_id, _taxonomy(labels))
    if done.errors:
        wrong = done.errors[0]
        raise FileFormatError(
            f"the package has a label {wrong.value[:100]!r} that cannot be: {wrong.problem}.",
            next_step="Take a package that 'workbench package export' wrote; nothing of it stays.",
            details={"label": wrong.value[:300]},
        )


def _take_back(operations: Operations, dataset: str, sources: list[Source], projects: set[str]) -> None:
    """Delete what was made of a package that cannot come in as a whole; ``projects`` were there before."""
    ours = {one.source_id for one in sources}
    for found in operations.datasets():
        if found.full_name == dataset and ours.issuperset(found.source_ids):
            operations.delete_dataset(found.dataset_id, dataset)
    for one in sources:
        operations.delete_source(one.source_id, one.full_name)
    for name in sorted({one.project for one in sources} - projects):
        with suppress(AccessError, NotEmptyError):
            operations.delete_project(name, name)


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
