"""Figures that are no pictures: what stands in their frames, also where little is known."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.unit.charts import make_results as make
from workbench import charts
from workbench.domain import (
    ActionCosts,
    AveragePrecision,
    BucketId,
    CorrectedLabel,
    CostThreshold,
    Dataset,
    DatasetStatus,
    Estimate,
    ImportReport,
    JobId,
    JobState,
    KeptThreshold,
    LabelId,
    LabelOutcomes,
    LabelSuspect,
    MailImportReport,
    MixedUp,
    OutcomeCounts,
    PastRetention,
    Quota,
    RetentionReport,
    SentimentAccuracy,
    Share,
    SourceId,
    SuspectReport,
    SyncCounts,
    Uid,
    ValidationReport,
)
from workbench.errors import UnknownNameError

SHARE = Share(value=0.5, low=0.2, high=0.8, n=8)
NOBODY = Estimate(value=None, low=None, high=None)


def outcomes(*mixed: MixedUp) -> LabelOutcomes:
    return LabelOutcomes(
        dataset_id=make.DATASET, version=4, label_id=make.labels()[0].label_id, name=make.HOSTILE, threshold=0.45,
        counts=OutcomeCounts(n=20, true_positive=4, false_positive=4, false_negative=2, true_negative=10),
        precision=SHARE, recall=SHARE, mixed_up=mixed,
    )  # fmt: skip


def suspects(*found: LabelSuspect) -> SuspectReport:
    return SuspectReport(
        dataset_id=make.DATASET, version=4, n_judged=90, n_suspects=len(found), suspects=found, n_looked_at=0,
        n_changed=0, found=NOBODY,
    )  # fmt: skip


def cost(price: float | None, manual: float | None) -> CostThreshold:
    known = Estimate(value=3.0, low=1.0, high=6.5)
    return CostThreshold(
        dataset_id=make.DATASET, version=4, label_id=LabelId("l"), costs=ActionCosts(wrong_action=20, missed=10, manual_check=manual),
        act_from=0.9, check_from=0.2, price_of_check=price, actions=known, wrong=known, checks=known, missed=known,
        cost=known, cost_balanced=known, cost_of_nothing=known, n_weeks=3, n_held_out=412, seed=7,
    )  # fmt: skip


def known(report: ValidationReport) -> ValidationReport:
    """The same report with what only newer ones hold of its first label: corrected, cross-validated, sentiment."""
    first, n = report.labels[0], len(report.labels[0].thresholds)
    ramp = tuple(k / n for k in range(n))
    one = replace(
        first,
        n_predicted=tuple(range(n)),
        corrected=CorrectedLabel(
            average_precision=AveragePrecision(value=0.8, low=0.7, high=0.9, n_positive=31, n=40, n_effective=22.5),
            precisions=ramp, recalls=(None, *ramp[1:]), precision_low=ramp, precision_high=ramp, recall_low=ramp,
            recall_high=ramp,
        ),
        cross_validated=AveragePrecision(value=0.85, low=0.8, high=0.9, n_positive=120, n=900),
        sentiment=SentimentAccuracy(value=0.9, low=0.8, high=0.95, majority=0.6, n=50),
    )  # fmt: skip
    return replace(report, labels=(one, *report.labels[1:]))


QUOTAS = (
    Quota(kind="sources", hard_limit=20, used=5, setting="sources_most", peak=7, is_set=True),
    Quota(kind="messages_per_source", hard_limit=None, used=40, where="demo/m\u202e", setting=""),
    Quota(kind="projects", hard_limit=0, used=0, setting="projects_most", auto_increase_up_to=3),
    Quota(kind="alerts", hard_limit=None, used=0, setting="", missing="there are no alerts"),
)
PAST = RetentionReport(
    keep_days=30, before=datetime(2026, 1, 1, tzinfo=UTC), sources=(PastRetention(
        source_id=SourceId("s"), source="demo/mail", n_messages=12, n_annotated=3, n_bytes=2_500_000,
        oldest=datetime(2023, 5, 6, tzinfo=UTC),
    ),),
)  # fmt: skip
MADE: dict[str, Callable[[], charts.Numbers]] = {
    "agreement": lambda: charts.labels_mixed_up(outcomes()),
    "balance": lambda: charts.balance_summary(make.balance()),
    "consumption": lambda: charts.consumption_rows(make.consumption(), ("source",), "week"),
    "forecast": lambda: charts.forecast_sums(make.usage_forecast()),
    "forecast rests": lambda: charts.forecast_history(make.usage_forecast()),
    "budgets": lambda: charts.budgets_reached(make.usage_forecast(), make.budgets()),
    "measures": lambda: charts.measures_taken(make.measures()),
    "cost": lambda: charts.cost_of_threshold(cost(4.0, 2.0)),
    "drift": lambda: charts.drift_summary(make.drift()),
    "alarms": lambda: charts.drift_alarms(make.drift()),
    "factors": lambda: charts.rating_factors(make.validation()),
    "kept none": lambda: charts.kept_thresholds((), dataset_id="d", version=2),
    "label": lambda: charts.label_at_threshold(make.validation(), make.NAMES[0], 0.5),
    "label known": lambda: charts.label_at_threshold(known(make.validation()), make.NAMES[0], 0.5),
    "labels": lambda: charts.validation_labels(make.validation()),
    "labels compared": lambda: charts.labels_compared(make.comparison()),
    "ledger": lambda: charts.ledger_by_day(make.usage(), ()),
    "map": lambda: charts.map_counts(make.cluster_run()),
    "outcomes": lambda: charts.outcome_counts(outcomes()),
    "quotas": lambda: charts.quota_use(QUOTAS),
    "retention": lambda: charts.retention_past(PAST),
    "suspects": lambda: charts.label_suspects(suspects(), n=5),
    "summary": lambda: charts.validation_summary(make.validation()),
    "unread": lambda: charts.unread_at_threshold(make.validation(), make.NAMES[0], 0.5, 12),
    "usage": lambda: charts.usage_total(make.usage()),
    "verdict": lambda: charts.version_verdict(make.comparison()),
    "versions": lambda: charts.model_versions(make.versions(), dataset_id=make.DATASET),
    "yield": lambda: charts.suspect_yield(suspects()),
}


@pytest.mark.parametrize("name", sorted(MADE))
def test_every_row_says_what_it_rests_on_and_survives_a_file(name: str) -> None:
    figure = MADE[name]()
    assert isinstance(figure, charts.Figure) and not isinstance(figure, charts.Display)
    frame = figure.frame()
    assert frame.schema["n"] == pl.Int64 and frame["n"].null_count() == 0
    file = io.BytesIO()
    frame.write_ipc(file)
    file.seek(0)
    assert_frame_equal(pl.read_ipc(file), frame)
    assert figure.query().startswith("charts.") and figure.title and "n = " in figure.caption
    assert "\u202e" not in figure.title and "\n" not in figure.title
    assert figure.caption in str(figure._repr_mimebundle_()["text/plain"])


def test_quotas_say_how_full_they_are_and_where_their_limit_comes_from() -> None:
    rows = charts.quota_use(QUOTAS).frame().rows(named=True)
    assert [row["share"] for row in rows] == [0.25, None, None, None]
    assert [row["limit_from"] for row in rows] == [
        "set here",
        "no limit",
        "setting projects_most",
        "none yet: there are no alerts",
    ]
    assert (rows[0]["peak"], rows[2]["rises_to"], rows[0]["where"]) == (7, 3, None)
    assert "\u202e" not in rows[1]["where"]


def test_what_is_stored_for_long_names_the_days_that_were_asked_about() -> None:
    figure = charts.retention_past(PAST)
    assert figure.query() == "charts.retention_past(ws.retention_report(keep_days=30))"
    assert charts.retention_past(replace(PAST, keep_days=730)).query().endswith("(ws.retention_report())")
    (row,) = figure.frame().rows(named=True)
    assert (row["n"], row["megabytes"], row["oldest"]) == (12, 2.5, date(2023, 5, 6))


def test_a_picture_is_a_figure_too() -> None:
    assert isinstance(charts.rating_dial(make.validation()), charts.Figure)


def test_a_label_at_a_threshold_is_the_first_point_at_or_above_it() -> None:
    report, one = make.validation(), make.validation().labels[0]
    place = next(i for i, t in enumerate(one.thresholds) if t >= 0.51)
    row = charts.label_at_threshold(report, one.name, 0.51).frame().row(0, named=True)
    assert (row["precision"], row["recall_high"]) == (one.precisions[place], one.recall_high[place])
    assert (row["n_predicted"], row["corrected_precision"], row["cross_validated"]) == (None, None, None)
    row = charts.label_at_threshold(known(report), one.label_id, 0.51).frame().row(0, named=True)
    assert (row["n_predicted"], row["corrected_recall"]) == (place, place / len(one.thresholds))
    assert (row["cross_validated_n_positive"], row["sentiment_n"], row["corrected_n_effective"]) == (
        120,
        50,
        22.5,
    )


def test_above_the_last_point_nothing_is_predicted() -> None:
    report = make.validation()
    one = replace(report.labels[0], thresholds=(0.1, 0.2), precisions=(0.5, 0.6), recalls=(1.0, 0.0))
    report = replace(report, labels=(one,))
    row = charts.label_at_threshold(report, one.name, 0.9).frame().row(0, named=True)
    assert (row["precision"], row["recall"], row["n"]) == (None, None, 412)
    unread = charts.unread_at_threshold(report, one.name, 0.9, 7).frame().row(0, named=True)
    assert (unread["right"], unread["missed"], unread["n"]) == (None, None, 7)
    found = charts.unread_at_threshold(report, one.name, 0.15, 10).frame().row(0, named=True)
    assert (found["right"], found["missed"]) == (6.0, None), (
        "of a label that finds nothing no share is missed"
    )


def test_the_precision_of_predictions_decides_which_point_it_is() -> None:
    """0.7 in 64 bits lies above the 0.7 of 32 bits that is stored: a filter takes it, and so does the curve."""
    stored = 0.699999988079071
    report = make.validation()
    one = replace(report.labels[0], thresholds=(stored, 1.0), precisions=(0.8, 1.0), recalls=(0.9, 0.1))
    figure = charts.label_at_threshold(replace(report, labels=(one,)), one.name, 0.7)
    assert figure.frame()["precision"].to_list() == [0.8]
    marked = charts.precision_recall(replace(report, labels=(one,)), one.name, threshold=0.7).drawing.points[
        0
    ]  # type: ignore[union-attr]
    assert marked.y == (0.8,)


def test_an_unknown_label_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'Billing'"):
        charts.label_at_threshold(make.validation(), "Biling", 0.5)


def test_a_factor_without_contributors_keeps_its_row() -> None:
    frame = charts.rating_factors(make.validation()).frame()
    assert frame["factor"].to_list() == [
        "rating", "balance", "balance", "coverage", "all_labels", "underperforming_labels",
    ]  # fmt: skip
    assert frame["value"].to_list() == [None, 0.81, 0.12, 0.79, None, None]


def test_labels_are_compared_by_how_much_they_changed() -> None:
    frame = charts.labels_compared(make.comparison()).frame()
    sizes = [None if one is None else abs(round(one, 2)) for one in frame["difference"]]
    assert sizes == [0.22, 0.15, 0.03, None]
    assert frame["verdict"].to_list() == [
        "version 4 is better", "version 3 is better", "no clear difference", "cannot be judged",
    ]  # fmt: skip


def test_a_check_is_worth_what_it_saves_beyond_its_cost() -> None:
    assert charts.cost_of_threshold(cost(4.0, 2.5)).frame()["saved_by_check"].to_list() == [1.5] * 7
    assert charts.cost_of_threshold(cost(4.0, None)).frame()["saved_by_check"].null_count() == 7
    assert "ActionCosts(wrong_action=20, missed=10, manual_check=2.5, checks_per_day=None)" in (
        charts.cost_of_threshold(cost(4.0, 2.5)).query()
    )


def test_outcomes_and_labels_mixed_up_are_those_found() -> None:
    found = outcomes(MixedUp(label_id=LabelId("m"), name="Late", taken_for=3, taken_from=1))
    row = charts.outcome_counts(found).frame().row(0, named=True)
    assert (row["true_positive"], row["false_negative"], row["n_mixed_up"], row["n"]) == (4, 2, 1, 20)
    assert charts.labels_mixed_up(found).frame().rows() == [("Late", 3, 1, 20)]


def test_suspects_rest_on_one_message_each() -> None:
    one = LabelSuspect(
        uid=Uid("s.m"), kind="wrong", said=LabelId("l"), expected=None, said_probability=0.1,
        expected_probability=None, score=0.4,
    )  # fmt: skip
    assert charts.label_suspects(suspects(one)).frame()["n"].to_list() == [1]
    assert charts.suspect_yield(suspects(one)).frame().row(0, named=True)["share_changed"] is None


def test_a_kept_threshold_says_whose_choice_it_is() -> None:
    kept = KeptThreshold(
        dataset_id=make.DATASET, version=2, label_id=LabelId("l"), name="Late", threshold=0.9, check_from=0.2, basis="cost",
        reason="", kept_at=make.NOW, kept_by="anna",
    )  # fmt: skip
    frame = charts.kept_thresholds((kept,), dataset_id="d", version=2).frame()
    assert frame.rows() == [("Late", 0.9, 0.2, "cost", "anna", 2, 1)]


def job(result: ImportReport | MailImportReport) -> JobState:
    told = msgspec.json.encode(result).decode()
    return JobState(job_id=result.job_id, kind="import", status="done", created_at=make.NOW, result=told)


def test_files_imported_are_counted_one_by_one_and_together() -> None:
    about: dict[str, Any] = {
        "source_id": SourceId("s"),
        "counts": SyncCounts(new=3, units=3),
        "dry_run": True,
    }
    reports = [
        ImportReport(job_id=JobId("a"), file_name="a.csv", n_rows=4, n_bad_rows=1, **about),
        ImportReport(job_id=JobId("b"), file_name="b.csv", n_rows=3, **about),
    ]
    figure = charts.import_counts([job(one) for one in reports])
    frame = figure.frame().select("file", "dry_run", "new", "n_bad_rows", "n")
    assert frame.rows() == [("All files", True, 6, 1, 7), ("a.csv", True, 3, 1, 4), ("b.csv", True, 3, 0, 3)]
    assert figure.query() == "charts.import_counts([ws.operations.job('a'), ws.operations.job('b')])"
    mails = MailImportReport(
        job_id=JobId("m"),
        bucket_id=BucketId("k"),
        name="x.mbox",
        n_mails=9,
        n_known=2,
        counts=SyncCounts(updated=1),
    )
    row = charts.mail_import_counts(job(mails)).frame().row(0, named=True)
    assert (row["n_known"], row["updated"], row["dry_run"], row["n"]) == (2, 1, False, 9)


def test_drift_that_rang_is_that_of_the_newest_window() -> None:
    report = make.drift()
    newest = max(test.window_end for test in report.tests)
    rang = {test.name for test in report.tests if test.alarm and test.window_end == newest}
    frame = charts.drift_alarms(report).frame()
    assert rang and set(frame["test"]) == rang and frame["p_adjusted"].is_sorted()
    assert charts.drift_alarms(replace(report, tests=())).frame().is_empty()
    assert isinstance(charts.drift_summary(report).frame()["reference_start"][0], date)


def test_a_source_that_is_gone_is_named_by_project_and_id() -> None:
    report = make.usage()
    frame = charts.ledger_by_day(report, ()).frame()
    assert frame["source"][0] == f"{report.totals[0].project}/{report.totals[0].source}"
    assert frame["units"].sum() == charts.usage_total(report).frame()["units"][0] == report.units


def test_a_dataset_without_a_model_counts_all_the_same() -> None:
    info = Dataset(
        dataset_id=make.DATASET, project="demo", name="support", title="", description="", source_ids=(), encoder="e",
        created_at=make.NOW, n_messages=7,
    )  # fmt: skip
    row = charts.dataset_counts(info, DatasetStatus(dataset_id=info.dataset_id, state="idle")).frame()
    assert row.row(0, named=True) == {
        "n_reviewed": 0, "n_labels": 0, "predicted_by": None, "validated_by": None, "n": 7, "rating": None,
    }  # fmt: skip


def test_budgets_are_reached_where_the_sums_pass_what_is_left() -> None:
    year, once = charts.budgets_reached(make.usage_forecast(), make.budgets()).frame().rows(named=True)
    # 2,500 are left: 54 a day pass it on day 47, 61 a day on day 41; 5,000 only 61 a day, on day 82.
    first = make.usage_forecast().from_day - timedelta(days=1)
    assert (year["left"], year["reached"], year["earliest"]) == (
        2500, first + timedelta(days=47), first + timedelta(days=41),
    )  # fmt: skip
    assert (once["left"], once["reached"], once["earliest"]) == (5000, None, first + timedelta(days=82))
    ended = replace(make.budgets()[0], until=datetime(2026, 12, 1, tzinfo=UTC))
    (row,) = charts.budgets_reached(make.usage_forecast(), (ended,)).frame().rows(named=True)
    assert (row["reached"], row["earliest"]) == (None, None)


def test_what_was_left_out_of_the_forecast_is_named() -> None:
    row = charts.forecast_history(make.usage_forecast()).frame().row(0, named=True)
    assert (row["n_left_out"], row["units_left_out"], row["largest_day"]) == (1, 4000, date(2026, 8, 9))


def test_measures_are_summed_and_storage_is_the_last() -> None:
    frame = charts.measures_taken(make.measures()).frame()
    assert frame.select("subject", "amount", "unit", "n").rows() == [
        ("train", 6.0, "minutes", 3),
        ("embed", 1.5, "minutes", 3),
        (make.HOSTILE, 1500.0, "tokens", 3),
        ("messages", 8.0, "MB", 3),
    ]
