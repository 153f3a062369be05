"""What a judgement makes of a message: ancestors, disjointness, and the merge of stale judgements.

Pure: no database. Every set is of label ids.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workbench.domain import LabelId, LabelPath


@dataclass(frozen=True, kw_only=True)
class LabelSets:
    """Assigned and dismissed labels of a message; ``sentiments`` are marks of assigned ones (``sentiment_mark``)."""

    assigned: frozenset[LabelId] = frozenset()
    dismissed: frozenset[LabelId] = frozenset()
    sentiments: frozenset[tuple[LabelId, int]] = frozenset()


class Taxonomy:
    """Which labels lie above and below which."""

    def __init__(self, paths: dict[LabelId, LabelPath]) -> None:
        self.paths = paths
        by_path = {path: label_id for label_id, path in paths.items()}
        self._above = {
            label_id: frozenset(
                by_path[path[:depth]] for depth in range(1, len(path)) if path[:depth] in by_path
            )
            for label_id, path in paths.items()
        }

    def closed(self, labels: Iterable[LabelId]) -> frozenset[LabelId]:
        """``labels`` and all their ancestors."""
        chosen = frozenset(labels)
        return chosen.union(*(self._above.get(label_id, frozenset()) for label_id in chosen))

    def under(self, labels: frozenset[LabelId], among: frozenset[LabelId]) -> frozenset[LabelId]:
        """Those of ``among`` that lie below one of ``labels``."""
        return frozenset(one for one in among if self._above.get(one, frozenset()) & labels)

    def in_order(self, labels: Iterable[LabelId]) -> tuple[LabelId, ...]:
        """``labels`` in path order; labels that are gone come last."""
        return tuple(sorted(labels, key=lambda one: (one not in self.paths, self.paths.get(one, ()), one)))


def judged(taxonomy: Taxonomy, assigned: Iterable[LabelId], dismissed: Iterable[LabelId]) -> LabelSets:
    """The state a judgement asks for: ancestors apply too, and what applies is not dismissed."""
    chosen = taxonomy.closed(assigned)
    return LabelSets(assigned=chosen, dismissed=frozenset(dismissed) - chosen)


def merged(taxonomy: Taxonomy, *, seen: LabelSets, current: LabelSets, asked: LabelSets) -> LabelSets:
    """Merge a judgement made on ``seen`` into ``current``.

    What the judge changed relative to what they saw wins; every other label keeps its current state. A
    label that the judge took away or dismissed takes what lies below it along, unless the judge added it.
    """
    added = asked.assigned - seen.assigned
    refused = (seen.assigned - asked.assigned) | (asked.dismissed - seen.dismissed)
    gone = (refused | taxonomy.under(refused, current.assigned)) - added
    assigned = taxonomy.closed((current.assigned - gone) | added)
    dismissed = (current.dismissed - (seen.dismissed - asked.dismissed)) | (asked.dismissed - seen.dismissed)
    return LabelSets(assigned=assigned, dismissed=dismissed - assigned)
