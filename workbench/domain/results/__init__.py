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
)
from workbench.domain.results.status import DatasetStatus, WorkState
from workbench.domain.results.suspects import LabelSuspect, SuspectKind, SuspectReport
from workbench.domain.results.thresholds import (
    ActionCosts,
    CostThreshold,
    Estimate,
    ExpectedErrors,
    HeldOutKind,
    KeptThreshold,
    PromisedThreshold,
    Risk,
    ThresholdBasis,
)
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
    "ActionCosts",
    "AveragePrecision",
    "BalanceGroup",
    "BalanceReport",
    "Cluster",
    "ClusterChange",
    "ClusterRun",
    "CostThreshold",
    "DatasetStatus",
    "DiscoverOptions",
    "DriftReport",
    "DriftTest",
    "Estimate",
    "ExpectedErrors",
    "HeldOutKind",
    "KeptThreshold",
    "LabelChange",
    "LabelComparison",
    "LabelSuspect",
    "LabelValidation",
    "LedgerTotal",
    "MapData",
    "ModelVersion",
    "PhraseChange",
    "PrecisionPair",
    "PromisedThreshold",
    "Rating",
    "RatingFactor",
    "Risk",
    "RollbackPreview",
    "SentimentAccuracy",
    "SuspectKind",
    "SuspectReport",
    "ThresholdBasis",
    "ThresholdChoice",
    "UsageReport",
    "ValidationReport",
    "VersionComparison",
    "VersionTag",
    "WorkState",
]
