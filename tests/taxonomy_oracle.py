"""What a taxonomy and the annotations under it come to, said again in plain Python, without a store."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Stands:
    """What stands on a message."""

    assigned: set[str] = field(default_factory=set)
    dismissed: set[str] = field(default_factory=set)
    reviewed: bool = True


class RefusedError(Exception):
    """The taxonomy cannot be changed so."""


@dataclass(kw_only=True)
class Oracle:
    """Labels by id as ``(parent, name)``, messages by name, and what each step found.

    A change that is refused leaves everything as it was.
    """

    labels: dict[str, tuple[str | None, str]]
    messages: dict[str, Stands]
    steps: list[Oracle] = field(default_factory=list)
    judged: set[str] = field(default_factory=set)
    """Messages that people judged since the newest step."""

    # ---- reading

    def path(self, one: str) -> tuple[str, ...]:
        parent, name = self.labels[one]
        return (*(self.path(parent) if parent else ()), name)

    def above(self, one: str) -> set[str]:
        parent = self.labels[one][0]
        return {parent, *self.above(parent)} if parent else set()

    def below(self, one: str) -> set[str]:
        kids = [kid for kid, (parent, _) in self.labels.items() if parent == one]
        return {one}.union(*map(self.below, kids))

    def said(self, message: str) -> set[str]:
        """Labels that people gave, without the parents that follow from them."""
        assigned = self.messages[message].assigned
        return assigned - {up for one in assigned for up in self.above(one)}

    # ---- what people do

    def judge(self, message: str, assigned: Iterable[str], dismissed: Iterable[str]) -> None:
        self.messages[message] = self._closed(set(assigned), set(dismissed))
        self.judged.add(message)

    def rename(self, one: str, name: str) -> bool:
        return self._step({one: (self.labels[one][0], name)})

    def move(self, one: str, parent: str | None) -> bool:
        if parent and parent in self.below(one):
            raise RefusedError
        return self._step({one: (parent, self.labels[one][1])})

    def merge(self, ones: list[str], into: str) -> bool:
        if into in ones:
            raise RefusedError
        became: dict[str, str] = {}
        after = Oracle(labels=dict(self.labels), messages={})
        for one in ones:
            if one not in after.labels:
                continue  # it went with the one merged before it
            if into in after.below(one):
                raise RefusedError
            after._fuse(one, into, became)
        return self._step(after.labels, became=became)

    def delete(self, one: str, *, emptied: str) -> bool:
        gone = self.below(one)
        return self._step(
            {key: value for key, value in self.labels.items() if key not in gone},
            falls_to=dict.fromkeys(gone, self.labels[one][0]),
            emptied=emptied,
        )

    def undo(self) -> None:
        if not self.steps:
            raise RefusedError
        was = self.steps.pop()
        for message in self.judged:  # what people said since stays, under the parents that hold again
            labels = was._closed(self.said(message), self.messages[message].dismissed)
            was.messages[message] = Stands(
                assigned=labels.assigned,
                dismissed=labels.dismissed,
                reviewed=self.messages[message].reviewed,
            )
        was.judged |= self.judged
        self.labels, self.messages, self.judged = was.labels, was.messages, was.judged

    # ---- inside

    def _closed(self, assigned: set[str], dismissed: set[str]) -> Stands:
        assigned = assigned.union(*map(self.above, assigned))
        return Stands(assigned=assigned, dismissed=dismissed - assigned)

    def _fuse(self, one: str, into: str, became: dict[str, str]) -> None:
        for kid in [key for key, (parent, _) in self.labels.items() if parent == one]:
            name = self.labels[kid][1]
            twins = [key for key, value in self.labels.items() if value == (into, name) and key != one]
            if twins:
                self._fuse(kid, twins[0], became)
            else:
                self.labels[kid] = (into, name)
        del self.labels[one]
        became[one] = into

    def _step(
        self,
        changed: dict[str, tuple[str | None, str]],
        *,
        became: dict[str, str] | None = None,
        falls_to: dict[str, str | None] | None = None,
        emptied: str = "reviewed",
    ) -> bool:
        """Make a change; whether there was anything to change."""
        keeps = became is None and falls_to is None
        after = Oracle(labels={**self.labels, **changed} if keeps else changed, messages={})
        if len({after.labels[one] for one in after.labels}) < len(after.labels):
            raise RefusedError
        if after.labels == self.labels:
            return False

        def goes_to(one: str) -> str | None:
            while became and one in became:
                one = became[one]
            return falls_to[one] if falls_to and one in falls_to else one

        before = Oracle(
            labels=self.labels, messages=deepcopy(self.messages), steps=[], judged=set(self.judged)
        )
        for message, stands in self.messages.items():
            assigned = {new for one in self.said(message) if (new := goes_to(one))}
            dismissed = {
                new
                for one in stands.dismissed
                if not falls_to or one not in falls_to
                for new in [goes_to(one)]
                if new
            }
            after.messages[message] = now = after._closed(assigned, dismissed)
            lost_all = stands.reviewed and bool(stands.assigned) and not now.assigned
            now.reviewed = stands.reviewed and not (lost_all and emptied == "unreviewed")
        self.steps.append(before)
        self.labels, self.messages, self.judged = after.labels, after.messages, set()
        return True
