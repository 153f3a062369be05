"""What encryption costs: import, page, search and training of an encrypted workspace beside the plain one.

    python benchmarks/encryption_overhead.py [n_messages]

Both workspaces (default 100,000 made-up messages each) are used through their owners, in turns and in one run: the
same files, pages, searches and trainings, now the plain one first, now the other. Printed are the medians, and of the
ratios within the pairs the median with its 95 % bootstrap interval, for wall time and for the processor time of the
owner and its workers. Limit: 1.25 of wall time. The encoder is the one of the tests, which costs next to nothing:
with a real one training and import take longer on both sides, and the ratio falls.
"""

from __future__ import annotations

import csv
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from common import machine

import workbench as wb
from workbench.cli.serving import stop
from workbench.domain import MessageFilter
from workbench.door import Dataset, Workspace
from workbench.store import new_key_file
from workbench.widgets.apps import Visit
from workbench.widgets.first_look import first_look
from workbench.widgets.state import PanelState
from workbench.wire import companion_folder

LIMIT = 1.25
N_FILES, N_PAGES, N_SEARCHES, N_PAINTS, N_TRAININGS = 31, 60, 60, 20, 11
TOPICS = {
    "Refund": "refund money back charged twice card",
    "Delivery": "parcel late driver courier neighbour street",
    "Damage": "broken damaged cracked box torn",
    "Login": "password login account locked reset",
}
PAINTED = ("sources", "datasets", "annotate", "train", "validation", "usage")
SETTINGS = {
    "encoder": "hash-test",
    "fast_encoder": "",
    "retrain_after_reviews": 0,
    "predict_after_s": -1.0,
    "languages_after_s": -1.0,
    "owner_idle_s": 0.0,
}


@dataclass(kw_only=True)
class Side:
    """A workspace, and what each kind of work took on it."""

    name: str
    file: Path
    workspace: Workspace
    wall: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)

    @property
    def dataset(self) -> Dataset:
        """The one dataset."""
        return self.workspace.dataset("demo/mail")

    def time(self, kind: str, work: Callable[[Side], object]) -> None:
        """Do a piece of work and keep what it took."""
        used, start = self.used_s(), time.perf_counter()
        work(self)
        self.wall.setdefault(kind, []).append(time.perf_counter() - start)
        self.cpu.setdefault(kind, []).append(self.used_s() - used)

    def used_s(self) -> float:
        """Processor seconds of the owner, its workers, and the workers that have ended."""
        owner = int((companion_folder(self.file) / "owner.pid").read_text("ascii"))
        found = 0.0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text("utf-8").rpartition(")")[2].split()
            except OSError:  # it has just ended
                continue
            if owner in (int(stat.parent.name), int(fields[1])):
                found += sum(int(ticks) for ticks in fields[11:15]) / 100
        return found


def write_files(folder: Path, n: int) -> list[Path]:
    """CSV files of messages of four topics among words that mean nothing."""
    draw = random.Random(3)
    fillers = ["".join(draw.choices("abcdefghilmnoprstu", k=draw.randint(3, 9))) for _ in range(20_000)]
    topics = [words.split() for words in TOPICS.values()]
    start = datetime(2025, 1, 1, tzinfo=UTC)
    paths = []
    for part in range(N_FILES):
        path = folder / f"part-{part}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "date", "subject", "text", "from", "stars"])
            for i in range(part * n // N_FILES, (part + 1) * n // N_FILES):
                words = draw.choices(fillers, k=50) + draw.choices(topics[i % 4], k=4)
                draw.shuffle(words)
                when = (start + timedelta(minutes=5 * i)).isoformat()
                writer.writerow(
                    [f"m{i}", when, " ".join(words[:4]), " ".join(words), f"c{i % 999}@x.org", i % 5]
                )
        paths.append(path)
    return paths


@contextmanager
def sides(folder: Path) -> Iterator[tuple[Side, Side]]:
    """The plain and the encrypted workspace, both with a running owner."""
    key = str(new_key_file(folder / "key"))
    made = []
    for name, key_file in (("plain", ""), ("encrypted", key)):
        (folder / name).mkdir()
        file = folder / name / f"{name}.duckdb"
        lines = [f"{setting} = {value!r}" for setting, value in {**SETTINGS, "key_file": key_file}.items()]
        (file.parent / "workbench.toml").write_text("\n".join(lines).replace("'", '"') + "\n", "utf-8")
        workspace = wb.open(file)
        workspace.operations.health()
        made.append(Side(name=name, file=file, workspace=workspace))
    try:
        yield made[0], made[1]
    finally:
        for side in made:
            stop(side.file)


def in_turns(both: tuple[Side, Side], kind: str, work: Callable[[Side], object], turn: int) -> None:
    """The same piece of work on both sides; who begins changes from turn to turn."""
    for side in both if turn % 2 == 0 else both[::-1]:
        side.time(kind, work)


def report(both: tuple[Side, Side], kind: str) -> bool:
    """Print a line for a kind of work; whether the limit is kept."""
    plain, encrypted = both
    told, kept = [], True
    for what, of in (("wall", lambda side: side.wall), ("processor", lambda side: side.cpu)):
        first, second = np.array(of(plain)[kind]), np.array(of(encrypted)[kind])
        ratios = second / np.maximum(first, 1e-9) if (first > 0).all() else np.array([])
        if not len(ratios):
            told.append(f"{what}: too short to be measured")
            continue
        draws = np.random.default_rng(0).integers(0, len(ratios), (5_000, len(ratios)))
        low, high = np.quantile(np.median(ratios[draws], axis=1), [0.025, 0.975])
        middle = float(np.median(ratios))
        told.append(
            f"{what} {statistics.median(first):8.4f} and {statistics.median(second):8.4f} s, ratio {middle:.2f} "
            f"[{low:.2f}, {high:.2f}]"
        )
        kept = kept and (what != "wall" or middle <= LIMIT)
    print(
        f"{kind:12s} n {len(plain.wall[kind]):3d}  {'   '.join(told)}   {'kept' if kept else 'MISSED'}",
        flush=True,
    )
    return kept


def main() -> None:
    """Print the figures; status 1 when a limit is missed."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    print(machine())
    print(f"{n:,} messages; plain, then encrypted; limit {LIMIT:g} of wall time")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = write_files(folder, n)
        with sides(folder) as both:
            kept = [*importing(both, files), *reading(both, n), *training(both)]
    if not all(kept):
        raise SystemExit(1)


def importing(both: tuple[Side, Side], files: list[Path]) -> Iterator[bool]:
    """The first file warms both owners up."""
    for turn, path in enumerate(files):
        in_turns(
            both,
            "import" if turn else "warming up",
            lambda side, path=path: side.workspace.import_(path, source="demo/mail", progress=False),
            turn,
        )
    yield report(both, "import")


def reading(both: tuple[Side, Side], n: int) -> Iterator[bool]:
    draw = random.Random(4)
    for side in both:
        dataset = side.workspace.create_dataset("demo/mail", sources=["demo/mail"])
        dataset.messages(text="refund")
    time.sleep(5)  # the index of words is made in the background
    for turn in range(N_PAGES):
        offset = draw.randrange(0, n - 256)
        in_turns(both, "page", lambda side, at=offset: page(side, MessageFilter(), at), turn)
    yield report(both, "page")
    words = [word for topic in TOPICS.values() for word in topic.split()]
    for turn in range(N_SEARCHES):
        where = MessageFilter(text=" ".join(draw.sample(words, 2)))
        in_turns(both, "search", lambda side, where=where: page(side, where, 0), turn)
    yield report(both, "search")


def page(side: Side, where: MessageFilter, offset: int) -> None:
    """One page of a list, and how many messages pass."""
    operations, dataset_id = side.workspace.operations, side.dataset.dataset_id
    operations.find_messages(dataset_id, where, offset=offset, limit=50)
    operations.count_messages(dataset_id, where)


def training(both: tuple[Side, Side]) -> Iterator[bool]:
    """Vectors, 200 reviewed messages, then a version again and again; and what the apps show first."""
    for side in both:
        for label, words in TOPICS.items():
            where = MessageFilter(text=words.split()[0], reviewed=False)
            dataset = side.dataset
            for message in dataset.operations.find_messages(dataset.dataset_id, where, limit=50).messages:
                dataset.annotate(message.uid, label, create=True)
    in_turns(both, "vectors", lambda side: side.dataset.embed(progress=False), 0)
    for turn in range(N_TRAININGS + 1):
        in_turns(
            both, "training" if turn else "warming up", lambda side: side.dataset.train(progress=False), turn
        )
    yield report(both, "training")
    for turn in range(N_PAINTS + 1):
        in_turns(both, "first paint" if turn else "warming up", paint, turn)
    yield report(both, "first paint")


def paint(side: Side) -> None:
    """What each app asks for before its controls are there."""
    here = Visit(visitor="bench", workspace=side.workspace, state=PanelState.from_query(""))
    for name in PAINTED:
        first_look(name, here)


if __name__ == "__main__":
    main()
