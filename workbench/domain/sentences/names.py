"""What a sentence can name: labels, sources and properties of a dataset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from workbench.domain.catalog import Source
from workbench.domain.ids import LabelId, SourceId
from workbench.domain.labels import Label


@dataclass(frozen=True, kw_only=True)
class KnownNames:
    """What a dataset has, so that a sentence can name it.

    Attributes
    ----------
    labels
        Label ids by name, ``Claims > Motor`` and, where only one label ends so, ``Motor``.
    sources
        Source ids by ``project/name`` and by name.
    properties
        Full names, ``string:Team`` with the values that occur, ``number:NPS`` with none.
    """

    labels: Mapping[str, LabelId] = field(default_factory=dict)
    sources: Mapping[str, SourceId] = field(default_factory=dict)
    properties: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def known_names(
    labels: Iterable[Label],
    sources: Iterable[Source],
    properties: Mapping[str, tuple[str, ...]] | None = None,
) -> KnownNames:
    """Names of a dataset's labels and sources; the last part of a name counts where only one ends so."""
    labels, sources = list(labels), list(sources)
    leaves = Counter(label.path[-1].lower() for label in labels)
    short = Counter(source.name.lower() for source in sources)
    return KnownNames(
        labels={
            name: label.label_id
            for label in labels
            for name in (label.name, *([label.path[-1]] if leaves[label.path[-1].lower()] == 1 else ()))
        },
        sources={
            name: source.source_id
            for source in sources
            for name in (source.full_name, *([source.name] if short[source.name.lower()] == 1 else ()))
        },
        properties=properties or {},
    )
