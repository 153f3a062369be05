"""Learning labels: features, one linear machine per label, calibrated probabilities, a start from names alone.

Arrays in, arrays out; scipy is loaded at the first use, not at import.
"""

from __future__ import annotations

from workbench.classify.calibration import Sigmoids, fit_sigmoids
from workbench.classify.classifier import MultiLabelClassifier
from workbench.classify.folds import assign_folds
from workbench.classify.hierarchy import add_ancestors, make_consistent, parents_of
from workbench.classify.lexical import LexicalFeatures
from workbench.classify.mixture import NAMES_GONE, Mixture
from workbench.classify.model import LinearModel
from workbench.classify.sentiment import SentimentClassifier, SentimentModel, sentiments
from workbench.classify.zero_shot import ZeroShot, label_texts

__all__ = [
    "NAMES_GONE",
    "LexicalFeatures",
    "LinearModel",
    "Mixture",
    "MultiLabelClassifier",
    "SentimentClassifier",
    "SentimentModel",
    "Sigmoids",
    "ZeroShot",
    "add_ancestors",
    "assign_folds",
    "fit_sigmoids",
    "label_texts",
    "make_consistent",
    "parents_of",
    "sentiments",
]
