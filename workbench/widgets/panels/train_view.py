"""What the Train panel shows of a guide, as HTML; every name of a label in it is escaped."""

from __future__ import annotations

import html
import math
from pathlib import Path

from workbench.domain import Guide, GuidedBatch, NextStep, Rating, RatingFactor, VersionScore
from workbench.domain.guide import ExpectedGain
from workbench.domain.guide_words import counted, minutes_words, mode_title
from workbench.widgets.panels.advice import advice_html

_FACTORS = ("balance", "coverage", "all_labels", "underperforming_labels")
_RADIUS = 42.0
_LEAST_SHOWN = 0.5


def style() -> str:
    """The panel's own sheet."""
    return f"<style>{Path(__file__).with_name('train.css').read_text('utf-8')}</style>"


def standing_html(guide: Guide) -> str:
    """Rating, factors and counts."""
    facts = (
        (f"{guide.n_messages:,}", "messages"),
        (f"{guide.n_reviewed:,}", "reviewed"),
        (f"{guide.n_labels:,}", "labels"),
        (f"{guide.n_labels_ready:,}", "labels with 25 or more examples"),
    )
    figures = "".join(f"<div><b>{n}</b><span>{what}</span></div>" for n, what in facts)
    known: dict[str, RatingFactor] = {factor.name: factor for factor in guide.factors}
    chips = "".join(_chip(name, known.get(name)) for name in _FACTORS)
    return (
        f'{style()}<section class="wb-train-head" aria-label="How the model stands">{dial_svg(guide.rating)}'
        f'<div class="wb-train-facts"><ul class="wb-train-chips" aria-label="Factors of the rating">{chips}</ul>'
        f'<div class="wb-figures">{figures}</div>{advice_html(guide.advice)}</div></section>'
    )


def dial_svg(rating: Rating) -> str:
    """The rating as an arc, with figure and word."""
    score = "–" if rating.score is None else f"{rating.score:.0f}"
    said = "not known yet" if rating.score is None else f"{score} of 100, {rating.band}"
    word = "no rating yet" if rating.score is None else rating.band.capitalize()
    arc = f'<path class="arc" d="{_arc(rating.score)}"/>' if rating.score else ""
    reason = f'<p class="wb-status">{html.escape(rating.reason)}</p>' if rating.reason else ""
    return (
        f'<figure class="wb-dial wb-band-{rating.band}"><svg viewBox="0 0 100 62" role="img" '
        f'aria-label="Model rating: {said}"><path class="ground" d="{_arc(100)}"/>{arc}'
        f'<text x="50" y="49" text-anchor="middle">{score}</text></svg>'
        f"<figcaption><b>{word}</b><span>Model rating</span>{reason}</figcaption></figure>"
    )


def step_html(step: NextStep, guide: Guide) -> str:
    """The step that is next: what, why, and what it takes and brings."""
    facts = [f"<b>{words}</b> {html.escape(what)}".rstrip() for words, what in step_facts(step, guide)]
    listed = f'<p class="wb-train-gain">{" · ".join(facts)}</p>' if facts else ""
    return (
        f'<h3 class="wb-train-next"><span>Next</span> {html.escape(step.title)}</h3>'
        f"<p>{html.escape(step.reason)}</p>{listed}"
    )


def step_facts(step: NextStep, guide: Guide) -> list[tuple[str, str]]:
    """Size, minutes and gain of a batch: figure, and what it is of."""
    if step.kind != "batch":
        return []
    of = "" if guide.seconds_per_message is None else "by the pace so far"
    facts = [(counted(step.n, "message"), ""), (minutes_words(step.minutes_low, step.minutes_high), of)]
    gain = gain_words(step.gain)
    return [*facts, (gain, "of mean average precision")] if gain else facts


def step_line(step: NextStep) -> str:
    """A step on one line, as plain text."""
    if step.kind != "batch":
        return step.title
    gain = gain_words(step.gain) or "gain not known"
    takes = minutes_words(step.minutes_low, step.minutes_high)
    return f"{step.title} · {counted(step.n, 'message')} · {takes} · {gain}"


def gain_words(gain: ExpectedGain | None) -> str:
    """``+1.8 points (0.4 to 3.1)``; empty when it is not known."""
    if gain is None:
        return ""
    value, low, high = (100 * x for x in (gain.value, gain.low, gain.high))
    return f"{_signed(value)} points ({_signed(low)} to {_signed(high)})"


def effect_html(guide: Guide) -> str:
    """What the last batch brought; empty before the first."""
    batch = guide.last_batch
    if batch is None or batch.after is None:
        return ""
    what = html.escape(batch_words(batch))
    spread = change_words(batch)
    measured = f'<p class="wb-status">{spread}</p>' if spread else ""
    lines = "".join(
        f"<tr><th>{name}</th><td>{before}</td><td>{after}</td><td><b>{change}</b></td></tr>"
        for name, before, after, change in effect_rows(batch.before, batch.after)
    )
    before = f"version {batch.before.version}" if batch.before else "before"
    return (
        f'<h3 class="wb-section-title">What the last batch brought</h3><p class="wb-status">{what}</p>'
        f'<table class="wb-effect"><thead><tr><th></th><th scope="col">{before}</th>'
        f'<th scope="col">version {batch.after.version}</th><th scope="col">change</th></tr></thead>'
        f"<tbody>{lines}</tbody></table>{measured}"
    )


def change_words(batch: GuidedBatch) -> str:
    """How sure the change of mean average precision is, and what was promised; empty where neither is known."""
    gained, said = batch.gained, []
    if gained is not None:
        low, high = (_signed(100 * x) for x in (gained.low, gained.high))
        sure = "more than chance" if gained.low > 0 or gained.high < 0 else "may be chance"
        said.append(
            f"On the {counted(gained.n, 'test message')} of both versions mean average precision changed by "
            f"{_signed(100 * gained.value)} points (95 % interval {low} to {high}): {sure}."
        )
    if batch.promised is not None:
        said.append(f"Expected were {gain_words(batch.promised)}.")
    return " ".join(said)


def waiting_html(batch: GuidedBatch) -> str:
    """A batch that its person has not finished."""
    return (
        f'<h3 class="wb-train-next"><span>Next</span> Go on with your batch: '
        f"{html.escape(mode_title(batch.mode, batch.label))}</h3>"
        f"<p>{len(batch.done):,} of {len(batch.uids):,} messages are reviewed.</p>"
    )


def effect_rows(before: VersionScore | None, after: VersionScore) -> list[tuple[str, str, str, str]]:
    """Name, before, after and change of what is known afterwards."""
    then = before or VersionScore(version=0, rating=None, mean_average_precision=None, factors={})
    quality = "Mean average precision"
    rows = [
        ("Rating", then.rating, after.rating, 1.0, ""),
        (quality, then.mean_average_precision, after.mean_average_precision, 100.0, " %"),
        *((_title(name), then.factors.get(name), after.factors.get(name), 1.0, "") for name in _FACTORS),
    ]
    return [
        (
            name,
            _figure(old, times, unit),
            _figure(new, times, unit),
            _change(old, new, times, 1 if unit else 0),
        )
        for name, old, new, times, unit in rows
        if new is not None or old is not None
    ]


def batch_words(batch: GuidedBatch) -> str:
    """``Teach label Refund, 18 of 20 messages reviewed by anna``."""
    return (
        f"{mode_title(batch.mode, batch.label)}, {len(batch.done)} of {len(batch.uids)} messages reviewed "
        f"by {batch.actor}"
    )


def _chip(name: str, factor: RatingFactor | None) -> str:
    score = "not known yet" if factor is None or factor.score is None else f"{factor.score:.0f}"
    band = "none" if factor is None else factor.band
    word = "" if band == "none" else f" · {band.capitalize()}"
    why = factor.reason or factor.action if factor else ""
    return (
        f'<li title="{html.escape(why, quote=True)}"><span>{_title(name)}</span>'
        f'<span class="wb-band wb-band-{band}">{score}{word}</span></li>'
    )


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _figure(value: float | None, times: float, unit: str) -> str:
    if value is None:
        return "–"
    return f"{times * value:.1f}{unit}" if unit else f"{times * value:.0f}"


def _change(old: float | None, new: float | None, times: float, digits: int) -> str:
    """The difference of the figures as they are shown."""
    if old is None or new is None:
        return "new" if old is None else "not known"
    return _signed(round(times * new, digits) - round(times * old, digits))


def _signed(value: float) -> str:
    """``+1.8``, ``−0.4``, ``0``."""
    shown = f"{abs(value):.1f}".removesuffix(".0")
    if shown == "0":
        return "0"
    return f"{'+' if value > 0 else '−'}{shown}"


def _arc(score: float) -> str:
    angle = math.pi * (1 - max(score, _LEAST_SHOWN) / 100)
    x, y = 50 + _RADIUS * math.cos(angle), 52 - _RADIUS * math.sin(angle)
    return f"M{50 - _RADIUS:.1f} 52A{_RADIUS:.0f} {_RADIUS:.0f} 0 0 1 {x:.2f} {y:.2f}"
