"""What the people of an overlap are called before whom."""

from __future__ import annotations

from dataclasses import replace

from workbench.domain import Overlap
from workbench.primitives import hex_digest
from workbench.workspace.context import Caller


def named(caller: Caller, overlap: Overlap) -> Overlap:
    """The overlap with the names that the caller may see."""
    seen = names(caller, overlap)
    return replace(
        overlap,
        people=tuple(seen[person] for person in overlap.people),
        created_by=seen.get(overlap.created_by, overlap.created_by),
    )


def names(caller: Caller, overlap: Overlap) -> dict[str, str]:
    """What each person is called: by name before those who may assign one and before oneself, else by a number.

    The number follows from the overlap, not from the alphabet, which would give some away.
    """
    if _may_assign(caller, overlap):
        return {person: person for person in overlap.people}
    drawn = sorted(overlap.people, key=lambda person: hex_digest(overlap.overlap_id, person))
    return {
        person: person if person == caller.actor else f"Person {number}"
        for number, person in enumerate(drawn, 1)
    }


def _may_assign(caller: Caller, overlap: Overlap) -> bool:
    if caller.may("dataset.write"):
        return True
    with caller.store.read() as session:
        return caller.may_in(session, "dataset.write", overlap.dataset_id)
