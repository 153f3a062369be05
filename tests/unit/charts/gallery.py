"""Every display once, by name, from the results of ``make_results``."""

from __future__ import annotations

from datetime import date

from tests.unit.charts import make_results as make
from workbench import charts


def gallery() -> dict[str, charts.Chart]:
    week, names, did = make.label_totals(), make.labels(), str(make.DATASET)
    window = {"since": date(2026, 10, 26), "until": date(2026, 11, 23)}
    report, drift, balance = make.validation(), make.drift(), make.balance()
    tables = (make.messages_table(), make.predictions_table())
    return {
        "message_volume": charts.message_volume(week, "week", dataset_id=did),
        "label_trends": charts.label_trends(week, "week", labels=names, dataset_id=did),
        "label_volumes": charts.label_volumes(week, "week", labels=names, dataset_id=did, **window),
        "label_trend_table": charts.label_trend_table(week, "week", labels=names, dataset_id=did, **window),
        "precision_recall": charts.precision_recall(report, make.NAMES[1]),
        "mean_precision_at_recall": charts.mean_precision_at_recall(report),
        "precision_by_training_size": charts.precision_by_training_size(report),
        "rating_dial": charts.rating_dial(report),
        "label_table": charts.label_table(report),
        "field_table": charts.field_table(report),
        "extraction_table": charts.extraction_table(report),
        "cluster_sizes": charts.cluster_sizes(make.cluster_run()),
        "cluster_treemap": charts.cluster_treemap(make.cluster_run(), top=5),
        "drift_tests": charts.drift_tests(drift),
        "label_changes": charts.label_changes(drift),
        "phrase_changes": charts.phrase_changes(drift),
        "cluster_changes": charts.cluster_changes(drift),
        "exception_changes": charts.exception_changes(drift),
        "balance_groups": charts.balance_groups(balance),
        "mode_shares": charts.mode_shares(balance),
        "coverage": charts.coverage(balance),
        "uncovered_groups": charts.uncovered_groups(balance),
        "property_balance": charts.property_balance(balance, "string:Team"),
        "balance_map": charts.balance_map(make.map_data(), dataset_id=did),
        "label_course": charts.label_course(week, "week", label=names[2], drift=drift, dataset_id=did),
        "version_changes": charts.version_changes(make.comparison()),
        "version_history": charts.version_history(make.versions()),
        "consumption": charts.consumption(make.consumption(), ("source",), "week"),
        "usage_forecast": charts.usage_forecast(make.usage_forecast(), make.budgets()),
        "usage_by_day": charts.usage_by_day(make.usage()),
        "label_share_by_property": charts.label_share_by_property(*tables, "number:Stars", names[0]),
    }
