"""Taxonomy: the tree of labels on a screen of its own."""

from __future__ import annotations

from typing import ClassVar

import ipywidgets as ipw

from workbench.domain import EventPage
from workbench.widgets.panels.base import Panel, section
from workbench.widgets.panels.taxonomy import TaxonomyEditor
from workbench.widgets.panels.taxonomy_files import TaxonomyFiles

_NEWS = {"judgement", "taxonomy", "model"}


class TaxonomyPanel(Panel):
    """Read and change the labels of a dataset; several can be selected and merged together.

    Parameters
    ----------
    dataset, state
        See ``Panel``.
    """

    name: ClassVar[str] = "Taxonomy"

    def build(self) -> ipw.Widget:
        """Make the body."""
        self.editor = TaxonomyEditor(self, multiple=True, height=640)
        self.files = TaxonomyFiles(self.editor)
        self.refresh()
        self.code.code = self.state.code("ds.taxonomy")
        return section("", self.editor.asking, self.editor.tree, *self.files.widgets)

    def refresh(self) -> None:
        """Read the labels and what is known of them again; what is selected and open stays."""
        self._report = self.operations.validation(self.dataset.dataset_id)
        self.read_labels()

    def read_labels(self) -> None:
        """Read the labels and their counts again; what is selected and open stays."""
        self.editor.show(self.operations.labels(self.dataset.dataset_id), self._report)

    def restart(self) -> None:
        """Another dataset: its labels, and nothing is asked any more."""
        self.editor.restart()
        self.refresh()
        self.code.code = self.state.code("ds.taxonomy")

    def take_news(self, page: EventPage) -> None:
        """As every panel; labels and their counts are read once per page of news."""
        super().take_news(page)
        if _NEWS & {event.topic for event in page.events}:
            self._quietly(self.refresh)
