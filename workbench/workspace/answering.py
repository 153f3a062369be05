"""Which labels the answer of a model version holds: those that reach their threshold, and the parents of these."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from workbench.domain import (
    NO_AUTO_THRESHOLDS,
    SEPARATOR,
    AutoThreshold,
    Dataset,
    DatasetId,
    LabelId,
    LabelsFrom,
    ModelVersion,
    PredictedLabel,
    VersionChoice,
    WantedLabel,
)
from workbench.errors import InputError, NotTrainedError, UnknownNameError
from workbench.store import Session, Store

AUTO_THRESHOLDS: tuple[AutoThreshold, ...] = get_args(AutoThreshold)
_MOST_KEPT = 64
_NEVER = np.float32(np.inf)
_Levels = tuple[tuple[AutoThreshold, np.float32], ...]


def chosen_version(session: Session, dataset: Dataset, choice: VersionChoice) -> ModelVersion:
    """A version by its number or tag, None = the newest.

    Raises
    ------
    UnknownNameError
        There is none of that number, or none has the tag.
    NotTrainedError
        There is none at all.
    """
    versions = session.models.versions(dataset.dataset_id)
    if not versions:
        raise NotTrainedError(
            f"dataset {dataset.full_name!r} has no model version yet.", next_step="Train one first."
        )
    if choice is None:
        return versions[0]
    for one in versions:
        if choice in (one.version, one.tag):
            return one
    if isinstance(choice, str):
        raise UnknownNameError(
            "tag of a model version", choice[:100], (one.tag for one in versions if one.tag)
        )
    return session.models.version(dataset.dataset_id, choice)


class Answering:
    """What one call wants of one version.

    Parameters
    ----------
    threshold, wanted
        As for ``predict_messages``.

    Raises
    ------
    InputError
        A threshold is not in [0, 1].
    UnknownNameError
        A label is wanted that the version does not know.
    """

    def __init__(
        self,
        session: Session,
        dataset_id: DatasetId,
        version: int,
        threshold: LabelsFrom,
        wanted: Sequence[WantedLabel],
    ) -> None:
        self.label_ids = session.models.label_ids(dataset_id, version)
        names = session.taxonomies.names(dataset_id, self.label_ids)
        self._names = [names[label_id] for label_id in self.label_ids]
        self._parents = _parents(self._names)
        self._levels: list[_Levels] | None = None
        if threshold == "auto":
            self._levels = _levels(session, dataset_id, version, self.label_ids)
            every = [levels[0][1] if levels else np.float32(NO_AUTO_THRESHOLDS) for levels in self._levels]
        else:
            every = [_checked(threshold)] * len(self._names)
        self._at = np.array(every, np.float32)
        if wanted:
            self._at = self._only(version, wanted)

    def labels(
        self, probabilities: np.ndarray, sentiments: np.ndarray | None
    ) -> tuple[tuple[PredictedLabel, ...], ...]:
        """The labels of each message, the most probable first.

        Parameters
        ----------
        probabilities, sentiments
            float32 (n, n_labels), columns in the version's order; sentiments None = it says none.
        """
        reached = probabilities >= self._at
        for place in sorted(self._parents, key=lambda one: -self._names[one].count(SEPARATOR)):
            reached[:, self._parents[place]] |= reached[:, place]
        return tuple(
            tuple(
                sorted(
                    (
                        self._label(int(place), said[place], None if felt is None else felt[place])
                        for place in np.flatnonzero(chosen)
                    ),
                    key=lambda one: (-one.probability, one.name),
                )
            )
            for chosen, said, felt in zip(
                reached,
                probabilities,
                [None] * len(probabilities) if sentiments is None else sentiments,
                strict=True,
            )
        )

    def _label(self, place: int, probability: np.float32, sentiment: np.float32 | None) -> PredictedLabel:
        return PredictedLabel(
            label_id=self.label_ids[place],
            name=self._names[place],
            probability=float(probability),
            sentiment=None if sentiment is None else float(sentiment),
            auto_thresholds=None
            if self._levels is None
            else tuple(name for name, least in self._levels[place] if probability >= least),
        )

    def _only(self, version: int, wanted: Sequence[WantedLabel]) -> np.ndarray:
        """Thresholds of what is wanted, out of reach for the rest; of two for one label the lower counts."""
        at = np.full(len(self._names), _NEVER)
        place_of = {name: place for place, name in enumerate(self._names)}
        for one in wanted:
            if one.name not in place_of:
                raise UnknownNameError(f"label of version {version}", one.name[:100], self._names)
            place = place_of[one.name]
            own = self._at[place] if one.threshold is None else _checked(one.threshold)
            at[place] = min(at[place], own)
        return at


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """What one call asks, looked up."""

    dataset: Dataset
    version: ModelVersion
    answering: Answering


class Lookups:
    """What was looked up last, kept as long as nothing but the ledger changes: programs ask the same all the time."""

    def __init__(self) -> None:
        self._facts: int | None = None
        self._kept: dict[object, Lookup] = {}
        self._lock = threading.Lock()

    def get(
        self,
        session: Session,
        dataset_id: DatasetId,
        version: VersionChoice,
        threshold: LabelsFrom,
        wanted: tuple[WantedLabel, ...],
    ) -> Lookup:
        """The dataset, the version and the thresholds; raises as ``chosen_version`` and ``Answering`` do."""
        key = (dataset_id, version, threshold, wanted)
        known = self._known(session.facts, key)
        if known is not None:
            return known
        dataset = session.catalog.find_dataset(dataset_id)
        chosen = chosen_version(session, dataset, version)
        answering = Answering(session, dataset.dataset_id, chosen.version, threshold, wanted)
        found = Lookup(dataset=dataset, version=chosen, answering=answering)
        with self._lock:
            if session.facts is not None:
                if session.facts != self._facts or len(self._kept) >= _MOST_KEPT:
                    self._kept, self._facts = {}, session.facts
                self._kept[key] = found
        return found

    def of(
        self,
        store: Store,
        dataset_id: DatasetId,
        version: VersionChoice,
        threshold: LabelsFrom,
        wanted: tuple[WantedLabel, ...],
    ) -> Lookup:
        """As ``get``, of the newest state; the file is looked at only when something was changed."""
        known = self._known(store.facts, (dataset_id, version, threshold, wanted))
        if known is not None:
            return known
        with store.read() as session:
            return self.get(session, dataset_id, version, threshold, wanted)

    def _known(self, facts: int | None, key: object) -> Lookup | None:
        with self._lock:
            return self._kept.get(key) if facts is not None and facts == self._facts else None


def _checked(threshold: float) -> np.float32:
    # In the precision of what is stored: 0.7 as it is typed is not above 0.7 as it was predicted.
    if not 0 <= threshold <= 1:
        raise InputError(
            f"labels cannot come from the probability {threshold} on.",
            next_step="Use a threshold from 0 to 1.",
            details={"threshold": str(threshold)},
        )
    return np.float32(threshold)


def _parents(names: Sequence[str]) -> dict[int, int]:
    """Place of a label to that of its parent, where the version knows both."""
    place_of = {name: place for place, name in enumerate(names)}
    above = {place: name.rpartition(SEPARATOR)[0] for place, name in enumerate(names)}
    return {place: place_of[name] for place, name in above.items() if name in place_of}


def _levels(
    session: Session, dataset_id: DatasetId, version: int, label_ids: Sequence[LabelId]
) -> list[_Levels]:
    """Automatic thresholds of each label, the lowest first; none where it was not validated."""
    report = session.models.validation(dataset_id, version)
    chosen = {
        one.label_id: {choice.name: np.float32(choice.threshold) for choice in one.choices}
        for one in (report.labels if report else ())
    }
    return [
        tuple(
            sorted(((name, found[name]) for name in AUTO_THRESHOLDS if name in found), key=lambda one: one[1])
        )
        for found in (chosen.get(label_id, {}) for label_id in label_ids)
    ]
