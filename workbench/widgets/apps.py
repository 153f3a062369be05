"""The apps: a panel per notebook, opened for whoever visits."""

from __future__ import annotations

import html
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import ipywidgets as ipw

from workbench.door import Dataset, Workspace
from workbench.door import open as open_workspace
from workbench.errors import InputError, WorkbenchError
from workbench.widgets.state import PanelState

if TYPE_CHECKING:
    from workbench.widgets.panels import Panel

FIRST_PROJECT = "main"


def apps_folder() -> Path:
    """Folder of the app notebooks: inside an installed package, or in the checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "notebooks" / "apps"
    return installed if installed.is_dir() else package.parent / "notebooks" / "apps"


def app(name: str) -> ipw.Widget:
    """The app ``name``: its panel on the dataset that the address names, or on the first one.

    The workspace file comes from the environment (``WORKBENCH_FILE``), the visitor's name from ``?user=``.
    What is heavy is loaded before the visitor's request is waited for: kernels are started ahead of visits.
    """
    from workbench.widgets.panels import (  # noqa: PLC0415 - heavy, see above
        AnnotatePanel,
        DiscoverPanel,
        MonitorPanel,
        UsagePanel,
        ValidationPanel,
    )

    kinds: dict[str, type[Panel]] = {
        "annotate": AnnotatePanel,
        "discover": DiscoverPanel,
        "monitor": MonitorPanel,
        "usage": UsagePanel,
        "validation": ValidationPanel,
    }
    query = _visit()
    try:
        workspace = open_workspace(_file(), actor=_visitor(query))
        dataset = _dataset(workspace, query)
        panel = kinds[name](dataset, state=PanelState.from_query(query))
    except WorkbenchError as error:
        return ipw.HTML(
            f'<div class="wb-panel" role="alert"><h2 class="wb-title">{html.escape(error.message)}</h2>'
            f"<p>{html.escape(error.next_step)}</p></div>"
        )
    return ipw.VBox([_style(), panel.widget])


def _visit() -> str:
    """The query of the visit; waits for it in a kernel that was started ahead."""
    if os.environ.get("VOILA_PREHEAT") == "True":
        from voila.utils import wait_for_request  # noqa: PLC0415

        wait_for_request()
    return os.environ.get("QUERY_STRING", "")


def _visitor(query: str) -> str:
    named = parse_qs(query).get("user", [""])[0]
    kept = "".join(c for c in named if c.isalnum() or c in "-_.@ ")[:64].strip()
    return kept or f"visitor-{secrets.token_hex(2)}"


def _file() -> Path:
    file = os.environ.get("WORKBENCH_FILE")
    if not file:
        raise InputError(
            "no workspace file is named.", next_step="Start the apps with 'workbench serve FILE'."
        )
    return Path(file)


def _dataset(workspace: Workspace, query: str) -> Dataset:
    """The dataset of the address, else the first; an empty workspace gets a source and a dataset to fill."""
    named = PanelState.from_query(query).dataset
    if named:
        return workspace.dataset(named)
    known = workspace.operations.datasets()
    if known:
        return Dataset(workspace.operations, known[0].dataset_id)
    source = workspace.operations.create_source(FIRST_PROJECT, "messages", title="Messages")
    made = workspace.operations.create_dataset(
        FIRST_PROJECT, "messages", (source.source_id,), title="Messages"
    )
    return Dataset(workspace.operations, made.dataset_id)


def _style() -> ipw.HTML:
    css = (Path(__file__).parent / "panels" / "panel.css").read_text("utf-8")
    return ipw.HTML(f"<style>{css}</style>", layout=ipw.Layout(height="0", margin="0"))
