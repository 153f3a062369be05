"""Model versions in addresses and answers."""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from workbench.api.endpoint import Asked
from workbench.api.shapes.times import Moment
from workbench.domain import Dataset, ModelVersion, VersionChoice
from workbench.errors import NotTrainedError, UnknownNameError

VERSION = {"version": "^(0|[1-9][0-9]{0,8}|live|staging|latest)$"}
"""A number, a tag, or the newest."""

_NUMBER = re.compile("[0-9]{1,9}")


class ModelOf(msgspec.Struct, kw_only=True):
    """The model that answered."""

    version: int
    time: Moment


def model_of(version: int, created_at: datetime) -> ModelOf:
    """The model that answered."""
    return ModelOf(version=version, time=created_at)


def version_choice(asked: Asked) -> VersionChoice:
    """The version that an address names, the newest where it names none; ``UnknownNameError`` for another word."""
    word = asked.path.get("version", "latest")
    if word == "latest":
        return None
    if word == "live":
        return "live"
    if word == "staging":
        return "staging"
    if _NUMBER.fullmatch(word):
        return int(word)
    raise UnknownNameError("model version", word[:100], ("live", "staging", "latest"))


def find_version(asked: Asked, dataset: Dataset) -> ModelVersion:
    """The version that an address names.

    Raises
    ------
    UnknownNameError
        There is none of that name.
    NotTrainedError
        There is none at all.
    """
    choice = version_choice(asked)
    known = asked.operations.model_versions(dataset.dataset_id)
    if not known:
        raise NotTrainedError(
            f"dataset {dataset.full_name!r} has no model version yet.", next_step="Train one first."
        )
    for one in known:
        if choice is None or choice in (one.version, one.tag):
            return one
    raise UnknownNameError("model version", str(choice), (str(one.version) for one in known))
