"""The sample corpus generator: a fictional parcel carrier, its customers and their mail."""

from __future__ import annotations

from data.generator.build import build

__all__ = ["build"]
