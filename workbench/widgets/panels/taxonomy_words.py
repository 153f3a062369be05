"""What a change of the taxonomy does, in words."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.domain import LabelEffect, LabelImport, TaxonomyReport, TaxonomyStep
from workbench.widgets.panels.catalog import counted

_MOST = 6
_MOST_ROWS = 3


def heading(report: TaxonomyReport) -> str:
    """The change as a heading: ``Rename 'Motor' to 'Cars'``."""
    return report.summary[:1].upper() + report.summary[1:]


def foreseen(report: TaxonomyReport, *, has_model: bool) -> str:
    """What a change would do, one line each: to annotated messages, to labels, and what follows."""
    n = report.n_messages
    verb = "changes" if n == 1 else "change"
    lines = [f"{counted(n, 'annotated message')} {verb}." if n else "No annotated message changes."]
    if report.n_emptied:
        them = "it" if report.n_emptied == 1 else "them"
        lines.append(f"It is the last label of {report.n_emptied:,} of {them}.")
    if report.n_kept:
        lines.append(f"What people said since stays on {counted(report.n_kept, 'message')}.")
    if report.action == "rename":  # the heading says it
        n_below = len(report.labels) - 1
        lines += [f"With {counted(n_below, 'label')} below it."] * bool(n_below)
    else:
        lines += [_effect(one) for one in report.labels[:_MOST]]
        if len(report.labels) > _MOST:
            lines.append(f"… and {counted(len(report.labels) - _MOST, 'more label')}")
    if has_model and report.retrains:
        lines.append("A training follows by itself.")
    return "\n".join(lines)


def done(report: TaxonomyReport) -> str:
    """What a change has done."""
    if report.step_id is None:
        return "Nothing changed."
    n = counted(report.n_messages, "annotated message") if report.n_messages else "no annotated message"
    if report.action == "undo":
        return f"Taken back: {report.summary.removeprefix('undo: ')}; {n} changed."
    return f"Done: {report.summary}; {n} changed. Ctrl+Z takes it back."


def made_deep(warnings: Sequence[str]) -> str:
    """What to know of a label that was made; empty for nothing."""
    text = " ".join(warnings)
    return f"Made. {text[:1].upper()}{text[1:]} Fewer levels are easier to learn." if text else ""


def import_foreseen(found: LabelImport) -> str:
    """What a file of labels would do."""
    return (
        f"{counted(found.n_rows, 'row')}: {counted(found.n_new, 'new label')}, {found.n_changed:,} changed, "
        f"{found.n_unchanged:,} as they are.\n"
        "No annotated message changes; labels that the file does not name stay."
    )


def import_refused(found: LabelImport) -> str:
    """Which rows of a file of labels are wrong, the first of them by what is wrong."""
    rows = [f"Row {one.row}, {one.column}: {one.problem}" for one in found.errors[:_MOST_ROWS]]
    left = len(found.errors) - len(rows)
    return " ".join([*rows, f"And {left:,} more."] if left else rows)


def to_undo(steps: Sequence[TaxonomyStep], n_asked: int) -> str:
    """What an undo takes back; empty when there is nothing.

    Parameters
    ----------
    steps
        Newest first.
    n_asked
        How many were asked for; when as many came, there may be earlier ones.
    """
    found = next((one.summary for one in steps if one.action != "undo" and not one.undone), "")
    return found or "an earlier change" * (len(steps) >= n_asked)


def _effect(one: LabelEffect) -> str:
    if not one.after:
        what = f"{one.before} goes"
    elif not one.before:
        what = f"{one.after} comes"
    else:
        what = one.after if one.before == one.after else f"{one.before} → {one.after}"
    counts = [f"{n:,} {word}" for n, word in ((one.n_added, "more"), (one.n_removed, "fewer")) if n]
    return f"· {what}: on {', '.join(counts)}" if counts else f"· {what}"
