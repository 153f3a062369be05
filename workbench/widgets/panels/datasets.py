"""Datasets: what each holds and how good its model is; create, amend, delete, open."""

from __future__ import annotations

from typing import Any, ClassVar

import ipywidgets as ipw

from workbench import charts
from workbench.domain import Dataset as DatasetInfo
from workbench.domain import DatasetId, EventPage, RatingBand, Source, SourceId
from workbench.errors import UnknownNameError
from workbench.widgets.elements import CatalogCards, Form
from workbench.widgets.panels.catalog import (
    about_fields,
    counted,
    day,
    home_fields,
    language_options,
    language_words,
    options,
)
from workbench.widgets.panels.page import Page
from workbench.widgets.status import title_html

_MOST_SOURCES = 20
_NEWS = {"catalog", "import", "taxonomy", "judgement", "model"}
_APPS = (("Discover", "discover"), ("Train", "train"), ("Annotate", "annotate"), ("Validation", "validation"))


_NEEDS = {"amend": "amend_dataset", "delete": "delete_dataset"}
"""The operation behind each action of a card."""


class DatasetsPanel(Page):
    """The datasets of the workspace.

    Parameters
    ----------
    operations, state
        See ``Page``.
    """

    name: ClassVar[str] = "Datasets"

    def build(self) -> ipw.Widget:
        """Make the body."""
        self.datasets: dict[str, DatasetInfo] = {}
        self.sources: dict[str, Source] = {}
        self.cards = CatalogCards(title="Datasets", empty_title="There is no dataset yet.")
        self.cards.on_act(self.heard(self.act))
        self.form = Form()
        self.form.on_submit(self.save)
        self.form.on_change(self.warn)
        self._editing = ""
        self._deleting = False
        self.refresh()
        return ipw.VBox([self.form, self.cards])

    def header(self) -> list[ipw.Widget]:
        """The way to a new dataset."""
        self.new_button = ipw.Button(description="New dataset", button_style="primary")
        self.new_button.on_click(self.guard(self.new))
        self.offering.only_for(self.new_button, "create_dataset")
        return [self.new_button]

    def begin(self) -> None:
        """Show the Python line."""
        self.code.code = self.state.code("ws.datasets()", dataset=False)

    def refresh(self) -> None:
        """Read the datasets again; an open form stays as it is."""
        found = self.operations.datasets()
        self.datasets = {str(one.dataset_id): one for one in found}
        self.sources = {str(one.source_id): one for one in self.operations.sources()}
        self.cards.empty_text = (
            "Create one over up to 20 sources; its taxonomy and its models are its own."
            if self.sources
            else "Create a source first, and upload messages into it."
        )
        self.cards.cards = self.offering.offered([self._card(one) for one in found], _NEEDS)
        n_messages = sum(one.n_messages for one in self.sources.values())
        self._status.say(
            title_html("Datasets", counted(len(found), "dataset"), counted(n_messages, "message")),
            charts.workspace_counts(found, tuple(self.sources.values())),
            charts.datasets_held(found),
        )
        self.show_state(self.state)

    def act(self, key: str, dataset_id: str) -> None:
        """Do what a card's button says."""
        actions = {"amend": self.amend, "delete": self.delete}
        if dataset_id not in self.datasets:
            self.refresh()
            raise UnknownNameError("dataset", dataset_id, [one.full_name for one in self.datasets.values()])
        actions[key](self.datasets[dataset_id])

    def new(self) -> None:
        """Ask what the new dataset is."""
        self._editing, self._deleting = "", False
        projects = [one.name for one in self.operations.projects()]
        health = self.operations.health()
        known = sorted(
            {*(one.encoder for one in self.datasets.values()), *health.get("encoders", "").split()}
        )
        default = health.get("encoder", "")
        self.form.ask(
            title="New dataset",
            submit="Create dataset",
            text="Language, encoder and sentiment are fixed when the dataset is created.",
            fields=[
                *home_fields(projects, "dataset"),
                *about_fields()[:1],
                self._source_field(),
                {
                    "key": "language",
                    "kind": "combo",
                    "title": "Language",
                    "options": [{"value": "", "title": "As its sources"}, *language_options()],
                    "help": "Fixed from here on.",
                },
                {
                    "key": "encoder",
                    "kind": "combo",
                    "title": "Encoder",
                    "options": [{"value": "", "title": f"Default ({default})"}, *options(known)],
                    "help": "Makes vectors of texts; several languages need a multilingual one. Fixed from here on.",
                },
                {
                    "key": "original",
                    "kind": "select",
                    "title": "Copy taxonomy and annotations from",
                    "options": [
                        {"value": "", "title": "nothing: begin empty"},
                        *(
                            {"value": key, "title": one.title or one.full_name}
                            for key, one in self.datasets.items()
                        ),
                    ],
                    "help": "Annotations come along on sources that both have. Language, encoder and sentiment are "
                    "then those of the original.",
                },
                *about_fields()[1:],
                {
                    "key": "has_sentiment",
                    "kind": "check",
                    "title": "Label sentiment",
                    "help": "Each assigned label is positive or negative, and the model learns which. For feedback of "
                    "customers. Fixed from here on.",
                },
            ],
            values={
                "project": projects[0] if projects else "main",
                "source_ids": list(self.sources)[:1] if len(self.sources) == 1 else [],
                "language": "",
                "encoder": "",
                "original": "",
            },
        )

    def amend(self, dataset: DatasetInfo) -> None:
        """Ask what is to change of a dataset."""
        self._editing, self._deleting = str(dataset.dataset_id), False
        sentiment = "with" if dataset.has_sentiment else "without"
        self.form.ask(
            title=f"Edit {dataset.title or dataset.full_name}",
            text=f"{dataset.full_name}: language ({language_words(dataset.language)}), encoder "
            f"({dataset.encoder}) and the choice of labels {sentiment} sentiment are fixed.",
            submit="Save",
            fields=[*about_fields(), self._source_field()],
            values={
                "title": dataset.title,
                "description": dataset.description,
                "source_ids": [str(one) for one in dataset.source_ids],
            },
        )

    def delete(self, dataset: DatasetInfo) -> None:
        """Say what a deletion takes and ask for the name."""
        self._editing, self._deleting = str(dataset.dataset_id), True
        version = f"{counted(dataset.model_version, 'model version')}, " if dataset.model_version else ""
        self.form.ask(
            title=f"Delete {dataset.title or dataset.full_name}",
            text=f"Gone for good: {counted(dataset.n_labels, 'label')}, the annotations of "
            f"{counted(dataset.n_reviewed, 'message')}, {version}predictions and maps.\n"
            f"Its {counted(dataset.n_messages, 'message')} stay in their sources.",
            submit="Delete dataset",
            confirm=dataset.full_name,
            danger=True,
            fields=[],
            values={},
        )

    def warn(self, values: dict[str, Any]) -> None:
        """Say what the sources chosen now would hide or bring."""
        if not self._editing or self._deleting:
            return
        known = {str(one) for one in self.datasets[self._editing].source_ids}
        chosen = set(values.get("source_ids", []))
        lines = [
            f"{self.sources[one].full_name} is removed: {counted(self.sources[one].n_messages, 'message')} and what "
            "people said of them are hidden until it is added again; predictions of them go."
            for one in sorted(known - chosen)
            if one in self.sources
        ]
        lines += [
            f"{self.sources[one].full_name} is added: {counted(self.sources[one].n_messages, 'message')}; the next "
            "map and the next training take them in."
            for one in sorted(chosen - known)
        ]
        self.form.warning = "\n".join(lines)

    def save(self, values: dict[str, Any]) -> None:
        """Create, change or delete as the form says."""
        if self._deleting:
            said = f"{self._delete(self.datasets[self._editing])} is deleted; its messages stay."
        elif self._editing:
            said = f"{self._amend(self.datasets[self._editing], values).full_name} is changed."
        else:
            said = f"{self._create(values).full_name} is created. Open it in Discover."
        self.form.close_form()
        self.refresh()
        self.tell(said)

    def take_news(self, page: EventPage) -> None:
        """Read everything again, once per page of news, when messages, labels or models changed."""
        if not self.missed_news(page) and _NEWS & {event.topic for event in page.events}:
            self._quietly(self.refresh)

    def _create(self, values: dict[str, Any]) -> DatasetInfo:
        sources = tuple(SourceId(one) for one in values["source_ids"])
        project, name, title = values["project"], values["name"], values.get("title", "")
        if not values["original"]:
            return self.operations.create_dataset(
                project,
                name,
                sources,
                title=title,
                description=values.get("description", ""),
                encoder=values["encoder"],
                has_sentiment=bool(values.get("has_sentiment")),
                language=values["language"],
            )
        made = self.operations.copy_dataset(
            DatasetId(values["original"]), project, name, sources, title=title
        )
        if values.get("description"):
            made = self.operations.amend_dataset(made.dataset_id, description=values["description"])
        return made

    def _amend(self, known: DatasetInfo, values: dict[str, Any]) -> DatasetInfo:
        chosen = tuple(SourceId(one) for one in values["source_ids"])
        added = tuple(one for one in chosen if one not in known.source_ids)
        removed = tuple(one for one in known.source_ids if one not in chosen)
        if added:
            self.operations.add_sources(known.dataset_id, added)
        if removed:
            self.operations.remove_sources(known.dataset_id, removed)
        return self.operations.amend_dataset(
            known.dataset_id, title=values["title"], description=values["description"]
        )

    def _delete(self, known: DatasetInfo) -> str:
        self.operations.delete_dataset(known.dataset_id, known.full_name)
        if self.state.dataset == known.full_name:
            self.show_state(self.state.with_(dataset=""))
        return known.full_name

    def _source_field(self) -> dict[str, Any]:
        return {
            "key": "source_ids",
            "kind": "checks",
            "title": "Sources",
            "required": True,
            "most": _MOST_SOURCES,
            "placeholder": "There is no source yet. Create one under Sources.",
            "options": [
                {
                    "value": key,
                    "title": one.full_name,
                    "note": f"{one.n_messages:,} · {language_words(one.language)}",
                }
                for key, one in self.sources.items()
            ],
        }

    def _band(self, dataset: DatasetInfo) -> RatingBand:
        if dataset.rating is None:
            return "none"
        report = self.operations.validation(dataset.dataset_id)
        return report.rating.band if report else "none"

    def _card(self, dataset: DatasetInfo) -> dict[str, Any]:
        band = self._band(dataset)
        score = "" if dataset.rating is None else f" · {dataset.rating:.0f}"
        names = [self.sources[str(one)].full_name for one in dataset.source_ids if str(one) in self.sources]
        return {
            "id": str(dataset.dataset_id),
            "title": dataset.title or dataset.full_name,
            "name": dataset.full_name,
            "text": dataset.description,
            "badge": {"text": f"{band.capitalize()}{score}", "level": band},
            "figures": [
                [dataset.n_messages, "messages"],
                [dataset.n_labels, "labels"],
                [dataset.n_reviewed, "annotated"],
            ],
            "facts": [
                ["Sources", ", ".join(names) or "none"],
                ["Language", language_words(dataset.language)],
                ["Label sentiment", "positive or negative" if dataset.has_sentiment else "none"],
                ["Model", f"version {dataset.model_version}" if dataset.model_version else "none yet"],
                ["Created", day(dataset.created_at)],
                *([["Languages", dataset.language_warning]] if dataset.language_warning else []),
            ],
            "links": [
                {"title": title, "app": app, "query": {"dataset": dataset.full_name}} for title, app in _APPS
            ],
            "actions": [
                {"key": "amend", "title": "Edit", "icon": "pencil"},
                {"key": "delete", "title": "Delete", "icon": "trash"},
            ],
        }
