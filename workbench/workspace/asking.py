"""A sentence becomes a filter, read with the names that a dataset has and the caller may see."""

from __future__ import annotations

from workbench.domain import DatasetId, SentenceReading, known_names, understand
from workbench.workspace.context import Caller
from workbench.workspace.sensitive import hidden_from, shown_names


def read_sentence(caller: Caller, dataset_id: DatasetId, sentence: str) -> SentenceReading:
    """Read it by rules. Of properties only those count whose name, and of values those that stand in it."""
    with caller.store.read() as session:
        dataset = session.catalog.find_dataset(dataset_id)
        labels = session.labels.all(dataset.dataset_id, counted=False)
        sources = [session.catalog.source(source_id) for source_id in dataset.source_ids]
        named = session.exports.named_properties(dataset.dataset_id, sentence)
        names = shown_names(session, dataset.dataset_id, list(named), hidden_from(caller, session))
    known = known_names(labels, sources, {name: named[name] for name in names})
    return understand(sentence, known, now=caller.workspace.clock())
