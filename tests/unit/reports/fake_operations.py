"""Operations that answer from memory: a shop's mail with hostile, right-to-left and endless texts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import cast

import pyarrow as pa

from tests.unit.charts import make_results as make
from workbench.domain import (
    BalanceReport,
    ClusterRun,
    Dataset,
    DatasetId,
    DriftReport,
    Label,
    Message,
    MessageFilter,
    MessageId,
    MessagePage,
    ModelVersion,
    Operations,
    SourceId,
    Uid,
    UsageReport,
    ValidationReport,
)

NOW = make.NOW
QUOTES = (
    "My parcel has not arrived, call me at +44 20 7946 0958 or write to jane.doe@example.com",
    '=HYPERLINK("http://evil.example","click") refund please, order 4711081599, still waiting since May',
    '<img src=x onerror=alert(1)><script>document.write("x")</script> broken page',
    "لم يصلني الرد على شكواي منذ أسبوعين \u202e gnp.exe",
    "I cannot log in 🎉🔥 since the update 👩‍👩‍👧‍👦",
    "thank you " + "so very " * 80 + "much",
    "Donaudampfschifffahrtsgesellschaft" * 30,
)


def dataset(*, empty: bool = False) -> Dataset:
    return Dataset(
        dataset_id=make.DATASET,
        project="shop",
        name="mail",
        title="Shop mail & <script>alert(1)</script>",
        description="",
        source_ids=(SourceId("s1"), SourceId("s2")),
        encoder="small-en",
        created_at=NOW - timedelta(days=200),
        n_messages=0 if empty else 5210,
        n_reviewed=0 if empty else 2062,
        n_labels=0 if empty else 12,
        model_version=0 if empty else 4,
        rating=None if empty else 72.0,
    )


class FakeOperations:
    """``stage``: ``full``; ``messages`` = imported, nothing else; ``empty`` = not even that."""

    def __init__(self, stage: str = "full") -> None:
        self.stage = stage
        self.full = stage == "full"
        self.totals = make.label_totals("day", 84)

    def labels(self, dataset_id: DatasetId) -> tuple[Label, ...]:
        return make.labels() if self.full else ()

    def cluster_run(self, dataset_id: DatasetId) -> ClusterRun | None:
        return make.cluster_run() if self.full else None

    def validation(self, dataset_id: DatasetId, version: int | None = None) -> ValidationReport | None:
        return make.validation() if self.full else None

    def drift(self, dataset_id: DatasetId) -> DriftReport | None:
        return make.drift() if self.full else None

    def balance(self, dataset_id: DatasetId) -> BalanceReport | None:
        return make.balance() if self.full else None

    def label_totals(self, dataset_id: DatasetId, resolution: str = "week") -> pa.Table:
        return self.totals if self.full else self.totals.slice(0, 0)

    def count_messages(self, dataset_id: DatasetId, where: MessageFilter) -> int:
        if self.stage == "empty":
            return 0
        days = {row["period"]: row["n_messages"] for row in self.totals.to_pylist()}
        return sum(
            n
            for day, n in days.items()
            if (where.since is None or day >= where.since.date())
            and (where.until is None or day < where.until.date())
        )

    def find_messages(
        self,
        dataset_id: DatasetId,
        where: MessageFilter,
        order: str = "recent",
        offset: int = 0,
        limit: int = 20,
        seed: int = 0,
    ) -> MessagePage:
        found = () if self.stage == "empty" else (self._message(Uid("s1.m0")),)
        return MessagePage(messages=found, n_total=len(found), offset=0)

    def get_messages(self, dataset_id: DatasetId, uids: tuple[Uid, ...]) -> tuple[Message, ...]:
        return tuple(self._message(uid) for uid in uids)

    def _message(self, uid: Uid) -> Message:
        return Message(
            uid=uid,
            source_id=SourceId("s1"),
            message_id=MessageId(uid[3:]),
            timestamp=datetime(2026, 11, 22, 17, 5, tzinfo=UTC),
            thread_id=None,
            subject="",
            body=QUOTES[int(uid[4:]) % len(QUOTES)],
        )

    def model_versions(self, dataset_id: DatasetId) -> tuple[ModelVersion, ...]:
        if not self.full:
            return ()
        return (
            ModelVersion(
                dataset_id=make.DATASET,
                version=4,
                created_at=NOW,
                n_reviewed=2062,
                n_labels=12,
                encoder="small-en",
                validated=True,
                rating=72.0,
                lineage={"annotations": "9f2c41d0aa17", "encoder": "77b0c3d9"},
            ),
        )

    def usage(self, since: datetime | None = None, until: datetime | None = None) -> UsageReport:
        everything = make.usage()
        if self.stage == "empty":
            return UsageReport(totals=(), units=0, platform_units_per_unit=0.2)
        kept = tuple(
            total
            for total in everything.totals
            if (since is None or total.day >= since.date()) and (until is None or total.day < until.date())
        )
        return UsageReport(totals=kept, units=sum(t.units for t in kept), platform_units_per_unit=0.2)

    def health(self) -> dict[str, str]:
        return {"version": "0.1.0", "schema_version": "3", "path": "/secret/place"}


def operations(stage: str = "full") -> Operations:
    return cast("Operations", FakeOperations(stage))
