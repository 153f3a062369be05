"""Panels: the same classes in JupyterLab and in the Voila apps."""

from __future__ import annotations

from workbench.widgets.panels.admin import AdminPanel
from workbench.widgets.panels.agreement import AgreementPanel
from workbench.widgets.panels.annotate import AnnotatePanel
from workbench.widgets.panels.base import Panel
from workbench.widgets.panels.datasets import DatasetsPanel
from workbench.widgets.panels.discover import DiscoverPanel
from workbench.widgets.panels.models import ModelsPanel
from workbench.widgets.panels.monitor import MonitorPanel
from workbench.widgets.panels.page import Page
from workbench.widgets.panels.sources import SourcesPanel
from workbench.widgets.panels.streams import StreamsPanel
from workbench.widgets.panels.taxonomy_panel import TaxonomyPanel
from workbench.widgets.panels.train import TrainPanel
from workbench.widgets.panels.usage import UsagePanel
from workbench.widgets.panels.validation import ValidationPanel

__all__ = [
    "AdminPanel",
    "AgreementPanel",
    "AnnotatePanel",
    "DatasetsPanel",
    "DiscoverPanel",
    "ModelsPanel",
    "MonitorPanel",
    "Page",
    "Panel",
    "SourcesPanel",
    "StreamsPanel",
    "TaxonomyPanel",
    "TrainPanel",
    "UsagePanel",
    "ValidationPanel",
]
