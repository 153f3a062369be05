"""Personal data in texts: where it stands, and texts with masks in its place. It lowers the risk; it is no anonymisation."""

from __future__ import annotations

from workbench.language.personal.finding import find_personal
from workbench.language.personal.masking import Pseudonyms
from workbench.language.personal.people import known_names
from workbench.language.personal.spans import PersonalKind, PersonalSpan

__all__ = ["PersonalKind", "PersonalSpan", "Pseudonyms", "find_personal", "known_names"]
