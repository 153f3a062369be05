"""How the things of the door look in a notebook: small tables of escaped text, no style sheet needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from workbench.domain import Dataset, JobState

Cell = str | int | float | None


def table(caption: str, header: Sequence[str], rows: Iterable[Sequence[Cell]], note: str = "") -> str:
    """An HTML table; every text is escaped, numbers stand to the right, None is a dash."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in header)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    below = f"<p>{escape(note)}</p>" if note else ""
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>{below}"
    )


def _cell(value: Cell) -> str:
    if value is None:
        return "<td>–</td>"
    if isinstance(value, str):
        return f'<td style="text-align:left">{escape(value)}</td>'
    return f'<td style="text-align:right">{value:,}</td>'


def next_step(info: Dataset) -> str:
    """The verb that brings a dataset further."""
    if info.n_messages == 0:
        return "No messages yet: ds.import_('mail.csv')."
    if info.n_reviewed == 0:
        said = "sentiments={label: 'negative'}" if info.has_sentiment else "[label]"
        return f"Next: ds.discover() shows what people write about, ds.annotate(uid, {said}) teaches."
    if info.model_version == 0:
        return "Next: review at least 25 examples per label, then ds.train()."
    return "Next: ds.validate() says how good the model is, ds.monitor() whether messages changed."


def job_line(state: JobState) -> str:
    """One line: kind, status, how far, why it failed."""
    parts = [f"{state.kind}: {state.status}"]
    if state.stage and not state.finished:
        parts.append(state.stage)
    if state.total and not state.finished:
        parts.append(f"{state.done:,} of {state.total:,} {state.unit}".rstrip())
    if state.error:
        parts.append(state.error)
    return ", ".join(parts)
