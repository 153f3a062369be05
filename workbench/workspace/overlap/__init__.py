"""The same messages judged by several people on their own: asking, answering, and how well they agree."""

from __future__ import annotations

from workbench.workspace.overlap.agreeing import agreement
from workbench.workspace.overlap.answering import answer_overlap, overlap_due
from workbench.workspace.overlap.asking import assign_overlap, delete_overlap, overlaps

__all__ = ["agreement", "answer_overlap", "assign_overlap", "delete_overlap", "overlap_due", "overlaps"]
