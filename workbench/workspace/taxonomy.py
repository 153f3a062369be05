"""The taxonomy of a dataset."""

from __future__ import annotations

from workbench.domain import (
    LIMITS,
    DatasetId,
    Label,
    LabelId,
    LabelPath,
    ancestors,
    format_path,
    parse_path,
)
from workbench.primitives import new_id
from workbench.store import Session
from workbench.workspace.context import Caller


def labels(caller: Caller, dataset_id: DatasetId) -> tuple[Label, ...]:
    """All labels with counts, in path order."""
    with caller.store.read() as session:
        return tuple(session.labels.all(dataset_id))


def create_label(
    caller: Caller, dataset_id: DatasetId, name: str, instructions: str = "", external_id: str | None = None
) -> Label:
    """Create a label and the ancestors it lacks; the one that exists is returned as it is."""
    path = parse_path(name)
    with caller.store.write() as session:
        dataset = session.catalog.find_dataset(dataset_id)
        known = {label.path: label for label in session.labels.all(dataset_id)}
        if path in known:
            return known[path]
        missing = [step for step in (*ancestors(path), path) if step not in known]
        check_room(caller, f"dataset {dataset.full_name!r}", len(known) + len(missing))
        for step in missing:
            last = step == path
            made = Label(
                label_id=LabelId(new_id()),
                dataset_id=dataset_id,
                path=step,
                instructions=instructions if last else "",
                external_id=external_id if last else None,
            )
            _add(caller, session, made)
    caller.tell("taxonomy", made.label_id, dataset_id=dataset_id, name=made.name)
    return made


def _add(caller: Caller, session: Session, label: Label) -> None:
    session.labels.add(label)
    caller.audit(session, "create_label", label.name, dataset_id=label.dataset_id, label_id=label.label_id)


def check_room(caller: Caller, where: str, n_labels: int) -> None:
    """Refuse more labels than a dataset may have."""
    LIMITS["labels_per_dataset"].check(n_labels, where, most=caller.settings.labels_per_dataset)


def parents(label_paths: list[LabelPath]) -> list[int]:
    """For each path the position of its parent in the list, -1 for roots (or when it is not listed)."""
    place = {format_path(path): position for position, path in enumerate(label_paths)}
    return [place.get(format_path(path[:-1]), -1) if len(path) > 1 else -1 for path in label_paths]
