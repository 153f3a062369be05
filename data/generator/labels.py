"""The taxonomy: paths, instructions, frequencies, companions."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from random import Random

from data.generator import story


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A label and how it behaves.

    Attributes
    ----------
    key : str
        Prefix of its phrases in the inventory.
    path : str
        Full name, ``Parent > Child``.
    description : str
        Instructions for people.
    mail, review, chat : float
        Relative frequency as the main label of a message; 0 means never.
    with_ : tuple of str
        Keys of labels that come along in the same message.
    back : tuple of str
        Kinds of backstory that fit.
    christmas, january : float
        Extra weight at the pre-Christmas and the January peak; 0 means no season.
    """

    key: str
    path: str
    description: str
    mail: float
    review: float
    chat: float
    with_: tuple[str, ...]
    back: tuple[str, ...]
    christmas: float
    january: float


def load(path: Path) -> dict[str, Label]:
    """Read the taxonomy file; keys in file order."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    labels: dict[str, Label] = {}
    for key, row in raw.items():
        mail, review, chat = row["freq"]
        labels[key] = Label(
            key=key,
            path=row["path"],
            description=row["description"],
            mail=mail,
            review=review,
            chat=chat,
            with_=tuple(row.get("with", ())),
            back=tuple(row.get("back", ("life", "feeling"))),
            christmas=row.get("christmas", 0.0),
            january=row.get("january", 0.0),
        )
    return labels


@cache
def weight(label: Label, kind: str, day: date) -> float:
    """Frequency of `label` as main label in a source on a day; kind is mail, review or chat."""
    base = {"mail": label.mail, "review": label.review, "chat": label.chat}[kind]
    if label.key == story.NEW_KEY:
        return base * story.new_topic_factor(day)
    return base * (
        1 + label.christmas * story.near_christmas(day) + label.january * story.after_christmas(day)
    )


def draw(labels: dict[str, Label], kind: str, day: date, rng: Random, *, extra: float = 1.0) -> list[Label]:
    """Draw the labels of one message: a main one and, often, companions.

    Parameters
    ----------
    extra : float, default 1.0
        Scales the chance of second and third labels; 0 draws the main label alone.
    """
    pool = list(labels.values())
    main = rng.choices(pool, [weight(x, kind, day) for x in pool])[0]
    chosen = [main]
    candidates = [labels[k] for k in main.with_ if k != story.NEW_KEY or day >= story.NEW_START]
    for chance in (0.78, 0.42, 0.18):
        open_ = [x for x in candidates if x not in chosen]
        if not open_ or rng.random() >= chance * extra:
            break
        # The first companion listed is the most common one.
        chosen.append(rng.choices(open_, [1 / (i + 1) for i in range(len(open_))])[0])
    return chosen
