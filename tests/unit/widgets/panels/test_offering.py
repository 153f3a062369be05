"""What screens offer to whom."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path

import ipywidgets as ipw
import pytest

from tests.contract.messages import batch
from workbench.domain import BUILT_IN_ROLES, Operations, Role, StreamSettings, grants_of
from workbench.door import Dataset
from workbench.settings import Settings
from workbench.widgets import panels
from workbench.widgets.panels.offering import Offering
from workbench.workspace.opening import OpenedWorkspace, open_workspace

OF_DATASET = (
    panels.AgreementPanel,
    panels.AnnotatePanel,
    panels.DiscoverPanel,
    panels.ModelsPanel,
    panels.MonitorPanel,
    panels.StreamsPanel,
    panels.TrainPanel,
    panels.ValidationPanel,
)
OF_WORKSPACE = (panels.AdminPanel, panels.DatasetsPanel, panels.SourcesPanel)
PROJECT_ROLES = [role.name for role in BUILT_IN_ROLES.values() if role.scope == "project"]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenedWorkspace]:
    file: Path = tmp_path_factory.mktemp("offering") / "w.duckdb"
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(file, settings=settings) as found:
        there = found.operations("ann")
        source = there.create_source("demo", "mail")
        there.put_messages(source.source_id, batch(12), "a", 12)
        did = there.create_dataset("demo", "all", (source.source_id,)).dataset_id
        there.create_stream(did, "robot", StreamSettings(title="<b>robot"))
        yield found


def acting(opened: OpenedWorkspace, role: str) -> Operations:
    return opened.operations("vera", grants=grants_of([(BUILT_IN_ROLES[role], "demo")]))


@pytest.mark.parametrize(
    "role",
    [
        one if one in ("viewer", "analyst") else pytest.param(one, marks=pytest.mark.nightly)
        for one in PROJECT_ROLES
    ],
)
def test_every_screen_opens_for_every_role_of_a_project(opened: OpenedWorkspace, role: str) -> None:
    there = acting(opened, role)
    dataset = Dataset(there, there.datasets()[0].dataset_id)
    for kind in OF_DATASET:
        panel = kind(dataset)
        assert panel.notice.level == "info" and not panel.notice.title, kind.__name__
        for path, operation in kind.gated.items():
            control = _at(panel, path)
            refused = panel.refusal(operation)
            assert not refused or (control.disabled and "Needs a role with" in control.tooltip), path
            assert refused or "Needs a role" not in (control.tooltip or ""), path
        panel.close()
    for page in OF_WORKSPACE:
        screen = page(there)
        assert not screen.notice.title, page.__name__
        screen.close()


def test_streams_are_seen_by_who_may_read_them_and_changed_by_who_may_manage(opened: OpenedWorkspace) -> None:
    offered: dict[str, set[str]] = {}
    for role in ("viewer", "automation_user", "developer"):
        there = acting(opened, role)
        panel = panels.StreamsPanel(Dataset(there, there.datasets()[0].dataset_id))
        (card,) = panel.cards.cards
        offered[role] = {action["key"] for action in card["actions"]}
        assert card["figures"][0] == [0, "waiting"] and panel.new_button.disabled is (role != "developer")
        panel.act("exceptions", "robot")
        panel.act("look", "robot")
        panel.act("webhook", "robot")
        panel.close()
    assert offered["viewer"] == {"exceptions", "look", "webhook"}
    assert offered["automation_user"] == {"exceptions", "look", "next", "webhook"}
    assert offered["developer"] == {"exceptions", "next", "webhook", "change", "delete"}


def _at(panel: object, path: str) -> ipw.Widget:
    found: object = panel
    for name in path.split("."):
        found = getattr(found, name)
    assert isinstance(found, ipw.Widget)
    return found


def test_cards_offer_what_the_visitor_may_do(opened: OpenedWorkspace) -> None:
    keys = {
        role: [
            action["key"] for action in panels.SourcesPanel(acting(opened, role)).cards.cards[0]["actions"]
        ]
        for role in ("viewer", "automation_user", "developer")
    }
    assert keys == {
        "viewer": [],
        "automation_user": ["upload", "messages"],
        "developer": ["upload", "amend", "messages", "delete"],
    }
    datasets = panels.DatasetsPanel(acting(opened, "developer"))
    assert datasets.cards.cards[0]["actions"] == [] and datasets.new_button.disabled


def test_who_may_not_annotate_is_told_so_and_where_messages_are(opened: OpenedWorkspace) -> None:
    there = acting(opened, "viewer")
    panel = panels.AnnotatePanel(Dataset(there, there.datasets()[0].dataset_id))
    assert panel.card.queue == [] and not panel.notice.title
    assert panel.card.empty_text == (
        "You may look at this dataset, not annotate it. Needs a role with 'Dataset - Review'. "
        "Its messages are in Discover."
    )


def test_what_is_dimmed_stays_so_until_the_right_is_there(opened: OpenedWorkspace) -> None:
    viewer, trainer = Offering(acting(opened, "viewer")), Offering(acting(opened, "model_trainer"))
    button = ipw.Button(description="Train", tooltip="Train on all")
    viewer.only_for(button, "start_train", "demo")
    button.disabled = False  # work has ended, says another part of the screen
    assert button.disabled and button.tooltip == "Needs a role with 'Dataset - Write'."
    viewer.only_for(button, "labels", "demo")
    assert not button.disabled and button.tooltip == "Train on all"
    trainer.only_for(button, "start_train", "demo")
    assert not button.disabled


def test_a_source_in_a_project_that_is_not_seen_is_no_reason_to_offer(opened: OpenedWorkspace) -> None:
    viewer = Offering(acting(opened, "viewer"))
    assert viewer.refusal("find_messages", "demo", ("demo",)) == ""
    assert viewer.refusal("find_messages", "demo", ("demo", "")) == "Needs a role with 'Source - Read'."
    assert viewer.refusal("create_project") == "Needs a role with 'Tenant - Manage'."
    assert viewer.refusal("begin_upload") == "Needs a role with 'Message - Manage'."


_ANNOTATOR = Role(
    name="annotator",
    title="Annotator",
    scope="project",
    permissions=("dataset.review", "source.read"),
)


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        (BUILT_IN_ROLES["viewer"], (False, False, False)),
        (_ANNOTATOR, (True, False, False)),
        (BUILT_IN_ROLES["model_trainer"], (True, True, True)),
    ],
    ids=lambda value: value.name if isinstance(value, Role) else "",
)
def test_the_taxonomy_offers_the_changes_that_the_visitor_may_make(
    opened: OpenedWorkspace, role: Role, offered: tuple[bool, bool, bool]
) -> None:
    there = opened.operations("vera", grants=grants_of([(role, "demo")]))
    panel = panels.AnnotatePanel(Dataset(there, there.datasets()[0].dataset_id))
    assert (panel.tree.editable, panel.tree.renames, panel.tree.changes) == offered
    panel.close()


@pytest.mark.parametrize(("role", "can_label"), [("viewer", False), ("model_trainer", True)])
def test_clusters_are_labelled_by_those_who_may(opened: OpenedWorkspace, role: str, can_label: bool) -> None:
    there = acting(opened, role)
    panel = panels.DiscoverPanel(Dataset(there, there.datasets()[0].dataset_id))
    assert panel.clusters.can_label is can_label
    panel.close()


@pytest.mark.parametrize(
    ("role", "of_what", "said"),
    [
        ("viewer", "of the projects you see", "Needs a role with 'Usage - Read'."),
        ("project_admin", "of the projects you see", "<b>12</b> units charged"),
    ],
)
def test_who_may_not_see_what_was_charged_is_told_so(
    opened: OpenedWorkspace, role: str, of_what: str, said: str
) -> None:
    page = panels.UsagePanel(acting(opened, role))
    assert html.unescape(page.headline.value).count(said) == 1 and of_what in page._status.value
    assert ("Nothing was charged" in page.headline.value) is False
    page.close()


def test_the_person_of_the_machine_sees_what_the_whole_workspace_was_charged(opened: OpenedWorkspace) -> None:
    page = panels.UsagePanel(opened.operations("ann"))
    assert "of the whole workspace" in page._status.value and "<b>12</b> units" in page.headline.value
    page.close()
