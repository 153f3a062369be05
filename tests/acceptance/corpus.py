"""A small workspace for the acceptance tests, and a stand-in for the people who review."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tests.contract.messages import batch
from workbench.domain import Judgement, LabelId, Message, MessageFilter, ReviewMode, Sentiment, Uid
from workbench.door import Dataset, Workspace
from workbench.settings import Settings
from workbench.workspace.opening import OpenedWorkspace, open_workspace

THEMES = {
    "parcel": "Parcel",
    "not arrived": "Delivery > Late",
    "broken": "Damage",
    "refund": "Refund",
    "thank": "Praise",
}
"""Words of a message, and the label that then applies."""

ALL = MessageFilter()
Says = Callable[[Message], tuple[str, ...]]


def opened(file: Path, **settings: Any) -> OpenedWorkspace:
    """Open a workspace that trains only when it is told to, unless the settings say otherwise."""
    fixed: dict[str, Any] = {"encoder": "hash-test", "fast_encoder": "", "retrain_after_reviews": 0}
    return open_workspace(file, settings=Settings(**(fixed | settings)))


def door(made: OpenedWorkspace) -> Workspace:
    """The workspace as a notebook has it, with the source ``demo/mail``, whose id is the same in every run."""
    made.operations("tester", call_id="mail").create_source("demo", "mail")
    return Workspace(made.operations("tester"), address="")


def fill(ws: Workspace, n: int, *, suffix: str = "") -> None:
    """Put ``n`` messages into the source; with another suffix their texts change."""
    (source,) = ws.operations.sources()
    ws.operations.put_messages(source.source_id, batch(n, suffix=suffix), f"mail{suffix}", n)


def dataset(ws: Workspace, name: str, *, sentiment: bool = False) -> Dataset:
    """A dataset with the labels of the themes."""
    made = ws.create_dataset(f"demo/{name}", sources=["demo/mail"], has_sentiment=sentiment)
    for label in THEMES.values():
        made.create_label(label)
    return made


def truth(message: Message) -> tuple[str, ...]:
    """What applies to a message."""
    return tuple(dict.fromkeys(label for words, label in THEMES.items() if words in message.body))


def review(ds: Dataset, uids: Iterable[str], mode: ReviewMode = "shuffle", says: Says = truth) -> None:
    """Review messages as they came by ``mode``, in one call; none = nothing."""
    chosen = tuple(map(Uid, uids))
    if not chosen:
        return
    names = {label.name: label.label_id for label in ds.operations.labels(ds.dataset_id)}
    feels: Sentiment = "negative"
    judgements = []
    for seen in ds.operations.get_messages(ds.dataset_id, chosen):
        given: tuple[LabelId, ...] = tuple(names[name] for name in says(seen))
        judgements.append(
            Judgement(
                event_id=secrets.token_hex(8),
                uid=seen.uid,
                assigned=given,
                mode=mode,
                revision=seen.revision,
                sentiments=dict.fromkeys(given, feels) if ds.info.has_sentiment else {},
            )
        )
    ds.operations.judge(ds.dataset_id, tuple(judgements))


def train(ds: Dataset) -> int:
    """Train; the number of the new version."""
    return ds.train(progress=False).version


def uids(ds: Dataset) -> list[str]:
    """Every message of a dataset, newest first."""
    return list(ds.messages()["uid"])


def said(ds: Dataset, label: str, version: int | None = None) -> dict[str, float]:
    """What a version says of a label, by message; below 0.05 it says nothing."""
    table = ds.operations.predictions_table(ds.dataset_id, ALL, version).to_pylist()
    return {row["uid"]: row["probability"] for row in table if row["label"] == label}
