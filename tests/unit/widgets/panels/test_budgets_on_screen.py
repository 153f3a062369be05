"""What is left of a budget, where somebody is asked to agree, and in the app Usage."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.contract.messages import batch
from workbench.domain import (
    BucketId,
    Budget,
    ImportReport,
    JobId,
    MailImportReport,
    SourceId,
    SyncCounts,
    budget_words,
)
from workbench.door import Dataset
from workbench.widgets.panels import UsagePanel, mail_files
from workbench.widgets.panels.outcome import cautions

AT = datetime(2026, 11, 1, tzinfo=UTC)


def budget(soft: int | None, hard: int | None, *, project: str = "demo") -> Budget:
    return Budget(
        project=project,
        period="month",
        soft=soft,
        hard=hard,
        set_at=AT,
        set_by="kim",
        since=AT,
        until=None,
        used=70,
        reserved=10,
    )


@pytest.mark.parametrize(
    ("found", "units", "words"),
    [
        (budget(None, 100), 20, ("20 units are left of the budget of project 'demo' (month).",)),
        (
            budget(10, 100, project=""),
            21,
            ("20 units are left of the budget of the workspace (month): 1 too few, it would be refused.",),
        ),
        (budget(99, None), 19, ()),
        (
            budget(99, None),
            20,
            ("It passes the soft limit of the budget of project 'demo' (month): 99 units.",),
        ),
    ],
)
def test_words(found: Budget, units: int, words: tuple[str, ...]) -> None:
    assert budget_words([found, found], units) == words


def test_who_agrees_reads_what_is_left() -> None:
    counts = SyncCounts(new=30, units=30)
    table = ImportReport(
        job_id=JobId("j"),
        source_id=SourceId("s"),
        file_name="m.csv",
        counts=counts,
        n_rows=30,
        dry_run=True,
        budgets=(budget(None, 100),),
    )
    words = "20 units are left of the budget of project 'demo' (month): 10 too few, it would be refused."
    assert cautions([table], n_files=1) == [words]
    assert cautions([table, table], n_files=2)[-1] == words.replace("10 too few", "40 too few")
    mails = MailImportReport(
        job_id=JobId("j"),
        bucket_id=BucketId("b"),
        name="m",
        counts=counts,
        dry_run=True,
        budgets=(budget(None, 100),),
    )
    assert mail_files.warnings(mails, kept_only=False) == [words]


def test_usage_says_that_a_soft_limit_is_passed(dataset: Dataset) -> None:
    operations = dataset.operations
    operations.put_messages(operations.sources()[0].source_id, batch(2), "a", 2)
    operations.set_budget("demo", "once", soft=2)
    panel = UsagePanel(operations)
    try:
        assert "past its soft limit" not in panel.headline.value
        operations.set_budget("demo", "once", soft=1)
        panel.refresh()
        assert "The budget of project &#x27;demo&#x27; (once) is past its soft limit." in panel.headline.value
    finally:
        panel.close()
