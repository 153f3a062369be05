"""Predictions of messages that are handed in are made in a warm worker process of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench.errors import JobCancelledError, ModelError
from workbench.workspace.jobs.lane import Lane

LIMIT_S = 300.0
"""Longest a call may take; 4,096 long messages take a small part of it."""


@dataclass(frozen=True, kw_only=True)
class Predicted:
    """What a model says of some texts.

    Attributes
    ----------
    encoder_id
        Of the encoder that made their vectors.
    probabilities
        float32, (n, n_labels).
    sentiments
        The same shape, [-1, 1]; None for a version without.
    """

    encoder_id: str
    probabilities: np.ndarray
    sentiments: np.ndarray | None


class Predictor:
    """One warm worker, used by one caller at a time; ``stop`` ends it."""

    def __init__(self, *, cache_dir: Path, n_threads: int, limit_s: float = LIMIT_S) -> None:
        self._lane = Lane("predict", n_threads=n_threads, cache_dir=cache_dir)
        self._limit_s = limit_s
        self._using = threading.Lock()
        self._stopped = False

    def predict(self, payload: dict[str, Any], *, model: str, weights: Callable[[], bytes]) -> Predicted:
        """Run ``handed:predict_texts``.

        Parameters
        ----------
        model
            Names the weights for ever.
        weights
            Reads them; called only when the worker does not have them in memory.

        Raises
        ------
        ModelError
            It took longer than five minutes.
        JobCancelledError
            The workspace closes.
        """
        with self._using:
            deadline = time.monotonic() + self._limit_s
            found = self._call(payload | {"model": model}, deadline)
            if found is None:
                found = self._call(payload | {"model": model, "weights": weights()}, deadline)
            return Predicted(**found)

    def _call(self, payload: dict[str, Any], deadline: float) -> Any:
        try:
            return self._lane.call(
                "handed:predict_texts",
                payload,
                cancelled=lambda: self._stopped or time.monotonic() > deadline,
                on_progress=lambda _done, _total: None,
                on_stage=lambda _name, _total, _unit: None,
            )
        except JobCancelledError:
            if self._stopped:
                raise
            raise ModelError(
                f"predicting {len(payload['texts']):,} messages took longer than {self._limit_s:,.0f} s.",
                next_step="Hand in fewer at once; nothing was charged.",
                details={"n": len(payload["texts"])},
            ) from None

    def stop(self) -> None:
        """End the worker process."""
        self._stopped = True
        self._lane.stop()
