"""Own widgets: one Python class, one plain ES module and one stylesheet each.

An element knows nothing of the workbench: it shows what its traits hold and tells what a person did. Panels
connect elements to operations.
"""

from __future__ import annotations

from .annotation_card import AnnotationCard, JudgementEvent, JudgementState, PastReview
from .base import Element
from .batch_bar import BatchBar
from .catalog_cards import CatalogCards
from .chart import Chart, PlotlyRuntime
from .cluster_grid import ApplyEvent, ClusterGrid
from .code_peek import CodePeek
from .column_roles import ColumnRoles
from .data_table import DataTable
from .feedback import JobProgress, Notice
from .file_drop import FileDrop
from .filter_chips import FilterChips
from .form import Form
from .message_list import MessageList
from .message_map import NO_CATEGORY, MessageMap, pack_mask, unpack_mask
from .save_file import SaveFile
from .shown_once import ShownOnce
from .tabs import Tabs
from .taxonomy_tree import LABEL_STATES, TaxonomyTree, TreeAction, TreeGesture

__all__ = [
    "LABEL_STATES",
    "NO_CATEGORY",
    "AnnotationCard",
    "ApplyEvent",
    "BatchBar",
    "CatalogCards",
    "Chart",
    "ClusterGrid",
    "CodePeek",
    "ColumnRoles",
    "DataTable",
    "Element",
    "FileDrop",
    "FilterChips",
    "Form",
    "JobProgress",
    "JudgementEvent",
    "JudgementState",
    "MessageList",
    "MessageMap",
    "Notice",
    "PastReview",
    "PlotlyRuntime",
    "SaveFile",
    "ShownOnce",
    "Tabs",
    "TaxonomyTree",
    "TreeAction",
    "TreeGesture",
    "pack_mask",
    "unpack_mask",
]
