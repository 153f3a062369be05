"""What the gate and the apps behind it agree on: how a visitor's kernel learns whose it is."""

from __future__ import annotations

VISIT_HEADER = "X-Workbench-Visit"
"""Header in which the gate hands the token of the visitor's session to the app server."""

VISITOR_HEADER = "X-Workbench-User"
"""Header with the visitor's name."""

GUARDED_VARIABLE = "WORKBENCH_GUARDED"
"""Set for apps behind a gate: they open the workspace for a visitor who is named there, and for nobody else."""
