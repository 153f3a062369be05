"""Results that travel to charts, panels and reports."""

from __future__ import annotations

from workbench.domain.results.discovery import (
    Cluster,
    ClusterRun,
    DiscoverOptions,
    MapData,
)
from workbench.domain.results.judged import (
    BREAKDOWNS,
    OUTCOMES,
    BreakdownGroup,
    JudgedMessage,
    LabelOutcomes,
    MixedUp,
    Outcome,
    OutcomeCounts,
    OutcomePage,
    Share,
    ValidationBreakdown,
)
from workbench.domain.results.models import (
    AveragePrecision,
    CorrectedLabel,
    CorrectedMetrics,
    LabelValidation,
    Rating,
    RatingFactor,
    SentimentAccuracy,
    ThresholdChoice,
    ValidationReport,
)
from workbench.domain.results.monitoring import (
    BalanceGroup,
    BalanceReport,
    ClusterChange,
    DriftReport,
    DriftTest,
    LabelChange,
    PhraseChange,
)
from workbench.domain.results.status import DatasetStatus, WorkState
from workbench.domain.results.usage import LedgerTotal, UsageReport
from workbench.domain.results.versions import (
    LabelComparison,
    ModelVersion,
    PrecisionPair,
    RollbackPreview,
    VersionComparison,
    VersionTag,
)

__all__ = [
    "BREAKDOWNS",
    "OUTCOMES",
    "AveragePrecision",
    "BalanceGroup",
    "BalanceReport",
    "BreakdownGroup",
    "Cluster",
    "ClusterChange",
    "ClusterRun",
    "CorrectedLabel",
    "CorrectedMetrics",
    "DatasetStatus",
    "DiscoverOptions",
    "DriftReport",
    "DriftTest",
    "JudgedMessage",
    "LabelChange",
    "LabelComparison",
    "LabelOutcomes",
    "LabelValidation",
    "LedgerTotal",
    "MapData",
    "MixedUp",
    "ModelVersion",
    "Outcome",
    "OutcomeCounts",
    "OutcomePage",
    "PhraseChange",
    "PrecisionPair",
    "Rating",
    "RatingFactor",
    "RollbackPreview",
    "SentimentAccuracy",
    "Share",
    "ThresholdChoice",
    "UsageReport",
    "ValidationBreakdown",
    "ValidationReport",
    "VersionComparison",
    "VersionTag",
    "WorkState",
]
