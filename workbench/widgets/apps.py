"""The apps: a panel per notebook, opened for whoever visits."""

from __future__ import annotations

import contextlib
import html
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import ipywidgets as ipw

from workbench.door import Dataset, Workspace
from workbench.door import open as open_workspace
from workbench.errors import InputError, SignInError, WorkbenchError
from workbench.widgets.state import PanelState
from workbench.wire import GUARDED_VARIABLE, VISIT_HEADER, VISITOR_HEADER

if TYPE_CHECKING:
    from workbench.widgets.panels import Page, Panel

FIRST_PROJECT = "main"
USER_HEADERS = ("HTTP_X_FORWARDED_USER", "HTTP_X_REMOTE_USER")
"""Environment names of the headers in which a proxy names the visitor."""


def apps_folder() -> Path:
    """Folder of the app notebooks: inside an installed package, or in the checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "notebooks" / "apps"
    return installed if installed.is_dir() else package.parent / "notebooks" / "apps"


def first_look(name: str) -> None:
    """Send the app's main finding ahead of the app; does nothing outside a served page.

    What is heavy is loaded before the visitor's request is waited for: kernels are started ahead of visits.
    """
    if "VOILA_PREHEAT" not in os.environ:
        return
    from IPython.display import HTML, display  # noqa: PLC0415 - heavy, see above

    from workbench.widgets import panels  # noqa: F401, PLC0415
    from workbench.widgets.first_look import MARK  # noqa: PLC0415
    from workbench.widgets.first_look import first_look as look  # noqa: PLC0415

    with contextlib.suppress(WorkbenchError):  # the app itself says what is wrong
        sent = HTML(look(name, visit()))  # type: ignore[no-untyped-call]
        display(sent, metadata={MARK: True})  # type: ignore[no-untyped-call]


def app(name: str) -> ipw.Widget:
    """The app ``name``: its panel on the workspace, or on the dataset that the address names, or on the first one.

    The workspace file comes from the environment (``WORKBENCH_FILE``), the visitor's name from ``?user=``.
    """
    from workbench.widgets.panels import (  # noqa: PLC0415 - heavy
        AdminPanel,
        AgreementPanel,
        AnnotatePanel,
        DatasetsPanel,
        DiscoverPanel,
        ModelsPanel,
        MonitorPanel,
        SourcesPanel,
        StreamsPanel,
        TrainPanel,
        UsagePanel,
        ValidationPanel,
    )

    of_dataset: dict[str, type[Panel]] = {
        "agreement": AgreementPanel,
        "annotate": AnnotatePanel,
        "discover": DiscoverPanel,
        "models": ModelsPanel,
        "monitor": MonitorPanel,
        "streams": StreamsPanel,
        "train": TrainPanel,
        "validation": ValidationPanel,
    }
    of_workspace: dict[str, type[Page]] = {
        "admin": AdminPanel,
        "datasets": DatasetsPanel,
        "sources": SourcesPanel,
        "usage": UsagePanel,
    }
    panel: Page
    try:
        here = visit()
        if name in of_workspace:
            panel = of_workspace[name](here.workspace.operations, state=here.state)
        else:
            panel = of_dataset[name](here.dataset, state=here.state)
        panel.address.visitor = here.visitor
    except WorkbenchError as error:
        return ipw.HTML(
            f'<div class="wb-panel" role="alert"><h2 class="wb-title">{html.escape(error.message)}</h2>'
            f"<p>{html.escape(error.next_step)}</p></div>"
        )
    return panel.widget


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Who visits, and what the address asks to see."""

    visitor: str
    workspace: Workspace
    state: PanelState

    @property
    def dataset(self) -> Dataset:
        """The dataset of the address, else the first; an empty workspace gets a source and a dataset to fill.

        Raises
        ------
        WorkbenchError
            The address names a dataset that is not there.
        """
        return _dataset(self.workspace, self.state.dataset)


@cache
def visit() -> Visit:
    """The visit this kernel serves; waits for it in a kernel that was started ahead.

    Raises
    ------
    WorkbenchError
        The workspace cannot be opened.
    """
    if os.environ.get("VOILA_PREHEAT") == "True":
        from voila.utils import wait_for_request  # noqa: PLC0415

        wait_for_request()
    query = os.environ.get("QUERY_STRING", "")
    if os.environ.get(GUARDED_VARIABLE):
        visitor, token = _signed_in()
        workspace = open_workspace(_file(), actor=visitor, channel="panel", token=token)
    else:
        visitor = visitor_name(query, os.environ)
        workspace = open_workspace(_file(), actor=visitor, channel="panel")
    return Visit(visitor=visitor, workspace=workspace, state=PanelState.from_query(query))


def _signed_in() -> tuple[str, str]:
    """Name and session token of the visitor whom the gate let in; the token does not stay in the environment.

    Raises
    ------
    SignInError
        The kernel was not started for anybody: it then opens nothing, rather than with the rights of the server.
    """
    token = os.environ.pop(_variable(VISIT_HEADER), "")
    name = os.environ.get(_variable(VISITOR_HEADER), "")
    if not token or not name:
        raise SignInError(
            "nobody is signed in on this page.",
            next_step="Open it at the address that the server printed, and sign in.",
        )
    return name, token


def _variable(header: str) -> str:
    """The variable under which Voila passes a header on."""
    return f"HTTP_{header.upper().replace('-', '_')}"


def visitor_name(query: str, environment: Mapping[str, str]) -> str:
    """Who visits.

    What a trusted proxy says in a header comes first (Voila passes on the headers its configuration names),
    then ``?user=``, then a made-up name, which the page keeps in its address.
    """
    signed_in = next((environment[name] for name in USER_HEADERS if environment.get(name)), "")
    named = signed_in or parse_qs(query).get("user", [""])[0]
    kept = "".join(c for c in named if c.isalnum() or c in "-_.@ ")[:64].strip()
    return kept or f"visitor-{secrets.token_hex(2)}"


def _file() -> Path:
    file = os.environ.get("WORKBENCH_FILE")
    if not file:
        raise InputError(
            "no workspace file is named.", next_step="Start the apps with 'workbench serve FILE'."
        )
    return Path(file)


def _dataset(workspace: Workspace, named: str) -> Dataset:
    if named:
        return workspace.dataset(named)
    known = workspace.operations.datasets()
    if known:
        return Dataset(workspace.operations, known[0].dataset_id)
    if workspace.operations.my_rights().guarded:  # whose it would be is not for the first visitor to say
        raise InputError(
            "there is no dataset that you may see.",
            next_step="Ask an administrator for a role in a project, or create a dataset in Datasets.",
        )
    source = workspace.operations.create_source(FIRST_PROJECT, "messages", title="Messages")
    made = workspace.operations.create_dataset(
        FIRST_PROJECT, "messages", (source.source_id,), title="Messages"
    )
    return Dataset(workspace.operations, made.dataset_id)
