"""What the rating is made of, in words: a card per factor, the sum, and the formulas to fold out."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence

from workbench.domain import FactorName, Rating, RatingFactor, ReviewStep

FORMULAS: tuple[tuple[FactorName, str], ...] = (
    (
        "all_labels",
        (
            "The mean health of all labels that are trained. Health of a label is drawn from its average precision: 0 at "
            "0 %, 50 at 50 %, 70 at 75 %, 90 at 90 %, 100 at 100 %, straight in between. 10 less when more than half of its "
            "examples came from text search, and 10 less when more than a tenth of them are doubted. With under 25 "
            "examples, or under 20 to train on, it is twice their number, 49 at most."
        ),
    ),
    (
        "underperforming_labels",
        "The mean health of the worst tenth of the labels, one label at least.",
    ),
    (
        "coverage",
        (
            "The share of messages expected to have at least one informative label. Score 0 at 40 %, 70 at 70 %, 90 at "
            "85 %, 100 at 95 %, straight in between."
        ),
    ),
    (
        "balance",
        (
            "70 points for how far reviewed messages resemble all messages (none at 50 % similarity, all at 95 %), 20 for "
            "a fifth of the reviews by Shuffle and Rebalance, 10 for no review by text search (none from 30 % on)."
        ),
    ),
)
BANDS = (
    "Poor is below 50, average below 70, good below 90, excellent from there, for the rating and for each factor. While a "
    "factor that counts is poor, the rating is 69 at most. There is none before 5 labels have enough examples, 100 "
    "messages are reviewed, and each factor that counts is known."
)


def factors_html(rating: Rating, offered: Callable[[Sequence[ReviewStep]], str]) -> str:
    """Cards of the factors, each with what it counts, and how the rating was made of them.

    ``offered`` makes links of the reviews that a factor asks for.
    """
    cards = "".join(_card(factor, offered(factor.steps)) for factor in rating.factors)
    return f'<div class="wb-factors">{cards}</div>{_made_html(rating)}'


def _card(factor: RatingFactor, links: str) -> str:
    """One factor: score in words and figures, what it counts and rests on, why, and what to do."""
    score = "not known yet" if factor.score is None else f"{factor.score:.0f} · {factor.band.capitalize()}"
    share = {name: value for name, value in factor.contributors.items() if 0 <= value <= 1}
    facts = [f"{name.replace('_', ' ').capitalize()} {value:.0%}" for name, value in share.items()]
    facts += [f"{name} {value:.0f}" for name, value in factor.contributors.items() if name not in share][:3]
    lines = [
        html.escape(text)
        for text in (f"Counts {_percent(factor)}.", factor.reason, " · ".join(facts))
        if text
    ]
    small = "".join(f'<p class="wb-status">{line}</p>' for line in lines)
    return (
        f'<div class="wb-factor"><h4>{html.escape(_name(factor.name))}'
        f'<span class="wb-band wb-band-{factor.band}">{score}</span></h4>'
        f"{small}<p><b>Next:</b> {html.escape(factor.action or 'nothing to do.')}</p>{links}</div>"
    )


def _made_html(rating: Rating) -> str:
    """The sum with the weights that this version was rated by, and the formulas."""
    counts = {factor.name: factor for factor in rating.factors}
    items = "".join(
        f"<li><b>{_name(name)}</b>, counts {_percent(counts[name])}. {html.escape(text)}</li>"
        for name, text in FORMULAS
        if name in counts
    )
    return (
        '<details class="wb-status"><summary>How the rating is made</summary>'
        f"<p>{html.escape(sum_words(rating))}</p><ul>{items}</ul><p>{BANDS} The weights are settings "
        "(<code>rating_weight_…</code>); changed ones count from the next training on, and a version keeps those it "
        "was rated by.</p></details>"
    )


def sum_words(rating: Rating) -> str:
    """The rating as the sum it is; what is missing where there is none."""
    counted = [factor for factor in rating.factors if factor.weight]
    if rating.score is None or any(factor.score is None for factor in counted):
        return rating.reason
    terms = " + ".join(
        f"{_percent(factor)} × {factor.score:.1f} ({_name(factor.name).lower()})" for factor in counted
    )
    total = sum(factor.weight * (factor.score or 0.0) for factor in counted)
    held = f" {rating.reason}" if rating.reason else ""
    return f"{terms} = {total:.1f}.{held}"


def _percent(factor: RatingFactor) -> str:
    """A weight as people write it: 30 %, 33.3 %."""
    return f"{100 * factor.weight:.3g} %"


def _name(name: FactorName) -> str:
    return name.replace("_", " ").capitalize()
