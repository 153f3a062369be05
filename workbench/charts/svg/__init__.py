"""Drawings as static SVG: no browser, no script, no font file."""

from __future__ import annotations

from workbench.charts.svg.render import render, sparkline

__all__ = ["render", "sparkline"]
