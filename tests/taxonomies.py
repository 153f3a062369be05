"""A small dataset with a taxonomy, and names for its ids."""

from __future__ import annotations

from tests.contract.messages import batch
from workbench.domain import Dataset, Judgement, LabelId, Operations, TaxonomyReport, Uid
from workbench.primitives import hex_digest

NAMES = ("Claims > Motor > Glass", "Claims > Home", "Cars > Motor", "Praise")


def sample_dataset(operations: Operations, name: str = "support") -> Dataset:
    """Six messages and seven labels."""
    known = [one for one in operations.sources() if one.full_name == "demo/mail"]
    source = known[0] if known else operations.create_source("demo", "mail")
    operations.put_messages(source.source_id, batch(6), "mail", 6)
    made = operations.create_dataset("demo", name, (source.source_id,))
    for label in NAMES:
        operations.create_label(made.dataset_id, label)
    return made


class Desk:
    """Names for ids: what stands on messages and what the taxonomy looks like."""

    def __init__(self, operations: Operations, dataset: Dataset) -> None:
        self.operations, self.did = operations, dataset.dataset_id
        self.source = dataset.source_ids[0]
        self.n_said = 0

    @property
    def names(self) -> list[str]:
        return [label.name for label in self.operations.labels(self.did)]

    def id(self, name: str) -> LabelId:
        return {label.name: label.label_id for label in self.operations.labels(self.did)}[name]

    def say(self, message: str, *assigned: str, dismissed: tuple[str, ...] = ()) -> None:
        uid = Uid(f"{self.source}.{message}")
        (seen,) = self.operations.get_messages(self.did, (uid,))
        self.n_said += 1
        judgement = Judgement(
            event_id=hex_digest(self.did, str(self.n_said), n_digits=16),
            uid=uid,
            assigned=tuple(map(self.id, assigned)),
            dismissed=tuple(map(self.id, dismissed)),
            revision=seen.revision,
        )
        self.operations.judge(self.did, (judgement,))

    def stands(self, message: str) -> tuple[list[str], list[str], bool]:
        (seen,) = self.operations.get_messages(self.did, (Uid(f"{self.source}.{message}"),))
        names = {label.label_id: label.name for label in self.operations.labels(self.did)}
        return [names[one] for one in seen.assigned], [names[one] for one in seen.dismissed], seen.reviewed


def counted(report: TaxonomyReport) -> tuple[int, int, int, int]:
    """Messages that change; on which an assigned, a dismissed label does; that lose their last label."""
    return report.n_messages, report.n_assigned, report.n_dismissed, report.n_emptied
