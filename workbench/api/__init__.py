"""The HTTP door: the same operations, for other machines and other languages."""

from __future__ import annotations

from workbench.api.app import make_app
from workbench.api.rules import Rules
from workbench.api.serving import make_server

__all__ = ["Rules", "make_app", "make_server"]
