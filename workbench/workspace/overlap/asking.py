"""Asking several people about the same messages."""

from __future__ import annotations

import secrets

import numpy as np

from workbench.domain import (
    MAX_OVERLAP,
    MAX_PEOPLE,
    DatasetId,
    MessageFilter,
    Overlap,
    OverlapId,
    Uid,
)
from workbench.errors import InputError
from workbench.primitives import hex_digest
from workbench.workspace.context import Caller
from workbench.workspace.overlap.people import named
from workbench.workspace.sensitive import check_conditions

_LONGEST_NAME = 64


def assign_overlap(
    caller: Caller,
    dataset_id: DatasetId,
    people: tuple[str, ...],
    n_messages: int = 50,
    n_repeats: int = 5,
    where: MessageFilter | None = None,
    seed: int | None = None,
) -> Overlap:
    """Draw messages and ask people about each."""
    asked = _checked_people(people)
    if not 2 <= n_messages <= MAX_OVERLAP:  # noqa: PLR2004 - one message shows nothing
        raise InputError(
            f"{n_messages} messages cannot be asked about.",
            next_step=f"Ask about 2 to {MAX_OVERLAP:,}.",
            details={"n_messages": n_messages},
        )
    if not 0 <= n_repeats <= n_messages // 2:
        raise InputError(
            f"{n_repeats} of {n_messages} messages cannot come back.",
            next_step=f"Let 0 to {n_messages // 2} come back, half of them at most.",
            details={"n_repeats": n_repeats},
        )
    overlap_id = OverlapId(caller.made_id("overlap"))
    chosen_seed = secrets.randbelow(2**31) if seed is None else seed
    with caller.store.write() as session:
        dataset = session.catalog.find_dataset(dataset_id)
        for one in session.overlaps.all(dataset.dataset_id):
            if one.overlap_id == overlap_id:  # its reply was lost
                return one
        label_ids = [label.label_id for label in session.labels.all(dataset.dataset_id, counted=False)]
        if not label_ids:
            raise InputError(
                f"dataset {dataset.full_name!r} has no label to agree on.", next_step="Create labels first."
            )
        where = MessageFilter(reviewed=False) if where is None else where
        check_conditions(caller, session, dataset.dataset_id, where)
        population = session.messages.passing(dataset.dataset_id, where).column("uid").to_pylist()
        if len(population) < 2:  # noqa: PLR2004 - as above
            raise InputError(
                f"{len(population)} messages pass the filter.",
                next_step="Take a condition away; without one all unreviewed messages pass.",
            )
        random = np.random.default_rng(chosen_seed)
        n = min(n_messages, len(population))
        drawn = [Uid(population[row]) for row in random.choice(len(population), size=n, replace=False)]
        overlap = Overlap(
            overlap_id=overlap_id,
            dataset_id=dataset.dataset_id,
            created_at=caller.workspace.clock(),
            created_by=caller.actor,
            people=asked,
            n_messages=n,
            n_repeats=min(n_repeats, n // 2),
            n_population=len(population),
            seed=chosen_seed,
            n_asked=len(asked) * (n + min(n_repeats, n // 2)),
        )
        tasks = [
            {
                "task_id": hex_digest(overlap_id, person, str(place), n_digits=16),
                "uid": uid,
                "person": person,
                "place": place,
                "repeats": repeats,
            }
            for person in asked
            for place, (uid, repeats) in enumerate(sequence(drawn, overlap.n_repeats, random))
        ]
        session.overlaps.add(overlap, label_ids=label_ids, tasks=tasks)
        caller.audit(
            session, "assign_overlap", dataset.full_name, overlap_id=overlap_id, n_messages=n, people=asked
        )
    caller.tell("overlap", overlap_id, dataset_id=dataset.dataset_id)
    return overlap


def sequence(uids: list[Uid], n_repeats: int, random: np.random.Generator) -> list[tuple[Uid, bool]]:
    """An order of the messages, and some of its first half once more (True) among its second half."""
    order = [uids[row] for row in random.permutation(len(uids))]
    half = (len(order) + 1) // 2
    again = [order[row] for row in random.choice(half, size=n_repeats, replace=False)] if n_repeats else []
    rest = [(uid, False) for uid in order[half:]] + [(uid, True) for uid in again]
    return [(uid, False) for uid in order[:half]] + [rest[row] for row in random.permutation(len(rest))]


def overlaps(caller: Caller, dataset_id: DatasetId) -> tuple[Overlap, ...]:
    """Every overlap, newest first."""
    with caller.store.read() as session:
        dataset = session.catalog.find_dataset(dataset_id)
        return tuple(named(caller, one) for one in session.overlaps.all(dataset.dataset_id))


def delete_overlap(caller: Caller, dataset_id: DatasetId, overlap_id: OverlapId) -> Overlap:
    """Delete an overlap with its answers."""
    with caller.store.write() as session:
        dataset = session.catalog.find_dataset(dataset_id)
        overlap, _ = session.overlaps.get(dataset.dataset_id, overlap_id)
        session.overlaps.drop(overlap_id)
        caller.audit(session, "delete_overlap", dataset.full_name, overlap_id=overlap_id)
    caller.tell("overlap", overlap_id, dataset_id=dataset.dataset_id)
    return overlap


def _checked_people(people: tuple[str, ...]) -> tuple[str, ...]:
    asked = tuple(dict.fromkeys(name.strip() for name in people))
    if not 2 <= len(asked) <= MAX_PEOPLE:  # noqa: PLR2004 - one cannot disagree
        raise InputError(
            f"{len(asked)} different people cannot be asked.",
            next_step=f"Name 2 to {MAX_PEOPLE}.",
            details={"people": list(asked)},
        )
    for name in asked:
        if not name or len(name) > _LONGEST_NAME or not name.isprintable():
            raise InputError(
                f"{name[:80]!r} is no name of a person.",
                next_step=f"Write 1 to {_LONGEST_NAME} printable characters, as whoami says them.",
                details={"people": [name[:80]]},
            )
    return asked
