"""The Voila template (``jupyter/voila/templates/workbench``) and the configuration that goes with it."""

from __future__ import annotations

from .config import (
    APPS,
    EXTENSIONS,
    TEMPLATE,
    template_path,
    voila_config,
    voila_environment,
    write_voila_config,
)

__all__ = [
    "APPS",
    "EXTENSIONS",
    "TEMPLATE",
    "template_path",
    "voila_config",
    "voila_environment",
    "write_voila_config",
]
