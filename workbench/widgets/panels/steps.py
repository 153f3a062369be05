"""The steps of an import: their names, and what the button of each says."""

from __future__ import annotations

import html

from workbench.domain import Bucket, Source, SyncCounts
from workbench.widgets.panels.catalog import counted

FILE, COLUMNS, CHECK, DONE = 1, 2, 3, 4
_STEPS = ("File", "Columns", "Check", "Done")


def steps_html(step: int, where: Bucket | Source | None, *, is_mail: bool = False) -> str:
    """Where the import goes and where it stands; every text is escaped."""
    marks = "".join(
        f'<li{" aria-current=step" if place == step else ""} class="{"past" if place < step else ""}">'
        f"<i>{place}</i>{'Mail' if is_mail and place == COLUMNS else title}</li>"
        for place, title in enumerate(_STEPS, 1)
    )
    into = f"Upload into {html.escape(where.title or where.full_name)}" if where else "Upload messages"
    return f'<h3 class="wb-section-title" dir="auto">{into}</h3><ol class="wb-steps">{marks}</ol>'


def caption(step: int, counts: SyncCounts) -> str:
    """What the button of a step does; before messages are stored it names their number and the charge."""
    if step == CHECK:
        n = counts.new + counts.updated
        return f"Import {counted(n, 'message')} for {counted(counts.units, 'unit')}"
    return {FILE: "Next", COLUMNS: "Check and count", DONE: "Upload another file"}[step]
