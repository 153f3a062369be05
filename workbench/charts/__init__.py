"""From results to displays: figures that give back their numbers and the line that makes them again.

``Display`` is what every chart offers; the functions below make one from a result of ``Operations``.
Importing this room loads neither plotly nor polars.
"""

from __future__ import annotations

from workbench.charts.agreement import agreement
from workbench.charts.balance import SURE, balance_groups, mode_shares, property_balance, property_title
from workbench.charts.balance_map import balance_map
from workbench.charts.clusters import cluster_colour, cluster_sizes, cluster_treemap
from workbench.charts.corrected import corrected_words
from workbench.charts.course import label_course
from workbench.charts.coverage import coverage, uncovered_groups
from workbench.charts.display import Chart, Display
from workbench.charts.drift import (
    cluster_changes,
    drift_tests,
    exception_changes,
    label_changes,
    phrase_changes,
)
from workbench.charts.fields import extraction_table, field_average_words, field_table
from workbench.charts.segments import label_share_by_property
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

__all__ = [
    "DARK",
    "FONT",
    "LIGHT",
    "SHOWN_CHANGES",
    "SURE",
    "Chart",
    "Display",
    "LabelTrend",
    "Theme",
    "Totals",
    "agreement",
    "average_precision_words",
    "balance_groups",
    "balance_map",
    "cluster_changes",
    "cluster_colour",
    "cluster_sizes",
    "cluster_treemap",
    "corrected_words",
    "coverage",
    "dark_rules",
    "drift_tests",
    "exception_changes",
    "extraction_table",
    "field_average_words",
    "field_table",
    "is_clear",
    "label_changes",
    "label_course",
    "label_share_by_property",
    "label_table",
    "label_trend_table",
    "label_trends",
    "label_volumes",
    "mean_precision_at_recall",
    "message_volume",
    "mode_shares",
    "phrase_changes",
    "precision_by_training_size",
    "precision_change_words",
    "precision_recall",
    "property_balance",
    "property_title",
    "rating_dial",
    "sparkline",
    "theme",
    "uncovered_groups",
    "usage_by_day",
    "version_changes",
    "version_history",
]
