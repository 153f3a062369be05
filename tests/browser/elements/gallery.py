"""Every element on one page, with hostile text; what Python hears goes to events.jsonl beside the notebook."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import ipywidgets
import numpy as np

from workbench.primitives.colour import PALETTE, colour_of
from workbench.widgets import elements as el

HOSTILE = "<img src=x onerror=\"window.hacked=1\"> & <b>bold</b> =cmd|' /C calc'!A0"
EVENTS = Path("events.jsonl")
EVENTS.write_text(json.dumps({"kind": "pid", "pid": os.getpid()}) + "\n")


def tell(kind: str, **values: object) -> None:
    with EVENTS.open("a") as file:
        file.write(json.dumps({"kind": kind, **values}) + "\n")


TOPICS = (
    ("Delivery > Late", "late parcel"),
    ("Delivery > Lost", "parcel lost"),
    ("Delivery > Damaged", "broken on arrival"),
    ("Refund > Request", "money back"),
    ("Refund > Status", "where is my refund"),
    ("Account > Password", "reset my password"),
    ("Account > Close", "close my account"),
    ("Praise", "driver was kind"),
    ("Price > Quote", "how much to send"),
    ("Customs > Papers", "customs form"),
)
TAXONOMY = [
    {"id": f"{i:016x}", "path": path, "colour": colour_of(f"{i:016x}")} for i, (path, _) in enumerate(TOPICS)
]
PHRASE = dict(TOPICS)


def message(i: int) -> dict[str, object]:
    path, phrase = TOPICS[i % 10]
    body = f"Hello,\n\nI write about order 48{i:05d}. It is about this: {phrase}, and nobody answers the phone. I have been waiting since Monday and would like to know what happens next.\n\nPlease help."
    at = body.index(phrase)
    if i == 3:
        body += "\n\n" + HOSTILE
    p = [0.94, 0.71, 0.38, 0.12, 0.05]
    return {
        "uid": f"00000000000000aa.{i:x}",
        "revision": 1,
        "subject": HOSTILE if i == 3 else f"{path.split(' > ')[-1]}: order 48{i:05d}",
        "sender": f"customer{i}@example.org",
        "recipients": ["support@parcel.example"],
        "at": f"{1 + i % 28} Mar 2026, 09:{i % 60:02d}",
        "body": body,
        "signature": "Kind regards\nSam Porter",
        "phrases": [[at, at + len(phrase)]],
        "thread": [
            {
                "sender": "support@parcel.example",
                "at": "27 Feb 2026, 16:02",
                "body": "We have passed your question on to the depot.",
            }
        ]
        if i % 2 == 0
        else [],
        "meta": [["Channel", "mail"], ["Depot", "Leeds North"], ["Order value", "34.90"]],
        "predictions": [{"label_id": TAXONOMY[(i + k) % 10]["id"], "probability": p[k]} for k in range(5)],
        "assigned": [],
        "dismissed": [],
        "reviewed": False,
    }


def row(i: int) -> dict[str, object]:
    one = message(i)
    return {
        "id": one["uid"],
        "subject": one["subject"],
        "sender": one["sender"],
        "at": one["at"],
        "snippet": str(one["body"])[8:].replace("\n", " "),
        "phrases": [[one["phrases"][0][0] - 8, one["phrases"][0][1] - 8]],
        "labels": [
            {
                **TAXONOMY[(i + k) % 10],
                "probability": p,
                "state": "assigned" if k == 0 and i % 4 == 0 else "predicted",
            }
            for k, p in enumerate((0.94, 0.4, 0.1))
        ],
    }


def the_map(n: int = 20_000) -> el.MessageMap:
    rng = np.random.default_rng(7)
    centres = rng.uniform(-9, 9, (10, 2))
    group = rng.integers(0, 10, n)
    xy = (centres[group] + rng.normal(0, 1, (n, 2)) * rng.uniform(0.4, 1.1, 10)[group, None]).astype("<f4")
    group[rng.random(n) < 0.12] = -1
    widget = el.MessageMap(height=480)
    widget.set_points(xy, group)
    widget.palette, widget.category_names = list(PALETTE[:10]), [path for path, _ in TOPICS]
    widget.annotations = [
        {"x": float(x), "y": float(y), "text": PHRASE[TOPICS[k][0]], "category": k}
        for k, (x, y) in enumerate(centres)
    ]
    widget.on_hover(lambda index: f"Message {index}\n{HOSTILE}")
    widget.on_select(
        lambda mask: tell(
            "select",
            n=int(mask.sum()),
            sha=hashlib.sha256(np.packbits(mask).tobytes()).hexdigest(),
            box=[float(v) for v in (*xy[mask].min(0), *xy[mask].max(0))] if mask.any() else [],
        )
    )
    np.save("xy.npy", xy)
    return widget


def the_card() -> el.AnnotationCard:
    card = el.AnnotationCard(queue=[message(i) for i in range(6)], taxonomy=TAXONOMY, total=60)
    revision: dict[str, int] = {}

    def judge(event: el.JudgementEvent) -> None:
        tell("judge", **event)
        if event["uid"].endswith(".5") and event["dismissed"]:
            card.refuse(event["seq"], "the label was deleted by somebody else.")
            return
        revision[event["uid"]] = event["before_revision"] + 1
        created = {path: hashlib.sha256(path.encode()).hexdigest()[:16] for path in event["new"]}
        known = {one["id"] for one in card.taxonomy}
        fresh = [{"id": made, "path": path} for path, made in created.items() if made not in known]
        if fresh:
            card.taxonomy = [*card.taxonomy, *fresh]
        card.acknowledge(
            event["seq"],
            {
                "assigned": [created.get(one, one) for one in event["assigned"]],
                "dismissed": event["dismissed"],
                "reviewed": event["reviewed"],
                "revision": revision[event["uid"]],
                "reviewed_by": "anna",
                "reviewed_at": "26 Nov 2026, 12:00",
                "created": created,
            },
        )
        if event["uid"].endswith(".1") and event["reviewed"]:
            card.apply_remote(
                "00000000000000aa.2",
                {
                    "assigned": [TAXONOMY[7]["id"]],
                    "dismissed": [],
                    "reviewed": False,
                    "revision": 2,
                    "by": "Maria",
                },
            )

    def more(after: str | None) -> None:
        first = len(card.queue)
        if first < 60:
            card.extend([message(i) for i in range(first, first + 10)])

    def judge_all(events: list[el.JudgementEvent]) -> None:
        tell("step", n=len(events))
        for event in events:
            judge(event)

    def history(uid: str) -> list[el.PastReview]:
        return [
            {"at": "26 Nov 2026, 12:00", "by": HOSTILE, "how": "shown by shuffle", "words": [HOSTILE, uid]}
        ]

    card.on_judge(judge)
    card.on_judge_all(judge_all)
    card.on_history(history)
    card.on_need_more(more)
    return card


def charts() -> list[el.Chart]:
    import plotly.graph_objects as go

    days = [f"2026-03-{d:02d}" for d in range(1, 29)]
    out = []
    for k in range(2):
        fig = go.Figure()
        for j in range(2 if k else 1):
            y = [round(40 + 15 * np.sin(d / 3 + j) + 3 * j, 1) for d in range(28)]
            fig.add_trace(
                go.Bar(x=days, y=y, name="Messages") if k == 0 else go.Scatter(x=days, y=y, name=TOPICS[j][0])
            )
        fig.update_layout(yaxis_title="Messages per day")
        chart = el.Chart(
            spec=fig.to_json(), aria_label=("Messages per day", "Two labels over time")[k], height=260
        )
        chart.on_click(lambda event: tell("click", **event))
        out.append(chart)
    return out


def clusters() -> el.ClusterGrid:
    cards = []
    for c in range(4):
        _path, phrase = TOPICS[c]
        text = f"I write because of this: {phrase}. Order 4811{c} should have come last week."
        at = text.index(phrase)
        cards.append(
            {
                "id": f"c{c}",
                "name": phrase.capitalize(),
                "size": 840 - 190 * c,
                "share": 0.14 - 0.03 * c,
                "phrases": [phrase, "order", "last week", "nobody answers"],
                "colour": colour_of(f"c{c}"),
                "snippets": [
                    {
                        "uid": f"c{c}m{m}",
                        "text": HOSTILE if (c, m) == (1, 2) else text,
                        "ranges": [[at, at + len(phrase)]],
                    }
                    for m in range(12)
                ],
                "done": False,
                "labels": [],
            }
        )
    grid = el.ClusterGrid(clusters=cards, taxonomy=TAXONOMY, unclustered=0.117)

    def apply(event: el.ApplyEvent) -> None:
        tell("apply", **event)
        grid.clusters = [
            {**c, "done": True, "labels": [event["label"]]} if c["id"] in event["cluster_ids"] else c
            for c in grid.clusters
        ]

    grid.on_apply(apply)
    return grid


def gallery() -> ipywidgets.VBox:
    listing = el.MessageList(total=100_000, height=440)
    listing.on_page(lambda offset, limit: [row(i) for i in range(offset, offset + limit)])
    listing.observe(lambda _change: tell("listed", ids=listing.selected_ids), "selected_ids")
    tree = el.TaxonomyTree(
        labels=[
            {**label, "count": 12 * i, "state": el.LABEL_STATES[i % 6]} for i, label in enumerate(TAXONOMY)
        ],
        wanted=25,
    )
    tree.on_rename(lambda label_id, name: tell("rename", label_id=label_id, name=name))
    tree.on_new_label(lambda path: tell("new", path=path))
    table = el.DataTable(
        title="Labels",
        columns=[
            {"key": "label", "title": "Label", "kind": "label"},
            {"key": "n", "title": "Messages", "kind": "number"},
            {"key": "p", "title": "Precision", "kind": "percent", "digits": 1},
            {"key": "state", "title": "State", "kind": "state", "examples": "n", "wanted": 25},
            {"key": "note", "title": "Note"},
        ],
        height=240,
    )
    table.set_rows(
        [
            {
                "label": TAXONOMY[i % 10],
                "n": (i * 37) % 1000,
                "p": (i * 7 % 100) / 100,
                "state": "gathering" if (i * 37) % 1000 < 25 else "fair",
                "note": "=1+1" if i == 0 else f"row {i}",
            }
            for i in range(5000)
        ]
    )
    job = el.JobProgress(
        kind="Embed 6,000 messages",
        stage="encoding",
        state="running",
        done=2431,
        total=6000,
        unit="messages",
        eta_s=74,
        log=["started", "encoder ready"],
    )
    job.on_cancel(
        lambda: (
            tell("cancel"),
            job.set_trait("error", "the job was cancelled."),
            job.set_trait("state", "cancelled"),
        )
    )
    drop = el.FileDrop(accept=[".csv", ".jsonl"], max_bytes=64 * 2**20)
    digest = {}
    drop.on_start(lambda upload, name, n: digest.__setitem__(upload, hashlib.sha256()))
    drop.on_piece(lambda upload, index, piece: digest[upload].update(piece))
    drop.on_end(lambda upload, name, n: tell("file", name=name, n=n, sha=digest[upload].hexdigest()))
    notice = el.Notice(
        level="warning",
        title="Three labels need more messages.",
        text=HOSTILE,
        next_step="Open the review queue of each.",
        action="Open",
    )
    peek = el.CodePeek(code='ds = ws.dataset("demo/support")\nds.messages(label="Delivery > Late")')
    wide = ipywidgets.Layout(width="100%")
    return ipywidgets.VBox(
        [
            notice,
            the_map(),
            the_card(),
            listing,
            clusters(),
            ipywidgets.HBox(charts(), layout=wide),
            tree,
            table,
            job,
            drop,
            peek,
        ],
        layout=wide,
    )


def taxonomy() -> ipywidgets.VBox:
    """The panel of a small taxonomy in a workspace of its own, and a tree of a thousand labels."""
    from tempfile import mkdtemp

    from tests.contract.messages import batch
    from workbench.door import Dataset
    from workbench.settings import Settings
    from workbench.widgets.panels import TaxonomyPanel
    from workbench.workspace.opening import open_workspace

    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    operations = open_workspace(Path(mkdtemp()) / "tree.duckdb", settings=settings).operations("anna")
    source = operations.create_source("demo", "mail")
    made = operations.create_dataset("demo", "support", (source.source_id,), title="Support")
    for name in ("Claims > Motor", "Money back", "Products", '<img src=x onerror="window.hacked=1" //'):
        operations.create_label(made.dataset_id, name)
    operations.put_messages(source.source_id, batch(3), "first", 3)
    dataset = Dataset(operations, made.dataset_id)
    for uid in dataset.messages()["uid"].to_list():
        dataset.annotate(uid, "Money back")
    many = [
        {"id": f"{i:016x}", "path": f"Topic {i // 20:02} > Label {i:03}", "count": i, "predicted": 2 * i}
        for i in range(1000)
    ]
    panel = TaxonomyPanel(dataset)
    return ipywidgets.VBox([panel.widget, el.TaxonomyTree(labels=many, title="Many", height=300)])
