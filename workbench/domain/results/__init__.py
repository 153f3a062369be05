"""Results that travel to charts, panels and reports."""

from __future__ import annotations

from workbench.domain.results.discovery import (
    Cluster,
    ClusterRun,
    DiscoverOptions,
    MapData,
)
from workbench.domain.results.models import (
    AveragePrecision,
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
    PropertyBalance,
    UncoveredGroup,
    ValueShare,
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
    "AveragePrecision",
    "BalanceGroup",
    "BalanceReport",
    "Cluster",
    "ClusterChange",
    "ClusterRun",
    "DatasetStatus",
    "DiscoverOptions",
    "DriftReport",
    "DriftTest",
    "LabelChange",
    "LabelComparison",
    "LabelValidation",
    "LedgerTotal",
    "MapData",
    "ModelVersion",
    "PhraseChange",
    "PrecisionPair",
    "PropertyBalance",
    "Rating",
    "RatingFactor",
    "RollbackPreview",
    "SentimentAccuracy",
    "ThresholdChoice",
    "UncoveredGroup",
    "UsageReport",
    "ValidationReport",
    "ValueShare",
    "VersionComparison",
    "VersionTag",
    "WorkState",
]
