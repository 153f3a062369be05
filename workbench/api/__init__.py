"""The HTTP door: the same operations, for other machines and other languages."""

from __future__ import annotations

from workbench.api.app import make_app

__all__ = ["make_app"]
