"""Reading the taxonomy of a dataset, and making labels."""

from __future__ import annotations

from workbench.domain import (
    LIMITS,
    DatasetId,
    Label,
    LabelId,
    Tree,
    ancestors,
    parse_path,
)
from workbench.primitives import new_id
from workbench.store import Session
from workbench.workspace.context import Caller
from workbench.workspace.quota_checks import check_quota


def labels(caller: Caller, dataset_id: DatasetId) -> tuple[Label, ...]:
    """All labels with counts, in the order of the tree."""
    with caller.store.read() as session:
        return tuple(session.labels.all(dataset_id))


def create_label(
    caller: Caller, dataset_id: DatasetId, name: str, instructions: str = "", external_id: str | None = None
) -> Label:
    """Create a label and the ancestors it lacks; the one that exists is returned as it is."""
    path = parse_path(name)
    where = f"label {name!r}"
    LIMITS["description_characters"].check(len(instructions), where)
    LIMITS["external_id_characters"].check(len(external_id or ""), where)
    with caller.store.write() as session:
        dataset = session.catalog.find_dataset(dataset_id)
        known = {label.path: label for label in session.labels.all(dataset_id)}
        if path in known:
            return known[path]
        missing = [step for step in (*ancestors(path), path) if step not in known]
        where = f"dataset {dataset.full_name!r}"
        check_quota(caller, session, "labels_per_dataset", len(known) + len(missing), where)
        tree = Tree.of(known.values())
        for step in missing:
            last = step == path
            # Below what was made a moment ago there are no others to stand behind.
            above = known.get(step[:-1])
            is_first = len(step) > 1 and above is None
            made = Label(
                label_id=LabelId(new_id()),
                dataset_id=dataset_id,
                path=step,
                instructions=instructions if last else "",
                external_id=external_id if last else None,
                position=0 if is_first else tree.next_position(above.label_id if above else None),
            )
            _add(caller, session, made)
    caller.tell("taxonomy", made.label_id, dataset_id=dataset_id, name=made.name)
    return made


def _add(caller: Caller, session: Session, label: Label) -> None:
    session.labels.add(label)
    caller.audit(session, "create_label", label.name, dataset_id=label.dataset_id, label_id=label.label_id)
