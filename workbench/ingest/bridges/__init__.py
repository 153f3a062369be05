"""Bridges to other annotation tools: messages and what people said of them, there and back.

Each tool is one module; ``carry`` keeps what the other side has no place for, ``items`` reads and writes the files.
"""

from __future__ import annotations

from workbench.ingest.bridges.argilla import Argilla
from workbench.ingest.bridges.carry import Bridge
from workbench.ingest.bridges.items import read_items, write_items
from workbench.ingest.bridges.label_studio import LabelStudio, labelling_config
from workbench.ingest.bridges.line import said_of
from workbench.ingest.bridges.losses import Losses
from workbench.ingest.bridges.prodigy import Prodigy
from workbench.ingest.bridges.spacy import Spacy
from workbench.ingest.bridges.tool import Tool

__all__ = [
    "Argilla",
    "Bridge",
    "LabelStudio",
    "Losses",
    "Prodigy",
    "Spacy",
    "Tool",
    "labelling_config",
    "read_items",
    "said_of",
    "write_items",
]
