"""How well people agree: from the answers of an overlap to measures per label, disagreements, and each one's pace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from workbench.domain import (
    MIN_PACE,
    AgreementReport,
    DatasetId,
    Disagreement,
    LabelAgreement,
    LabelId,
    Measure,
    Overlap,
    OverlapId,
    PersonPace,
    Uid,
    format_path,
)
from workbench.review import Agreement
from workbench.review import agreement as measured
from workbench.store import Answered, Session
from workbench.workspace.context import Caller
from workbench.workspace.overlap.answering import closed
from workbench.workspace.overlap.people import named, names

Said = dict[Uid, dict[str, frozenset[LabelId]]]


def agreement(
    caller: Caller, dataset_id: DatasetId, overlap_id: OverlapId | None = None, seed: int = 0
) -> AgreementReport | None:
    """Agreement per label, from one overlap."""
    with caller.store.read() as session:
        dataset = session.catalog.find_dataset(dataset_id)
        if overlap_id is None:
            newest = session.overlaps.all(dataset.dataset_id)
            if not newest:
                return None
            overlap_id = newest[0].overlap_id
        overlap, known = session.overlaps.get(dataset.dataset_id, overlap_id)
        answers = session.overlaps.answers(overlap_id)
        labels = session.labels.all(dataset.dataset_id, counted=False)
        paths = {label.label_id: label.path for label in labels}
        columns = [label.label_id for label in labels if label.label_id in set(known)]
        first, again = _said(answers, paths)
        several = {uid: said for uid, said in first.items() if len(said) > 1}
        return AgreementReport(
            overlap=named(caller, overlap),
            overall=_overall(several, columns, answers, seed),
            labels=_labels(several, columns, answers, paths, seed),
            later_labels=tuple(label.name for label in labels if label.label_id not in set(known)),
            disagreements=_disagreements(session, dataset.dataset_id, several, columns),
            people=_people(
                caller, overlap, answers, first, again, session.overlaps.paces(dataset.dataset_id)
            ),
        )


def _said(answers: Sequence[Answered], paths: Mapping[LabelId, tuple[str, ...]]) -> tuple[Said, Said]:
    """What people said the first time, and what they said again, by message and person."""
    first: Said = {}
    again: Said = {}
    for one in answers:
        if one.assigned is not None:
            labels = closed(one.assigned, dict(paths))
            (again if one.repeats else first).setdefault(one.uid, {})[one.person] = labels
    return first, again


def _counts(several: Said, columns: Sequence[LabelId]) -> tuple[np.ndarray, np.ndarray]:
    """int, (n_messages, n_labels): people who assign it; (n_messages,): people who judged."""
    place = {label_id: column for column, label_id in enumerate(columns)}
    yes = np.zeros((len(several), len(columns)), dtype=np.int64)
    for row, said in enumerate(several.values()):
        for labels in said.values():
            for label_id in labels & place.keys():
                yes[row, place[label_id]] += 1
    return yes, np.array([len(said) for said in several.values()], dtype=np.int64)


def _groups(several: Said, answers: Sequence[Answered]) -> np.ndarray:
    """A number per message, the same for thread-mates."""
    thread = {one.uid: one.thread_id or one.uid for one in answers}
    number: dict[str, int] = {}
    return np.array([number.setdefault(thread[uid], len(number)) for uid in several], dtype=np.int64)


def _labels(
    several: Said,
    columns: Sequence[LabelId],
    answers: Sequence[Answered],
    paths: Mapping[LabelId, tuple[str, ...]],
    seed: int,
) -> tuple[LabelAgreement, ...]:
    if not columns:
        return ()
    yes, n_people = _counts(several, columns)
    found = measured(yes, n_people, groups=_groups(several, answers), random_state=seed)
    return tuple(
        _agreement(one, label_id, format_path(paths[label_id]), int(yes[:, column].sum()))
        for column, (label_id, one) in enumerate(zip(columns, found, strict=True))
    )


def _overall(
    several: Said, columns: Sequence[LabelId], answers: Sequence[Answered], seed: int
) -> LabelAgreement:
    """All labels as one: every pair of message and label is a unit."""
    yes, n_people = _counts(several, columns)
    groups = _groups(several, answers)
    n = max(len(columns), 1)
    units = yes.reshape(-1, 1) if len(columns) else np.zeros((len(several), 1), dtype=np.int64)
    found = measured(units, np.repeat(n_people, n), groups=np.repeat(groups, n), random_state=seed)[0]
    return replace(_agreement(found, None, "All labels", int(yes.sum())), n_messages=len(several))


def _agreement(found: Agreement, label_id: LabelId | None, name: str, n_yes: int) -> LabelAgreement:
    return LabelAgreement(
        label_id=label_id,
        name=name,
        alpha=Measure(value=found.alpha, low=found.alpha_low, high=found.alpha_high),
        ac1=Measure(value=found.ac1, low=found.ac1_low, high=found.ac1_high),
        observed=found.observed,
        n_messages=found.n_units,
        n_yes=n_yes,
    )


def _disagreements(
    session: Session, dataset_id: DatasetId, several: Said, columns: Sequence[LabelId]
) -> tuple[Disagreement, ...]:
    """Messages on which people differ, those that nobody has settled since first."""
    differing = {uid: said for uid, said in several.items() if len(set(said.values())) > 1}
    uids = tuple(differing)
    reviewed = {
        message.uid
        for begin in range(0, len(uids), 512)
        for message in session.messages.get(dataset_id, uids[begin : begin + 512])
        if message.reviewed
    }
    found = [
        Disagreement(
            uid=uid,
            n_people=len(said),
            votes=tuple(
                (label_id, votes)
                for label_id in columns
                if 0 < (votes := sum(label_id in labels for labels in said.values())) < len(said)
            ),
            resolved=uid in reviewed,
        )
        for uid, said in differing.items()
    ]
    return tuple(sorted(found, key=lambda one: one.resolved))


def _people(
    caller: Caller,
    overlap: Overlap,
    answers: Sequence[Answered],
    first: Said,
    again: Said,
    paces: Mapping[str, tuple[int, float | None]],
) -> tuple[PersonPace, ...]:
    seen = names(caller, overlap)
    asked, given = dict.fromkeys(overlap.people, 0), dict.fromkeys(overlap.people, 0)
    for one in answers:
        asked[one.person] += 1
        given[one.person] += one.given_at is not None
    rows = []
    for person in overlap.people:
        repeats = [
            (said[person], first.get(uid, {}).get(person)) for uid, said in again.items() if person in said
        ]
        n_judgements, seconds = paces.get(person, (0, None))
        rows.append(
            PersonPace(
                person=seen[person],
                n_judgements=n_judgements,
                seconds_per_message=seconds if n_judgements >= MIN_PACE else None,
                n_repeats=len(repeats),
                n_equal=sum(later == earlier for later, earlier in repeats),
                n_given=given[person],
                n_asked=asked[person],
            )
        )
    return tuple(sorted(rows, key=lambda row: row.person))
