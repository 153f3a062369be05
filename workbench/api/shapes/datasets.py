"""Datasets and their taxonomies as the clients of this field write and read them."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from workbench.api.shapes.annotated import GROUP
from workbench.api.shapes.labels import LabelName, joined, split_name
from workbench.api.shapes.times import Moment
from workbench.domain import MULTILINGUAL, Dataset
from workbench.domain import Label as DomainLabel
from workbench.errors import InputError, UnsupportedError
from workbench.primitives import neutral_cell

Title = Annotated[str, Meta(max_length=128)]
LongText = Annotated[str, Meta(max_length=16_384)]
MODEL_FAMILIES = {
    "english": "en",
    "english-dev": "en",
    "german": "de",
    "german-dev": "de",
    "random": "",
    "transformer-english": "en",
    "transformer-xlm": MULTILINGUAL,
}
"""Families that clients name, and the language of a dataset that each means; empty = that of its sources."""
FLAGS = ("gpt4", "external_moon_llm", "qos", "zero_shot_labels", "ixp")
_ALWAYS = "zero_shot_labels"
"""The flag whose promise every dataset here keeps."""


class LabelDef(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A label of a taxonomy; what is left out stays as it is, or empty."""

    name: LabelName
    title: Title | UnsetType | None = UNSET
    instructions: LongText | UnsetType | None = UNSET
    external_id: Annotated[str, Meta(max_length=128)] | UnsetType | None = UNSET
    trainable: bool | UnsetType | None = UNSET
    pretrained: Any = None
    moon_form: list[Any] | None = None


LabelDefs = Annotated[list[LabelDef], Meta(max_length=1_024)]


class LabelGroup(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A group of labels; a dataset has one, ``default``."""

    name: Annotated[str, Meta(min_length=1, max_length=64)] = GROUP
    label_defs: LabelDefs


class ModelConfig(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The kind of models that a dataset has."""

    kind: Literal["cm"] = "cm"


class DatasetTexts(
    msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename={"model_config": "_model_config"}
):
    """What may change of a dataset; what is left out, or null, stays as it is."""

    title: Title | None = None
    description: LongText | None = None
    entity_defs: list[Any] | None = None
    general_fields: list[Any] | None = None
    source_ids: Annotated[list[str], Meta(max_length=1_024)] | None = None
    model_config: ModelConfig | None = None


class DatasetNew(
    DatasetTexts,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={
        "model_config": "_model_config",
        "dataset_flags": "_dataset_flags",
        "label_properties": "_label_properties",
        "timezone": "_timezone",
        "preferred_locales": "_preferred_locales",
    },
):
    """A dataset to create; ``[]`` = of no source yet."""

    source_ids: Annotated[list[str], Meta(max_length=1_024)]
    has_sentiment: bool = False
    label_defs: LabelDefs | None = None
    label_groups: list[LabelGroup] | None = None
    model_family: str | None = None
    copy_annotations_from: str | None = None
    dataset_flags: list[str] | None = None
    entity_kinds: list[Any] | None = None
    label_properties: list[Any] | None = None
    timezone: str | None = None
    preferred_locales: list[Any] | None = None


class ShownDataset(
    msgspec.Struct,
    kw_only=True,
    rename={"dataset_flags": "_dataset_flags", "model_config": "_model_config"},
):
    """A dataset as it is read."""

    id: str
    name: str
    owner: str
    title: str
    description: str
    created: Moment
    last_modified: Moment
    model_family: str
    source_ids: list[str]
    has_sentiment: bool
    entity_defs: list[Any]
    general_fields: list[Any]
    label_defs: list[LabelDef]
    label_groups: list[LabelGroup]
    dataset_flags: list[str]
    model_config: ModelConfig


# ---- what comes in


def language_of(family: str | None) -> str:
    """The language that a model family means, empty = that of the sources.

    Raises
    ------
    InputError
        There is no such family.
    """
    if family is None:
        return ""
    if family not in MODEL_FAMILIES:
        raise InputError(
            f"{family[:100]!r} is not one of {list(MODEL_FAMILIES)}.",
            next_step="Leave 'model_family' out for the language of the sources.",
            details={"known": list(MODEL_FAMILIES)},
        )
    return MODEL_FAMILIES[family]


def refuse_unkept(given: DatasetTexts) -> None:
    """Refuse what a dataset cannot keep here.

    Raises
    ------
    UnsupportedError
        The text names the key.
    """
    keys = ("entity_defs", "general_fields", "entity_kinds", "label_properties", "preferred_locales")
    for key in keys:
        if getattr(given, key, None):
            raise unkept(key)
    if getattr(given, "timezone", None) not in (None, "UTC"):
        raise unkept("_timezone")
    for flag in getattr(given, "dataset_flags", None) or ():
        if flag not in FLAGS:
            raise InputError(
                f"{flag[:100]!r} is not one of {list(FLAGS)}.", next_step="Leave it out of '_dataset_flags'."
            )
        if flag != _ALWAYS:
            raise unkept(f"_dataset_flags: {flag}")


def unkept(key: str) -> UnsupportedError:
    """The refusal of something that cannot be kept here yet."""
    return UnsupportedError(
        f"{key!r} cannot be kept here: there are no fields, language models or time zones of datasets.",
        next_step="Leave it out, or empty.",
        details={"key": key},
    )


def check_group(name: str) -> None:
    """Refuse another group than the one that there is."""
    if name != GROUP:
        raise UnsupportedError(
            f"there is no label group {name[:100]!r}: a dataset has one, {GROUP!r}.",
            next_step=f"Put all labels into {GROUP!r}.",
            details={"group": name[:100]},
        )


def wanted_labels(given: DatasetNew) -> list[LabelDef]:
    """The labels that a new dataset is to have; those of groups count where both are given."""
    if not given.label_groups:
        return given.label_defs or []
    for group in given.label_groups:
        check_group(group.name)
    return [one for group in given.label_groups for one in group.label_defs]


def labels_file(wanted: Sequence[LabelDef], there: Collection[DomainLabel]) -> str:
    """Labels as the CSV file that ``import_labels`` reads: those that are there as they stand, then new ones.

    What is left out of one is as it is there.

    Raises
    ------
    UnsupportedError
        A label has what cannot be kept here.
    """
    known = {label.name: label for label in there}
    said = {joined(split_name(one.name)): one for one in wanted}
    if len(said) < len(wanted):
        raise InputError("a label is named twice.", next_step="Name each label once.")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("label", "description", "external_id", "title"))
    for name in dict.fromkeys((*known, *said)):
        one = said.get(name, LabelDef(name=name))
        for key, is_said in (
            ("moon_form", one.moon_form),
            ("pretrained", one.pretrained),
            ("trainable: false", one.trainable is False),
        ):
            if is_said:
                raise unkept(key)
        label = known.get(name)
        cells = (
            name,
            _said(one.instructions, label.instructions if label else ""),
            _said(one.external_id, (label.external_id if label else "") or ""),
            _said(one.title, label.title if label else ""),
        )
        writer.writerow([neutral_cell(cell) for cell in cells])
    return out.getvalue()


def _said(given: str | UnsetType | None, known: str) -> str:
    return known if given is UNSET or given is None else given


# ---- what goes out


def shown_label(label: DomainLabel) -> LabelDef:
    """A label as clients read it: texts are left out where there are none."""
    return LabelDef(
        name=label.name,
        title=label.title or UNSET,
        instructions=label.instructions or UNSET,
        external_id=label.external_id or UNSET,
    )


def shown_dataset(dataset: Dataset, labels: Collection[DomainLabel]) -> ShownDataset:
    """A dataset as clients read it."""
    defs = [shown_label(label) for label in labels]
    return ShownDataset(
        id=dataset.dataset_id,
        name=dataset.name,
        owner=dataset.project,
        title=dataset.title,
        description=dataset.description,
        created=dataset.created_at,
        last_modified=dataset.updated_at or dataset.created_at,
        model_family=_FAMILY_OF.get(dataset.language, "transformer-xlm"),
        source_ids=list(dataset.source_ids),
        has_sentiment=dataset.has_sentiment,
        entity_defs=[],
        general_fields=[],
        label_defs=defs,
        label_groups=[LabelGroup(label_defs=defs)],
        dataset_flags=[_ALWAYS],
        model_config=ModelConfig(),
    )


_FAMILY_OF: Mapping[str, str] = {"en": "english", "de": "german"}
