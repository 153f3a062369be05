"""Texts encoded side by side: each thread takes the next text, the caller's thread reports and listens."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from workbench.embed.batches import distinct, stop_if, unit_rows
from workbench.embed.protocol import Cancelled, Progress

_LOOK_EVERY_S = 0.5

Group = tuple[list[int], NDArray[np.int32]]
"""Rows of the result, and the ids of their texts: (n_texts, n_tokens)."""


def single_thread_session(graph: bytes) -> onnxruntime.InferenceSession:
    """Start the runtime so that one run takes one thread and keeps no memory."""
    options = onnxruntime.SessionOptions()
    # One thread per run: the parallel unit is the text, and the threads are ours.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # With the arena memory grows with the longest text seen and is never returned.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    # Higher levels would fuse the layer norms again into the slower operator.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def encode_side_by_side(
    texts: Sequence[str],
    groups: Callable[[Sequence[str]], Iterator[Group]],
    run: Callable[[NDArray[np.int32]], NDArray[np.float32]],
    *,
    dim: int,
    n_threads: int,
    progress: Progress | None,
    cancelled: Cancelled | None,
) -> NDArray[np.float32]:
    """Encode the distinct texts, ``n_threads`` groups at a time.

    Parameters
    ----------
    groups
        Hands out the texts it is given as token ids; called once, read from several threads in turn.
    run
        Vectors of one group, (n_texts, dim); called from several threads at once.
    """
    unique, rows = distinct(texts)
    vectors = np.empty((len(unique), dim), np.float32)
    if not unique:
        return vectors
    work = _Work(groups(unique))

    def worker() -> None:
        while (group := work.take()) is not None:
            places, ids = group
            vectors[places] = run(ids)
            work.finish(len(places))

    with ThreadPoolExecutor(n_threads, thread_name_prefix="encode") as pool:
        running = {pool.submit(worker) for _ in range(min(n_threads, len(unique)))}
        try:
            _watch(running, work, len(unique), len(texts), progress, cancelled)
        finally:
            work.stop()
    return unit_rows(vectors)[rows]


def _watch(
    running: set[Future[None]],
    work: _Work,
    n_unique: int,
    n_texts: int,
    progress: Progress | None,
    cancelled: Cancelled | None,
) -> None:
    """Report and listen from the caller's thread until the workers are done."""
    while running:
        stop_if(cancelled, work.n_done, n_unique)
        finished, running = wait(running, _LOOK_EVERY_S, return_when=FIRST_EXCEPTION)
        for future in finished:
            future.result()
        if progress is not None:
            progress(work.n_done * n_texts // n_unique, n_texts)


class _Work:
    """Groups handed to several threads, with a count of what is done and a way to stop early."""

    def __init__(self, groups: Iterator[Group]) -> None:
        self._groups = groups
        self._lock = threading.Lock()
        self._stopped = False
        self.n_done = 0

    def take(self) -> Group | None:
        """Return the next group; None when there is none or the work was stopped."""
        with self._lock:
            return None if self._stopped else next(self._groups, None)

    def finish(self, n_texts: int) -> None:
        """Count texts as done."""
        with self._lock:
            self.n_done += n_texts

    def stop(self) -> None:
        """Hand out nothing more."""
        self._stopped = True
