"""Labels of a dataset and their one group over HTTP (``/api/_private/datasets/…/labels``)."""

from __future__ import annotations

import msgspec

from workbench.api.endpoint import Asked, Endpoint
from workbench.api.envelope import Ok
from workbench.api.routes.datasets import take_labels
from workbench.api.shapes.annotated import GROUP
from workbench.api.shapes.datasets import (
    LabelDef,
    LabelDefs,
    LabelGroup,
    check_group,
    labels_file,
    shown_label,
)
from workbench.api.shapes.labels import joined, split_name
from workbench.api.shapes.names import find_dataset
from workbench.domain import Dataset, Label
from workbench.errors import InputError, UnknownNameError, UnsupportedError


class NewLabels(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Labels to make or amend."""

    label_defs: LabelDefs


class OneLabel(Ok, kw_only=True):
    """A label."""

    label_def: LabelDef


class LabelChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A label to make or amend."""

    label_def: LabelDef


class LabelGroups(Ok, kw_only=True):
    """All groups: there is one."""

    label_groups: list[LabelGroup]


class OneGroup(Ok, kw_only=True):
    """A group with its labels."""

    label_group: LabelGroup


class GroupChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Labels of a group to make or amend."""

    label_group: LabelGroup


def _put(asked: Asked) -> Ok:
    check_group(asked.path["group"])
    _take(asked, find_dataset(asked), asked.body.label_defs)
    return Ok()


def _take(asked: Asked, dataset: Dataset, wanted: list[LabelDef]) -> None:
    """Make or amend labels; those that are not named stay."""
    if wanted:
        there = asked.operations
        file = labels_file(wanted, there.taxonomy(dataset.dataset_id))
        take_labels(there.import_labels(dataset.dataset_id, file))


def _group(asked: Asked, dataset: Dataset) -> LabelGroup:
    labels = asked.operations.taxonomy(dataset.dataset_id)
    return LabelGroup(label_defs=[shown_label(label) for label in labels])


def _groups(asked: Asked) -> LabelGroups:
    return LabelGroups(label_groups=[_group(asked, find_dataset(asked))])


def _one_group(asked: Asked) -> OneGroup:
    check_group(asked.path["group"])
    return OneGroup(label_group=_group(asked, find_dataset(asked)))


def _change_group(asked: Asked) -> OneGroup:
    wanted: LabelGroup = asked.body.label_group
    check_group(asked.path["group"])
    check_group(wanted.name)
    dataset = find_dataset(asked)
    _take(asked, dataset, wanted.label_defs)
    return OneGroup(label_group=_group(asked, dataset))


def _delete_group(asked: Asked) -> Ok:
    check_group(asked.path["group"])
    find_dataset(asked)
    raise UnsupportedError(
        f"the label group {GROUP!r} cannot be deleted: it is the only one that a dataset has.",
        next_step="Delete its labels, or the dataset.",
    )


def _label(asked: Asked, dataset: Dataset) -> Label:
    check_group(asked.path["group"])
    name = joined(split_name(asked.path["label"]))
    known = {label.name: label for label in asked.operations.taxonomy(dataset.dataset_id)}
    if name not in known:
        raise UnknownNameError("label", name, known)
    return known[name]


def _one(asked: Asked) -> OneLabel:
    return OneLabel(label_def=shown_label(_label(asked, find_dataset(asked))))


def _change(asked: Asked) -> OneLabel:
    """Make a label, amend it, or give it another name below the same parent."""
    wanted: LabelDef = asked.body.label_def
    check_group(asked.path["group"])
    dataset, there = find_dataset(asked), asked.operations
    old, new = split_name(asked.path["label"]), split_name(wanted.name)
    labels = {label.name: label for label in there.taxonomy(dataset.dataset_id)}
    labels_file([wanted], ())  # refuses, before anything is changed
    if old != new and joined(old) in labels:
        if old[:-1] != new[:-1]:
            raise InputError(
                f"label {joined(old)!r} cannot move to {joined(new)!r} by another name.",
                next_step="Rename its last level only; moving has an operation of its own, 'move_label'.",
            )
        there.rename_label(dataset.dataset_id, labels[joined(old)].label_id, new[-1])
    elif old != new and joined(new) not in labels:
        raise UnknownNameError("label", joined(old), labels)
    _take(asked, dataset, [wanted])
    known = {label.name: label for label in there.taxonomy(dataset.dataset_id)}
    return OneLabel(label_def=shown_label(known[joined(new)]))


def _delete(asked: Asked) -> Ok:
    """Delete a label and all below it; messages without another label are reviewed no more."""
    dataset = find_dataset(asked)
    asked.operations.delete_label(dataset.dataset_id, _label(asked, dataset).label_id, "unreviewed")
    return Ok()


_LABELS = "/api/_private/datasets/{dataset}/labels/{group}"
_LABEL = f"{_LABELS}/{{label}}"
_GROUPS = "/api/_private/datasets/{dataset}/label-groups"
_GROUP = f"{_GROUPS}/{{group}}"
_OF_GROUP = {"group": "^[^/]{1,64}$"}
_OF_LABEL = {**_OF_GROUP, "label": "^.{1,4608}$"}

ENDPOINTS = (
    Endpoint(
        method="PUT",
        path=_LABELS,
        summary="Make or amend labels; those that are not named stay",
        handle=_put,
        body=NewLabels,
        names=_OF_GROUP,
    ),
    Endpoint(method="GET", path=_LABEL, summary="One label", handle=_one, reply=OneLabel, names=_OF_LABEL),
    Endpoint(
        method="POST",
        path=_LABEL,
        summary="Make, amend or rename a label",
        handle=_change,
        reply=OneLabel,
        body=LabelChange,
        names=_OF_LABEL,
    ),
    Endpoint(
        method="DELETE",
        path=_LABEL,
        summary="Delete a label with all below it",
        handle=_delete,
        names=_OF_LABEL,
    ),
    Endpoint(method="GET", path=_GROUPS, summary="Label groups", handle=_groups, reply=LabelGroups),
    Endpoint(
        method="GET",
        path=_GROUP,
        summary="One label group",
        handle=_one_group,
        reply=OneGroup,
        names=_OF_GROUP,
    ),
    Endpoint(
        method="POST",
        path=_GROUP,
        summary="Make or amend labels of a group",
        handle=_change_group,
        reply=OneGroup,
        body=GroupChange,
        names=_OF_GROUP,
    ),
    Endpoint(
        method="DELETE",
        path=_GROUP,
        summary="Refused: a dataset has one label group",
        handle=_delete_group,
        names=_OF_GROUP,
    ),
)
