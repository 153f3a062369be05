"""False-alarm rate and power of the drift panel on CLINC150, with 95 % (Wilson) intervals.

    python benchmarks/drift_power.py [--sizes 300 1000] [--nulls 1000] [--runs 50] [--shares 200] [--permutations 199]

140 intents are known: a logistic regression on the default encoder's vectors is fitted on one part of their messages;
reference and window are drawn from the rest, without a message in common. Scenarios: nothing changed; 3 % or 10 % of the
window from the 10 unknown intents, or 10 % from one of them; one label's share rises by 5 points; the mix changes (shares
times log-normal, 0.5); 20 % of the messages get a greeting and a closing; a third more messages come in; 9 % instead of 3 %
are exceptions. Weekly counts are drawn besides: 26 weeks before and 4 now, Poisson with a log-normal mean (0.15), for weeks
differ by more than chance. 3 % of all messages are exceptions, by chance, so that seven tests share the rate.

*rings*: some test is below the rate and its effect material, which is what the product shows. *significant*: some
adjusted p-value is below the rate, material or not: the rate is stated for this one.

*own words*: with one new intent, whether one of its own words is in the ten phrases that rose most, and how many of the
ten hold one. Its own words are the five with the largest log-odds among its messages outside the window against all
known messages (words in 5 % of its messages at least): nothing of them is learned from the window.

*the share told*: 2, 5, 10 or 20 % of the window are of one new intent (above 150 messages some come twice), or an intent
grows from 5 to 10 %. Of the first group that the report shows: whether its seed messages, of which a label can be made, are
of the intent, and what share of the window it tells to be new: the mean with its 95 % interval, and in how many runs the
interval told holds the true share. Where a topic is seen in few runs only, it is seen because it came out large there.

The peer is the black-box shift detector that Rabanser et al. (2019) recommend: Kolmogorov-Smirnov on each label's
probabilities, Bonferroni-corrected, on the same windows at the same rate.

Bounds at 1,000 messages: false alarms at most 0.07 of quiet windows, power at least 0.9 with 10 % of new intents or of
one, own words in at least 0.9 of its runs. Fewer permutations than the product's 1,999 save time and lose power, if anything.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from common import machine
from discover_vs_bertopic import utterances, vectors_of

if TYPE_CHECKING:
    pass

RATE = 0.05
START = datetime(2026, 1, 5, tzinfo=UTC)
WEEK = timedelta(days=7)
N_UNKNOWN = 10
GREETINGS = ("Dear team, good morning. ", "Hello there, hope you are well. ", "Hi support, ")
QUIET, ONE_NEW = "nothing changed", "one new intent 10 %"
MOST_FALSE, LEAST_POWER, LEAST_OWN = 0.07, 0.9, 0.9
N_OWN, LEAST_SHARE = 5, 0.05
ODD = 0.03
TOLD = ((0.0, 0.02), (0.0, 0.05), (0.0, 0.1), (0.0, 0.2), (0.05, 0.1))
FEWEST_FOUND = 5
CLOSINGS = (" Many thanks and kind regards, Sam", " Looking forward to hearing from you soon", " Best wishes")


@dataclass(frozen=True, kw_only=True)
class World:
    """Messages outside training: vectors, probabilities, intents; ``polite`` holds the same with changed wording."""

    vectors: np.ndarray
    probabilities: np.ndarray
    polite_vectors: np.ndarray
    polite_probabilities: np.ndarray
    intent: np.ndarray
    unknown: np.ndarray
    texts: np.ndarray
    polite_texts: np.ndarray


def build(cache: Path) -> World:
    from sklearn.linear_model import LogisticRegression

    random = np.random.default_rng(0)
    texts, intent = utterances("clinc150")
    vectors = vectors_of("clinc150", texts, cache)
    polite = [f"{GREETINGS[i % 3]}{text}{CLOSINGS[(i // 3) % 3]}" for i, text in enumerate(texts)]
    polite_vectors = vectors_of("clinc150-polite", polite, cache)
    unknown_intents = random.choice(150, N_UNKNOWN, replace=False)
    unknown = np.isin(intent, unknown_intents)
    order = random.permutation(len(texts))
    train = order[: len(texts) // 3]
    train = train[~unknown[train]]
    rest = np.setdiff1d(np.arange(len(texts)), train)
    model = LogisticRegression(C=10, max_iter=200).fit(vectors[train], intent[train])
    return World(
        vectors=vectors[rest],
        probabilities=model.predict_proba(vectors[rest]).astype(np.float32),
        polite_vectors=polite_vectors[rest],
        polite_probabilities=model.predict_proba(polite_vectors[rest]).astype(np.float32),
        intent=intent[rest],
        unknown=unknown[rest],
        texts=np.array(texts, dtype=object)[rest],
        polite_texts=np.array(polite, dtype=object)[rest],
    )


Draw = Callable[[World, np.ndarray, int, np.random.Generator], np.ndarray]


def nothing(world: World, pool: np.ndarray, n: int, random: np.random.Generator) -> np.ndarray:
    del world
    return random.choice(pool, n, replace=False)


def unseen(share: float) -> Draw:
    def draw(world: World, pool: np.ndarray, n: int, random: np.random.Generator) -> np.ndarray:
        new = random.choice(np.flatnonzero(world.unknown), round(share * n), replace=False)
        return np.concatenate((random.choice(pool, n - len(new), replace=False), new))

    return draw


def one_unseen(world: World, pool: np.ndarray, n: int, random: np.random.Generator) -> np.ndarray:
    """10 % of the window from one unknown intent, of which a third is left for its own words."""
    intent = random.choice(np.unique(world.intent[world.unknown]))
    mine = random.permutation(np.flatnonzero(world.intent == intent))
    new = mine[len(mine) // 3 :][: round(0.1 * n)]
    return np.concatenate((random.choice(pool, n - len(new), replace=False), new))


def spike(world: World, pool: np.ndarray, n: int, random: np.random.Generator) -> np.ndarray:
    label = random.choice(np.unique(world.intent[pool]))
    more = random.choice(pool[world.intent[pool] == label], round(0.05 * n), replace=True)
    return np.concatenate((random.choice(pool, n - len(more), replace=False), more))


def mix(world: World, pool: np.ndarray, n: int, random: np.random.Generator) -> np.ndarray:
    weight = random.lognormal(0, 0.5, 150)[world.intent[pool]]
    return random.choice(pool, n, replace=False, p=weight / weight.sum())


SCENARIOS: dict[str, Draw] = {
    QUIET: nothing,
    "new intents 3 %": unseen(0.03),
    "new intents 10 %": unseen(0.10),
    ONE_NEW: one_unseen,
    "one label +5 points": spike,
    "mix": mix,
    "wording 20 %": nothing,
    "volume +33 %": nothing,
    "exceptions 3 % to 9 %": nothing,
}
BOUNDED = (QUIET, "new intents 10 %", ONE_NEW)


def exceptions(n: int, share: float, random: np.random.Generator) -> tuple[tuple[tuple[str, str], ...], ...]:
    return tuple((("robot", "not handled"),) if drawn < share else () for drawn in random.random(n))


def weeks(n: int, mean: float, random: np.random.Generator) -> tuple[int, ...]:
    """Messages per week: more uneven than chance alone."""
    return tuple(random.poisson(mean * random.lognormal(0, 0.15, n)).tolist())


def window(  # noqa: ANN201
    world: World,
    rows: np.ndarray,
    polite: np.ndarray,
    week: int,
    weekly: tuple[int, ...],
    exceptions: tuple[tuple[tuple[str, str], ...], ...] = (),
):
    from workbench.monitor import WindowData

    return WindowData(
        uids=tuple(f"{week}.{row}.{i}" for i, row in enumerate(rows)),
        vectors=np.where(polite[:, None], world.polite_vectors[rows], world.vectors[rows]),
        probabilities=np.where(polite[:, None], world.polite_probabilities[rows], world.probabilities[rows]),
        texts=tuple(np.where(polite, world.polite_texts[rows], world.texts[rows])),
        weekly=weekly,
        exceptions=exceptions,
        start=START + week * WEEK,
        end=START + (week + 1) * WEEK,
    )


def own_words(world: World, rows: np.ndarray, known: np.ndarray) -> set[str]:
    """The words that tell the new intent of ``rows`` from what is known, from its messages that are not among them."""
    from workbench.language import phrases

    intent = world.intent[rows[world.unknown[rows]]][0]
    others = np.setdiff1d(np.flatnonzero(world.intent == intent), rows)
    table = phrases([*world.texts[others], *world.texts[known]], 1)
    here = np.asarray(table.incidence[: len(others)].mean(axis=0)).ravel()
    there = np.asarray(table.incidence[len(others) :].mean(axis=0)).ravel()
    odds = np.log((here + 0.5 / len(others)) / (there + 0.5 / len(known)))
    telling = np.argsort(np.where(here >= LEAST_SHARE, -odds, 0), kind="stable")[:N_OWN]
    return {table.phrases[at] for at in telling}


def rising_phrases(reference, now) -> list[str]:  # noqa: ANN001
    """The phrases that the report shows as risen, at most ten."""
    from workbench.language import phrases
    from workbench.monitor.explain import phrase_changes

    table = phrases([*reference.texts, *now.texts])
    is_now = np.arange(len(reference.uids) + len(now.uids)) >= len(reference.uids)
    return [one.phrase for one in phrase_changes(table, is_now, 10) if one.log_odds > 0]


def one_intent(world: World, size: int, before: float, now: float, random: np.random.Generator):  # noqa: ANN201
    """Rows of a reference and a window with those shares of one new intent."""
    pool = random.permutation(np.flatnonzero(~world.unknown))
    mine = random.permutation(
        np.flatnonzero(world.intent == random.choice(np.unique(world.intent[world.unknown])))
    )
    n_before, n_now = round(before * size), round(now * size)
    old, left = mine[:n_before], mine[n_before:]
    again = random.choice(left, max(0, n_now - len(left)), replace=False)
    reference = np.concatenate((pool[: size - n_before], old))
    return reference, np.concatenate((pool[size : 2 * size - n_now], left[:n_now], again))


def measure_told(world: World, size: int, before: float, now: float, runs: int) -> None:
    """What the first group tells of the share that is new."""
    from workbench.monitor.explain import cluster_changes

    truth, found = (now - before) / (1 - before), []
    unchanged = np.zeros(size, dtype=bool)
    for run in range(runs):
        random = np.random.default_rng((size, run, round(1_000 * now), round(1_000 * before)))
        rows = one_intent(world, size, before, now, random)
        parts = [window(world, mine, unchanged, week, ()) for week, mine in enumerate(rows)]
        groups = cluster_changes(*parts, table=None, random_state=run)
        if not groups:
            continue
        first, is_new = groups[0], dict(zip(parts[1].uids, world.unknown[rows[1]], strict=True))
        pure = np.mean([is_new[uid] for uid in first.seeds])
        width = first.share_new_high - first.share_new_low
        holds = first.share_new_low <= truth <= first.share_new_high
        found.append(
            (
                first.share_new,
                holds,
                pure,
                width,
                (first.share_now - first.share_before) / (1 - first.share_before),
            )
        )
    what = f"n={size} one intent {before:.0%} to {now:.0%}"
    if len(found) < FEWEST_FOUND:
        print(f"{what}: a group came new in {wilson(len(found), runs)} of {runs} runs", flush=True)
        return
    told, holds, pure, width, alone = np.array(found, dtype=float).T
    error = 1.96 * told.std(ddof=1) / len(told) ** 0.5
    print(
        f"{what}: a group came new in {wilson(len(told), runs)} of {runs} runs; share told to be new {told.mean():.4f} "
        f"[{told.mean() - error:.4f}, {told.mean() + error:.4f}] (true {truth:.4f}; the group alone {alone.mean():.4f}), 95 % of "
        f"runs {np.quantile(told, 0.025):.3f} to {np.quantile(told, 0.975):.3f}; its interval, {width.mean():.3f} wide, holds "
        f"the truth in {wilson(int(holds.sum()), len(told))}; seeds of the intent {pure.mean():.0%}",
        flush=True,
    )


def peer_rings(reference, now) -> bool:  # noqa: ANN001
    """Kolmogorov-Smirnov on each label's probabilities, Bonferroni-corrected."""
    from scipy.stats import ks_2samp

    least = min(
        ks_2samp(before, after, method="asymp").pvalue
        for before, after in zip(reference.probabilities.T, now.probabilities.T, strict=True)
    )
    return bool(least < RATE / reference.probabilities.shape[1])


def at_most(share: float, bound: float) -> str:
    return f"at most {bound}: {'kept' if share <= bound else 'MISSED'}"


def at_least(share: float, bound: float) -> str:
    return f"at least {bound}: {'kept' if share >= bound else 'MISSED'}"


def wilson(hits: int, n: int) -> str:
    share, z = hits / n, 1.96
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5 / (1 + z * z / n)
    return f"{share:.2f} [{max(0, middle - half):.2f}, {min(1, middle + half):.2f}]"


def measure(world: World, name: str, size: int, runs: int, permutations: int) -> None:
    from workbench.language import phrases
    from workbench.monitor.drift import compare_window

    known = np.flatnonzero(~world.unknown)
    rang, below, peer, own = [], [], [], []
    started = time.perf_counter()
    for run in range(runs):
        random = np.random.default_rng((size, run, sorted(SCENARIOS).index(name)))
        pool = random.permutation(known)
        usual = size / 4
        more = 4 / 3 if name.startswith("volume") else 1.0
        unchanged = np.zeros(size, dtype=bool)
        reference = window(world, pool[:size], unchanged, 0, weeks(26, usual, random))
        rows = SCENARIOS[name](world, pool[size:], size, random)
        polite = random.random(size) < (0.2 if name.startswith("wording") else 0)
        now = window(world, rows, polite, 1, weeks(4, usual * more, random))
        odd = 3 * ODD if name.startswith("exceptions") else ODD
        reference = replace(reference, exceptions=exceptions(size, ODD, random))
        now = replace(now, exceptions=exceptions(size, odd, random))
        found = compare_window(
            reference,
            now,
            false_alarm_rate=RATE,
            n_permutations=permutations,
            random=random,
            find_phrases=phrases,
        )
        rang.append([test.alarm for test in found])
        below.append([test.p_adjusted < RATE for test in found])
        peer.append(peer_rings(reference, now))
        if name == ONE_NEW:
            words = own_words(world, rows, known)
            own.append([bool(words & set(phrase.split())) for phrase in rising_phrases(reference, now)])
    seconds = (time.perf_counter() - started) / runs
    n_rang, n_below = int(np.any(rang, axis=1).sum()), int(np.any(below, axis=1).sum())
    each = ", ".join(f"{t.name} {share:.2f}" for t, share in zip(found, np.mean(rang, axis=0), strict=True))
    bounds = []
    if name == QUIET and size >= 1000:
        bounds.append(f"significant {at_most(n_below / runs, MOST_FALSE)}")
        bounds.append(f"rings {at_most(n_rang / runs, MOST_FALSE)}")
    elif name in BOUNDED and size >= 1000:
        bounds.append(f"rings {at_least(n_rang / runs, LEAST_POWER)}")
    print(
        f"n={size} {name}: rings {wilson(n_rang, runs)}, significant {wilson(n_below, runs)}, peer "
        f"{wilson(sum(peer), runs)} of {runs} windows ({each}; {seconds:.2f} s each) {'; '.join(bounds)}",
        flush=True,
    )
    if own:
        hits = sum(any(row) for row in own)
        bound = f", {at_least(hits / runs, LEAST_OWN)}" if size >= 1000 else ""
        print(
            f"n={size} {name}: own words among the ten phrases {wilson(hits, runs)} of {runs} runs{bound}; "
            f"phrases with one {np.mean([sum(row) for row in own]):.1f} of {np.mean([len(row) for row in own]):.1f}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", nargs="+", type=int, default=[300, 1000])
    parser.add_argument("--nulls", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--shares", type=int, default=200, help="runs of each share told")
    parser.add_argument("--permutations", type=int, default=199)
    parser.add_argument("--only", nargs="+", default=list(SCENARIOS), help="scenarios, by name")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "workbench-benchmarks")
    given = parser.parse_args()
    given.cache.mkdir(parents=True, exist_ok=True)
    print(machine())
    world = build(given.cache)
    for size in given.sizes:
        for before, after in TOLD if given.shares else ():
            measure_told(world, size, before, after, given.shares)
    for size in given.sizes:
        for name in given.only:
            runs = given.nulls if name == QUIET else given.runs
            measure(world, name, size, runs, given.permutations)


if __name__ == "__main__":
    main()
