"""From results to displays: figures that give back their numbers and the line that makes them again.

``Figure`` is what every table and sentence with numbers offers, ``Display`` what every chart does; the functions below make one from a result of ``Operations``.
Importing this room loads neither plotly nor polars.
"""

from __future__ import annotations

from workbench.charts.agreement import agreement
from workbench.charts.balance import SURE, balance_groups, mode_shares, property_balance, property_title
from workbench.charts.balance_map import balance_map
from workbench.charts.behind import (
    breakdown_groups,
    label_suspects,
    labels_mixed_up,
    outcome_counts,
    suspect_yield,
)
from workbench.charts.budgets import budget_key, budget_use, charge_rules, price_words
from workbench.charts.catalog import datasets_held, label_counts, sources_held, workspace_counts
from workbench.charts.clusters import cluster_colour, cluster_sizes, cluster_treemap
from workbench.charts.compared import (
    agreement_labels,
    agreement_people,
    agreement_summary,
    labels_compared,
    model_versions,
    overlap_waiting,
    version_verdict,
)
from workbench.charts.consumption import consumption, consumption_rows, time_code
from workbench.charts.corrected import corrected_words
from workbench.charts.course import label_course
from workbench.charts.coverage import coverage, uncovered_groups
from workbench.charts.deciding import (
    cost_of_threshold,
    kept_thresholds,
    promise_of_threshold,
    week_of_threshold,
)
from workbench.charts.display import Chart, Display
from workbench.charts.drift import (
    cluster_changes,
    drift_tests,
    exception_changes,
    group_size,
    label_changes,
    phrase_changes,
)
from workbench.charts.fields import extraction_table, field_average_words, field_table
from workbench.charts.figure import Figure, Numbers
from workbench.charts.forecast import budgets_reached, forecast_history, forecast_sums, usage_forecast
from workbench.charts.imported import import_counts, mail_import_counts
from workbench.charts.judged import (
    label_at_threshold,
    rating_factors,
    stop_advice,
    unread,
    unread_at_threshold,
    validation_labels,
    validation_summary,
)
from workbench.charts.measures import measures_taken
from workbench.charts.quotas import quota_use, retention_past, retention_planned
from workbench.charts.segments import label_share_by_property
from workbench.charts.standing import (
    dataset_counts,
    guide_effect,
    guide_standing,
    guide_steps,
    ledger_by_day,
    map_counts,
    usage_total,
)
from workbench.charts.streams import (
    LabelErrors,
    passing,
    stream_ahead,
    stream_change,
    stream_changes,
    stream_errors_expected,
    stream_exceptions,
    stream_passing,
    stream_webhook,
    streams_standing,
    streams_total,
)
from workbench.charts.svg import sparkline
from workbench.charts.theme import DARK, FONT, LIGHT, Theme, dark_rules, theme
from workbench.charts.totals import LabelTrend, Totals
from workbench.charts.usage import usage_by_day
from workbench.charts.validation import (
    average_precision_words,
    label_table,
    mean_precision_at_recall,
    precision_by_training_size,
    precision_recall,
    rating_dial,
)
from workbench.charts.versions import (
    SHOWN_CHANGES,
    is_clear,
    precision_change_words,
    version_changes,
    version_history,
)
from workbench.charts.volume import (
    label_trend_table,
    label_trends,
    label_volumes,
    message_volume,
)
from workbench.charts.watched import balance_summary, drift_alarms, drift_summary

__all__ = [
    "DARK",
    "FONT",
    "LIGHT",
    "SHOWN_CHANGES",
    "SURE",
    "Chart",
    "Display",
    "Figure",
    "LabelErrors",
    "LabelTrend",
    "Numbers",
    "Theme",
    "Totals",
    "agreement",
    "agreement_labels",
    "agreement_people",
    "agreement_summary",
    "average_precision_words",
    "balance_groups",
    "balance_map",
    "balance_summary",
    "breakdown_groups",
    "budget_key",
    "budget_use",
    "budgets_reached",
    "charge_rules",
    "cluster_changes",
    "cluster_colour",
    "cluster_sizes",
    "cluster_treemap",
    "consumption",
    "consumption_rows",
    "corrected_words",
    "cost_of_threshold",
    "coverage",
    "dark_rules",
    "dataset_counts",
    "datasets_held",
    "drift_alarms",
    "drift_summary",
    "drift_tests",
    "exception_changes",
    "extraction_table",
    "field_average_words",
    "field_table",
    "forecast_history",
    "forecast_sums",
    "group_size",
    "guide_effect",
    "guide_standing",
    "guide_steps",
    "import_counts",
    "is_clear",
    "kept_thresholds",
    "label_at_threshold",
    "label_changes",
    "label_counts",
    "label_course",
    "label_share_by_property",
    "label_suspects",
    "label_table",
    "label_trend_table",
    "label_trends",
    "label_volumes",
    "labels_compared",
    "labels_mixed_up",
    "ledger_by_day",
    "mail_import_counts",
    "map_counts",
    "mean_precision_at_recall",
    "measures_taken",
    "message_volume",
    "mode_shares",
    "model_versions",
    "outcome_counts",
    "overlap_waiting",
    "passing",
    "phrase_changes",
    "precision_by_training_size",
    "precision_change_words",
    "precision_recall",
    "price_words",
    "promise_of_threshold",
    "property_balance",
    "property_title",
    "quota_use",
    "rating_dial",
    "rating_factors",
    "retention_past",
    "retention_planned",
    "sources_held",
    "sparkline",
    "stop_advice",
    "stream_ahead",
    "stream_change",
    "stream_changes",
    "stream_errors_expected",
    "stream_exceptions",
    "stream_passing",
    "stream_webhook",
    "streams_standing",
    "streams_total",
    "suspect_yield",
    "theme",
    "time_code",
    "uncovered_groups",
    "unread",
    "unread_at_threshold",
    "usage_by_day",
    "usage_forecast",
    "usage_total",
    "validation_labels",
    "validation_summary",
    "version_changes",
    "version_history",
    "version_verdict",
    "week_of_threshold",
    "workspace_counts",
]
