"""Annotations to a good model, guided against Shuffle, and what the forecast of the next batch is worth.

    python benchmarks/active_learning.py [--seeds 20] [--jobs N] [--data clinc150 nlupp]

Replays annotation with the real policy (``propose``), strategies and classifier on CLINC150 and NLU++ banking: every
batch is chosen, its labels are looked up, the classifier is trained, and the mean average precision over all labels is
measured on test messages that nobody annotates. Printed are the messages that each way needs to 90 % of the precision
that the whole pool gives, and for every guided batch the promised against the realised gain. The forecast's constants come
from BANKING77 (``gain_fit.py``).
"""

from __future__ import annotations

import argparse
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
from classify_data import clinc150, nlupp_banking, require_data
from common import machine
from replay import Replay, Source, Task, macro_ap
from threadpoolctl import threadpool_limits

from workbench.classify import MultiLabelClassifier
from workbench.review import Standing, propose

SETS = {"clinc150": clinc150, "nlupp": nlupp_banking}
TARGET = 0.90
MAX_ERROR, MIN_RANK = 0.03, 0.60


@dataclass(frozen=True, kw_only=True)
class Step:
    """A batch that was reviewed: what was known before it and what it brought."""

    standing: Standing
    mode: str
    label_id: str | None
    n: int
    promised: float
    low: float
    high: float
    before: float
    after: float

    @property
    def realised(self) -> float:
        """Gain on the test messages."""
        return self.after - self.before


def shuffled(task: Task, *, batch: int = 60) -> tuple[float, float]:
    """The goal, and how many messages Shuffle alone needs for it.

    The goal is a share of what the whole pool gives, which needs a model of the whole pool: made from an early one,
    because weights do not depend on where training began.
    """
    replay, points = Replay(task=task), [(0, 0.0)]
    replay.review("shuffle", None, batch)
    replay.learn()
    goal = TARGET * ceiling(task, replay.model)
    while True:
        points.append((replay.n_reviewed, replay.judged()))
        if points[-1][1] >= goal:
            return goal, crossing(points[-2], points[-1], goal)
        if not replay.review("shuffle", None, batch):
            return goal, float(task.n_pool)
        replay.learn()


def ceiling(task: Task, early: MultiLabelClassifier | None) -> float:
    """Mean average precision when the whole pool is reviewed."""
    known = task.vectors[: task.n_pool], task.lexical[: task.n_pool], task.targets[: task.n_pool]
    whole = MultiLabelClassifier(n_threads=1).refresh(early, *known, parents=task.parents)
    scores = whole.predict_proba(task.vectors[task.n_pool :], task.lexical[task.n_pool :])
    return macro_ap(task.targets[task.n_pool :], scores)


def guided(task: Task, goal: float, *, beyond: float = 1.0) -> tuple[float, list[Step]]:
    """Messages the policy needs to ``goal``, and its batches; it goes on to ``beyond`` times as many."""
    replay, steps, reached = Replay(task=task), [], float("nan")
    before = 0.0
    while True:
        standing = replay.standing()
        first = propose(standing)[0]
        n_before = replay.n_reviewed
        if first.n == 0 or not replay.review(first.mode, first.label_id, first.n):
            return (float(task.n_pool) if np.isnan(reached) else reached), steps
        replay.learn()
        after = replay.judged()
        n = replay.n_reviewed - n_before
        if first.gain is not None:
            steps.append(
                Step(
                    standing=standing,
                    mode=first.mode,
                    label_id=first.label_id,
                    n=n,
                    promised=first.gain.value,
                    low=first.gain.low,
                    high=first.gain.high,
                    before=before,
                    after=after,
                )
            )
        if np.isnan(reached) and after >= goal:
            reached = crossing((n_before, before), (replay.n_reviewed, after), goal)
        if replay.n_reviewed >= beyond * reached:
            return reached, steps
        before = after


def crossing(before: tuple[int, float], after: tuple[int, float], goal: float) -> float:
    """Messages at which the straight line between two points of (messages, precision) reaches the goal."""
    share = (goal - before[1]) / max(after[1] - before[1], 1e-9)
    return before[0] + (after[0] - before[0]) * share


def mean_and_interval(values: list[float]) -> str:
    """Mean and its 95 % interval over seeds (Student)."""
    from scipy.stats import t

    found = np.array(values)
    half = (
        t.ppf(0.975, len(found) - 1) * found.std(ddof=1) / np.sqrt(len(found)) if len(found) > 1 else np.nan
    )
    return f"{found.mean():.3g} [{found.mean() - half:.3g}, {found.mean() + half:.3g}]"


def report(name: str, steps: list[list[Step]]) -> None:
    from scipy.stats import spearmanr

    every = [step for run in steps for step in run]
    promised = np.array([step.promised for step in every])
    realised = np.array([step.realised for step in every])
    inside = np.array([step.low <= step.realised <= step.high for step in every])
    rank = float(spearmanr(promised, realised).statistic)
    late = np.array([step.standing.n_reviewed >= 100 for step in every])
    print(
        f"{name}: promised against realised gain, {len(every)} batches: "
        f"mean absolute error {np.abs(promised - realised).mean():.4f} (limit {MAX_ERROR}), "
        f"rank correlation {rank:.2f} (limit {MIN_RANK}), "
        f"{inside.mean():.0%} inside the 95 % interval, bias {np.mean(promised - realised):+.4f}; "
        f"mean realised {realised.mean():.4f}; "
        f"from 100 reviewed on: error {np.abs(promised - realised)[late].mean():.4f}, "
        f"rank correlation {spearmanr(promised[late], realised[late]).statistic:.2f}, {inside[late].mean():.0%} inside"
    )


@dataclass(frozen=True, kw_only=True)
class Run:
    """One draw of pool and test messages, annotated both ways."""

    goal: float
    shuffle: float
    guided: float
    steps: list[Step]


def run(seed: int, beyond: float) -> Run:
    """Both ways on the draw of ``seed``."""
    task = _loaded[0].task(seed)
    goal, n_shuffled = shuffled(task)
    n, steps = guided(task, goal, beyond=beyond)
    return Run(goal=goal, shuffle=n_shuffled, guided=n, steps=steps)


_loaded: list[Source] = []


def load(key: str) -> None:
    """In each process once; draws run side by side, so each keeps to one thread."""
    threadpool_limits(1)
    _loaded[:] = [Source.load(SETS[key]())]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="draws side by side")
    parser.add_argument("--data", nargs="+", choices=SETS, default=["clinc150", "nlupp"])
    parser.add_argument(
        "--beyond", type=float, default=1.3, help="go on to this many times the messages to the goal"
    )
    arguments = parser.parse_args()
    require_data()
    print(machine())
    for key in arguments.data:
        load(key)
        source, task = _loaded[0], _loaded[0].task(0)
        seeds = range(arguments.seeds)
        with ProcessPoolExecutor(
            arguments.jobs, mp_context=get_context("spawn"), initializer=load, initargs=(key,)
        ) as pool:
            runs = []
            for seed, one in enumerate(pool.map(run, seeds, [arguments.beyond] * len(seeds))):
                runs.append(one)
                print(
                    f"  seed {seed}: goal {one.goal:.3f}, shuffle {one.shuffle:.0f}, guided {one.guided:.0f}",
                    flush=True,
                )
        needs = {"shuffle": [one.shuffle for one in runs], "guided": [one.guided for one in runs]}
        ratios = [one.guided / one.shuffle for one in runs]
        goals = [one.goal for one in runs]
        print(
            f"{source.data.name}: {arguments.seeds} seeds, {task.n_pool} messages in the first pool, {task.targets.shape[1]} labels, "
            f"goal {mean_and_interval(goals)}"
        )
        for way, values in needs.items():
            print(
                f"  {way}: {mean_and_interval(values)} messages to {TARGET:.0%} of the whole pool's precision"
            )
        print(f"  guided / shuffle: {mean_and_interval(ratios)} (mean and 95 % interval over seeds)")
        report(source.data.name, [one.steps for one in runs])


if __name__ == "__main__":
    main()
