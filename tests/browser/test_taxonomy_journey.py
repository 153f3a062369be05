"""A taxonomy of twenty labels from nothing, by keyboard alone, in an app and in JupyterLab.

The person answers from the truth of the sample corpus: reads which message is on the card, and types its labels.
"""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served
from tests.browser.hands import LONG, SOON_S, Hands
from tests.browser.lab_server import TOKEN, lab_server
from tests.browser.visits import Visit
from tests.contract.conftest import stop_owner
from workbench.cli.demo import FILES, KINDS, MAPPINGS
from workbench.client import connect_local
from workbench.domain import Cluster, Dataset, Operations
from workbench.door import Workspace
from workbench.settings import Settings
from workbench.widgets.panels.discover import SHOWN

pytestmark = [pytest.mark.browser, pytest.mark.nightly, pytest.mark.timeout(3600)]
SAMPLE = Path(__file__).parents[2] / "data" / "sample"
LEAVES = (
    "App > Crash or freeze",
    "Charges > Refund request",
    "Claims > New claim",
    "Damage > Damaged contents",
    "Delivery > Late",
    "Delivery > Missed attempt",
    "Delivery > Not received > Marked delivered",
    "Service > Cannot reach anyone",
    "Service > Escalation",
    "Service > Praise",
    "Tracking > Not updating",
    "Tracking > Where is my parcel",
)
"""With what they hang from, twenty labels."""
MODES = ("Shuffle", "Search", "Teach", "Low", "Label", "Check", "Missed", "Rebalance", "Cluster")
PER_MODE = 5
PICTURES = os.environ.get("WORKBENCH_PICTURES")
ENOUGH = 3
"""So many messages on the card of a cluster are about one label where a person gives it to them."""
BESIDE = "node => node.closest('.wb-panel').contains(document.activeElement)"
UID = "(document.querySelector('.wb-card')?.dataset.uid ?? '')"
ABOUT = "(document.querySelector('.wb-card')?.dataset.about ?? '')"
ASKED = "document.activeElement.closest('.wb-form button')?.textContent.trim()"
CELLS = (
    """import workbench as wb
from workbench.widgets.panels import AnnotatePanel, DiscoverPanel
ds = wb.open("lab.duckdb", actor="anna").dataset("demo/parcels")""",
    "DiscoverPanel(ds)",
    "AnnotatePanel(ds)",
)


def prepare(operations: Operations) -> Dataset:
    """The sample corpus, and a dataset over it without a label."""
    workspace = Workspace(operations, address="")
    for name, mapping in MAPPINGS.items():
        workspace.import_(
            SAMPLE / FILES[name],
            source=f"demo/{name}",
            mapping=mapping,
            kind=KINDS[name],
            on_bad_row="skip",
            progress=False,
        )
    ids = tuple(one.source_id for one in operations.sources("demo"))
    return operations.create_dataset("demo", "parcels", ids)


@dataclass(kw_only=True)
class Person:
    """Knows what each message is about, and does everything by key."""

    hands: Hands
    operations: Operations
    dataset: Dataset
    album: Path
    where: str
    truth: dict[str, list[str]] = field(default_factory=dict)
    modes: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        sources = {one.name: one.source_id for one in self.operations.sources("demo")}
        with (SAMPLE / "truth.csv").open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows):
                if row["label"] in LEAVES and row["source"] in sources:
                    uid = f"{sources[row['source']]}.{row['id']}"
                    self.truth.setdefault(uid, []).append(row["label"])

    @property
    def page(self) -> Page:
        return self.hands.page

    @property
    def labels(self) -> list[str]:
        return [one.name for one in self.operations.labels(self.dataset.dataset_id)]

    def picture(self, of: str) -> None:
        """Keep what is on screen."""
        self.page.screenshot(path=self.album / f"{self.where}-{of.lower()}.png")

    # ---- Discover

    def common(self, cluster: Cluster) -> tuple[str, int]:
        """The label that most messages of a card are about, and how many are."""
        found = Counter(label for uid in cluster.shown for label in self.truth.get(uid, []))
        return found.most_common(1)[0] if found else ("", 0)

    def discover(self) -> None:
        """Have the messages mapped, and label whole clusters from their cards."""
        hands, page = self.hands, self.page
        hands.reach(page.get_by_role("button", name="Discover", exact=True))
        with hands.waiting("discover", job=True):
            hands.keys.press("Enter")
            expect(page.locator(".wb-clusters .cluster").first).to_be_visible(timeout=900_000)
        run = self.operations.cluster_run(self.dataset.dataset_id)
        assert run
        told: dict[str, Cluster] = {}
        for cluster in sorted(run.clusters[:SHOWN], key=lambda one: self.common(one)[1]):
            label, n = self.common(cluster)
            if n >= ENOUGH:
                told[label] = cluster  # of several with one label the clearest
        chosen = sorted(told.items(), key=lambda one: -self.common(one[1])[1])[:3]
        assert chosen, "no cluster speaks of one label"
        on_screen = {cluster.cluster_id: place for place, cluster in enumerate(run.clusters)}
        for label, cluster in sorted(chosen, key=lambda one: on_screen[one[1].cluster_id]):
            card = page.locator(f'.wb-clusters [data-id="{cluster.cluster_id}"]')
            hands.reach(card.locator("li input").first)
            for uid in cluster.shown:  # what is about something else is taken out
                if label not in self.truth.get(uid, []):
                    hands.keys.press("Space")
                hands.keys.press("ArrowDown")
            hands.reach(card.get_by_role("combobox", name=f"Label {cluster.name}", exact=True))
            self.aim_at(label)
            with hands.waiting("label a cluster"):
                hands.keys.press("Enter")
                hands.until(
                    "said => document.querySelector('.wb-clusters .said').textContent.startsWith(said)", label
                )
        self.picture("discover")
        self.modes.add("cluster")

    # ---- Annotate

    def aim_at(self, label: str) -> None:
        """Type a label where labels are typed, and go to it in the list."""
        hands, marked = self.hands, self.page.locator('.ta-list:not([hidden]) [aria-selected="true"]')
        hands.keys.type(label)
        for _ in range(42):
            if marked.inner_text() in (label, f"Create {label}"):
                break
            hands.keys.press("ArrowDown")

    def show(self, mode: str) -> bool:
        """Have messages chosen by a mode; whether there are any."""
        hands, page = self.hands, self.page
        select = page.get_by_label("Show", exact=True)
        hands.choose(select, mode, back=select.evaluate(BESIDE))
        with hands.waiting("change the mode"):
            hands.until(f"wanted => {ABOUT}.startsWith(wanted)", mode)
        if mode == "Search":
            hands.reach(page.get_by_placeholder(re.compile("^Search messages, e.g.")).last)
            hands.keys.type("parcel")
            with hands.waiting("search"):
                hands.keys.press("Enter")
                hands.until(f"{ABOUT}.endsWith('parcel')")
        return bool(page.evaluate(UID))

    def annotate(self, mode: str) -> None:
        """Review some messages of a mode."""
        hands, page = self.hands, self.page
        is_any = self.show(mode)
        self.picture(mode)
        if not is_any:
            return
        card = page.get_by_role("group", name="Annotate")
        hands.reach(card)
        for _ in range(PER_MODE):
            uid = page.evaluate(UID)
            if not uid:
                break
            (seen,) = self.operations.get_messages(self.dataset.dataset_id, (uid,))
            has = {one.label_id: one.name for one in self.operations.labels(self.dataset.dataset_id)}
            for label in self.truth.get(uid, []):
                if label not in [has.get(one) for one in seen.assigned]:
                    hands.keys.press("a")
                    self.aim_at(label)
                    with hands.waiting("give a label"):
                        hands.keys.press("Enter")
                        hands.until("() => document.activeElement.matches('.wb-card .card')")
            with hands.waiting("next message"):
                hands.keys.press("Enter")
                hands.until(f"was => {UID} !== was", uid)
            self.modes.add(mode.lower())
        with hands.waiting("all saved"):
            hands.until("() => document.querySelector('.wb-card').dataset.unsaved === '0'")

    def train(self) -> None:
        """Train, and wait for the new version."""
        hands, page = self.hands, self.page
        version = self.operations.dataset(self.dataset.full_name).model_version + 1
        hands.reach(page.get_by_role("button", name="Train", exact=True).last, back=True)
        with hands.waiting("train", job=True):
            hands.keys.press("Enter")
            expect(page.get_by_text(re.compile(f"model version {version}\\b")).last).to_be_visible(
                timeout=600_000
            )

    # ---- the tree

    def complete(self) -> None:
        """Make the labels that no message asked for, then rename, move, split, and take it all back."""
        hands, page, keys = self.hands, self.page, self.hands.keys
        tree = page.get_by_role("tree", name="Taxonomy")
        hands.reach(tree.locator('[tabindex="0"]'))
        for label in LEAVES:
            if label in self.labels:
                continue
            keys.press("/")
            hands.reach(page.get_by_role("button", name="New label"))
            keys.press("Enter")
            keys.type(label)
            with hands.waiting("make a label"):
                keys.press("Enter")
                hands.until("path => document.activeElement.dataset.path === path", label)
        self.go_to("Delivery > Late")
        keys.press("F2")
        keys.type("Too late")
        self.confirm("rename", "Rename", press=True)
        self.picture("renamed")
        keys.press("Control+z")
        self.confirm("undo", "Undo")
        self.go_to("Service > Praise")
        keys.press("Control+x")
        self.go_to("Tracking")
        keys.press("Control+v")
        self.confirm("move", "Move")
        keys.press("Control+z")
        self.confirm("undo", "Undo")
        assert len(self.labels) == 20, self.labels

    def go_to(self, label: str) -> None:
        """Find a label in the tree by its search, and give it the keyboard."""
        hands, tree = self.hands, self.page.get_by_role("tree", name="Taxonomy")
        hands.keys.press("/")
        hands.keys.press("Control+a")
        hands.keys.type(label)
        hands.keys.press("Enter")
        for _ in range(8):
            if tree.locator(f'[data-path="{label}"]').evaluate("node => node === document.activeElement"):
                return
            hands.keys.press("ArrowDown")
        raise AssertionError(f"{label} cannot be reached")

    def confirm(self, step: str, caption: str, *, press: bool = False) -> None:
        """Wait for what a change would do, and do it."""
        hands = self.hands
        with hands.waiting(f"foresee: {step}"):
            if press:
                hands.keys.press("Enter")
            hands.until(f"caption => {ASKED} === caption", caption)
        with hands.waiting(f"do: {step}"):
            hands.keys.press("Enter")
            hands.until("() => document.activeElement.matches('.wb-tree [role=\"treeitem\"]')")


def album(folder: Path) -> Path:
    """Where pictures of each mode are kept: ``WORKBENCH_PICTURES``, else beside what a test leaves."""
    kept = Path(PICTURES or folder / "pictures")
    kept.mkdir(parents=True, exist_ok=True)
    return kept


def build(person: Person) -> None:
    """Annotate in every mode, with trainings between."""
    for number, mode in enumerate(MODES):
        if number in (2, 6):
            person.train()
        person.annotate(mode)
    person.train()
    person.complete()


def check(person: Person) -> None:
    person.picture("end")
    print(person.hands.report(person.where))
    assert len(person.modes) >= 6, person.modes
    assert sorted(set(LEAVES) - set(person.labels)) == []
    steps = [one.seconds for one in person.hands.waits if one.step == "next message"]
    assert sorted(steps)[len(steps) // 2] < SOON_S


def pictures(browser: Browser, address: str, folder: Path) -> None:
    """What the screens look like at the end, wide and narrow, light and dark."""
    for width, scheme in ((1440, "light"), (1440, "dark"), (800, "light"), (800, "dark")):
        context = browser.new_context(viewport={"width": width, "height": 1000}, color_scheme=scheme)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(address)
        expect(page.get_by_role("tree", name="Taxonomy").get_by_role("treeitem").first).to_be_visible(
            timeout=LONG
        )
        expect(page.get_by_text("All saved")).to_be_visible(timeout=LONG)
        page.screenshot(path=folder / f"journey-{width}-{scheme}.png", full_page=True)
        context.close()


def test_twenty_labels_by_keyboard_in_the_apps(
    browser: Browser, serve: Callable[[Path], Served], tmp_path: Path
) -> None:
    served = serve(tmp_path / "journey.duckdb")
    dataset = prepare(served.operations)
    page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
    page.set_default_timeout(LONG)
    seen = Visit(page, served.address, tmp_path)
    person = Person(
        hands=Hands(page), operations=served.operations, dataset=dataset, album=album(tmp_path), where="apps"
    )
    seen.open("discover", "?user=anna")
    expect(page.get_by_role("button", name="Discover", exact=True)).to_be_visible(timeout=LONG)
    person.discover()
    seen.open("annotate", "?user=anna")
    expect(page.get_by_text("All saved")).to_be_visible(timeout=LONG)
    build(person)
    check(person)
    pictures(browser, f"{served.address}/voila/render/annotate.ipynb?user=anna", person.album)
    assert seen.outside == []
    assert seen.errors == []


@contextmanager
def a_lab(folder: Path, runtime: Path) -> Iterator[tuple[str, Operations, Dataset]]:
    """A workspace with the corpus, and a JupyterLab beside it."""
    (folder / "workbench.toml").write_text(
        'encoder = "hash-test"\nfast_encoder = ""\nretrain_after_reviews = 0\n', "utf-8"
    )
    file = folder / "lab.duckdb"
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    operations = connect_local(file, settings=settings)
    try:
        dataset = prepare(operations)
        with lab_server(folder, CELLS, runtime) as address:
            yield address, operations, dataset
    finally:
        stop_owner(file)


def test_twenty_labels_by_keyboard_in_jupyterlab(
    browser: Browser, tmp_path: Path, short_runtime: Path
) -> None:
    with a_lab(tmp_path, short_runtime) as (address, operations, dataset):
        page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
        page.set_default_timeout(LONG)
        seen = Visit(page, address, tmp_path)
        page.goto(f"{address}/lab/tree/story.ipynb?token={TOKEN}&reset")
        expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=LONG)
        person = Person(
            hands=Hands(page), operations=operations, dataset=dataset, album=album(tmp_path), where="lab"
        )
        page.locator(".jp-Notebook .cm-content").first.click()  # where a person's cursor is
        for _ in CELLS:
            page.keyboard.press("Shift+Enter")
        expect(page.get_by_role("group", name="Annotate")).to_be_visible(timeout=LONG)
        for key in ("Escape", "ArrowUp", "ArrowUp"):  # out of the empty cell below, to the one of Discover
            page.keyboard.press(key)
        person.discover()
        build(person)
        check(person)
        assert seen.outside == []
