"""What there is to filter by."""

from __future__ import annotations

from dataclasses import replace

from workbench.domain import VALUE_KINDS, DatasetId, FilterValues, MessageFilter, PropertyFilter
from workbench.domain.filter_values import MOST_LISTED, PEOPLE
from workbench.errors import InputError, UnknownNameError
from workbench.workspace.context import Caller
from workbench.workspace.sensitive import check_conditions, hidden_from, shown_names


def filter_values(
    caller: Caller, dataset_id: DatasetId, of: str, part: str = "", n_most: int = 50
) -> FilterValues:
    """Which values the messages of a dataset have."""
    if not 1 <= n_most <= MOST_LISTED:
        raise InputError(
            f"{n_most:,} values cannot be listed at once.",
            next_step=f"Ask for 1-{MOST_LISTED:,}; 'part' narrows them.",
            details={"n_most": n_most, "most": MOST_LISTED},
        )
    kind, _, name = of.partition(":")
    if of not in VALUE_KINDS and not (kind in ("string", "number") and name):
        raise UnknownNameError(
            "kind of value", of[:200], [*VALUE_KINDS, "string:<property>", "number:<property>"]
        )
    with caller.store.read() as session:
        session.catalog.find_dataset(dataset_id)
        if of.partition("-")[0] in PEOPLE:
            return session.values.people(dataset_id, of, part, n_most)
        if of == "attachment":
            return session.values.content_types(dataset_id, part, n_most)
        if of == "property":
            # All names, as those that are hidden must not count either.
            found = session.values.property_names(dataset_id, part, MOST_LISTED)
            names = {one.value for one in found.values}
            shown = set(shown_names(session, dataset_id, sorted(names), hidden_from(caller, session)))
            kept = tuple(one for one in found.values if one.value in shown)
            n_values = found.n_values - len(names - shown)
            return replace(found, values=kept[:n_most], n_values=n_values)
        check_conditions(caller, session, dataset_id, MessageFilter(properties=(PropertyFilter(name=of),)))
        if kind == "number":
            return session.values.numbers(dataset_id, of)
        return session.values.texts(dataset_id, of, part, n_most)
