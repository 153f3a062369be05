"""The main job on 100,000 messages of about 60 words, through the real owner, with time and memory per stage.

    python benchmarks/main_job_speed.py [--messages 100000] [--keep FOLDER]

Import, embed, discover (map, clusters, names), train 50 labels on 2,000 reviewed, predict all; then the pace
of the loop: retrain after 20 new reviews with 5,000 reviewed and 100 labels (limit 2 s to new predictions of
all messages), one judgement from this process (limit 50 ms at the 95th percentile) and through the HTTP door
with 8 people annotating at once (limit 150 ms): each a process that thinks for half a second to one and a half;
then without any thinking, which is what the door can take. The embedding floor is the encoder alone, in this run, on
messages of the same file, with the same threads.

Messages are joined from CLINC150 utterances of one intent, so that true labels exist; no two are equal. Memory
is the proportional set size of the owner, its workers and this process, looked at once a second.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import multiprocessing
import random
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from common import machine, real_data, settle

import workbench as wb
from workbench.client import connect_http
from workbench.domain import ColumnMapping, DiscoverOptions, Judgement, LabelId, MessageFilter, Uid
from workbench.embed import load_encoder
from workbench.settings import load_settings
from workbench.wire import companion_folder

SEED = 7
N_WORDS = 60
FLOOR_SAMPLE = 3_000
RETRAIN_LIMIT_S, ACK_LIMIT_MS, SERVED_LIMIT_MS = 2.0, 50.0, 150.0
N_USERS = 8


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, help="work here, and use again what an earlier run left")
    given = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as name:
        folder = given.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "scale.duckdb"
        ws = wb.open(file, retrain_after_reviews=0, owner_idle_s=20.0)
        watch = Watch(file)
        whole_job(ws, folder, given.messages, watch)
        ack_here(ws.dataset("scale/all"), "one judgement from this process")
        ack_served(ws.dataset("scale/all"), file)
        stop_owner(file)
        # From here on the owner retrains by itself, as it does for a person who annotates.
        ds = wb.open(file, retrain_after_reviews=20, retrain_after_s=1e6, owner_idle_s=20.0).dataset(
            "scale/all"
        )
        truth = json.loads((folder / "truth.json").read_text())
        loop(ds, truth, watch)
        ack_here(ds, "one judgement from this process, while it retrains by itself")
        stop_owner(file)


class Watch:
    """Proportional memory of the owner's processes and this one."""

    def __init__(self, file: Path) -> None:
        self._pid_file = companion_folder(file) / "owner.pid"
        self.peak = 0.0
        threading.Thread(target=self._look, daemon=True).start()

    @contextmanager
    def stage(self, name: str, n: int) -> Iterator[list[float]]:
        """Print what the block took; the list it hands out then holds the seconds."""
        self.peak = 0.0
        took: list[float] = []
        started = time.perf_counter()
        yield took
        took.append(time.perf_counter() - started)
        print(
            f"{name:<34} {took[0]:8.1f} s  {n / took[0]:9.0f}/s  peak {self.peak:6.0f} MiB",
            flush=True,
        )

    def _look(self) -> None:
        while True:
            pids = [str(multiprocessing.current_process().pid)]
            try:
                owner = self._pid_file.read_text().strip()
                pids += [owner, *_descendants(owner)]
            except OSError:
                pass
            self.peak = max(self.peak, sum(map(_pss_mib, pids)))
            time.sleep(1)


def _descendants(pid: str) -> list[str]:
    try:
        direct = [
            child
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except OSError:
        return []
    return direct + [deeper for child in direct for deeper in _descendants(child)]


def _pss_mib(pid: str) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def write_messages(folder: Path, n: int) -> Path:
    """A CSV of n distinct messages, and their intents beside it."""
    parts = json.loads(gzip.decompress((real_data() / "clinc150" / "clinc150_full.json.gz").read_bytes()))
    by_intent: dict[str, list[str]] = {}
    for name in sorted(parts):
        if "oos" not in name:
            for text, intent in parts[name]:
                by_intent.setdefault(intent, []).append(text)
    draw = random.Random(SEED)
    intents = sorted(by_intent)
    start = datetime(2025, 1, 1, tzinfo=UTC)
    truth: dict[str, str] = {}
    seen: set[str] = set()
    n_words = 0
    with (folder / "messages.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "when", "text"])
        while len(truth) < n:
            intent = draw.choice(intents)
            words: list[str] = []
            while len(words) < N_WORDS - 4:
                words += [*draw.choice(by_intent[intent]).split(), "."]
            text = " ".join(words).replace(" .", ".")
            if text not in seen:
                seen.add(text)
                name = f"m{len(truth)}"
                truth[name] = intent.replace("_", " ")
                n_words += len(text.split())
                writer.writerow([name, (start + timedelta(minutes=5 * len(truth))).isoformat(), text])
    (folder / "truth.json").write_text(json.dumps(truth))
    print(f"n = {n:,} messages, {n_words / n:.0f} words on average, {len(intents)} intents")
    return folder / "messages.csv"


def whole_job(ws: wb.Workspace, folder: Path, n: int, watch: Watch) -> None:
    """Everything from CSV to predictions; what an earlier run left in the folder is taken up."""
    if "scale/all" in ws.datasets()["dataset"].to_list():
        print("messages, vectors and clusters are those of an earlier run")
        ds = ws.dataset("scale/all")
    else:
        ds = first_half(ws, write_messages(folder, n), n, watch)
    truth = json.loads((folder / "truth.json").read_text())
    common = sorted(set(truth.values()))[:50]
    create_missing(ds, common)
    judge_true(ds, truth, set(common), 2_000 - ds.info.n_reviewed)
    with watch.stage("train 50 x 2,000 + predict all", len(truth)):
        stages = run_job(ds)
    for name, seconds in stages:
        print(f"  {name:<32} {seconds:8.1f} s")
    report = ds.validation().mean_average_precision
    print(
        f"  mean average precision {report.value:.3f} [{report.low:.3f}, {report.high:.3f}], n = {report.n}"
    )


def first_half(ws: wb.Workspace, file: Path, n: int, watch: Watch) -> wb.Dataset:
    """Import, embed, discover."""
    mapping = ColumnMapping(id="id", timestamp="when", body="text")
    with watch.stage("import", n):
        ws.import_(file, source="scale/mail", mapping=mapping, progress=False)
    ds = ws.create_dataset("scale/all", sources=["scale/mail"])
    floor = embedding_floor(file)
    with watch.stage("embed", n) as took:
        ds.embed(progress=False)
    print(f"{'':<34} {n / floor / took[0]:8.1%} of the embedding floor ({floor:.0f}/s)", flush=True)
    with watch.stage("map + clusters + names", n):
        run = ds.discover(DiscoverOptions(first_map=False), progress=False)
    print(f"{'':<34} {len(run.clusters)} clusters, {run.share_unclustered:.1%} in none", flush=True)
    return ds


def create_missing(ds: wb.Dataset, names: list[str]) -> None:
    """Labels that the dataset does not have yet."""
    known = {label.name for label in ds.operations.labels(ds.dataset_id)}
    for name in names:
        if name not in known:
            ds.create_label(name)


def embedding_floor(file: Path) -> float:
    """Messages per second of the encoder alone."""
    with file.open(encoding="utf-8", newline="") as lines:
        texts = [row["text"] for row, _ in zip(csv.DictReader(lines), range(FLOOR_SAMPLE), strict=False)]
    settings = load_settings()
    encoder = load_encoder(
        settings.encoder, cache_dir=Path.home() / ".cache" / "workbench", n_threads=settings.n_threads
    )
    encoder.encode(texts[:200])
    started = time.perf_counter()
    encoder.encode(texts)
    return len(texts) / (time.perf_counter() - started)


def judge_true(ds: wb.Dataset, truth: dict[str, str], names: set[str], n: int) -> None:
    """Review n more messages, most of them of these labels, as their truth says."""
    if n <= 0:
        return
    ids = {label.name: label.label_id for label in ds.operations.labels(ds.dataset_id)}
    table = ds.messages(MessageFilter(reviewed=False))
    pairs = list(zip(table["uid"].to_list(), table["message_id"].to_list(), strict=True))
    random.Random(SEED + n).shuffle(pairs)
    inside = [pair for pair in pairs if truth[pair[1]] in names][: n * 9 // 10]
    outside = [pair for pair in pairs if truth[pair[1]] not in names][: n - len(inside)]
    ds.operations.judge(
        ds.dataset_id,
        tuple(
            judgement(uid, (ids[truth[key]],) if truth[key] in ids else ()) for uid, key in inside + outside
        ),
    )


def judgement(uid: str, assigned: tuple[LabelId, ...] = (), revision: int = 0) -> Judgement:
    return Judgement(
        event_id=secrets.token_hex(8), uid=Uid(uid), assigned=assigned, mode="shuffle", revision=revision
    )


def run_job(ds: wb.Dataset) -> list[tuple[str, float]]:
    """Train; returns seconds per stage of the job."""
    job_id = ds.operations.start_train(ds.dataset_id)
    stages: list[tuple[str, float]] = []
    name, since = "queued", time.perf_counter()
    while True:
        state = ds.operations.job(job_id)
        now = time.perf_counter()
        if state.stage != name or state.status in ("done", "failed", "cancelled"):
            stages.append((name, now - since))
            name, since = state.stage, now
        if state.status in ("done", "failed", "cancelled"):
            assert state.status == "done", state
            return stages
        time.sleep(0.02)


def loop(ds: wb.Dataset, truth: dict[str, str], watch: Watch) -> None:
    """5,000 reviewed, 100 labels; then 20 more, and the wait for new predictions of all messages."""
    names = sorted(set(truth.values()))[:100]
    create_missing(ds, names)
    judge_true(ds, truth, set(names), 5_000 - ds.info.n_reviewed)
    with watch.stage("train 100 x 5,000 + validate", len(truth)):
        run_job(ds)
    rest(ds)
    took = []
    for _ in range(5):
        before = ds.operations.model_versions(ds.dataset_id)[0].version
        judge_true(ds, truth, set(names), 20)
        started = time.perf_counter()
        while ds.operations.model_versions(ds.dataset_id)[0].version == before:
            time.sleep(0.02)
        took.append(time.perf_counter() - started)
        rest(ds)
    seconds = statistics.median(took)
    print(
        f"retrain after 20 new reviews: {seconds:.2f} s (runs {', '.join(f'{t:.2f}' for t in took)}) to new predictions"
        f" of {len(truth):,} messages; limit {RETRAIN_LIMIT_S} s, ratio {seconds / RETRAIN_LIMIT_S:.2f}"
    )


def rest(ds: wb.Dataset) -> None:
    """Wait until no job runs or waits."""
    while any(not job.finished for job in ds.operations.jobs(ds.dataset_id)):
        time.sleep(0.1)


def stop_owner(file: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "workbench", "stop", str(file)], check=True, stdout=subprocess.DEVNULL
    )


def ack_here(ds: wb.Dataset, what: str, n: int = 300) -> None:
    """Judgements one by one from this process."""
    settle()
    waits = waits_of(ds.operations, ds.dataset_id, *unreviewed(ds, n))
    said(what, waits, ACK_LIMIT_MS)


def unreviewed(ds: wb.Dataset, n: int) -> tuple[list[str], list[LabelId]]:
    uids = ds.messages(MessageFilter(reviewed=False))["uid"].head(n).to_list()
    return uids, [label.label_id for label in ds.operations.labels(ds.dataset_id)]


def waits_of(
    operations: object, dataset_id: str, uids: list[str], labels: list[LabelId], think_s: float = 0.0
) -> list[float]:
    """Milliseconds each judgement took, with a pause of about ``think_s`` before each."""
    waits, draw = [], random.Random(uids[0])
    for row, uid in enumerate(uids):
        time.sleep(think_s * draw.uniform(0.5, 1.5))
        started = time.perf_counter()
        operations.judge(dataset_id, (judgement(uid, (labels[row % len(labels)],)),))  # type: ignore[attr-defined]
        waits.append(1000 * (time.perf_counter() - started))
    return waits


def ack_served(ds: wb.Dataset, file: Path, n: int = 100) -> None:
    """8 processes judge at once through ``workbench serve``."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "workbench", "serve", str(file), "--port", str(port)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        for line in server.stdout:
            if "Ctrl-C" in line:
                break
        token = (companion_folder(file) / "token").read_text().strip()
        uids, labels = unreviewed(ds, n * N_USERS)
        with multiprocessing.get_context("spawn").Pool(N_USERS) as users:
            parts = [uids[user::N_USERS] for user in range(N_USERS)]
            jobs = [(f"http://127.0.0.1:{port + 1}", token, ds.dataset_id, part, labels) for part in parts]
            users.map(_hello, jobs)
            settle()  # the apps' kernels are started ahead
            half = n // 2
            for what, think_s, which in (
                (f"through the server, {N_USERS} people at once", 1.0, slice(half)),
                ("through the server, no thinking", 0.0, slice(half, n)),
            ):
                started = time.perf_counter()
                asked = [(*job[:3], job[3][which], labels, think_s) for job in jobs]
                waits = [wait for one in users.map(_user, asked, chunksize=1) for wait in one]
                said(what, waits, SERVED_LIMIT_MS)
                print(f"  {len(waits) / (time.perf_counter() - started):.0f} judgements/s", flush=True)
    finally:
        server.terminate()
        server.wait(30)


def _hello(job: tuple[str, str, str, list[str], list[LabelId]]) -> None:
    connect_http(job[0], token=job[1]).whoami()
    time.sleep(0.5)


def _user(job: tuple[str, str, str, list[str], list[LabelId], float]) -> list[float]:
    url, token, dataset_id, uids, labels, think_s = job
    return waits_of(connect_http(url, token=token), dataset_id, uids, labels, think_s)


def said(what: str, waits: list[float], limit: float) -> None:
    waits = sorted(waits)
    p95 = waits[int(0.95 * len(waits))]
    print(
        f"{what}: median {statistics.median(waits):.1f} ms, p95 {p95:.1f} ms, worst {waits[-1]:.1f} ms, n = {len(waits)};"
        f" limit {limit:.0f} ms, ratio {p95 / limit:.2f}"
    )


if __name__ == "__main__":
    main()
