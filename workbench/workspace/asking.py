"""A sentence becomes a filter, read with the names that a dataset has and the caller may see."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from workbench.domain import DatasetId, ModelReader, SentenceReading, known_names, understand
from workbench.workspace.context import Caller
from workbench.workspace.measuring import measure_tokens
from workbench.workspace.sensitive import hidden_from, shown_names

_WITHHELD = "the language model was not asked, for the sentence names a sensitive property."


def read_sentence(caller: Caller, dataset_id: DatasetId, sentence: str) -> SentenceReading:
    """Read it by rules, and ask the language model about the rest where one is configured.

    Of properties only those count whose name, and of values those that stand in it: a model learns no others, and
    nothing at all of a sentence that names a sensitive one.
    """
    with caller.store.read() as session:
        dataset = session.catalog.find_dataset(dataset_id)
        labels = session.labels.all(dataset.dataset_id, counted=False)
        sources = [session.catalog.source(source_id) for source_id in dataset.source_ids]
        named = session.exports.named_properties(dataset.dataset_id, sentence)
        names = shown_names(session, dataset.dataset_id, list(named), hidden_from(caller, session))
    known = known_names(labels, sources, {name: named[name] for name in names})
    model, now = caller.workspace.language_model, caller.workspace.clock()
    sensitive = {name for source in sources for name in source.sensitive_properties}.intersection(named)
    if not model.is_on or sensitive:
        read = understand(sentence, known, now=now)
        return replace(read, problem=_WITHHELD) if model.is_on and read.left else read
    ask = partial(model.complete, now=now, on_tokens=partial(measure_tokens, caller, dataset))
    return understand(sentence, known, now=now, reader=ModelReader(ask))
