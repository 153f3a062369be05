"""What people see: elements, panels and apps."""

from __future__ import annotations

__all__: list[str] = []
