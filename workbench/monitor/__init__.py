"""Drift, balance and coverage: arrays in, results out.

scipy and sklearn are loaded by the functions that need them.
"""

from __future__ import annotations

from workbench.monitor.balance import Balance, Region, balance, similarity
from workbench.monitor.coverage import Coverage, coverage, informativeness
from workbench.monitor.drift import Drift, drift
from workbench.monitor.properties import ValueCounts, property_balance
from workbench.monitor.uncovered import UncoveredGroup, uncovered
from workbench.monitor.windows import WindowData

__all__ = [
    "Balance",
    "Coverage",
    "Drift",
    "Region",
    "UncoveredGroup",
    "ValueCounts",
    "WindowData",
    "balance",
    "coverage",
    "drift",
    "informativeness",
    "property_balance",
    "similarity",
    "uncovered",
]
