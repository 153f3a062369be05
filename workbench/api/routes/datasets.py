"""Datasets over HTTP (``/api/v1/datasets``)."""

from __future__ import annotations

import msgspec

from workbench.api.addresses import NAME
from workbench.api.endpoint import Asked, Endpoint
from workbench.api.envelope import Ok
from workbench.api.shapes.datasets import (
    DatasetNew,
    DatasetTexts,
    ShownDataset,
    labels_file,
    language_of,
    refuse_unkept,
    shown_dataset,
    wanted_labels,
)
from workbench.api.shapes.names import find_dataset, require_project
from workbench.domain import Dataset, LabelImport, Operations, SourceId, check_name
from workbench.errors import DuplicateNameError, InputError, UnknownNameError


class Datasets(Ok, kw_only=True):
    """Those that the caller sees."""

    datasets: list[ShownDataset]


class OneDataset(Ok, kw_only=True):
    """One."""

    dataset: ShownDataset


class NewDataset(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A dataset to create."""

    dataset: DatasetNew


class ChangedDataset(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What to change of it."""

    dataset: DatasetTexts


def _all(asked: Asked) -> Datasets:
    return _shown(asked, list(asked.operations.datasets()))


def _of_project(asked: Asked) -> Datasets:
    owner = check_name("project", asked.path["owner"])
    return _shown(asked, [one for one in asked.operations.datasets() if one.project == owner])


def _shown(asked: Asked, found: list[Dataset]) -> Datasets:
    return Datasets(datasets=[_read(asked.operations, one) for one in found])


def _read(there: Operations, dataset: Dataset) -> ShownDataset:
    return shown_dataset(dataset, there.taxonomy(dataset.dataset_id))


def _one(asked: Asked) -> OneDataset:
    return OneDataset(dataset=_read(asked.operations, find_dataset(asked)))


def _create(asked: Asked) -> OneDataset:
    given: DatasetNew = asked.body.dataset
    there, owner, name = asked.operations, asked.path["owner"], asked.path["dataset"]
    language = language_of(given.model_family)
    refuse_unkept(given)
    wanted = wanted_labels(given)
    labels_file(wanted, ())  # refuses, before anything is made
    require_project(asked, owner)
    sources = tuple(SourceId(one) for one in given.source_ids)
    try:
        if given.copy_annotations_from is None:
            made = there.create_dataset(
                owner,
                name,
                sources,
                given.title or "",
                given.description or "",
                has_sentiment=given.has_sentiment,
                language=language,
            )
        else:
            made = _copied(there, owner, name, sources, given)
    except DuplicateNameError:
        made = _the_same(there, f"{owner}/{name}", given, language)
    if wanted:
        take_labels(
            there.import_labels(made.dataset_id, labels_file(wanted, there.taxonomy(made.dataset_id)))
        )
    return OneDataset(dataset=_read(there, there.dataset(made.dataset_id, counted=False)))


def _copied(
    there: Operations, owner: str, name: str, sources: tuple[SourceId, ...], given: DatasetNew
) -> Dataset:
    original = there.dataset(given.copy_annotations_from or "", counted=False)
    if original.has_sentiment != given.has_sentiment:
        raise InputError(
            f"annotations cannot be copied from {original.full_name!r}: only one of the two has label sentiment.",
            next_step="Say the same 'has_sentiment' as the original has.",
        )
    made = there.copy_dataset(original.dataset_id, owner, name, sources, given.title or name)
    if not sources:
        there.remove_sources(made.dataset_id, made.source_ids)
    return there.amend_dataset(made.dataset_id, description=given.description or "")


def _the_same(there: Operations, full_name: str, given: DatasetNew, language: str) -> Dataset:
    """The dataset that is there, when it is as asked for: a request may come again after its answer was lost."""
    known = there.dataset(full_name, counted=False)
    is_same = (
        set(known.source_ids) == set(given.source_ids or ())
        and known.has_sentiment == given.has_sentiment
        and given.title in (None, "", known.title)
        and (given.description or "") == known.description
        and language in ("", known.language)
    )
    if is_same and (wanted := wanted_labels(given)) and (labels := there.taxonomy(known.dataset_id)):
        foreseen = there.import_labels(known.dataset_id, labels_file(wanted, labels), dry_run=True)
        is_same = not (foreseen.errors or foreseen.n_new or foreseen.n_changed)
    if not is_same:
        raise DuplicateNameError("dataset", full_name)
    return known


def take_labels(result: LabelImport) -> None:
    """Refuse labels that could not be taken in: then none was.

    Raises
    ------
    InputError
        In the words of the first of them.
    """
    if result.errors:
        first = result.errors[0]
        raise InputError(
            f"label {first.value[:100]!r} cannot be kept: {first.problem}",
            next_step="Correct it and send all again; nothing was changed.",
            details={"label": first.value[:100]},
        )


def _change(asked: Asked) -> OneDataset:
    given: DatasetTexts = asked.body.dataset
    refuse_unkept(given)
    there, dataset = asked.operations, find_dataset(asked)
    if given.source_ids is not None:
        wanted = tuple(SourceId(one) for one in dict.fromkeys(given.source_ids))
        unknown = [one for one in wanted if one not in dataset.source_ids]
        gone = tuple(one for one in dataset.source_ids if one not in wanted)
        if gone:
            known = {one.source_id for one in there.sources()} if unknown else set()
            for one in unknown:
                if one not in known:  # found out before the others go
                    raise UnknownNameError("source", one[:100], known)
            there.remove_sources(dataset.dataset_id, gone)
        if unknown:
            there.add_sources(dataset.dataset_id, tuple(unknown))
    if given.title is not None or given.description is not None:
        there.amend_dataset(dataset.dataset_id, given.title, given.description)
    return OneDataset(dataset=_read(there, there.dataset(dataset.dataset_id, counted=False)))


def _delete(asked: Asked) -> Ok:
    dataset = find_dataset(asked)
    asked.operations.delete_dataset(dataset.dataset_id, dataset.full_name)
    return Ok()


_ALL = "/api/v1/datasets"
_ONE = f"{_ALL}/{{dataset}}"

ENDPOINTS = (
    Endpoint(method="GET", path=_ALL, summary="Datasets", handle=_all, reply=Datasets),
    Endpoint(
        method="GET",
        path=f"{_ALL}/{{owner}}",
        summary="Datasets of a project",
        handle=_of_project,
        reply=Datasets,
        names={"owner": NAME},
    ),
    Endpoint(method="GET", path=_ONE, summary="One dataset", handle=_one, reply=OneDataset),
    Endpoint(
        method="PUT",
        path=_ONE,
        by_id=False,
        summary="Create a dataset",
        handle=_create,
        reply=OneDataset,
        body=NewDataset,
    ),
    Endpoint(
        method="POST",
        path=_ONE,
        summary="Change sources, title and description of a dataset",
        handle=_change,
        reply=OneDataset,
        body=ChangedDataset,
    ),
    Endpoint(method="DELETE", path=_ONE, summary="Delete a dataset", handle=_delete),
)
