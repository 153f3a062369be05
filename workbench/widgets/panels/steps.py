"""The steps of an import: their names, and what the button of each says."""

from __future__ import annotations

import html

from workbench.domain import Source, SyncCounts
from workbench.widgets.panels.catalog import counted

FILE, COLUMNS, CHECK, DONE = 1, 2, 3, 4
_STEPS = ("File", "Columns", "Check", "Done")


def steps_html(step: int, source: Source | None) -> str:
    """Where the import goes and where it stands; every text is escaped."""
    marks = "".join(
        f'<li{" aria-current=step" if place == step else ""} class="{"past" if place < step else ""}">'
        f"<i>{place}</i>{title}</li>"
        for place, title in enumerate(_STEPS, 1)
    )
    into = f"Upload into {html.escape(source.title or source.full_name)}" if source else "Upload messages"
    return f'<h3 class="wb-section-title" dir="auto">{into}</h3><ol class="wb-steps">{marks}</ol>'


def caption(step: int, counts: SyncCounts) -> str:
    """What the button of a step does; before messages are stored it names their number and the charge."""
    if step == CHECK:
        n = counts.new + counts.updated
        return f"Import {counted(n, 'message')} for {counted(counts.units, 'unit')}"
    return {FILE: "Next", COLUMNS: "Check and count", DONE: "Upload another file"}[step]
