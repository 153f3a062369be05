"""Put the corpus together from one seed."""

from __future__ import annotations

from pathlib import Path
from random import Random

from data.generator import chats, corpus, reviews
from data.generator import labels as taxonomy
from data.generator.compose import Composer
from data.generator.grammar import Grammar
from data.generator.mailbox import Mailbox
from data.generator.story import Calendar

HERE = Path(__file__).parent
DEFAULT_SEED = 7
DEFAULT_MESSAGES = 6000
SHARES = {"mailbox": 0.6, "reviews": 0.22, "chats": 0.18}


def build(folder: Path, *, seed: int = DEFAULT_SEED, messages: int = DEFAULT_MESSAGES) -> dict[str, int]:
    """Write a corpus.

    Parameters
    ----------
    folder : Path
        Made when absent; files of the same names are replaced.
    seed : int, default 7
        The same seed gives the same bytes.
    messages : int, default 6000
        Messages in all three sources together, at least 10.

    Returns
    -------
    dict of str to int
        Messages of each source.
    """
    grammar = Grammar.load(HERE / "inventory")
    labels = taxonomy.load(HERE / "taxonomy.toml")
    n_reviews, n_chats = round(messages * SHARES["reviews"]), round(messages * SHARES["chats"])

    def stream(name: str) -> Random:
        return Random(f"{seed}:{name}")

    def composer(name: str) -> Composer:
        return Composer(grammar, labels, stream(name))

    rng = stream("mailbox")
    mails = Mailbox(composer("mail"), Calendar(rng), rng).fill(messages - n_reviews - n_chats)
    rng = stream("reviews")
    stars = reviews.write(composer("review"), Calendar(rng, reviews=True), n_reviews, rng)
    rng = stream("chats")
    talks = chats.write(composer("chat"), Calendar(rng), n_chats, rng)
    return corpus.write(
        folder,
        mails=corpus.number(mails, "M"),
        reviews=corpus.number(stars, "R"),
        chats=corpus.number(talks, "C"),
        labels=labels,
        seed=seed,
    )
